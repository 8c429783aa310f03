//! What keeps the ledger small: once a day what is past its time goes, and a log that grows is told of.

use super::Running;
use crate::clock::{Clock, Course, london};
use crate::config::Settings;
use crate::http::Site;
use crate::ledger::LedgerError;
use crate::ledger::purge::{self, Purged};
use jiff::SignedDuration;
use jiff::civil::Date;
use std::time::Duration;

/// How often it is looked whether there is anything to do.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// From this hour on, in London, a day's purge may begin.
const FIRST_HOUR: i8 = 3;
/// For how long the clock must have gone in step before anything goes for good: one that was wrong when
/// the machine started is set right by then.
const IN_STEP_FOR: SignedDuration = SignedDuration::from_hours(1);
/// How far jumps may have put the clock ahead: more, and what is past its time cannot be told until the
/// clock is back or somebody has started the service anew.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// How long others have their turn between two steps of a purge.
const PAUSE: Duration = Duration::from_millis(20);

/// What is kept, and how much may be.
#[derive(Clone, Copy)]
pub(super) struct Keeping {
    months: u32,
    log_bytes: u64,
}

impl Keeping {
    pub(super) const fn of(settings: &Settings) -> Self {
        Self {
            months: settings.ledger.retention_months,
            log_bytes: settings.limits.ledger_log_bytes,
        }
    }
}

impl Running {
    /// Removes what is past its time, now.
    pub async fn purge(&self) -> Result<Purged, LedgerError> {
        purge_now(&self.site, self.keeping.months).await
    }

    pub(super) fn keep_house(&self) {
        let Keeping { months, log_bytes } = self.keeping;
        self.again_and_again(move |site| async move {
            let mut purged_on = None;
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                let trusted = is_trusted(site.clock.look());
                let Some(today) = is_time(&site.clock, purged_on) else { continue };
                let Some(trusted) = trusted else { continue };
                // What was not removed today is removed tomorrow.
                purged_on = Some(today);
                if !trusted {
                    let advice = "see that the clock is right, then start the service anew";
                    tracing::error!(event = "purge_refused", reason = "clock_jumped", advice);
                    continue;
                }
                if let Err(error) = purge_now(&site, months).await {
                    tracing::error!(event = "purge_failed", reason = %error);
                }
            }
        });
        self.again_and_again(move |site| async move {
            let mut before = 0;
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                before = look_at_the_log(&site, log_bytes, before);
            }
        });
    }
}

async fn purge_now(site: &Site, months: u32) -> Result<Purged, LedgerError> {
    let first_day = purge::first_day_kept(site.clock.now(), months);
    purge::purge(&*site.hand_offs.ledger, first_day, PAUSE).await
}

/// Today in London, where its purge is still to come and its hour has.
fn is_time(clock: &Clock, purged_on: Option<Date>) -> Option<Date> {
    let now = clock.now();
    let today = london::date(now);
    let begins = london::time(today.at(FIRST_HOUR, 0, 0, 0));
    (now >= begins && purged_on != Some(today)).then_some(today)
}

/// Whether a clock that goes like this may tell what is past its time. `None` where that is yet to be
/// seen.
fn is_trusted(Course { in_step_for, ahead, .. }: Course) -> Option<bool> {
    (in_step_for >= IN_STEP_FOR).then_some(ahead <= AHEAD)
}

/// Says so once when the log passes its limit, and once when it is short again (security.md, FM-23).
fn look_at_the_log(site: &Site, most: u64, before: u64) -> u64 {
    let Some(bytes) = site.hand_offs.ledger.log_bytes() else { return before };
    site.metrics.ledger_log(bytes);
    match (before > most, bytes > most) {
        (false, true) => {
            let advice = "somebody reads in the ledger's file and does not end: find out who";
            tracing::error!(event = "ledger_log_grown", bytes, most, advice);
        }
        (true, false) => tracing::info!(event = "ledger_log_cut_back", bytes),
        (true, true) | (false, false) => {}
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumped_ahead_removes_nothing() {
        let clock = Clock::set_to("2026-12-01T04:00:00Z".parse().unwrap());
        assert_eq!(is_trusted(clock.look()), None, "it may be set right yet");
        clock.advance(SignedDuration::from_hours(1));
        assert_eq!(is_trusted(clock.look()), Some(true));
        clock.jump(SignedDuration::from_hours(24 * 400));
        assert_eq!(is_trusted(clock.look()), None);
        clock.advance(SignedDuration::from_hours(24 * 9));
        assert_eq!(is_trusted(clock.look()), Some(false), "however long it goes on");
        clock.jump(SignedDuration::from_hours(-24 * 400));
        assert_eq!(is_trusted(clock.look()), None);
        clock.advance(SignedDuration::from_hours(1));
        assert_eq!(is_trusted(clock.look()), Some(true), "set right");
    }

    #[test]
    fn a_day_is_purged_once_and_not_before_three_in_london() {
        let at = |text: &str| Clock::set_to(text.parse().unwrap());
        let day = |text: &str| Some(text.parse::<Date>().unwrap());
        assert_eq!(is_time(&at("2026-12-01T02:59:59Z"), None), None);
        assert_eq!(is_time(&at("2026-12-01T03:00:00Z"), None), day("2026-12-01"));
        assert_eq!(is_time(&at("2026-12-01T23:00:00Z"), day("2026-12-01")), None);
        assert_eq!(is_time(&at("2026-12-02T03:00:00Z"), day("2026-12-01")), day("2026-12-02"));
        assert_eq!(is_time(&at("2026-07-01T01:59:59Z"), None), None, "summer");
        assert_eq!(is_time(&at("2026-07-01T02:00:00Z"), None), day("2026-07-01"));
    }
}
