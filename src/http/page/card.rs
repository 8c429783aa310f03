//! The card page: what is paid, for what, and the card. It is the step at which a supporter checks and
//! confirms; the card is typed here, and never shown back. No script stands on it.

use super::debit::{address, often};
use super::field::{Line, Need};
use super::giving::{Filled, summary};
use super::{FormText, Look, Step, step};
use crate::payment::{Asked, Frequency, Kind};
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

pub(super) fn form(look: &Look, about: &Paying<'_>, filled: &Filled<'_>) -> Markup {
    html! {
        (step(Step::Payment))
        h1 { "Check and pay by card" }
        (summary(look, filled))
        form method="post" action=(filled.path) accept-charset="UTF-8" novalidate {
            input type="hidden" name="client_token" value=(filled.token);
            @for name in about.carried {
                @let value = (filled.value)(name);
                @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
            }
            (paid(look, about, filled))
            (card(filled))
            div.send {
                // The first button is what the Enter key presses.
                div.ways {
                    button.primary type="submit" name="step" value="confirm" { "Pay " (about.asked.amount.display()) }
                    button.secondary type="submit" name="step" value="change" { "Change something" }
                }
                p.quiet {
                    "Press once, and wait: it can take half a minute. Your bank may ask you to confirm on a page of its own. "
                    "Your card details are passed on to " (look.processor) ", who take payments for " (look.name) ". They are not kept here."
                }
            }
        }
    }
}

fn paid(look: &Look, about: &Paying<'_>, filled: &Filled<'_>) -> Markup {
    let Paying { asked, plan, .. } = about;
    let FormText { gift_aid, .. } = look.text(asked.kind);
    let value = |name: &str| (filled.value)(name);
    html! {
        section aria-labelledby="check" {
            h2 #check { "What you are paying" }
            dl.terms {
                div { dt { "For" } dd { @match asked.kind { Kind::Donate => "A donation", Kind::Join => { "Membership: " (plan) } } " to " (look.name) } }
                div { dt { "Amount" } dd { (asked.amount.display()) @if asked.frequency != Frequency::Once { " now, then " (often(asked.frequency)) } } }
                @if asked.gift_aid && !gift_aid.is_empty() { div { dt { "Gift Aid" } dd { "Yes" } } }
                div { dt { "Your name" } dd { (value("title")) " " (value("first_name")) " " (value("last_name")) } }
                div { dt { "Your email address" } dd { (value("email")) } }
                div { dt { "Your address" } dd { (address(filled)) } }
            }
        }
    }
}

fn card(filled: &Filled<'_>) -> Markup {
    let empty = Filled { value: &|_| "", token: String::new(), ..*filled };
    let line = |name, label, hint, autocomplete, width| Line {
        name,
        label,
        hint,
        autocomplete,
        width,
        need: Need::Always,
        ..Line::default()
    };
    let figures = |line: Line<'static>| Line { inputmode: "numeric", ..line };
    html! {
        section aria-labelledby="card" {
            h2 #card { "Your card" }
            (empty.line(figures(line("card_number", "Card number", "The long number on the front", "cc-number", "medium"))))
            div.pair {
                (empty.line(line("card_expiry", "Expiry date", "Month and year, like 09/29", "cc-exp", "narrow")))
                (empty.line(figures(line("card_cvc", "Security code", "Last 3 figures on the back; 4 on the front of an American Express", "cc-csc", "narrow"))))
            }
            (empty.line(line("card_holder", "Name on the card", "", "cc-name", "")))
        }
    }
}
