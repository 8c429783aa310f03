//! What is written down of a reply that decides nothing, or of none.

use crate::ledger::HandOff;
use crate::payment::{EventId, Evidence, Fact, Outcome, ProcessorText, Source};
use jiff::Timestamp;

/// The processor knows the reference, and does not say what became of it. Kept, so that a later "never
/// heard of it" proves nothing.
pub(super) fn known_there(hand_off: &HandOff, said: &str, now: Timestamp) -> Evidence {
    Evidence {
        id: EventId::of(Source::Reply, &[hand_off.reference.as_bytes(), said.as_bytes()]),
        source: Source::Reply,
        fact: Fact::Pending,
        amount: None,
        mode: None,
        processor_reference: None,
        code: ProcessorText::parse(said),
        occurred_at: now,
    }
}

/// Nothing was sent, or nothing was done with it, for no fault of the supporter's.
pub(super) fn withdrawn(hand_off: &HandOff, why: &str, now: Timestamp) -> Evidence {
    Evidence {
        id: EventId::of(Source::Reply, &[hand_off.reference.as_bytes(), b"withdrawn"]),
        source: Source::Reply,
        fact: Fact::Outcome(Outcome::Lapsed),
        amount: Some(hand_off.asked.amount),
        mode: None,
        processor_reference: None,
        code: ProcessorText::parse(why),
        occurred_at: now,
    }
}
