//! One stream: the feed page by page, and then whatever comes.

use super::{Announcements, Cursor, Item, LARGEST_PAGE};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;

/// How long a stream lasts. A connection is cut 45 seconds after its time is over (security.md, table H), whatever
/// was asked in its last moment: a stream that is over before ends between two items.
const LASTS: Duration = Duration::from_secs(40);

/// Follows the feed until its time is over, the service stops or the ledger cannot be read.
pub struct Follower {
    of: Arc<Announcements>,
    after: Option<Cursor>,
    waiting: VecDeque<Item>,
    heard: watch::Receiver<Option<Cursor>>,
    until: Instant,
    _place: OwnedSemaphorePermit,
}

impl Follower {
    pub(super) fn new(
        of: Arc<Announcements>,
        after: Option<Cursor>,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let (heard, now) = (of.end.subscribe(), Instant::now());
        let until = now.checked_add(LASTS).unwrap_or(now);
        Self { of, after, waiting: VecDeque::new(), heard, until, _place: place }
    }

    /// The next item, once there is one; nothing once the stream is over, and its reader comes again with the
    /// cursor of the last.
    pub async fn next(&mut self) -> Option<Item> {
        let stop = self.of.stop.clone();
        let item = tokio::time::timeout_at(self.until, stop.run_until_cancelled(self.wait()));
        let item = item.await.ok()???;
        self.after = Some(item.cursor);
        Some(item)
    }

    async fn wait(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.waiting.pop_front() {
                return Some(item);
            }
            // What comes while the ledger is read is not slept through.
            self.heard.mark_unchanged();
            let page = self.of.page(self.after, LARGEST_PAGE).await.ok()?;
            if page.items.is_empty() {
                self.heard.changed().await.ok()?;
            }
            self.waiting = page.items.into();
        }
    }
}
