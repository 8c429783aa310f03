//! How far forms come, and how long it takes: what this instance counts in memory, and what the ledger holds.

use super::super::chart::{lying, open_table, table};
use super::super::glance::{DAYS, Glance, count, total};
use super::super::measured::{Latency, Steps};
use super::super::{Console, words};
use crate::payment::State;
use maud::{Markup, html};
use std::time::Duration;

/// One step: its name, how many came as far, the step that it is measured by.
type Reached = (&'static str, u64, Option<u64>);

/// The form by step, in two halves that are counted in two places.
pub(super) fn conversion(console: &Console, glance: &Glance) -> Markup {
    let Steps { shown, sent, sent_back, handed_off } = glance.measured.steps;
    let here = [
        ("Form shown", shown, None),
        ("Form sent", sent, Some(shown)),
        ("Sent back with mistakes", sent_back, Some(sent)),
        ("Handed off", handed_off, Some(sent)),
    ];
    let days = &glance.days;
    let (all, accepted) = (total(days), count(days, State::Accepted));
    let open: u64 = [State::HandedOff, State::InDoubt].map(|state| count(days, state)).iter().sum();
    let known = all.saturating_sub(open);
    let there = [
        ("Handed off", all, None),
        ("Outcome known", known, Some(all)),
        ("Accepted", accepted, Some(known)),
    ];
    html! {
        section aria-labelledby="steps" {
            h2 #steps { "Conversion by step" }
            div.pair.inner {
                div {
                    h3 { "From the form to the hand-off" }
                    p.quiet { "This instance alone, in memory, since it started " (words::moment(console.started)) ". A form that is mended and sent again counts again." }
                    @if shown == 0 && sent == 0 {
                        p.empty { "No form was shown or sent since then. Programs that use the API pass no form." }
                    } @else { (funnel(&here, "Forms by step, this instance")) }
                }
                div {
                    h3 { "From the hand-off to the outcome" }
                    p.quiet { "The ledger: all instances, forms and API, begun in the last " (DAYS) " days." }
                    @if all == 0 { p.empty { "There is no hand-off of these days." } }
                    @else { (funnel(&there, "Hand-offs by step, 30 days")) }
                }
            }
        }
    }
}

fn funnel(steps: &[Reached], caption: &str) -> Markup {
    let most = steps.iter().map(|(_, number, _)| *number).max().unwrap_or(0);
    let part = |number: u64, before: Option<u64>| {
        before.map(|before| words::percent(number, before)).unwrap_or_default()
    };
    let rows: Vec<_> = steps
        .iter()
        .map(|(name, number, before)| {
            vec![(*name).to_owned(), words::count(*number), part(*number, *before)]
        })
        .collect();
    html! {
        ul.bars {
            @for (name, number, before) in steps {
                li {
                    span.label { (name) }
                    (lying(*number, most, "accent"))
                    span.value { (words::count(*number)) " " span.quiet { (part(*number, *before)) } }
                }
            }
        }
        (table(caption, &["Step", "How many", "Of the step before"], &rows))
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
                    p.quiet { "Every request answered, probes and this page among them, without what it waited for the processor." }
                    (times(&measured.own, "Our own time"))
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
    let end = |end: &Option<Duration>| {
        end.map_or_else(|| "longer".to_owned(), |end| format!("≤ {}", words::short(end)))
    };
    let within =
        |percent| took.within(percent).map_or_else(|| "–".to_owned(), |(reached, _)| end(reached));
    let filled = took.filled();
    let most = filled.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let rows: Vec<_> = filled
        .iter()
        .map(|(bucket, count)| {
            vec![end(bucket), words::count(*count), words::percent(*count, took.count)]
        })
        .collect();
    html! {
        dl.tiles {
            @for percent in [50, 95, 99] { div { dt { (percent) " of 100" } dd { (within(percent)) } } }
        }
        ul.bars {
            @for (bucket, count) in filled {
                li {
                    span.label { (end(bucket)) }
                    (lying(*count, most, "accent"))
                    span.value { (words::count(*count)) }
                }
            }
        }
        @if took.count > 0 { (table(caption, &["Within", "How many", "Of all"], &rows)) }
        @else { (open_table(caption, &["Within", "How many", "Of all"], &rows)) }
    }
}
