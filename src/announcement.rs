//! Telling the charity's own systems what became of hand-offs: the feed, the streams that follow it, and events
//! to whoever subscribed (gateway.md, sections 3 and 7).

use crate::ledger::{Ledger, LedgerError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

mod address;
mod courier;
mod couriers;
mod follower;
mod knock;
mod message;
mod post;
mod schedule;
mod subscriber;
mod told;

pub use crate::ledger::{Cursor, Item};
pub use courier::Courier;
pub use couriers::{Behind, Couriers, Delivered, Results};
pub use follower::Follower;
pub use knock::Door;
pub use subscriber::Subscriber;
pub use told::{AskedTold, Sum, Told};

/// The most that one page holds: one look at the ledger, in which others wait no longer than in any.
pub const LARGEST_PAGE: usize = 250;
/// How often it is looked whether the feed has grown.
pub const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The feed as it is shown outside.
pub struct Announcements {
    ledger: Arc<dyn Ledger>,
    /// A place for each stream that may be open at once.
    streams: Arc<Semaphore>,
    /// How many places there are.
    places: usize,
    /// Where the feed ends, as far as it was looked.
    end: watch::Sender<Option<Cursor>>,
    /// Ends every stream.
    stop: CancellationToken,
}

/// Some of the feed, in its order.
#[derive(Debug)]
pub struct Page {
    /// What is shown.
    pub items: Vec<Item>,
    /// Whether more stood behind it.
    pub more: bool,
}

/// Why nothing is shown.
#[derive(Debug, thiserror::Error)]
pub enum NotShown {
    /// The cursor counts a record that is not this one: it was restored from an older backup.
    #[error("the cursor is of another record")]
    Elsewhere,
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Announcements {
    /// `streams` may be open at once, until `stop`.
    #[must_use]
    pub fn new(ledger: Arc<dyn Ledger>, streams: usize, stop: CancellationToken) -> Self {
        let places = streams.min(Semaphore::MAX_PERMITS);
        let streams = Arc::new(Semaphore::new(places));
        Self { ledger, streams, places, end: watch::Sender::new(None), stop }
    }

    /// What stands behind a cursor; from the beginning without one.
    pub async fn page(&self, after: Option<Cursor>, limit: usize) -> Result<Page, NotShown> {
        let limit = limit.min(LARGEST_PAGE);
        let found = self.ledger.feed(after, limit.saturating_add(1)).await?;
        let mut items = found.ok_or(NotShown::Elsewhere)?;
        let more = items.len() > limit;
        items.truncate(limit);
        Ok(Page { items, more })
    }

    /// A place among the streams, if there is one.
    #[must_use]
    pub fn follow(self: &Arc<Self>, after: Option<Cursor>) -> Option<Follower> {
        let place = Arc::clone(&self.streams).try_acquire_owned().ok()?;
        Some(Follower::new(Arc::clone(self), after, place))
    }

    /// How many streams are open.
    #[must_use]
    pub fn streams_open(&self) -> usize {
        self.places.saturating_sub(self.streams.available_permits())
    }

    /// Looks whether the feed has grown, and wakes the streams if it has. Where several instances write, this
    /// gives what they wrote its place.
    pub async fn look(&self) -> Result<(), LedgerError> {
        let end = self.ledger.feed_end().await?;
        self.end.send_if_modified(|known| std::mem::replace(known, end) != end);
        Ok(())
    }
}
