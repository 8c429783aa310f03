//! The outbox: what each of the charity's systems has been told of the feed, and what it has still to be told.
//!
//! What is to be told is written with the outcome, in one transaction: it is the event itself. A subscriber has a
//! place in the feed; the events behind it become deliveries when that place moves on, in one transaction with it,
//! so that none is left out and none is made twice, wherever a service dies.

use super::LedgerError;
use super::feed::Item;
use crate::payment::Reference;
use crate::payment::request::words;
use async_trait::async_trait;
use jiff::Timestamp;

/// An event that a subscriber has to be told, leased to one courier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What to tell.
    pub item: Item,
    /// How often it was claimed before.
    pub tries: u32,
    /// Since when it is tried.
    pub since: Timestamp,
}

words! {
    /// How a subscriber answered, as far as that is kept.
    Answer {
        /// 2xx.
        Taken = "taken",
        /// 3xx: nobody is followed anywhere.
        Elsewhere = "elsewhere",
        /// 4xx.
        Refused = "refused",
        /// 410: it wants to hear no more.
        Gone = "gone",
        /// 5xx, or no status that is one.
        Failed = "failed",
        /// No whole answer came in time.
        Lost = "lost",
        /// No connection could be made.
        Unreachable = "unreachable",
        /// Its address is one that must not be called.
        Forbidden = "forbidden",
    }
}

/// One attempt to tell, and what comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Whom.
    pub subscriber: String,
    /// The place of what was told.
    pub position: i64,
    /// When.
    pub at: Timestamp,
    /// How it was answered.
    pub answer: Answer,
    /// When it is tried again; not at all where it was taken or is given up.
    pub again: Option<Timestamp>,
}

/// A delivery as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracked {
    /// Whom.
    pub subscriber: String,
    /// The place in the feed.
    pub position: i64,
    /// The hand-off.
    pub reference: Reference,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next; nothing where it was taken or is given up.
    pub due_at: Option<Timestamp>,
    /// When it was taken, if it was.
    pub taken_at: Option<Timestamp>,
    /// The last attempt.
    pub last: Option<(Timestamp, Answer)>,
}

/// Which deliveries to see, newest first.
#[derive(Clone, Debug, Default)]
pub struct Deliveries {
    /// Only to this subscriber.
    pub subscriber: Option<String>,
    /// Only of this hand-off.
    pub reference: Option<Reference>,
    /// Only those that were not taken.
    pub open: bool,
    /// How many at the most.
    pub limit: usize,
}

/// A line of the delivery log: somebody was told something, and answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where it stands in the log.
    pub mark: Mark,
    /// The hand-off.
    pub reference: Reference,
    /// How it was answered.
    pub answer: Answer,
}

/// A place in the delivery log, whose lines stand by their time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// The place in the feed of what was told.
    pub position: i64,
    /// Whom.
    pub subscriber: String,
}

/// How far a subscriber is behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Whom.
    pub subscriber: String,
    /// When the oldest event was recorded that was neither taken nor given up; none where there is none.
    pub oldest: Option<Timestamp>,
    /// Whether it wants to hear no more.
    pub gone: bool,
}

/// What to tell again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// Everything of one hand-off.
    Of(Reference),
    /// Everything that was given up.
    GivenUp,
}

/// Where it is kept what was told to whom.
#[async_trait]
pub trait Outbox: Send + Sync + 'static {
    /// Has these told from now on; who was told before goes on where it was.
    async fn subscribe(&self, names: Vec<String>) -> Result<(), LedgerError>;

    /// Leases up to `limit` due deliveries of one subscriber until `lease_until`. Of one hand-off only the first
    /// that was neither taken nor given up, so that nobody is told the second before the first. None of one who is
    /// gone.
    async fn claim_deliveries(
        &self,
        subscriber: &str,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Delivery>, LedgerError>;

    /// Writes an attempt down. What was taken stays taken.
    async fn settle(&self, attempt: Attempt) -> Result<(), LedgerError>;

    /// Deliveries, newest first.
    async fn deliveries(&self, which: Deliveries) -> Result<Vec<Tracked>, LedgerError>;

    /// The delivery log behind a mark, oldest first; from the beginning without one.
    async fn told(&self, after: Option<Mark>, limit: usize) -> Result<Vec<Told>, LedgerError>;

    /// How far each subscriber is behind, by name.
    async fn backlog(&self) -> Result<Vec<Backlog>, LedgerError>;

    /// Makes deliveries due now, as if they were new, and has whoever was gone told again. Says how many.
    async fn tell_again(
        &self,
        subscriber: &str,
        what: Again,
        now: Timestamp,
    ) -> Result<u64, LedgerError>;
}

impl Answer {
    /// What a status means.
    #[must_use]
    pub const fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Taken,
            300..=399 => Self::Elsewhere,
            410 => Self::Gone,
            400..=499 => Self::Refused,
            _ => Self::Failed,
        }
    }
}
