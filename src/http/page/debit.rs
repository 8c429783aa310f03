//! The Direct Debit page: what will be collected, when and by whom, the Guarantee, and the account
//! (rsm-protocol.md, 9.1). It is the step at which a supporter checks and confirms; the account is
//! typed here, and never shown back.

use super::field::{Choice, Group, Line, Need, said};
use super::giving::{Filled, summary};
use super::{FormText, Look, Step, step};
use crate::handoff::DebitTerms;
use crate::payment::{Asked, Bank, Frequency, Kind};
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

pub(super) fn form(look: &Look, about: &Instructing<'_>, filled: &Filled<'_>) -> Markup {
    html! {
        (step(Step::Payment))
        h1 { "Check and confirm your Direct Debit" }
        (summary(look, filled))
        form method="post" action=(filled.path) accept-charset="UTF-8" autocomplete="off" novalidate {
            input type="hidden" name="client_token" value=(filled.token);
            @for name in about.carried {
                @let value = (filled.value)(name);
                @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
            }
            (terms(look, about, filled))
            (account(about, filled))
            (guarantee(about.terms))
            div.send {
                // The first button is what the Enter key presses.
                div.ways {
                    button.primary type="submit" name="step" value="confirm" { "Set up this Direct Debit" }
                    button.secondary type="submit" name="step" value="change" { "Change something" }
                }
                p.quiet {
                    "Your bank details are passed on to " (look.processor) ", who collect for " (look.name) ". They are not kept here."
                }
            }
        }
    }
}

fn terms(look: &Look, about: &Instructing<'_>, filled: &Filled<'_>) -> Markup {
    let Instructing { asked, terms, plan, .. } = about;
    let FormText { gift_aid, .. } = look.text(asked.kind);
    let value = |name: &str| (filled.value)(name);
    html! {
        section aria-labelledby="check" {
            h2 #check { "What you are setting up" }
            dl.terms {
                div { dt { "For" } dd { @match asked.kind { Kind::Donate => "A donation", Kind::Join => { "Membership: " (plan) } } " to " (look.name) } }
                div { dt { "Amount" } dd { (asked.amount.display()) " " (often(asked.frequency)) } }
                @if asked.gift_aid && !gift_aid.is_empty() { div { dt { "Gift Aid" } dd { "Yes" } } }
                @if let [only] = about.starts { div { dt { "First collection" } dd { (day(*only)) } } }
                div { dt { "On your bank statement" } dd { (terms.collecting_name) } }
                div { dt { "Service user number" } dd { (terms.service_user_number) } }
                div { dt { "Your name" } dd { (value("title")) " " (value("first_name")) " " (value("last_name")) } }
                div { dt { "Your email address" } dd { (value("email")) } }
                div { dt { "Your address" } dd { (address(filled)) } }
            }
            p {
                "You will be told the amount and the date at least " (terms.advance_notice_days)
                " working days before the first collection, and in advance of any change."
            }
        }
    }
}

fn account(about: &Instructing<'_>, filled: &Filled<'_>) -> Markup {
    let empty = Filled { value: &|_| "", token: String::new(), ..*filled };
    let line = |name, label, hint, width, inputmode| Line {
        name,
        label,
        hint,
        width,
        inputmode,
        autocomplete: "off",
        need: Need::Always,
        ..Line::default()
    };
    let holder = filled.error("account_holder");
    html! {
        section aria-labelledby="account" {
            h2 #account { "Your bank or building society account" }
            (empty.line(line("account_name", "Name on the account", "", "", "")))
            div.pair {
                (empty.line(line("sort_code", "Sort code", "Six figures, like 30-94-30", "narrow", "numeric")))
                (empty.line(line("account_number", "Account number", "Six to eight figures", "narrow", "numeric")))
            }
            (starts(about.starts, filled))
            div.field.wrong[holder.is_some()] {
                (said("account_holder", holder))
                div.option {
                    label {
                        input #f-account_holder type="checkbox" name="account_holder" value="true" aria-required="true"
                            aria-invalid=[holder.map(|_| "true")] aria-describedby=[holder.map(|_| "e-account_holder")];
                        span.said {
                            span.text { "This is my account" } " "
                            small { "I am the account holder and the only person needed to authorise Direct Debits from it. If more than one person must sign, please contact us instead." }
                        }
                    }
                }
            }
        }
    }
}

/// A choice where there are several days; where there is one, it is among the terms.
fn starts(starts: &[Date], filled: &Filled<'_>) -> Markup {
    let options: Vec<Choice> = starts
        .iter()
        .map(|start| Choice { value: start.to_string(), text: day(*start), ..Choice::default() })
        .collect();
    let first = options.first().map(|choice| choice.value.clone()).unwrap_or_default();
    html! {
        @if options.len() > 1 {
            (filled.choice(Group { name: "start_date", legend: "First collection", hint: "", layout: "tiles", options: &options, default: &first }))
        } @else {
            input type="hidden" name="start_date" value=(first);
        }
    }
}

/// The sponsor's words, a paragraph a line.
fn guarantee(terms: &DebitTerms) -> Markup {
    html! {
        section.guarantee aria-labelledby="guarantee" {
            h2 #guarantee { "The Direct Debit Guarantee" }
            @for line in terms.guarantee.lines().filter(|line| !line.trim().is_empty()) { p { (line.trim()) } }
        }
    }
}

/// The lines of the address as one.
pub(super) fn address(filled: &Filled<'_>) -> Markup {
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

/// How often, in words.
pub(super) const fn often(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Once => "once",
        Frequency::Monthly => "every month",
        Frequency::Quarterly => "every three months",
        Frequency::HalfYearly => "every six months",
        Frequency::Yearly => "every year",
    }
}

fn day(day: Date) -> String {
    day.strftime("%A %-d %B %Y").to_string()
}

/// Whether a field stands on this page, and not on the form before it.
pub(crate) fn holds(field: &str) -> bool {
    Bank::FIELDS.contains(&field) || ["start_date", "account_holder"].contains(&field)
}
