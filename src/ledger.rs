//! Our record: what was asked and what became of it, and nothing else (gateway.md, section 5).
//!
//! Every answer given to the outside waits for the commit behind these calls.

use crate::payment::{Asked, Evidence, ProcessorText, Reference, Standing, State};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;

mod broken;
pub mod chain;
mod chronicle;
#[cfg(feature = "postgres")]
pub mod copy;
mod doubt;
mod error;
mod feed;
mod key;
mod outbox;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod purge;
mod row;
pub mod sqlite;
mod stage;
mod survey;
mod trace;

pub use broken::Break;
pub use chronicle::{Chained, Chapter, Chronicle, Leaf, Place, There};
pub(crate) use doubt::is_given_up;
pub use doubt::{Doubt, Doubts, ENOUGH_TRIES, PATIENCE};
pub use error::LedgerError;
pub use feed::{Cursor, Item};
pub use key::IdempotencyKey;
pub use outbox::{
    Again, Answer, Attempt, Backlog, Deliveries, Delivery, Mark, Outbox, Told, Tracked,
};
pub use purge::{Past, Purged};
pub use survey::{FLAGGED_SHOWN, Group, Stretch, Survey, Surveyor};
pub use trace::{Purpose, Report, Trace};

/// One attempt to donate or join, as it was asked for. Written once, before anything leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOff {
    /// Its id.
    pub reference: Reference,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// [`State::HandedOff`] for a hosted page, [`State::InDoubt`] for an API call.
    pub opened_as: State,
    /// What was asked for.
    pub asked: Asked,
}

/// A hand-off and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it was asked for.
    pub hand_off: HandOff,
    /// Where it stands.
    pub standing: Standing,
    /// When its newest event was recorded.
    pub changed_at: Timestamp,
}

/// What [`Ledger::open`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It is on disk now.
    Opened(Entry),
    /// The same reference or key with the same request was there already; this is it.
    Repeated(Entry),
    /// The reference or key was used for something else.
    Conflicting,
}

/// What [`Ledger::conclude`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// A new event is on disk.
    Recorded {
        /// The state before.
        before: State,
        /// The standing after.
        after: Standing,
    },
    /// This very message was recorded before.
    Repeated,
    /// No such hand-off (yet): the event is on disk and counts as soon as it appears.
    Parked,
}

/// A hand-off whose outcome is overdue, leased to one chaser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The hand-off.
    pub hand_off: HandOff,
    /// How often it was claimed before.
    pub tries: u32,
}

/// One line of the append-only record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the record, from 1, without gaps.
    pub sequence: i64,
    /// The hand-off it is about.
    pub reference: Reference,
    /// `None` for the opening of a hand-off.
    pub evidence: Option<Evidence>,
    /// The state before; `None` at the opening and while parked.
    pub before: Option<State>,
    /// The state after; `None` while parked.
    pub after: Option<State>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// SHA-256 over the hash before and this event.
    pub hash: [u8; 32],
}

/// Which hand-offs to list, newest first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page {
    /// Only older ones than this.
    pub before: Option<Reference>,
    /// Only those in this state.
    pub state: Option<State>,
    /// Only those that a person must look at.
    pub attention: bool,
    /// How many at the most.
    pub limit: usize,
}

/// The record was read through and is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Events read.
    pub events: i64,
    /// Hand-offs read.
    pub hand_offs: i64,
    /// Events that were purged when their time was over.
    pub purged: i64,
    /// When the newest event was recorded.
    pub newest: Option<Timestamp>,
    /// The chain's newest hash.
    pub head: [u8; 32],
}

/// Where hand-offs and their outcomes are kept.
#[async_trait]
pub trait Ledger: Chronicle + Surveyor + Send + Sync + 'static {
    /// Writes a hand-off. Parked evidence of the same reference counts from here on.
    /// It becomes due for [`Ledger::claim`] at `due_at`.
    async fn open(
        &self,
        hand_off: HandOff,
        key: Option<IdempotencyKey>,
        due_at: Timestamp,
    ) -> Result<Opening, LedgerError>;

    /// [`Ledger::open`] for a request that is ready to leave, and whether [`Ledger::send`] is done with
    /// it: in one commit, where the engine can. Nothing lies between the two (security.md, 4.1).
    async fn open_to_send(
        &self,
        hand_off: HandOff,
        key: Option<IdempotencyKey>,
        due_at: Timestamp,
        _trace: Trace,
    ) -> Result<(Opening, bool), LedgerError> {
        Ok((self.open(hand_off, key, due_at).await?, false))
    }

    /// What [`Ledger::open`] would answer under a key that was used before; `None` for a new one.
    async fn kept(&self, key: IdempotencyKey) -> Result<Option<Opening>, LedgerError>;

    /// Writes down that a request about this hand-off is about to be sent, and what it can be asked
    /// by. A hand-off that was opened in doubt and has no trace was never sent.
    async fn send(&self, reference: Reference, trace: Trace) -> Result<(), LedgerError>;

    /// What [`Ledger::send`] wrote down of a hand-off, oldest first.
    async fn traces(&self, reference: Reference) -> Result<Vec<Trace>, LedgerError>;

    /// Whether the processor gave this id of its own to another hand-off: one of a dialect that asks, or one
    /// that is not known.
    async fn is_anothers(
        &self,
        processor_reference: ProcessorText,
        reference: Reference,
    ) -> Result<bool, LedgerError>;

    /// Up to when a report was read; `None` where it never was.
    async fn progress(&self, report: Report) -> Result<Option<Timestamp>, LedgerError>;

    /// Sets that; it never goes back, but from more than a day ahead, where only a clock that was wrong can have set it.
    async fn advance(&self, report: Report, until: Timestamp) -> Result<(), LedgerError>;

    /// Records evidence, once: by [`crate::payment::judge`] over all evidence of the reference.
    /// An accepted hand-off is no longer due; any other may still be accepted.
    async fn conclude(
        &self,
        reference: Reference,
        evidence: Evidence,
        at: Timestamp,
    ) -> Result<Conclusion, LedgerError>;

    /// The hand-off of a reference. Sees every write that was answered before.
    async fn find(&self, reference: Reference) -> Result<Option<Entry>, LedgerError>;

    /// Leases up to `limit` due hand-offs to the caller until `lease_until`, oldest first.
    async fn claim(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Claim>, LedgerError>;

    /// Sets when a hand-off is due again. `None` takes a hosted page off the list for good; a doubt
    /// stays in [`Ledger::doubts`], and may be due again. Whatever is concluded stays off the list.
    async fn reschedule(
        &self,
        reference: Reference,
        due_at: Option<Timestamp>,
    ) -> Result<(), LedgerError>;

    /// Hand-offs in doubt, the oldest first, however many hand-offs there are beside them.
    async fn doubts(&self, limit: usize) -> Result<Vec<Doubt>, LedgerError>;

    /// How many there are, and how old.
    async fn count_doubts(&self) -> Result<Doubts, LedgerError>;

    /// Hand-offs, newest first.
    async fn list(&self, page: Page) -> Result<Vec<Entry>, LedgerError>;

    /// All events of one hand-off, parked ones too, oldest first.
    async fn history(&self, reference: Reference) -> Result<Vec<Event>, LedgerError>;

    /// Events that were parked and whose hand-off has not appeared.
    async fn parked(&self, limit: usize) -> Result<Vec<Event>, LedgerError>;

    /// What was recorded behind a place of the feed, oldest first; from the beginning without one. It is the
    /// same whoever asks, nothing is ever added before what was shown, and every write that was answered
    /// before is in it, but for what was purged. `None` where the place is none of this record.
    async fn feed(
        &self,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Option<Vec<Item>>, LedgerError>;

    /// The newest place of the feed, shown or not; `None` while nothing stands in it.
    async fn feed_end(&self) -> Result<Option<Cursor>, LedgerError>;

    /// Removes for good what is past its time, in one transaction: hand-offs of which nothing is awaited
    /// with their events, traces and keys, and after the last of them parked events. The chain still
    /// proves whole, and evidence that comes later is parked again (security.md, FM-87).
    async fn purge(&self, past: Past) -> Result<Purged, LedgerError>;

    /// What [`Ledger::purge`] would remove.
    async fn purgeable(&self, past: Past) -> Result<Purged, LedgerError>;

    /// What the charity's systems are told of it; none where that is not kept.
    fn outbox(self: Arc<Self>) -> Option<Arc<dyn Outbox>> {
        None
    }

    /// The length of its log in bytes: of what is written and not yet moved into its file. None where the
    /// engine sees to that by itself.
    fn log_bytes(&self) -> Option<u64> {
        None
    }

    /// Reads the whole record and proves the chain, the rows behind it and every recorded state.
    async fn verify(&self) -> Result<Verified, LedgerError>;

    /// Whether a write would be taken now.
    async fn ready(&self) -> Result<(), LedgerError>;
}
