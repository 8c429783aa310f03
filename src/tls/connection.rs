//! One connection: what the layers below and above its TLS tell each other.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A connection that has been let in. Requests touch nothing here but atomics.
#[derive(Debug)]
pub(super) struct Connection {
    /// In order of arrival.
    pub(super) id: u64,
    /// IPv4 as IPv4, whatever the listener calls it.
    pub(super) peer: SocketAddr,
    /// The address it is counted under; nothing for those the reserve is for.
    pub(super) counted: Option<IpAddr>,
    pub(super) opened: Instant,
    dismissal: CancellationToken,
    requests: AtomicU32,
    under_way: AtomicU32,
    /// Whether an answer said that it is the last.
    spent: AtomicBool,
    /// Milliseconds after `opened` at which a request last began or was answered.
    active: AtomicU64,
}

impl Connection {
    pub(super) fn new(id: u64, peer: SocketAddr, counted: Option<IpAddr>) -> Arc<Self> {
        Arc::new(Self {
            id,
            peer,
            counted,
            opened: Instant::now(),
            dismissal: CancellationToken::new(),
            requests: AtomicU32::new(0),
            under_way: AtomicU32::new(0),
            spent: AtomicBool::new(false),
            active: AtomicU64::new(0),
        })
    }

    /// Counts a request, which is under way until the guard is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> UnderWay {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.under_way.fetch_add(1, Ordering::Relaxed);
        self.touch();
        UnderWay(Arc::clone(self))
    }

    /// Requests begun so far.
    pub(super) fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// Since when no request has been waiting for its answer to begin; `None` while one is.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        if self.under_way.load(Ordering::Relaxed) > 0 {
            return None;
        }
        let active = Duration::from_millis(self.active.load(Ordering::Relaxed));
        Some(self.opened.checked_add(active).unwrap_or(self.opened))
    }

    /// Takes no further request once those under way are answered.
    pub(super) fn spend(&self) {
        self.spent.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_spent(&self) -> bool {
        self.spent.load(Ordering::Relaxed)
    }

    /// Asks the connection to go at once.
    pub(super) fn dismiss(&self) {
        self.dismissal.cancel();
    }

    /// Waits until the connection is asked to go.
    pub(super) async fn dismissed(&self) {
        self.dismissal.cancelled().await;
    }

    fn touch(&self) {
        let now = u64::try_from(self.age().as_millis()).unwrap_or(u64::MAX);
        self.active.store(now, Ordering::Relaxed);
    }
}

/// A request whose answer has not begun yet.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<Connection>);

impl UnderWay {
    pub(super) fn connection(&self) -> &Connection {
        &self.0
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.touch();
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}
