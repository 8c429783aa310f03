//! When whatever has no outcome is asked about (security.md, 4.3).

use crate::clock::spread;
use crate::ledger::{ENOUGH_TRIES, PATIENCE};
use crate::payment::Reference;
use jiff::{SignedDuration, Timestamp};

/// The ages at which a call is asked about, counted from when it was opened, in seconds.
const CALL: [i64; 12] =
    [30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 24 * 3600, 48 * 3600];
/// A hosted page is asked about when it is overdue, and at these times after that, in minutes.
const PAGE: [i64; 8] = [0, 30, 60, 120, 240, 480, 1440, 2880];
/// Between two questions after [`PATIENCE`]: while not enough were asked, and then.
const HURRIED: SignedDuration = SignedDuration::from_hours(1);
const DAILY: SignedDuration = SignedDuration::from_hours(24);
/// No question is put off for longer, so that a clock that was wrong by years delays none by years.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_hours(48);

/// When a call that was asked about so often is asked about next. 72 hours after the hand-off it is, to
/// the second; after that once a day, for as long as it is a doubt.
pub(super) fn of_call(
    reference: Reference,
    opened_at: Timestamp,
    tries: u32,
    now: Timestamp,
) -> Timestamp {
    let moved = |(step, age): (u64, i64)| spread(age, reference.as_bytes(), step);
    let ages = (0..).zip(CALL).map(moved).chain([PATIENCE]);
    let due = ages.filter_map(|age| opened_at.checked_add(age).ok()).find(|due| *due > now);
    let every = if tries < ENOUGH_TRIES { HURRIED } else { DAILY };
    due.unwrap_or_else(|| later(now, every)).min(later(now, LONGEST))
}

/// How often a call of which nothing was ever heard was asked about by now, and when it is asked about next.
#[must_use]
pub fn asked_about(
    reference: Reference,
    opened_at: Timestamp,
    flagged_after: SignedDuration,
    now: Timestamp,
) -> (u32, Timestamp) {
    let flagged_at = later(opened_at, flagged_after);
    let (mut tries, mut at) = (0_u32, opened_at);
    loop {
        let due = of_call(reference, opened_at, tries, at);
        let due = if at < flagged_at { due.min(flagged_at) } else { due };
        if due > now {
            return (tries, due);
        }
        (tries, at) = (tries.saturating_add(1), due);
    }
}

/// The same for a hosted page, which no machine waits for: its times are exact, and once it has been
/// asked about for long enough and often enough it is not asked about any more.
pub(super) fn of_page(overdue_at: Timestamp, tries: u32, now: Timestamp) -> Option<Timestamp> {
    let ages = PAGE.into_iter().map(SignedDuration::from_mins).chain([PATIENCE]);
    let due = ages.filter_map(|age| overdue_at.checked_add(age).ok()).find(|due| *due > now);
    let due = due.or_else(|| (tries < ENOUGH_TRIES).then(|| later(now, HURRIED)));
    due.map(|due| due.min(later(now, LONGEST)))
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(now)
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "numbers of the tests' own")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + second).unwrap()
    }

    #[test]
    fn enquiries_about_a_page_thin_out_and_end() {
        let at = |minutes: i64| at(minutes * 60);
        let next = |now| of_page(at(0), 9, at(now));
        assert_eq!(next(-90), Some(at(0)), "a nudge before it is overdue");
        assert_eq!(next(0), Some(at(30)));
        assert_eq!(next(31), Some(at(60)));
        assert_eq!(next(2881), Some(at(72 * 60)));
        assert_eq!(next(72 * 60), None);
        assert_eq!(of_page(at(0), 5, at(72 * 60)), Some(at(73 * 60)), "not often enough");
    }

    #[test]
    fn a_call_is_asked_about_for_ever_and_never_put_off_for_years() {
        let reference = Reference::at(at(0));
        let next = |tries, hours: i64| {
            let due = of_call(reference, at(0), tries, at(hours * 3600));
            due.duration_since(at(0)).as_secs() / 3600
        };
        assert_eq!((next(6, 72), next(6, 73), next(6, 9000)), (96, 97, 9024), "daily");
        assert_eq!((next(5, 72), next(1, 9000)), (73, 9001), "hourly until it is often enough");
        assert_eq!(next(3, -9000), -9000 + 48, "a clock that is behind");
    }

    /// Every time a call is asked about where no answer says anything, in seconds after the sending.
    fn course(reference: Reference) -> Vec<i64> {
        let mut times = Vec::new();
        let mut now = at(0);
        while now < at(72 * 3600) {
            let due = of_call(reference, at(0), 9, now);
            assert!(due > now);
            times.push(due.duration_since(at(0)).as_millis());
            now = due;
        }
        times.into_iter().map(|millis| i64::try_from(millis).unwrap()).collect()
    }

    #[test]
    fn what_was_never_heard_of_was_asked_about_by_the_schedule_and_when_it_was_flagged() {
        let reference = Reference::at(at(0));
        for hours in [1, 7, 52] {
            let now = at(hours * 3600);
            let (tries, due) = asked_about(reference, at(0), SignedDuration::from_mins(5), now);
            let times = course(reference);
            let (past, future): (Vec<i64>, Vec<i64>) =
                times.into_iter().partition(|millis| *millis <= hours * 3_600_000);
            assert_eq!(usize::try_from(tries).unwrap(), past.len() + 1, "{hours} h");
            assert_eq!(due.duration_since(at(0)).as_millis(), i128::from(future[0]));
        }
    }

    proptest! {
        #[test]
        fn inv_6_every_call_is_asked_about_by_the_schedule(bytes: [u8; 10]) {
            let mut id = [1, 0x9b, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0];
            id[8..].copy_from_slice(&bytes[..8]);
            id[8] = 0x80 | (bytes[8] & 0x3f);
            let reference = Reference::from_bytes(&id).unwrap();
            let found = course(reference);
            prop_assert_eq!(found.len(), CALL.len() + 1);
            for (millis, age) in found.iter().zip(CALL) {
                let off = millis - age * 1000;
                prop_assert!(off.abs() <= age * 200, "{age} s: {millis} ms");
            }
            prop_assert_eq!(*found.last().unwrap(), 72 * 3600 * 1000);
            prop_assert_eq!(course(reference), found, "the same again");
        }
    }

    #[test]
    fn what_began_together_is_not_asked_about_together() {
        let first = |_| of_call(Reference::at(at(0)), at(0), 9, at(700));
        let times: std::collections::BTreeSet<_> = (0..100).map(first).collect();
        assert!(times.len() > 60, "{}", times.len());
    }
}
