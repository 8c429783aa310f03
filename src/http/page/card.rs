//! The card page: what is paid, for what, and the card. It is the step at which a supporter checks and
//! confirms; the card is typed here, and never shown back. No script stands on it.

use super::debit::{bought, supporter, with_gift_aid};
use super::field::{Line, Need};
use super::gift::each;
use super::giving::{Filled, summary};
use super::{Step, languages_keeping, step};
use crate::payment::{Asked, Frequency};
use maud::{Markup, html};

/// What the page is about.
pub(crate) struct Paying<'a> {
    /// What was asked for.
    pub(crate) asked: &'a Asked,
    /// The name of the plan joined, empty for a donation.
    pub(crate) plan: &'a str,
    /// Fields that are carried along unseen, by name.
    pub(crate) carried: &'a [&'static str],
    /// Where the supporter's bank may want to meet them: the form may lead there, and nowhere else.
    pub(crate) challenges: &'a str,
}

pub(super) fn form(about: &Paying<'_>, filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    let sum = about.asked.amount.display();
    html! {
        (step(look, Step::Payment))
        h1 { (look.say("paying")) }
        (summary(filled))
        form method="post" action=(look.address(filled.path)) accept-charset="UTF-8" novalidate {
            input type="hidden" name="client_token" value=(filled.token);
            @for name in about.carried {
                @let value = (filled.value)(name);
                @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
            }
            (paid(about, filled))
            (card(filled))
            div.send {
                // The first button is what the Enter key presses.
                div.ways {
                    button.primary type="submit" name="step" value="confirm" { (look.say_of("pay", [("amount", sum.into())])) }
                    button.secondary type="submit" name="step" value="change" { (look.say("change")) }
                }
                p.quiet { (look.say("pay-once")) }
                (languages_keeping(filled, "show", "languages-here"))
            }
        }
    }
}

fn paid(about: &Paying<'_>, filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    let Paying { asked, plan, .. } = about;
    let often = look.say(each(asked.frequency));
    html! {
        section aria-labelledby="check" {
            h2 #check { (look.say("paying-what")) }
            dl.terms {
                (bought(look, asked, plan))
                div { dt { (look.say("amount")) } dd { (asked.amount.display()) @if asked.frequency != Frequency::Once { " " (look.say_of("now-then", [("often", often.into())])) } } }
                (with_gift_aid(look, asked))
                (supporter(filled))
            }
        }
    }
}

fn card(filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    let empty = Filled { value: &|_| "", token: String::new(), ..*filled };
    let line = |name, label: &str, hint: &str, autocomplete, (width, inputmode)| {
        let need = Need::Always;
        empty.line(Line {
            name,
            label,
            hint,
            autocomplete,
            inputmode,
            width,
            need,
            ..Line::default()
        })
    };
    html! {
        section aria-labelledby="card" {
            h2 #card { (look.say("your-card")) }
            (line("card_number", &look.say("card-number"), &look.say("card-number-hint"), "cc-number", ("medium", "numeric")))
            div.pair {
                (line("card_expiry", &look.say("card-expiry"), &look.say("card-expiry-hint"), "cc-exp", ("narrow", "")))
                (line("card_cvc", &look.say("card-cvc"), &look.say("card-cvc-hint"), "cc-csc", ("narrow", "numeric")))
            }
            (line("card_holder", &look.say("card-holder"), "", "cc-name", ("", "")))
        }
    }
}
