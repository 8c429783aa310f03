//! The Direct Debit page: what will be collected, when and by whom, the Guarantee, and the account
//! (rsm-protocol.md, 9.1). It is the step at which a supporter checks and confirms; the account is
//! typed here, and never shown back.

use super::field::{Choice, Group, Line, Need};
use super::gift::each;
use super::giving::{Filled, summary};
use super::{FormText, Look, Step, contact, languages_keeping, step};
use crate::handoff::DebitTerms;
use crate::payment::{Asked, Bank, Kind};
use jiff::civil::Date;
use maud::{Markup, html};
use zeroize::Zeroizing;

/// What the page is about.
pub(crate) struct Instructing<'a> {
    /// What was asked for.
    pub(crate) asked: &'a Asked,
    /// The name of the plan joined, empty for a donation.
    pub(crate) plan: &'a str,
    /// What the charity agreed with its bank.
    pub(crate) terms: &'a DebitTerms,
    /// The days to choose the first collection from.
    pub(crate) starts: &'a [Date],
    /// Fields that are carried along unseen, by name.
    pub(crate) carried: &'a [&'static str],
}

pub(super) fn form(about: &Instructing<'_>, filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    html! {
        (step(look, Step::Payment))
        h1 { (look.say("debit")) }
        (summary(filled))
        form method="post" action=(look.address(filled.path)) accept-charset="UTF-8" autocomplete="off" novalidate {
            input type="hidden" name="client_token" value=(filled.token);
            @for name in about.carried {
                @let value = (filled.value)(name);
                @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
            }
            (terms(about, filled))
            (account(about, filled))
            (guarantee(look, about.terms))
            div.send {
                // The first button is what the Enter key presses.
                div.ways {
                    button.primary type="submit" name="step" value="confirm" { (look.say("debit-confirm")) }
                    button.secondary type="submit" name="step" value="change" { (look.say("change")) }
                }
                p.quiet { (look.say("debit-passed-on")) }
                (languages_keeping(filled, "show", "languages-here"))
            }
        }
    }
}

fn terms(about: &Instructing<'_>, filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    let Instructing { asked, terms, plan, .. } = about;
    let sum = asked.amount.display();
    html! {
        section aria-labelledby="check" {
            h2 #check { (look.say("debit-terms")) }
            dl.terms {
                (bought(look, asked, plan))
                div { dt { (look.say("amount")) } dd { (sum) " " (look.say(each(asked.frequency))) } }
                (with_gift_aid(look, asked))
                @if let [only] = about.starts { div { dt { (look.say("first-collection")) } dd { (day(look, *only)) } } }
                div { dt { (look.say("on-statement")) } dd { (terms.collecting_name) } }
                div { dt { (look.say("service-user-number")) } dd { (terms.service_user_number) } }
                (supporter(filled))
            }
            p { (look.say_of("advance-notice", [("days", terms.advance_notice_days.into())])) }
        }
    }
}

/// For what it is.
pub(super) fn bought(look: &Look, asked: &Asked, plan: &str) -> Markup {
    let what = match asked.kind {
        Kind::Donate => look.say("for-donation"),
        Kind::Join => look.say_of("for-membership", [("plan", plan.into())]),
    };
    html! { div { dt { (look.say("for")) } dd { (what) } } }
}

/// That Gift Aid is claimed on it, where it is.
pub(super) fn with_gift_aid(look: &Look, asked: &Asked) -> Markup {
    let FormText { gift_aid, .. } = look.text(asked.kind);
    html! {
        @if asked.gift_aid && !gift_aid.is_empty() { div { dt { (look.say("gift-aid")) } dd { (look.say("yes")) } } }
    }
}

/// Who it is from, to be checked.
pub(super) fn supporter(filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    let value = |name: &str| (filled.value)(name);
    html! {
        div { dt { (look.say("your-name")) } dd { (contact::title(look, value("title"))) " " (value("first_name")) " " (value("last_name")) } }
        div { dt { (look.say("your-email")) } dd { (value("email")) } }
        div { dt { (look.say("address")) } dd { (address(filled)) } }
    }
}

fn account(about: &Instructing<'_>, filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    let empty = Filled { value: &|_| "", token: String::new(), ..*filled };
    let line = |name, label: &str, hint: &str, width, inputmode| {
        let need = Need::Always;
        empty.line(Line {
            name,
            label,
            hint,
            autocomplete: "off",
            inputmode,
            width,
            need,
            ..Line::default()
        })
    };
    let wrong = filled.error("account_holder").is_some();
    html! {
        section aria-labelledby="account" {
            h2 #account { (look.say("account")) }
            (line("account_name", &look.say("account-name"), "", "", ""))
            div.pair {
                (line("sort_code", &look.say("sort-code"), &look.say("sort-code-hint"), "narrow", "numeric"))
                (line("account_number", &look.say("account-number"), &look.say("account-number-hint"), "narrow", "numeric"))
            }
            (starts(about.starts, filled))
            div.field.wrong[wrong] {
                (filled.said("account_holder"))
                div.option {
                    label {
                        input #f-account_holder type="checkbox" name="account_holder" value="true" aria-required="true"
                            aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("e-account_holder")];
                        span.said {
                            span.text { (look.say("account-holder")) } " "
                            small { (look.say("account-holder-alone")) }
                        }
                    }
                }
            }
        }
    }
}

/// A choice where there are several days; where there is one, it is among the terms.
fn starts(starts: &[Date], filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    let shown = |start: &Date| Choice {
        value: start.to_string(),
        text: day(look, *start),
        ..Choice::default()
    };
    let options: Vec<Choice> = starts.iter().map(shown).collect();
    let first = options.first().map(|choice| choice.value.clone()).unwrap_or_default();
    html! {
        @if options.len() > 1 {
            (filled.choice(Group { name: "start_date", legend: &look.say("first-collection"), hint: "", layout: "tiles", options: &options, default: &first }))
        } @else {
            input type="hidden" name="start_date" value=(first);
        }
    }
}

/// The sponsor's words, a paragraph a line. They are prescribed: without official ones in this language
/// they stand as they were given.
fn guarantee(look: &Look, terms: &DebitTerms) -> Markup {
    let own = look.guarantee();
    let elsewhere = look.elsewhere().filter(|_| own.is_none());
    let text = own.as_deref().unwrap_or(&terms.guarantee);
    html! {
        section.guarantee aria-labelledby="guarantee" {
            h2 #guarantee { (look.say("guarantee")) }
            @if elsewhere.is_some() { p { (look.say("guarantee-as-given")) } }
            div lang=[elsewhere] {
                @for line in text.lines().filter(|line| !line.trim().is_empty()) { p { (line.trim()) } }
            }
        }
    }
}

/// The lines of the address as one.
fn address(filled: &Filled<'_>) -> Markup {
    let lines =
        ["line1", "line2", "line3", "town", "county", "postcode"].map(|name| (filled.value)(name));
    let room = lines.iter().map(|line| line.len().saturating_add(2)).sum();
    let mut text = Zeroizing::new(String::with_capacity(room));
    for line in lines.into_iter().filter(|line| !line.is_empty()) {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(line);
    }
    html! { (text.as_str()) }
}

fn day(look: &Look, day: Date) -> String {
    let weekday = day.weekday().to_monday_one_offset().into();
    let (month, year) = (day.month().into(), day.year().into());
    let day = day.day().into();
    look.say_of("date", [("weekday", weekday), ("day", day), ("month", month), ("year", year)])
}

/// Whether a field stands on this page, and not on the form before it.
pub(crate) fn holds(field: &str) -> bool {
    Bank::FIELDS.contains(&field) || ["start_date", "account_holder"].contains(&field)
}
