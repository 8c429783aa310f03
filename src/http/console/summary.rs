//! The first page: how things stand today and over 30 days.

use super::glance::{DAYS, Glance};
use super::{Console, words};
use crate::announcement::Behind;
use jiff::civil::Date;
use maud::{Markup, html};

mod figures;
mod outcomes;
mod people;
mod steps;
mod upkeep;

/// All of it.
pub(super) fn page(console: &Console, glance: &Glance) -> Markup {
    html! {
        h1 { "How things stand" }
        p.quiet {
            "As of " (words::moment(glance.now)) ", at most a moment old. Times are London's, and days begin at midnight there. Figures of the ledger are of all instances "
            "that share it and of the " (DAYS) " days that end today; what only this instance counts says so."
        }
        (alarms(glance))
        (figures::both(glance))
        (outcomes::chart(glance))
        (outcomes::amounts(glance))
        div.pair { (people::doubts(glance)) (people::attention(glance)) }
        (steps::conversion(console, glance))
        (steps::latency(console, glance))
        div.pair { (upkeep::webhooks(glance)) (upkeep::developments(glance)) }
        (upkeep::subscribers(glance))
        (upkeep::ends(glance))
    }
}

/// What is wrong now, with its cause and its remedy.
fn alarms(glance: &Glance) -> Markup {
    let raised: Vec<_> = glance.raised.each().collect();
    let late: Vec<_> = glance.behind.iter().filter(|behind| behind.late).collect();
    html! {
        section.alarms aria-labelledby="alarms" {
            h2 #alarms { "Alarms" }
            @if let Some(why) = glance.not_ready {
                div.alarm {
                    h3 { "Not ready" }
                    p { "Cause: " (why) ". Remedy: /readyz says when it is over; docs/incidents.md says what to do." }
                }
            }
            @for (alarm, since) in &raised {
                div.alarm {
                    h3 { (alarm.told) " " code.quiet { (alarm.name) } }
                    p { "Since " (words::moment(*since)) ", for " (words::age(*since, glance.now)) "." }
                    p { "Likely cause: " (alarm.cause) "." }
                    p { "Remedy: " (alarm.remedy) "." }
                }
            }
            @for late in &late {
                div.alarm {
                    h3 { (Behind::TOLD) " " code.quiet { "events_not_taken" } }
                    p { "Who: " (late.subscriber) ", whose oldest event waits for " (words::age_of(late.seconds)) "." }
                    p { "Likely cause: " (Behind::CAUSE) "." }
                    p { "Remedy: " (Behind::REMEDY) "." }
                }
            }
            @if raised.is_empty() && late.is_empty() && glance.not_ready.is_none() {
                p.well { "None is raised, and the ledger takes writes." }
            }
        }
    }
}

/// A day as a table and a chart name it.
fn day(date: Date) -> String {
    date.strftime("%a %-d %b").to_string()
}

/// What stands below a chart of all days.
fn below(glance: &Glance) -> [String; 3] {
    let at = |place: usize| glance.days.get(place).map(|it| it.date.strftime("%-d %b").to_string());
    let middle = glance.days.len().div_euclid(2);
    [at(0).unwrap_or_default(), at(middle).unwrap_or_default(), "today".to_owned()]
}
