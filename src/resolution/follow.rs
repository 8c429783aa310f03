//! The second life: the processor's reports are read again and again, each from a while before the
//! last reading on, and what they say of our hand-offs is written down (gateway.md, section 4).

use super::Resolution;
use crate::clock::london;
use crate::ledger::{LedgerError, Report};
use crate::payment::{Evidence, Fact, Method, Reference, State};
use crate::processor::{NoReport, Period, Reported, Row};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// How reports are read.
#[derive(Clone, Copy, Debug)]
pub struct Following {
    /// How often.
    pub every: SignedDuration,
    /// How many days before the last reading a report begins: banks return debits days after they
    /// were due.
    pub look_back_days: u16,
}

/// What one reading brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// Rows read.
    pub rows: usize,
    /// Rows of hand-offs of ours.
    pub ours: usize,
    /// Events that were new.
    pub recorded: usize,
}

/// Why a reading did not come to its end; what it brought until then is kept.
#[derive(Debug, thiserror::Error)]
pub enum NotFollowed {
    /// The processor gave no report.
    #[error(transparent)]
    NoReport(#[from] NoReport),
    /// What it says could not be written down.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Resolution {
    /// Reads the reports that are due.
    pub async fn follow(&self, following: Following) {
        for report in Report::ALL.iter().copied() {
            let now = self.clock.now();
            let due = match self.ledger.progress(report).await {
                Ok(read) => read.is_none_or(|read| is_due(read, now, following.every)),
                Err(error) => {
                    tracing::error!(event = "follow_failed", report = report.word(), reason = %error);
                    continue;
                }
            };
            if due {
                match self.read(report, following.look_back_days).await {
                    Ok(Followed { rows, ours, recorded }) => {
                        tracing::info!(
                            event = "followed",
                            report = report.word(),
                            rows,
                            ours,
                            recorded
                        );
                    }
                    Err(error) => {
                        tracing::error!(event = "follow_failed", report = report.word(), reason = %error);
                    }
                }
            }
        }
    }

    /// Reads one report, from a while before its last reading until today.
    pub async fn read(&self, report: Report, look_back_days: u16) -> Result<Followed, NotFollowed> {
        let now = self.clock.now();
        let last = london::date(now);
        let from = self.ledger.progress(report).await?.map_or(last, london::date).min(last);
        let back = i32::from(look_back_days).days();
        let first = from.checked_sub(back).unwrap_or(from);
        let (mut followed, mut is_whole) = (Followed::default(), true);
        let mut periods = vec![Period { first, last }];
        while let Some(period) = periods.pop() {
            let reported = match self.processor.report(report, period, now).await {
                Err(NoReport::TooLong) if period.first < period.last => {
                    periods.extend(halves(period));
                    continue;
                }
                other => other?,
            };
            is_whole &= reported.is_whole;
            self.take_all(report, reported, &mut followed).await?;
        }
        if is_whole {
            self.ledger.advance(report, now).await?;
        }
        Ok(followed)
    }

    /// Records what one answer says.
    async fn take_all(
        &self,
        report: Report,
        reported: Reported,
        followed: &mut Followed,
    ) -> Result<(), LedgerError> {
        let Reported { rows, unreadable, is_whole } = reported;
        if !is_whole || unreadable > 0 {
            tracing::warn!(
                event = "report_incomplete",
                report = report.word(),
                rows = rows.len(),
                unreadable
            );
        }
        followed.rows = followed.rows.saturating_add(rows.len());
        let now = self.clock.now();
        let rows = match report {
            Report::Mandates => Row::current(&rows),
            Report::Collections => rows.iter().collect(),
        };
        for row in rows {
            if let Some(reference) = row.reference {
                let recorded = self.take(reference, row.clone(), now).await?;
                followed.ours = followed.ours.saturating_add(usize::from(recorded.is_some()));
                followed.recorded = followed.recorded.saturating_add(recorded.unwrap_or(0));
            }
        }
        Ok(())
    }

    /// Records what a row says that is not known yet, and how much that was; `None` where the
    /// hand-off is not ours.
    async fn take(
        &self,
        reference: Reference,
        row: Row,
        now: Timestamp,
    ) -> Result<Option<usize>, LedgerError> {
        let Some(entry) = self.ledger.find(reference).await? else {
            tracing::debug!(event = "report_orphan", %reference);
            return Ok(None);
        };
        if entry.hand_off.asked.method != Method::DirectDebit {
            return self.flag(reference, row, now).await.map(Some);
        }
        // A mandate whose sum was changed later was still lodged with the one asked for; and a column
        // that was taken out of the report says nothing against it.
        let amount = |lodged: &Evidence| lodged.amount.or(Some(entry.hand_off.asked.amount));
        let lodged = match (entry.standing.state, row.lodged) {
            (State::Accepted, Some(lodged)) => {
                // A second mandate was not asked for here: someone must look.
                let known = entry.standing.processor_reference.as_ref();
                let second =
                    known.zip(lodged.processor_reference.as_ref()).is_some_and(|(a, b)| a != b);
                second.then_some(Evidence { amount: None, ..lodged })
            }
            (_, lodged) => lodged.map(|lodged| Evidence { amount: amount(&lodged), ..lodged }),
        };
        let newest = entry.standing.mandate().map(|happening| happening.what);
        // A mandate is reported again whenever anything of it changes; only a change of state is news.
        let news = |evidence: &Evidence| match evidence.fact {
            Fact::Development(what) if what.is_of_mandate() => newest != Some(what),
            Fact::Development(_)
            | Fact::Outcome(_)
            | Fact::Unrecognised
            | Fact::Overdue
            | Fact::NotFound
            | Fact::Pending => true,
        };
        let mut recorded: usize = 0;
        for evidence in lodged.into_iter().chain(row.development.filter(news)) {
            let new = self.record(reference, evidence, now).await?.is_some();
            recorded = recorded.saturating_add(usize::from(new));
        }
        Ok(Some(recorded))
    }
    /// Whoever knows a reference can set a mandate up under it on the processor's page: it is no
    /// outcome of a card payment, and someone must look.
    async fn flag(
        &self,
        reference: Reference,
        row: Row,
        now: Timestamp,
    ) -> Result<usize, LedgerError> {
        tracing::warn!(event = "report_differs", %reference);
        let Some(lodged) = row.lodged else { return Ok(0) };
        let unbelieved = Evidence { amount: None, ..lodged };
        Ok(usize::from(self.record(reference, unbelieved, now).await?.is_some()))
    }
}

/// A time that is still to come was set while the clock was wrong: what was read is not known.
fn is_due(read: Timestamp, now: Timestamp, every: SignedDuration) -> bool {
    read > now || now.duration_since(read) >= every
}

/// The later half first: the last is read first.
fn halves(Period { first, last }: Period) -> [Period; 2] {
    let days = last.since(first).map_or(0, |span| span.get_days());
    let middle = first.checked_add(days.div_euclid(2).days()).unwrap_or(first);
    let next = middle.checked_add(1.day()).unwrap_or(last);
    [Period { first: next, last }, Period { first, last: middle }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_in_times_to_come_is_read_again() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let due = |read, now| is_due(at(read), at(now), SignedDuration::from_hours(1));
        assert_eq!([due(0, 3599), due(0, 3600), due(1, 0)], [false, true, true]);
    }
}
