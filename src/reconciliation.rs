//! Our record of a period against the processor's reports and statements of it: what both have, what
//! one has, what differs, what each side comes to, and what a person must look at.

use crate::clock::{Clock, london};
use crate::ledger::{Entry, Event, Ledger, LedgerError, Report};
use crate::payment::Mode;
use crate::processor::{NoReport, Period, Processor, Row};
use std::sync::Arc;

pub mod compare;
mod ours;
pub mod settled;
pub mod settlement;
pub mod statement;
pub mod totals;
mod unsettled;

use compare::{Item, Verdict};
use statement::Stated;
use totals::{Total, Totals};

/// Everything that a reconciliation needs.
pub struct Reconciliation {
    /// Our record.
    pub ledger: Arc<dyn Ledger>,
    /// Whom to ask.
    pub processor: Arc<Processor>,
    /// What time it is.
    pub clock: Clock,
    /// Real money or the test system: the other's hand-offs are left out.
    pub mode: Mode,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciled {
    /// Every mandate and every collection that one side has or both.
    pub items: Vec<Item>,
    /// Every statement.
    pub statements: Vec<Stated>,
    /// What each side comes to.
    pub totals: Totals,
    /// Collections of the processor's whose money is not certain yet: they are not compared.
    pub pending: usize,
    /// Cells of the reports that could not be read.
    pub unreadable: usize,
    /// Cards of ours: the processor has no report of them.
    pub cards: Total,
    /// Whether the processor has reports at all; without, nothing is compared.
    pub has_reports: bool,
    /// Messages of the period about hand-offs that we do not know.
    pub orphans: Vec<Event>,
    /// Hand-offs of the period that are in doubt or flagged, newest first.
    pub unsettled: Vec<Entry>,
}

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
pub enum NotReconciled {
    /// The period is none.
    #[error("the first day is after the last: turn --from and --to round")]
    Backwards,
    /// A saved statement is of one day.
    #[error("a statement is of one day's collections: name that day in --from and --to both")]
    NotOneDay,
    /// The processor gave no report.
    #[error("the processor's {0} cannot be had: {1}")]
    NoReport(&'static str, NoReport),
    /// A report is not all there.
    #[error("the processor's report of {0} has fewer or more rows than it says: ask again later")]
    NotWhole(&'static str),
    /// More money than there is.
    #[error("the sums are greater than can be counted: reconcile a shorter period")]
    TooMuch,
    /// The record cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Reconciled {
    /// Whether there is no difference at all, and nothing was said of what we do not know.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.unreadable == 0
            && self.orphans.is_empty()
            && self.items.iter().all(|item| item.verdict() == Verdict::Matched)
            && self.statements.iter().all(|stated| stated.disagreements.is_empty())
    }

    fn tell(&self) {
        let matched = self.items.iter().filter(|it| it.verdict() == Verdict::Matched).count();
        let (differing, statements) =
            (self.items.len().saturating_sub(matched), self.statements.len());
        let (pending, unreadable) = (self.pending, self.unreadable);
        let (orphans, unsettled) = (self.orphans.len(), self.unsettled.len());
        tracing::info!(
            event = "reconciled",
            matched,
            differing,
            statements,
            pending,
            unreadable,
            orphans,
            unsettled
        );
    }
}

/// What the processor's reports say of it.
#[derive(Default)]
struct Theirs {
    mandates: Vec<Row>,
    collections: Vec<Row>,
    unreadable: usize,
}

impl Reconciliation {
    /// Compares a period. A saved statement stands in for those that would be asked for.
    pub async fn reconcile(
        &self,
        period: Period,
        saved: Option<&[u8]>,
    ) -> Result<Reconciled, NotReconciled> {
        if period.first > period.last {
            return Err(NotReconciled::Backwards);
        }
        if saved.is_some() && period.first != period.last {
            return Err(NotReconciled::NotOneDay);
        }
        let (theirs, has_reports) = match self.theirs(period).await {
            // A saved statement cannot be of a processor that makes none.
            Err(NotReconciled::NoReport(_, NoReport::Impossible)) if saved.is_none() => {
                (Theirs::default(), false)
            }
            theirs => (theirs?, true),
        };
        let statements = self.statements(period, saved, &theirs.collections).await?;
        let mut ours = self.ours(period).await?;
        self.complete(&mut ours, &theirs.mandates).await?;
        let mut items = Vec::new();
        if has_reports {
            items = compare::mandates(&ours.mandates, &theirs.mandates);
            items.extend(compare::collections(&ours.collections, &theirs.collections));
        }
        let found = Reconciled {
            totals: Totals::of(&items)?,
            items,
            statements,
            pending: theirs.collections.iter().filter(|row| row.development.is_none()).count(),
            unreadable: theirs.unreadable,
            cards: ours.cards,
            has_reports,
            orphans: unsettled::orphans(&*self.ledger, period).await?,
            unsettled: ours.unsettled,
        };
        found.tell();
        Ok(found)
    }

    async fn theirs(&self, period: Period) -> Result<Theirs, NotReconciled> {
        let mut theirs = Theirs::default();
        for part in months(period) {
            for report in Report::ALL.iter().copied() {
                let now = self.clock.now();
                let found = self.processor.report(report, part, now).await;
                let found = found.map_err(|why| NotReconciled::NoReport(report.word(), why))?;
                if !found.is_whole {
                    return Err(NotReconciled::NotWhole(report.word()));
                }
                theirs.unreadable = theirs.unreadable.saturating_add(found.unreadable);
                match report {
                    Report::Mandates => theirs.mandates.extend(found.rows),
                    Report::Collections => theirs.collections.extend(found.rows),
                }
            }
        }
        Ok(theirs)
    }

    async fn statements(
        &self,
        period: Period,
        saved: Option<&[u8]>,
        rows: &[Row],
    ) -> Result<Vec<Stated>, NotReconciled> {
        let now = self.clock.now();
        let today = london::date(now);
        let no_report = |why| NotReconciled::NoReport("statement", why);
        if let Some(saved) = saved {
            let found = self.processor.saved_statement(saved, now).map_err(no_report)?;
            return Ok(vec![statement::look(period.first, Some(&found), rows, today)]);
        }
        let mut looked = Vec::new();
        for day in statement::days(rows) {
            let now = self.clock.now();
            let found = self.processor.statement(day, now).await.map_err(no_report)?;
            looked.push(statement::look(day, found.as_ref(), rows, today));
        }
        Ok(looked)
    }
}

/// A period month by month, as production asks: a long report takes long, and has a limit.
fn months(period: Period) -> Vec<Period> {
    let (mut parts, mut first) = (Vec::new(), period.first);
    while first <= period.last {
        let last = first.last_of_month().min(period.last);
        parts.push(Period { first, last });
        match last.tomorrow() {
            Ok(next) => first = next,
            Err(_) => break,
        }
    }
    parts
}
