//! The record by its chain: how it stood when the chain ended with certain links, and whether a link that was
//! written down elsewhere is still in it.

use super::chain::{self, Hash, Link};
use super::{Entry, Event, HandOff, LedgerError};
use crate::payment::{Reference, State, judge};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What can be asked of every [`super::Ledger`] about its chain.
#[async_trait]
pub trait Chronicle {
    /// The newest link of every chain in which anything is recorded, in the order of their names, all of one
    /// moment; that of a file alone is called by sixteen zero bytes.
    async fn heads(&self) -> Result<Vec<Link>, LedgerError>;

    /// What stands at this place of this chain.
    async fn there(&self, chain: [u8; 16], sequence: i64) -> Result<There, LedgerError>;

    /// A hand-off, where it stands, and the link that says so, all of one moment.
    async fn chained(&self, reference: Reference) -> Result<Option<Chained>, LedgerError>;

    /// A part of the record, oldest hand-off first, as it was when its chains ended with these links. What is
    /// recorded meanwhile changes nothing of it; what is purged meanwhile is gone.
    async fn chapter(&self, chapter: Chapter) -> Result<Leaf, LedgerError>;
}

/// Which part of the record.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// How its chains ended.
    pub heads: Arc<[Link]>,
    /// Only hand-offs of a greater reference than these sixteen bytes.
    pub after: [u8; 16],
    /// Only those of a smaller one.
    pub before: [u8; 16],
    /// How many hand-offs are looked at, at the most.
    pub limit: usize,
}

/// What was found of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaf {
    /// Hand-offs that were there by then.
    pub hand_offs: Vec<Chained>,
    /// The last one that was looked at, where there may be more.
    pub next: Option<Reference>,
}

/// A hand-off as the chain tells it up to a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chained {
    /// What was asked, and where it stands.
    pub entry: Entry,
    /// When what decided its state happened, by the processor's clock; nothing before there is an outcome.
    pub settled_at: Option<Timestamp>,
    /// Its newest event.
    pub link: Link,
}

/// What stands at a place of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum There {
    /// A link with this hash.
    Hash(Hash),
    /// It was purged, as the last of a run that ends with this hash.
    PurgedTo(Hash),
    /// It was purged amid others, and its hash with it.
    Purged,
    /// Nothing.
    Nothing,
}

/// A link as statements write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Whose chain, in hexadecimal.
    pub chain: String,
    /// Its place, from 1.
    pub sequence: i64,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

impl Chained {
    /// What these events of a hand-off say, oldest first; nothing where it was not opened by then. Each stands in
    /// the chain that is named beside it.
    #[must_use]
    pub fn of(hand_off: HandOff, events: &[([u8; 16], &Event)]) -> Option<Self> {
        events.iter().find(|(_, event)| event.evidence.is_none())?;
        let (chain, newest) = events.last()?;
        let evidence: Vec<_> =
            events.iter().filter_map(|(_, event)| event.evidence.clone()).collect();
        let standing = judge(hand_off.opened_as, &hand_off.asked, &evidence);
        let settled_at = settled_at(standing.state, events);
        let entry = Entry { hand_off, standing, changed_at: newest.recorded_at };
        let link = Link { instance: *chain, sequence: newest.sequence, hash: newest.hash };
        Some(Self { entry, settled_at, link })
    }
}

/// When what led to the state happened. Evidence that came before the opening was parked: then the opening led
/// to it.
fn settled_at(state: State, events: &[([u8; 16], &Event)]) -> Option<Timestamp> {
    let rose = |event: &&Event| event.after == Some(state) && event.before != Some(state);
    let event = events.iter().map(|(_, event)| *event).rfind(rose)?;
    let when = event.evidence.as_ref().map_or(event.recorded_at, |it| it.occurred_at);
    state.is_concluded().then_some(when)
}

impl Chapter {
    /// Whether an event at this place was recorded by then.
    #[must_use]
    pub fn holds(&self, chain: &[u8; 16], sequence: i64) -> bool {
        self.heads.iter().any(|head| head.instance == *chain && sequence <= head.sequence)
    }
}

impl From<&Link> for Place {
    fn from(link: &Link) -> Self {
        let Link { instance, sequence, hash } = link;
        Self { chain: hex::encode(instance), sequence: *sequence, hash: hex::encode(hash) }
    }
}

impl Place {
    /// The link; nothing where what is written is none.
    #[must_use]
    pub fn link(&self) -> Option<Link> {
        let mut link = Link { instance: [0; 16], sequence: self.sequence, hash: chain::START };
        hex::decode_to_slice(&self.chain, &mut link.instance).ok()?;
        hex::decode_to_slice(&self.hash, &mut link.hash).ok()?;
        (self.sequence > 0).then_some(link)
    }
}
