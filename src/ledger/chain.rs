//! The hash chain: each event's hash covers the one before, so that no row of the record can be
//! changed, removed or put in without the change showing.
//!
//! A hash is SHA-256 over the hash before (32 zero bytes at first), the table's name, and for each
//! column of the row that is not NULL, in the order of the schema, its name and its value; for an
//! opening the row of the hand-off follows in the same way. Names and values are led by their
//! length (one byte, four bytes big-endian), whole numbers are eight bytes big-endian, texts
//! UTF-8. A column added by a later schema is NULL in older rows, and their hashes stay.

use super::purge::Run;
use super::row::{self, Cell};
use super::{Break, Event, HandOff, LedgerError, Verified};
use crate::payment::{Evidence, State, judge};
use sha2::{Digest as _, Sha256};

/// A hash of the chain.
pub type Hash = [u8; 32];

/// What stands before the first event.
pub const START: Hash = [0; 32];

/// The hash of an event after `previous`; its own `hash` is left out. An opening takes its
/// hand-off along.
#[must_use]
pub fn hash(previous: &Hash, event: &Event, hand_off: Option<&HandOff>) -> Hash {
    let mut hasher = Sha256::new_with_prefix(previous);
    let [columns @ .., _] = &row::EVENT;
    let [cells @ .., _] = &row::of_event(event);
    absorb(&mut hasher, "event", columns, cells);
    if let Some(hand_off) = hand_off {
        absorb(&mut hasher, "hand_off", &row::HAND_OFF, &row::of_hand_off(hand_off));
    }
    hasher.finalize().into()
}

/// One link of one of several chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Whose chain: sixteen bytes drawn by lot; all zero for that of a SQLite file.
    pub instance: [u8; 16],
    /// The event's place in it; 0 for the chain's beginning.
    pub sequence: i64,
    /// Its hash.
    pub hash: Hash,
}

/// What a chain begins with where there are several: SHA-256 over its name, its time and the links of
/// `others` that it covers, in their order. That of a SQLite file has no name and covers nothing.
#[must_use]
pub fn beginning(instance: &[u8; 16], begun_at: i64, others: &[Link]) -> Hash {
    if *instance == [0; 16] && others.is_empty() {
        return START;
    }
    let mut hasher = Sha256::new_with_prefix(b"almoner-chain");
    hasher.update(instance);
    hasher.update(begun_at.to_be_bytes());
    absorb_links(&mut hasher, others);
    hasher.finalize().into()
}

/// One hash for the heads of several chains, in the order of their names; of a single one that has
/// events, its newest hash.
#[must_use]
pub fn joint(heads: &[Link]) -> Hash {
    let grown: Vec<Link> = heads.iter().filter(|head| head.sequence > 0).copied().collect();
    match grown.as_slice() {
        [] => START,
        [only] => only.hash,
        several => {
            let mut hasher = Sha256::new_with_prefix(b"almoner-heads");
            absorb_links(&mut hasher, several);
            hasher.finalize().into()
        }
    }
}

fn absorb_links(hasher: &mut Sha256, links: &[Link]) {
    for Link { instance, sequence, hash } in links {
        hasher.update(instance);
        hasher.update(sequence.to_be_bytes());
        hasher.update(hash);
    }
}

fn absorb(hasher: &mut Sha256, table: &str, columns: &[&str], cells: &[Cell<'_>]) {
    let mut short = |text: &str| {
        hasher.update(u8::try_from(text.len()).unwrap_or(u8::MAX).to_be_bytes());
        hasher.update(text);
    };
    short(table);
    for (column, cell) in columns.iter().zip(cells) {
        let number;
        let value: &[u8] = match cell {
            Cell::Null => continue,
            Cell::Integer(integer) => {
                number = integer.to_be_bytes();
                &number
            }
            Cell::Text(text) => text.as_bytes(),
            Cell::Bytes(bytes) => bytes,
        };
        hasher.update(u8::try_from(column.len()).unwrap_or(u8::MAX).to_be_bytes());
        hasher.update(column);
        hasher.update(u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes());
        hasher.update(value);
    }
}

/// The record as far as it has been read and found whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proof(Verified);

impl Proof {
    /// Nothing read yet.
    pub(super) const fn new() -> Self {
        Self(Verified { events: 0, hand_offs: 0, purged: 0, newest: None, head: START })
    }

    /// How far it has been read.
    pub(super) const fn sequence(&self) -> i64 {
        self.0.events.saturating_add(self.0.purged)
    }

    /// Passes the events that were purged behind what has been read. Where the run begins elsewhere the
    /// next event does not fit.
    pub(super) const fn pass(&mut self, run: &Run) {
        self.0.purged = self.0.purged.saturating_add(run.events());
        self.0.head = run.hash;
    }

    /// Takes the next event, the hand-off of its reference, and all `earlier` events of the same
    /// reference, oldest first.
    pub(super) fn take(
        &mut self,
        event: &Event,
        hand_off: Option<&HandOff>,
        earlier: &[Event],
    ) -> Result<(), LedgerError> {
        let sequence = self.sequence().saturating_add(1);
        let broken = |what| Err(Break::at(sequence, what).about(event.reference).into());
        if event.sequence != sequence {
            return broken("an event is missing");
        }
        let is_opening = event.evidence.is_none();
        let was_opened = earlier.iter().any(|event| event.evidence.is_none());
        match (is_opening, was_opened, hand_off) {
            (true, true, _) => return broken("a hand-off was opened twice"),
            (true, false, None) | (false, true, None) => return broken("its hand-off is missing"),
            (true, false, Some(_)) | (false, _, _) => {}
        }
        if hash(&self.0.head, event, hand_off.filter(|_| is_opening)) != event.hash {
            return broken("its content is not what was recorded");
        }
        let known = hand_off.filter(|_| is_opening || was_opened);
        if (event.before, event.after) != states(event, known, earlier) {
            return broken("its states are not what the evidence says");
        }
        self.0.events = self.0.events.saturating_add(1);
        self.0.newest = Some(event.recorded_at);
        self.0.hand_offs = self.0.hand_offs.saturating_add(i64::from(is_opening));
        self.0.head = event.hash;
        Ok(())
    }

    /// The whole record was read; the ledger holds `hand_offs` rows, and so many events `gone` are
    /// written down as purged.
    pub(super) fn end(self, hand_offs: i64, gone: i64) -> Result<Verified, LedgerError> {
        let sequence = self.sequence().saturating_add(1);
        if gone != self.0.purged {
            let what = "what is written down as purged is not what is missing";
            return Err(Break::at(sequence, what).into());
        }
        if hand_offs == self.0.hand_offs {
            return Ok(self.0);
        }
        Err(Break::at(sequence, "a hand-off has no opening").into())
    }
}

#[cfg(feature = "postgres")]
impl Proof {
    /// Nothing read yet of a chain that begins so.
    pub(super) const fn after(beginning: Hash) -> Self {
        Self(Verified { events: 0, hand_offs: 0, purged: 0, newest: None, head: beginning })
    }

    /// What was found so far.
    pub(super) const fn found(&self) -> Verified {
        self.0
    }
}

/// The states before and after an event that the evidence up to it leads to.
fn states(
    event: &Event,
    hand_off: Option<&HandOff>,
    earlier: &[Event],
) -> (Option<State>, Option<State>) {
    let Some(hand_off) = hand_off else { return (None, None) };
    let mut known: Vec<Evidence> =
        earlier.iter().filter_map(|event| event.evidence.clone()).collect();
    let before = judge(hand_off.opened_as, &hand_off.asked, &known).state;
    let Some(evidence) = &event.evidence else { return (None, Some(before)) };
    known.push(evidence.clone());
    (Some(before), Some(judge(hand_off.opened_as, &hand_off.asked, &known).state))
}

#[cfg(test)]
mod tests;
