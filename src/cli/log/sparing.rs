//! How often an event that anybody can cause writes a line: a flood of refusals must neither fill the
//! disk nor hide what matters. How many were left out stands in the next line of the same event.

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

/// Lines of one event in a minute, and at once.
const A_MINUTE: NonZeroU32 = NonZeroU32::new(120).unwrap();

/// The events that a stranger can cause as often as it likes.
pub const LIMITED: [&str; 12] = [
    "authentication_refused",
    "client_certificate_refused",
    "key_out_of_scope",
    "webhook_refused",
    "webhook_orphan",
    "webhook_empty",
    "returned",
    "form_invalid",
    "form_token_refused",
    "put_off",
    "refused",
    "console_refused",
];

/// One limit for each of these events.
pub(super) struct Sparing<C: Clock = DefaultClock>(Vec<(&'static str, Limit<C>)>);

struct Limit<C: Clock> {
    limiter: RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>,
    left_out: AtomicU64,
}

impl Sparing {
    pub(super) fn new() -> Self {
        Self::by(&DefaultClock::default())
    }
}

impl<C: Clock + Clone> Sparing<C> {
    fn by(clock: &C) -> Self {
        let limit = |event| {
            let clock: C = clock.clone();
            let limiter = RateLimiter::direct_with_clock(Quota::per_minute(A_MINUTE), clock);
            (event, Limit { limiter, left_out: AtomicU64::new(0) })
        };
        Self(LIMITED.into_iter().map(limit).collect())
    }

    /// How many lines of this event were left out since the last one, which was written; `None` where
    /// this one is left out too.
    pub(super) fn look(&self, event: &str) -> Option<u64> {
        let Some((_, limit)) = self.0.iter().find(|(name, _)| *name == event) else {
            return Some(0);
        };
        if limit.limiter.check().is_err() {
            limit.left_out.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(limit.left_out.swap(0, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;
    use std::time::Duration;

    #[test]
    fn a_flood_is_counted_and_told_of_once_it_ebbs() {
        let clock = FakeRelativeClock::default();
        let sparing = Sparing::by(&clock);
        let told = (0..1000).filter(|_| sparing.look("webhook_refused").is_some()).count();
        assert_eq!(told, 120);
        assert_eq!(sparing.look("form_invalid"), Some(0), "each event has a limit of its own");
        assert_eq!(sparing.look("handed_off"), Some(0));
        clock.advance(Duration::from_mins(1));
        assert_eq!(sparing.look("webhook_refused"), Some(880));
        assert_eq!(sparing.look("webhook_refused"), Some(0));
    }
}
