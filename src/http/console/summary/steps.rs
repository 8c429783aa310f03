//! How far forms come, and how long it takes: what this instance counts in memory, and what the ledger holds.

use super::super::chart::{lying, table};
use super::super::glance::{DAYS, Glance, count, total};
use super::super::measured::{Bucket, Latency, Steps};
use super::super::{Console, words};
use crate::payment::State;
use maud::{Markup, html};

/// One step: its name, and how many came as far.
type Reached = (&'static str, u64);

/// The form by step, in two halves that are counted in two places.
pub(super) fn conversion(console: &Console, glance: &Glance) -> Markup {
    let Steps { shown, sent, sent_back, handed_off } = glance.measured.steps;
    let here = [("Form shown", shown), ("Form sent", sent), ("Handed off", handed_off)];
    let days = &glance.days;
    let (all, accepted) = (total(days), count(days, State::Accepted));
    let open: u64 = [State::HandedOff, State::InDoubt].map(|state| count(days, state)).iter().sum();
    let there =
        [("Handed off", all), ("Outcome known", all.saturating_sub(open)), ("Accepted", accepted)];
    html! {
        section aria-labelledby="steps" {
            h2 #steps { "Conversion by step" }
            div.pair.inner {
                div {
                    h3 { "From the form to the hand-off" }
                    p.quiet { "This instance alone, in memory, since it started " (words::moment(console.started)) ". Of the forms shown; one that is mended and sent again counts as sent again." }
                    @if shown == 0 && sent == 0 {
                        p.empty { "No form was shown or sent since then. Programs that use the API pass no form." }
                    } @else {
                        (funnel(&here, "Forms by step, this instance", "Of those shown"))
                        p.quiet { "Sent back with mistakes: " (words::count(sent_back)) " of " (words::count(sent)) " sent (" (words::percent(sent_back, sent)) ")." }
                    }
                }
                div {
                    h3 { "From the hand-off to the outcome" }
                    p.quiet { "The ledger: all instances, forms and API, begun in the last " (DAYS) " days. Of those handed off." }
                    @if all == 0 { p.empty { "There is no hand-off of these days." } }
                    @else { (funnel(&there, "Hand-offs by step, 30 days", "Of those handed off")) }
                }
            }
        }
    }
}

/// Bars and parts are of the first step alike. More than that is no part of it: a form that is sent twice.
fn funnel(steps: &[Reached], caption: &str, part_of: &str) -> Markup {
    let whole = steps.first().map_or(0, |(_, number)| *number);
    let part = |number: u64| {
        if number > whole { String::new() } else { words::percent(number, whole) }
    };
    let rows: Vec<_> = steps
        .iter()
        .map(|(name, number)| vec![(*name).to_owned(), words::count(*number), part(*number)])
        .collect();
    html! {
        ul.bars {
            @for (name, number) in steps {
                li {
                    span.label { (name) }
                    (lying(*number, whole, "accent"))
                    span.value { (words::count(*number)) " " span.quiet { (part(*number)) } }
                }
            }
        }
        (table(caption, &["Step", "How many", part_of], &rows))
    }
}

/// Ours and the processor's, apart.
pub(super) fn latency(console: &Console, glance: &Glance) -> Markup {
    let measured = &glance.measured;
    html! {
        section aria-labelledby="latency" {
            h2 #latency { "Latency" }
            p.quiet { "This instance alone, in memory, since it started " (words::moment(console.started)) ". The same as /metrics tells." }
            div.pair.inner {
                div {
                    h3 { "Ours" }
                    p.quiet { "Every request of supporters, programs and the processor, without what it waited for the processor. Probes and this console are not among them." }
                    @if measured.own.count > 0 { (times(&measured.own, "Our own time")) }
                    @else { p.empty { "No request was answered since then." } }
                }
                div {
                    h3 { "The processor's" }
                    @match &measured.processor {
                        Some(took) if took.count > 0 => {
                            p.quiet { "Each exchange with it, also those that nobody waits for." }
                            (times(took, "The processor's time"))
                        }
                        Some(_) => p.empty { "The processor was not called or asked since then: supporters' browsers go to its page by themselves." },
                        None => p.empty { "This dialect never asks the processor anything, so its time is not known." },
                    }
                }
            }
        }
    }
}

fn times(took: &Latency, caption: &str) -> Markup {
    let within = |percent| {
        took.within(percent).map_or_else(
            || "–".to_owned(),
            |bucket| match bucket.until {
                Some(until) => format!("≤ {}", words::short(until)),
                None => words::range(bucket.from, None),
            },
        )
    };
    let filled = took.filled();
    let most = filled.iter().map(|bucket| bucket.count).max().unwrap_or(0);
    let range = |bucket: &Bucket| words::range(bucket.from, bucket.until);
    let rows: Vec<_> = filled
        .iter()
        .map(|bucket| {
            vec![
                range(bucket),
                words::count(bucket.count),
                words::percent(bucket.count, took.count),
            ]
        })
        .collect();
    html! {
        dl.tiles {
            @for percent in [50, 95, 99] { div { dt { (percent) " of 100" } dd { (within(percent)) } } }
        }
        ul.bars {
            @for bucket in filled {
                li {
                    span.label { (range(bucket)) }
                    (lying(bucket.count, most, "accent"))
                    span.value { (words::count(bucket.count)) }
                }
            }
        }
        (table(caption, &["It took", "How many", "Of all"], &rows))
    }
}
