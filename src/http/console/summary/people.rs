//! What a person must look at: doubts, and what does not agree.

use super::super::glance::{DAYS, Glance};
use super::super::words;
use crate::handoff::Entry;
use jiff::Timestamp;
use maud::{Markup, html};

/// However old they are, the oldest first.
pub(super) fn doubts(glance: &Glance) -> Markup {
    let doubtful = glance.doubtful;
    let shown = u64::try_from(glance.doubts.len()).unwrap_or(0);
    html! {
        section aria-labelledby="doubts" {
            h2 #doubts { "In doubt " b { (words::count(doubtful.count)) } }
            @if glance.doubts.is_empty() {
                p.empty { "Nothing is in doubt: of every payment that was sent it is known what became of it." }
            } @else {
                p.quiet {
                    "Perhaps sent, and nobody has said what became of it. The processor is asked again and again by itself; "
                    (words::count(doubtful.overdue)) " overdue, " (words::count(doubtful.given_up))
                    " left to a person (docs/doubts.md)."
                }
                ul.items {
                    @for doubt in &glance.doubts {
                        li {
                            (link(&doubt.entry))
                            span.quiet { (words::age(doubt.entry.hand_off.opened_at, glance.now)) " old, asked " (words::many(u64::from(doubt.tries), "time", "times")) }
                            @if doubt.entry.standing.is_disputed() { span.look { "What came does not agree: ask the processor at once" } }
                            @else if doubt.is_given_up() { span.look { "Ask the processor, then almoner outcomes resolve" } }
                            @else if let Some(due) = doubt.due_at { span.quiet { (next(due, glance.now)) } }
                        }
                    }
                }
                (more(doubtful.count, shown, "almoner outcomes doubts lists all"))
            }
        }
    }
}

fn next(due: Timestamp, now: Timestamp) -> String {
    if due <= now {
        "wait: asked next now".to_owned()
    } else {
        format!("wait: asked next in {}", words::age(now, due))
    }
}

/// Of the days shown, the newest first.
pub(super) fn attention(glance: &Glance) -> Markup {
    let all: Vec<_> = glance.days.iter().rev().flat_map(|day| &day.survey.shown).take(20).collect();
    html! {
        section aria-labelledby="attention" {
            h2 #attention { "To look at " b { (words::count(glance.flagged())) } }
            @if all.is_empty() {
                p.empty { "Whatever was heard of the hand-offs of these " (DAYS) " days agrees with what was asked for, and with itself." }
            } @else {
                p.quiet { "Begun in the last " (DAYS) " days: what was heard is not what was asked for, or contradicts itself. No money is moved by it." }
                ul.items {
                    @for entry in &all {
                        li {
                            (link(entry))
                            @for flag in &entry.standing.attention {
                                span.look { (words::flag(*flag)) }
                                span { "Next: " (words::step(*flag)) }
                            }
                            span.quiet { "begun " (words::age(entry.hand_off.opened_at, glance.now)) " ago" }
                        }
                    }
                }
                (more(glance.flagged(), u64::try_from(all.len()).unwrap_or(0), "almoner outcomes list --attention lists all"))
            }
        }
    }
}

fn link(entry: &Entry) -> Markup {
    let reference = entry.hand_off.reference;
    html! {
        a.reference href={ "/console/hand-offs/" (reference) } { (reference) }
        span { (entry.hand_off.asked.amount.display()) ", " (words::state(entry.standing.state)) }
    }
}

fn more(all: u64, shown: u64, how: &str) -> Markup {
    let left = all.saturating_sub(shown);
    html! { @if left > 0 { p.quiet { (words::count(left)) " more: " (how) "." } } }
}
