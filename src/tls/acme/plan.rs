//! When an authority is asked: at two thirds of a certificate's life, and after a failure ever more
//! seldom. It is kept on disk, so that a service that is started over and over hammers nobody.

use super::super::Facts;
use backon::{BackoffBuilder as _, ExponentialBuilder};
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// After the first failure; then twice as long, and at random up to twice that. An authority such as
/// Let's Encrypt takes five failures of a name in an hour.
const FIRST: Duration = Duration::from_mins(5);
/// After the last.
const LAST: Duration = Duration::from_hours(6);
/// What an authority's Retry-After is held to: none limits by more than a week.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(8 * 24);
/// After a certificate came, at least: a clock that is wrong must not have one come after the other.
const LEAST_BETWEEN: SignedDuration = SignedDuration::from_hours(1);

/// Why a certificate is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// There is none that can be shown.
    None,
    /// It is not for all names.
    Names,
    /// Two thirds of its life are over.
    Age,
}

impl Wanted {
    /// What is wanted beside the certificate of these facts.
    pub(super) fn beside(facts: Option<&Facts>, names: &[String], now: Timestamp) -> Option<Self> {
        let Some(facts) = facts else { return Some(Self::None) };
        if !names.iter().all(|name| facts.names.iter().any(|own| own.eq_ignore_ascii_case(name))) {
            return Some(Self::Names);
        }
        (now >= due(facts)).then_some(Self::Age)
    }

    /// As it is logged.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Names => "names",
            Self::Age => "age",
        }
    }
}

/// When two thirds of its life are over.
fn due(facts: &Facts) -> Timestamp {
    let life = facts.not_after.duration_since(facts.not_before);
    let two_thirds = life.saturating_mul(2).as_secs().div_euclid(3);
    let two_thirds = SignedDuration::from_secs(two_thirds);
    facts.not_before.saturating_add(two_thirds).unwrap_or(facts.not_after)
}

/// When it may be asked again, and after how many failures in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) not_before: Option<Timestamp>,
    pub(super) failures: u32,
}

impl Plan {
    /// Whether it must wait. A time that no wait of ours reaches is of a clock that was wrong.
    pub(super) fn puts_off(&self, wanted: Wanted, now: Timestamp) -> bool {
        let Some(not_before) = self.not_before else { return false };
        let ahead = not_before.duration_since(now);
        let is_ours = ahead.is_positive() && ahead <= LONGEST_WAIT;
        // After one that came, another is put off only for its age: names may have been added since.
        is_ours && (self.failures > 0 || wanted == Wanted::Age)
    }

    /// After a failure; `wait` is what the authority asked for.
    pub(super) fn after_failure(self, now: Timestamp, wait: Option<SignedDuration>) -> Self {
        let failures = self.failures.saturating_add(1);
        let times = usize::try_from(self.failures).unwrap_or(usize::MAX);
        let delays = ExponentialBuilder::default()
            .with_min_delay(FIRST)
            .with_max_delay(LAST)
            .without_max_times()
            .with_jitter();
        let delay = delays.build().nth(times.min(64)).unwrap_or(LAST);
        let delay = SignedDuration::try_from(delay).unwrap_or(LEAST_BETWEEN);
        let wait = wait.map_or(SignedDuration::ZERO, |wait| wait.min(LONGEST_WAIT));
        Self { not_before: now.saturating_add(delay.max(wait)).ok(), failures }
    }

    /// After a certificate came that lives from one time to another.
    pub(super) fn after_success(now: Timestamp, facts: &Facts) -> Self {
        let life = facts.not_after.duration_since(facts.not_before);
        let part = SignedDuration::from_secs(life.as_secs().div_euclid(50));
        let wait = part.clamp(LEAST_BETWEEN, LONGEST_WAIT);
        Self { not_before: now.saturating_add(wait).ok(), failures: 0 }
    }

    /// For how long it waits yet, in seconds.
    pub(super) fn seconds(&self, now: Timestamp) -> i64 {
        self.not_before.map_or(0, |at| at.duration_since(now).as_secs().max(0))
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.not_before {
            Some(at) => write!(f, "{at} {}", self.failures),
            None => Ok(()),
        }
    }
}

impl FromStr for Plan {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, failures) = text.trim_end().split_once(' ').ok_or(())?;
        let not_before = at.parse().map_err(|_error| ())?;
        Ok(Self { not_before: Some(not_before), failures: failures.parse().map_err(|_error| ())? })
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "numbers of the tests' own")]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn facts(from: &str, until: &str) -> Facts {
        Facts {
            names: vec!["give.example".to_owned(), "www.give.example".to_owned()],
            not_before: at(from),
            not_after: at(until),
            key: "ECDSA",
            chain: 2,
            in_order: true,
            self_issued: false,
            chain_not_after: at(until),
        }
    }

    #[test]
    fn one_is_wanted_at_two_thirds_of_its_life_or_for_other_names_or_where_there_is_none() {
        let facts = facts("2026-09-01T00:00:00Z", "2026-11-30T00:00:00Z");
        let names = |names: &[&str]| names.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        let wanted = |own: &[&str], now| Wanted::beside(Some(&facts), &names(own), at(now));
        let noon = "2026-10-01T12:00:00Z";
        assert_eq!(wanted(&["GIVE.example"], noon), None);
        assert_eq!(wanted(&["give.example", "join.example"], noon), Some(Wanted::Names));
        assert_eq!(wanted(&["give.example"], "2026-10-30T23:59:59Z"), None);
        assert_eq!(wanted(&["give.example"], "2026-10-31T00:00:00Z"), Some(Wanted::Age));
        assert_eq!(Wanted::beside(None, &[], at(noon)), Some(Wanted::None));
    }

    #[test]
    fn failures_are_followed_by_ever_longer_waits_and_never_by_a_shorter_one_than_was_asked_for() {
        let now = at("2026-11-26T00:00:00Z");
        let mut plan = Plan::default();
        for (failure, least) in
            [300, 600, 1200, 2400, 4800, 9600, 19_200, 21_600, 21_600].into_iter().enumerate()
        {
            plan = plan.after_failure(now, None);
            let seconds = plan.seconds(now);
            assert!((least..=least * 2).contains(&seconds), "{failure}: {seconds}");
            assert!(plan.puts_off(Wanted::None, now));
            assert!(!plan.puts_off(Wanted::None, plan.not_before.unwrap()));
        }
        assert_eq!(plan.failures, 9);
        let asked =
            |hours| Plan::default().after_failure(now, Some(SignedDuration::from_hours(hours)));
        assert_eq!(asked(168).seconds(now), 168 * 3600, "a week");
        assert_eq!(asked(24 * 365).seconds(now), 8 * 24 * 3600, "not for ever");
        assert!(asked(-1).seconds(now) >= 300);
        let waits: std::collections::BTreeSet<_> = (0..20).map(|_| asked(0).seconds(now)).collect();
        assert!(waits.len() > 5, "what failed together is not tried together");
    }

    #[test]
    fn one_that_came_is_not_followed_by_another_at_once_but_for_other_names() {
        let now = at("2026-11-26T00:00:00Z");
        let of_90_days = facts("2026-09-01T00:00:00Z", "2026-11-30T00:00:00Z");
        let plan = Plan::after_success(now, &of_90_days);
        assert_eq!(plan.seconds(now), 90 * 24 * 3600 / 50);
        assert!(plan.puts_off(Wanted::Age, now) && !plan.puts_off(Wanted::Names, now));
        let of_a_day = facts("2026-11-26T00:00:00Z", "2026-11-27T00:00:00Z");
        assert_eq!(Plan::after_success(now, &of_a_day).seconds(now), 3600);
        assert_eq!(plan.to_string().parse(), Ok(plan));
        let wrong_clock = Plan { not_before: Some(at("2036-01-01T00:00:00Z")), failures: 2 };
        assert!(!wrong_clock.puts_off(Wanted::None, now));
    }
}
