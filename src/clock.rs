//! What time it is. The one room that reads the system clock; everything else is handed a [`Clock`].

use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The time, real or set by hand.
#[derive(Clone, Debug)]
pub struct Clock(Hands);

#[derive(Clone, Debug)]
enum Hands {
    System,
    /// Microseconds since 1970.
    Set(Arc<AtomicI64>),
    /// Microseconds that the system's clock is behind.
    Ahead(Arc<AtomicI64>),
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Hands::System)
    }

    /// A clock that stands at `at` until it is moved.
    #[must_use]
    pub fn set_to(at: Timestamp) -> Self {
        Self(Hands::Set(Arc::new(AtomicI64::new(at.as_microsecond()))))
    }

    /// A clock that runs as the system's does and can be moved ahead of it, for demonstrations.
    #[must_use]
    pub fn that_can_be_moved() -> Self {
        Self(Hands::Ahead(Arc::default()))
    }

    /// Moves a clock that can be moved; the system's clock is left alone.
    pub fn advance(&self, by: SignedDuration) {
        match &self.0 {
            Hands::System => {}
            Hands::Set(micros) | Hands::Ahead(micros) => {
                micros.fetch_add(i64::try_from(by.as_micros()).unwrap_or(0), Ordering::SeqCst);
            }
        }
    }

    /// Now, in whole microseconds, as the ledger keeps it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let micros = match &self.0 {
            Hands::System => system(),
            Hands::Set(micros) => micros.load(Ordering::SeqCst),
            Hands::Ahead(micros) => system().saturating_add(micros.load(Ordering::SeqCst)),
        };
        Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl Clock {
    /// Waits for the next whole second of this clock.
    pub async fn next_second(&self) {
        let into = self.now().as_microsecond().rem_euclid(1_000_000);
        let left = u64::try_from(1_000_000_i64.saturating_sub(into)).unwrap_or(0);
        tokio::time::sleep(std::time::Duration::from_micros(left)).await;
    }
}

/// Microseconds since 1970.
fn system() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "this is the room that may")]
    let now = Timestamp::now();
    now.as_microsecond()
}

/// The time of day in London, which UK banks and RSM keep.
pub mod london {
    use jiff::Timestamp;
    use jiff::civil::{Date, DateTime};
    use jiff::tz::TimeZone;

    /// The date there.
    #[must_use]
    pub fn date(at: Timestamp) -> Date {
        zone().to_datetime(at).date()
    }

    /// The moment of a time there; of two of one name, in autumn, the first.
    #[must_use]
    pub fn time(at: DateTime) -> Timestamp {
        zone().to_timestamp(at).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn zone() -> TimeZone {
        // Built in, so always there.
        TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// The hour that comes twice is taken for its first, and one that never comes for the hour
        /// after it; no state depends on which (`fm_71` in `payment/standing/tests.rs`).
        #[test]
        fn fm_71_the_hour_that_comes_twice_and_the_hour_that_never_comes() {
            for (local, expected) in [
                ("2026-10-25T00:59:59", "2026-10-24T23:59:59Z"),
                ("2026-10-25T01:00:00", "2026-10-25T00:00:00Z"),
                ("2026-10-25T01:59:59", "2026-10-25T00:59:59Z"),
                ("2026-10-25T02:00:00", "2026-10-25T02:00:00Z"),
                ("2026-03-29T00:59:59", "2026-03-29T00:59:59Z"),
                ("2026-03-29T01:30:00", "2026-03-29T01:30:00Z"),
                ("2026-03-29T02:00:00", "2026-03-29T01:00:00Z"),
            ] {
                assert_eq!(time(local.parse().unwrap()).to_string(), expected, "{local}");
            }
        }

        #[test]
        fn summer_time_is_an_hour_ahead() {
            let at = |text: &str| text.parse::<Timestamp>().unwrap();
            assert_eq!(date(at("2026-06-30T23:30:00Z")).to_string(), "2026-07-01");
            assert_eq!(date(at("2026-12-31T23:30:00Z")).to_string(), "2026-12-31");
            let midnight = time("2026-07-01T00:00:00".parse().unwrap());
            assert_eq!(midnight, at("2026-06-30T23:00:00Z"));
        }
    }
}
