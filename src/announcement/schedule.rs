//! When a message that was not taken is tried again: for three days, ever more seldom.

use crate::clock::spread;
use crate::ledger::Cursor;
use jiff::{SignedDuration, Timestamp};

/// How long after each attempt the next one is, in seconds; after the last of them as long again.
const DELAYS: [i64; 9] = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800];
/// For how long it is tried.
const PATIENCE: SignedDuration = SignedDuration::from_hours(72);
/// What a subscriber's Retry-After is held to: a typing error must not keep it untold.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(12);

/// When it is tried again after an attempt that ended now; not at all once three days are over. The last attempt is
/// at their end. `tries` were made before, the first at `since`; `wait` is for how long the subscriber asks to be left alone.
pub(super) fn again(
    cursor: Cursor,
    (tries, since): (u32, Timestamp),
    now: Timestamp,
    wait: Option<SignedDuration>,
) -> Option<Timestamp> {
    let end = since.saturating_add(PATIENCE).ok()?;
    if now >= end {
        return None;
    }
    let place = usize::try_from(tries).unwrap_or(usize::MAX);
    let seconds = DELAYS.get(place).or(DELAYS.last()).copied().unwrap_or_default();
    let delay = spread(seconds, &cursor.mark, tries.into());
    let wait = wait.map_or(SignedDuration::ZERO, |wait| wait.min(LONGEST_WAIT));
    Some(now.saturating_add(delay.max(wait)).unwrap_or(end).min(end))
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "numbers of the tests' own")]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + second).unwrap()
    }

    /// Every attempt that is made where none is taken, in seconds after the first.
    fn attempts(mark: u8, wait: Option<SignedDuration>) -> Vec<i64> {
        let cursor = Cursor { position: 1, mark: [mark; 8] };
        let (mut tries, mut now, mut attempts) = (0, at(0), vec![0]);
        while let Some(next) = again(cursor, (tries, at(0)), now, wait) {
            attempts.push(next.duration_since(at(0)).as_secs());
            (tries, now) = (tries + 1, next);
        }
        attempts
    }

    #[test]
    fn ever_more_seldom_for_three_days_and_no_two_at_once() {
        let three_days = 72 * 3600;
        let mut seen = std::collections::BTreeSet::new();
        for mark in 0..50 {
            let attempts = attempts(mark, None);
            assert!((15..=20).contains(&attempts.len()), "{attempts:?}");
            assert!(attempts[1] <= 6 && attempts[2] <= 42, "soon at first: {attempts:?}");
            assert_eq!(attempts.last(), Some(&three_days));
            assert!(attempts.windows(2).all(|pair| pair[1] - pair[0] <= 28_800 * 12 / 10));
            seen.insert(attempts[8]);
        }
        assert!(seen.len() > 40, "what failed together is not tried together");
    }

    #[test]
    fn a_subscriber_that_asks_to_be_left_alone_is_but_not_for_ever() {
        let hour = attempts(1, Some(SignedDuration::from_hours(1)));
        assert_eq!(hour[1], 3600);
        let year = attempts(1, Some(SignedDuration::from_hours(24 * 365)));
        assert_eq!(year, [0, 12, 24, 36, 48, 60, 72].map(|hours| hours * 3600));
        let past = attempts(1, Some(SignedDuration::from_secs(-5)));
        assert_eq!(past, attempts(1, None));
    }
}
