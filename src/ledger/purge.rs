//! The end of the record's memory: what is final and older than the retention goes for good, and the
//! chain still proves whole (security.md, FM-87 and P-11).

use super::chain::Hash;
use super::row::{self, Cell, inconsistent};
use super::{Ledger, LedgerError};
use crate::clock::london;
use crate::payment::Reference;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use std::time::Duration;

/// How long an API caller's key, and the mark of a request, is kept at the least: whoever repeats a request
/// within that time is told what the first came to, and nothing is charged twice (security.md, I-5).
pub const KEPT_DAYS: i32 = 30;
/// How many hand-offs one step looks at: a few milliseconds of the writer's time.
const STEP: usize = 64;

/// Which hand-offs a step of a purge looks at, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// Those whose newest event was recorded before this, if nothing is awaited of them.
    pub before: Timestamp,
    /// Only later ones than this.
    pub after: Option<Reference>,
    /// How many at the most.
    pub limit: usize,
    /// This one and no other, nor anything parked.
    pub only: Option<Reference>,
}

/// What a purge removed, or would remove.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Hand-offs.
    pub hand_offs: u64,
    /// Their events.
    pub events: u64,
    /// Parked events, whose hand-off never appeared.
    pub parked: u64,
    /// The last hand-off that was looked at, where there are more.
    pub next: Option<Reference>,
}

/// Of a hand-off: what must be over before it may go.
pub(super) struct Last {
    pub(super) reference: Reference,
    /// When its newest event was recorded, or a request about it was sent.
    pub(super) at: i64,
    pub(super) is_awaited: bool,
}

impl Last {
    /// Of a row that begins with its reference and those two times; it stays, unless more is known.
    pub(super) fn of<'a>(cell: impl Fn(usize) -> Option<Cell<'a>>) -> Result<Self, LedgerError> {
        let number = |place| cell(place).and_then(row::integer);
        let recorded = number(1).ok_or(inconsistent("event", "recorded_at"))?;
        Ok(Self {
            reference: cell(0)
                .and_then(row::reference)
                .ok_or(inconsistent("hand_off", "reference"))?,
            at: recorded.max(number(2).unwrap_or(i64::MIN)),
            is_awaited: true,
        })
    }
}

/// Events that went, one after the other in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: i64,
    pub(super) last: i64,
    /// The last one's hash.
    pub(super) hash: Hash,
}

impl Run {
    /// Events of these places and hashes, as runs.
    pub(super) fn of(mut events: Vec<(i64, Hash)>) -> Vec<Self> {
        events.sort_unstable_by_key(|(sequence, _)| *sequence);
        let mut runs: Vec<Self> = Vec::new();
        for (sequence, hash) in events {
            match runs.last_mut() {
                Some(run) if run.last.checked_add(1) == Some(sequence) => {
                    (run.last, run.hash) = (sequence, hash);
                }
                Some(_) | None => runs.push(Self { first: sequence, last: sequence, hash }),
            }
        }
        runs
    }

    /// How many events it was.
    pub(super) const fn events(&self) -> i64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }
}

impl Past {
    /// No hand-off that ended before then has a reference as great as this: it bears an earlier time.
    pub(super) fn bound(&self) -> [u8; 16] {
        let next = self.before.as_millisecond().saturating_add(1).max(0).to_be_bytes();
        let mut bound = [0; 16];
        for (to, from) in bound.iter_mut().zip(next.into_iter().skip(2)) {
            *to = from;
        }
        bound
    }

    /// The first sixteen bytes that a looked-at reference is greater than.
    pub(super) fn start(&self) -> [u8; 16] {
        let before = |only: Reference| u128::from_be_bytes(*only.as_bytes()).saturating_sub(1);
        match (self.only, self.after) {
            (Some(only), _) => before(only).to_be_bytes(),
            (None, Some(after)) => *after.as_bytes(),
            (None, None) => [0; 16],
        }
    }

    /// Whether a hand-off that was looked at is meant.
    pub(super) fn means(&self, reference: Reference) -> bool {
        self.only.is_none_or(|only| only == reference)
    }
}

/// What happened before this day in London is past the retention.
#[must_use]
pub fn first_day_kept(now: Timestamp, months: u32) -> Date {
    let today = london::date(now);
    let span = Span::new().try_months(months).ok();
    let first = span.and_then(|span| today.checked_sub(span).ok()).unwrap_or(Date::MIN);
    first.min(last_cut_off(now))
}

/// No purge reaches further than what happened before this day: [`KEPT_DAYS`].
#[must_use]
pub fn last_cut_off(now: Timestamp) -> Date {
    let days = Span::new().try_days(KEPT_DAYS).ok();
    days.and_then(|days| london::date(now).checked_sub(days).ok()).unwrap_or(Date::MIN)
}

/// Removes what happened before a day began in London, step by step with a pause between, so that
/// others have their turn. A crash leaves what was not removed yet, and the next purge removes it.
pub async fn purge(
    ledger: &dyn Ledger,
    first_day_kept: Date,
    pause: Duration,
) -> Result<Purged, LedgerError> {
    let mut sum = Purged::default();
    let mut past = Past::until(first_day_kept);
    loop {
        sum = sum.with(ledger.purge(past).await?);
        if sum.next.is_none() {
            sum.tell(first_day_kept);
            return Ok(sum);
        }
        past.after = sum.next;
        tokio::time::sleep(pause).await;
    }
}

/// What [`purge`] would remove now.
pub async fn purgeable(ledger: &dyn Ledger, first_day_kept: Date) -> Result<Purged, LedgerError> {
    let mut sum = Purged::default();
    let mut past = Past::until(first_day_kept);
    loop {
        sum = sum.with(ledger.purgeable(past).await?);
        if sum.next.is_none() {
            return Ok(sum);
        }
        past.after = sum.next;
    }
}

/// Removes one hand-off before its time, as somebody asks to whom it leads (security.md, G-D3): if it ended
/// before that day and nothing is awaited of it.
pub async fn erase(
    ledger: &dyn Ledger,
    reference: Reference,
    first_day_kept: Date,
) -> Result<Purged, LedgerError> {
    let erased = ledger.purge(Past::only(reference, first_day_kept)).await?;
    erased.tell(first_day_kept);
    Ok(erased)
}

/// What [`erase`] would remove now.
pub async fn erasable(
    ledger: &dyn Ledger,
    reference: Reference,
    first_day_kept: Date,
) -> Result<Purged, LedgerError> {
    ledger.purgeable(Past::only(reference, first_day_kept)).await
}

impl Past {
    fn until(day: Date) -> Self {
        Self { before: london::time(day.into()), after: None, limit: STEP, only: None }
    }

    fn only(reference: Reference, day: Date) -> Self {
        Self { limit: 1, only: Some(reference), ..Self::until(day) }
    }
}

impl Purged {
    /// Whether there was nothing.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.hand_offs == 0 && self.events == 0 && self.parked == 0
    }

    /// That it was done, and how much; never what (security.md, P-11).
    fn tell(self, first_day_kept: Date) {
        let Self { hand_offs, events, parked, .. } = self;
        tracing::info!(event = "purged", audit = true, before = %first_day_kept, hand_offs, events, parked);
    }

    const fn with(self, further: Self) -> Self {
        Self {
            hand_offs: self.hand_offs.saturating_add(further.hand_offs),
            events: self.events.saturating_add(further.events),
            parked: self.parked.saturating_add(further.parked),
            next: further.next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_that_follow_one_another_are_one_run() {
        let event = |sequence: i64| (sequence, [u8::try_from(sequence).unwrap_or(0); 32]);
        let run = |first, last| Run { first, last, hash: event(last).1 };
        assert_eq!(Run::of(vec![]), []);
        let events = [7, 1, 2, 9, 8, 4].map(event).to_vec();
        assert_eq!(Run::of(events), [run(1, 2), run(4, 4), run(7, 9)]);
        assert_eq!(run(7, 9).events(), 3);
    }

    #[test]
    fn months_are_the_calendar_s() {
        let now: Timestamp = "2026-03-31T23:30:00Z".parse().unwrap_or_default();
        let day = |months| first_day_kept(now, months).to_string();
        assert_eq!(day(0), "2026-03-02", "30 days before: it is the next day in London already");
        assert_eq!(day(84), "2019-04-01");
        assert_eq!(first_day_kept(now, u32::MAX), Date::MIN);
        // February is shorter than what keys are kept for.
        let march: Timestamp = "2027-03-01T12:00:00Z".parse().unwrap_or_default();
        assert_eq!(first_day_kept(march, 1).to_string(), "2027-01-30");
        let leap: Timestamp = "2028-02-29T12:00:00Z".parse().unwrap_or_default();
        assert_eq!(first_day_kept(leap, 12).to_string(), "2027-02-28");
    }

    #[test]
    fn the_bound_is_past_every_reference_of_that_time() {
        let before: Timestamp = "2026-03-31T23:30:00.1239Z".parse().unwrap_or_default();
        let past = Past { before, after: None, limit: 1, only: None };
        assert!(*Reference::at(before).as_bytes() < past.bound());
        assert!(past.start() < past.bound());
    }
}
