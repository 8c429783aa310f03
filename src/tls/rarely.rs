//! Saying something that may happen thousands of times a second at most every ten seconds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The least time between two sayings.
const PAUSE: Duration = Duration::from_secs(10);

/// A count that asks to be logged now and then.
#[derive(Debug)]
pub(super) struct Rarely {
    born: Instant,
    /// Milliseconds after `born` before which nothing is said.
    quiet_until: AtomicU64,
    /// How often it has happened since it was last said.
    unsaid: AtomicU64,
}

impl Rarely {
    pub(super) fn new() -> Self {
        Self { born: Instant::now(), quiet_until: AtomicU64::new(0), unsaid: AtomicU64::new(0) }
    }

    /// Counts one; when it is time to say so, how often it has happened since the last time.
    pub(super) fn happened(&self) -> Option<u64> {
        self.unsaid.fetch_add(1, Ordering::Relaxed);
        let now = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        let pause = u64::try_from(PAUSE.as_millis()).unwrap_or(u64::MAX);
        self.quiet_until
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |until| {
                (now >= until).then(|| now.saturating_add(pause))
            })
            .ok()?;
        Some(self.unsaid.swap(0, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_the_first_at_once_and_keeps_count_of_the_rest() {
        let rarely = Rarely::new();
        assert_eq!(rarely.happened(), Some(1));
        assert_eq!((0..1000).filter_map(|_| rarely.happened()).count(), 0);
        assert_eq!(rarely.unsaid.load(Ordering::Relaxed), 1000);
        rarely.quiet_until.store(0, Ordering::Relaxed);
        assert_eq!(rarely.happened(), Some(1001));
    }
}
