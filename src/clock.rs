//! What time it is. The one room that reads the system clock; everything else is handed a [`Clock`].

use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

mod spread;

pub use spread::spread;

/// By how much the time may part from the steady clock between two looks: more is a jump. A clock that
/// is drawn right slowly never does.
const JUMP: SignedDuration = SignedDuration::from_mins(1);

/// The time, real or set by hand. Copies are the same one.
#[derive(Clone, Debug)]
pub struct Clock {
    hands: Hands,
    watch: Arc<Mutex<Watch>>,
}

#[derive(Clone, Debug)]
enum Hands {
    System(Instant),
    Set(Arc<Moved>),
    Ahead(Instant, Arc<Moved>),
}

/// How far a clock was moved by hand, in microseconds.
#[derive(Debug, Default)]
struct Moved {
    /// Since 1970, or ahead of the system's clock.
    time: AtomicI64,
    /// The same of the steady clock, which no jump moves.
    steady: AtomicI64,
}

/// What was seen at the last look.
#[derive(Debug)]
struct Watch {
    /// The time less the steady clock, in microseconds: at first, and at the last look.
    apart_at_first: i64,
    apart: i64,
    /// The steady clock when the two went in step again, from then on.
    since: i64,
    /// The time after the last jump.
    jumped_to: Option<Timestamp>,
}

/// How the time has gone lately, held against a clock that nobody sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// For how long the two have gone in step: since the last jump, or since the clock was made.
    pub in_step_for: SignedDuration,
    /// The time after the last jump; none where there was no jump. How long ago anything before it
    /// happened, this clock cannot say.
    pub jumped_to: Option<Timestamp>,
    /// How far all jumps together have put the time ahead, since the clock was made.
    pub ahead: SignedDuration,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::of(Hands::System(Instant::now()))
    }

    /// A clock that stands at `at` until it is moved.
    #[must_use]
    pub fn set_to(at: Timestamp) -> Self {
        let moved = Moved { time: AtomicI64::new(at.as_microsecond()), ..Moved::default() };
        Self::of(Hands::Set(Arc::new(moved)))
    }

    /// A clock that runs as the system's does and can be moved ahead of it, for demonstrations.
    #[must_use]
    pub fn that_can_be_moved() -> Self {
        Self::of(Hands::Ahead(Instant::now(), Arc::default()))
    }

    fn of(hands: Hands) -> Self {
        let (time, steady) = hands.read();
        let apart = time.saturating_sub(steady);
        let watch = Watch { apart_at_first: apart, apart, since: steady, jumped_to: None };
        Self { hands, watch: Arc::new(Mutex::new(watch)) }
    }

    /// Whether it is the system's, which nobody here moves.
    #[must_use]
    pub const fn is_the_systems(&self) -> bool {
        matches!(self.hands, Hands::System(_))
    }

    /// Lets time pass on a clock that can be moved; the system's clock is left alone.
    pub fn advance(&self, by: SignedDuration) {
        if let Hands::Set(moved) | Hands::Ahead(_, moved) = &self.hands {
            moved.steady.fetch_add(micros(by), Ordering::SeqCst);
            moved.time.fetch_add(micros(by), Ordering::SeqCst);
        }
    }

    /// Sets a clock that can be moved to another time, though none has passed.
    pub fn jump(&self, by: SignedDuration) {
        if let Hands::Set(moved) | Hands::Ahead(_, moved) = &self.hands {
            moved.time.fetch_add(micros(by), Ordering::SeqCst);
        }
    }

    /// Now, in whole microseconds, as the ledger keeps it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        stamp(self.hands.read().0)
    }

    /// The time since the clock was made, which nobody sets.
    #[must_use]
    pub fn steady(&self) -> std::time::Duration {
        std::time::Duration::from_micros(u64::try_from(self.hands.read().1).unwrap_or(0))
    }

    /// Holds the time against the steady clock. Whoever needs to know looks at short intervals: between
    /// two looks nothing is noticed.
    #[must_use]
    pub fn look(&self) -> Course {
        let (time, steady) = self.hands.read();
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let apart = time.saturating_sub(steady);
        let by = SignedDuration::from_micros(apart.saturating_sub(watch.apart));
        watch.apart = apart;
        if by.abs() >= JUMP {
            let advice = "see that this machine's time is kept, by NTP for one";
            tracing::error!(event = "clock_jumped", seconds = by.as_secs(), advice);
            (watch.since, watch.jumped_to) = (steady, Some(stamp(time)));
        }
        Course {
            in_step_for: SignedDuration::from_micros(steady.saturating_sub(watch.since)),
            jumped_to: watch.jumped_to,
            ahead: SignedDuration::from_micros(apart.saturating_sub(watch.apart_at_first)),
        }
    }
}

impl Hands {
    /// The time and the steady clock, in microseconds.
    fn read(&self) -> (i64, i64) {
        let elapsed = |since: &Instant| i64::try_from(since.elapsed().as_micros()).unwrap_or(0);
        match self {
            Self::System(since) => (system(), elapsed(since)),
            Self::Set(moved) => moved.ahead_of(0, 0),
            Self::Ahead(since, moved) => moved.ahead_of(system(), elapsed(since)),
        }
    }
}

impl Moved {
    fn ahead_of(&self, time: i64, steady: i64) -> (i64, i64) {
        let (more, steadily) =
            (self.time.load(Ordering::SeqCst), self.steady.load(Ordering::SeqCst));
        (time.saturating_add(more), steady.saturating_add(steadily))
    }
}

fn micros(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(0)
}

fn stamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
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

    /// What a clock there showed, with how far it was ahead: `2026-07-01T00:30:00+01:00`.
    #[must_use]
    pub fn shown(at: Timestamp) -> String {
        at.to_zoned_datetime(zone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// The same as people write it: `1 Jul 2026, 00:30 BST`.
    #[must_use]
    pub fn told(at: Timestamp) -> String {
        at.to_zoned_datetime(zone()).strftime("%-d %b %Y, %H:%M %Z").to_string()
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
        fn a_time_there_says_how_far_it_is_ahead() {
            let shown = |text: &str| shown(text.parse().unwrap());
            assert_eq!(shown("2026-06-30T23:30:00.25Z"), "2026-07-01T00:30:00+01:00");
            assert_eq!(shown("2026-10-25T00:30:00Z"), "2026-10-25T01:30:00+01:00");
            assert_eq!(shown("2026-10-25T01:30:00Z"), "2026-10-25T01:30:00+00:00");
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

#[cfg(test)]
mod tests {
    use super::*;

    const fn minutes(minutes: i64) -> SignedDuration {
        SignedDuration::from_mins(minutes)
    }

    #[test]
    fn time_that_passes_is_no_jump_and_a_clock_that_is_set_is_one() {
        let clock = Clock::set_to(Timestamp::UNIX_EPOCH);
        clock.advance(minutes(60));
        let Course { in_step_for, jumped_to, ahead } = clock.look();
        assert_eq!((in_step_for, jumped_to, ahead), (minutes(60), None, minutes(0)));
        clock.jump(SignedDuration::from_secs(59));
        assert_eq!(clock.look().jumped_to, None, "drawn right");
        for by in [minutes(24 * 60), minutes(-1)] {
            clock.jump(by);
            let jumped_to = Some(clock.now());
            clock.advance(minutes(5));
            assert_eq!(clock.clone().look().jumped_to, Some(clock.now()), "seen as late as now");
            clock.advance(minutes(5));
            let course = clock.look();
            assert_eq!(course.in_step_for, minutes(5));
            assert!(course.jumped_to > jumped_to);
        }
        assert_eq!(clock.look().ahead, minutes(24 * 60 - 1) + SignedDuration::from_secs(59));
    }

    #[test]
    fn the_systems_clock_is_in_step_with_itself() {
        let clock = Clock::system();
        assert!(clock.look().jumped_to.is_none() && !clock.look().in_step_for.is_negative());
        clock.jump(minutes(9));
        assert_eq!(clock.look().jumped_to, None, "nobody here sets it");
    }
}
