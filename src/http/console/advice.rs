//! What does not agree, in words, and what a person does next about it.

use super::words;
use crate::handoff::Entry;
use crate::payment::{Amount, Asked, Evidence, Fact, Flag, Mode, Outcome, ProcessorText};
use crate::resolution::Event;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// Why evidence was written down and not believed; nothing where it was.
pub(super) fn disbelief(evidence: &Evidence, asked: &Asked) -> Option<String> {
    if evidence.agrees_with(asked) {
        return None;
    }
    let why = match (evidence.mode.filter(|mode| *mode != asked.mode), evidence.amount) {
        (Some(Mode::Test), _) => "it is of a test payment, and a real one was asked for".to_owned(),
        (Some(Mode::Live), _) => "it is of a real payment, and a test was asked for".to_owned(),
        (None, named) => {
            let named = named.map_or_else(|| "no sum".to_owned(), Amount::display);
            format!("{named} was named, {} was asked for", asked.amount.display())
        }
    };
    Some(format!("Not believed: {why}"))
}

/// A flag of a hand-off, and the next step.
pub(super) fn of(flag: Flag, entry: &Entry, events: &[Event]) -> Markup {
    let show = html! { code { "almoner outcomes show " (entry.hand_off.reference) } };
    let charges = charges(entry, events);
    html! {
        @match flag {
            Flag::Contradiction if charges.len() > 1 => {
                p.look { "Perhaps charged twice: it was accepted under " (charges.into_iter().collect::<Vec<_>>().join(" and under ")) }
                p { "Next: ask the processor, by these references of its own, whether it took both; if it did, refund one there. " (show) " tells all that was heard (docs/incidents.md, \"A supporter was charged twice\")." }
            }
            Flag::Contradiction => {
                p.look { (words::flag(flag)) }
                p { "Next: ask the processor, by the reference, which of its words holds, and whether the supporter paid twice. " (show) " tells all that was heard (docs/doubts.md, docs/incidents.md)." }
            }
            Flag::Mismatch => {
                p.look { (words::flag(flag)) }
                p { "Next: ask the processor, by the reference, what it took. " (show) " tells all that was heard; docs/doubts.md says how to settle it." }
            }
            Flag::DoubtOverdue => {
                p.look { (words::flag(flag)) }
                p { "Next: wait; the processor is asked by itself. When it is left to a person, docs/doubts.md says how to settle it." }
            }
            Flag::HandOffOverdue => {
                p.look { (words::flag(flag)) }
                p { "Next: nothing. Should it be paid after all, the processor's webhook counts." }
            }
        }
    }
}

/// The processor's own references of what it accepted and was believed.
fn charges<'a>(entry: &Entry, events: &'a [Event]) -> BTreeSet<&'a str> {
    let believed = |evidence: &&Evidence| {
        evidence.fact == Fact::Outcome(Outcome::Accepted)
            && evidence.agrees_with(&entry.hand_off.asked)
    };
    let accepted = events.iter().filter_map(|event| event.evidence.as_ref()).filter(believed);
    accepted.filter_map(|it| it.processor_reference.as_ref()).map(ProcessorText::as_str).collect()
}
