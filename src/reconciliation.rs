//! Our record of a period against the processor's reports and statements of it: what both have, what
//! one has, what differs, and what each side comes to.

use crate::clock::{Clock, london};
use crate::ledger::{Entry, Ledger, LedgerError, Page, Purpose, Report};
use crate::payment::{Fact, Method, Mode, Outcome, Reference, State};
use crate::processor::{NoReport, Period, Processor, Row};
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

pub mod compare;
pub mod statement;
pub mod totals;

use compare::{Collection, Item, Mandate, Verdict};
use statement::Stated;
use totals::{Total, Totals};

/// How many hand-offs are read at once.
const PAGE: usize = 256;
/// How many days a supporter may take over the processor's page: a hand-off opened earlier than that
/// before a period was not accepted in it.
const AT_MOST_OPEN_DAYS: i64 = 4;

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
    /// The record cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Reconciled {
    /// Whether there is no difference at all.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.unreadable == 0
            && self.items.iter().all(|item| item.verdict() == Verdict::Matched)
            && self.statements.iter().all(|stated| stated.disagreements.is_empty())
    }

    fn tell(&self) {
        let matched = self.items.iter().filter(|it| it.verdict() == Verdict::Matched).count();
        let (differing, statements) =
            (self.items.len().saturating_sub(matched), self.statements.len());
        let (pending, unreadable) = (self.pending, self.unreadable);
        tracing::info!(event = "reconciled", matched, differing, statements, pending, unreadable);
    }
}

/// What our record says of a period.
#[derive(Default)]
struct Ours {
    mandates: BTreeMap<Reference, Mandate>,
    collections: Vec<Collection>,
    cards: Total,
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
        let theirs = self.theirs(period).await?;
        let statements = self.statements(period, saved, &theirs.collections).await?;
        let mut ours = self.ours(period).await?;
        self.complete(&mut ours, &theirs.mandates).await?;
        let mut items = compare::mandates(&ours.mandates, &theirs.mandates);
        items.extend(compare::collections(&ours.collections, &theirs.collections));
        let pending = theirs.collections.iter().filter(|row| row.development.is_none()).count();
        let (totals, unreadable, cards) = (Totals::of(&items), theirs.unreadable, ours.cards);
        let found = Reconciled { items, statements, totals, pending, unreadable, cards };
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

    /// Reads the record from the end of the period back to its beginning.
    async fn ours(&self, period: Period) -> Result<Ours, NotReconciled> {
        let mut ours = Ours::default();
        let end = period.last.checked_add(2.days()).unwrap_or(period.last);
        let mut before = Some(Reference::at(london::time(end.into())));
        loop {
            let page = Page { before, limit: PAGE, ..Page::default() };
            let entries = self.ledger.list(page).await?;
            let Some(oldest) = entries.last() else { return Ok(ours) };
            before = Some(oldest.hand_off.reference);
            for entry in &entries {
                if self.is_of_this_account(entry) {
                    self.sort(entry, period, &mut ours).await?;
                }
            }
        }
    }

    fn is_of_this_account(&self, entry: &Entry) -> bool {
        let asked = &entry.hand_off.asked;
        asked.dialect == self.processor.dialect() && asked.mode == self.mode
    }

    async fn sort(
        &self,
        entry: &Entry,
        period: Period,
        ours: &mut Ours,
    ) -> Result<(), NotReconciled> {
        let within = |day: Date| (period.first..=period.last).contains(&day);
        let reference = entry.hand_off.reference;
        let opened = london::date(entry.hand_off.opened_at);
        let near =
            opened.checked_add(AT_MOST_OPEN_DAYS.days()).is_ok_and(|day| day >= period.first);
        let new = near
            && entry.standing.state == State::Accepted
            && self.accepted_on(reference).await?.is_some_and(within);
        match entry.hand_off.asked.method {
            Method::Card => {
                if new {
                    ours.cards.add(Some(entry.hand_off.asked.amount));
                }
            }
            Method::DirectDebit => {
                if new {
                    ours.mandates.insert(reference, mandate(entry, Expected::Yes));
                }
                let each = entry.standing.developments.iter().filter_map(|it| {
                    let (due, kind) = (london::date(it.at), compare::kind_of(it.what)?);
                    Some(Collection { reference, due, kind, amount: it.amount })
                });
                ours.collections.extend(each.filter(|one| within(one.due)));
            }
        }
        Ok(())
    }

    /// The day a hand-off was accepted on.
    async fn accepted_on(&self, reference: Reference) -> Result<Option<Date>, LedgerError> {
        let events = self.ledger.history(reference).await?;
        let mut known = events.into_iter().filter_map(|event| event.evidence);
        let accepted = known.find(|it| it.fact == Fact::Outcome(Outcome::Accepted));
        Ok(accepted.map(|it| london::date(it.occurred_at)))
    }

    /// Looks up every mandate that the processor names: older ones are reported when they change.
    async fn complete(&self, ours: &mut Ours, rows: &[Row]) -> Result<(), LedgerError> {
        for reference in rows.iter().filter_map(|row| row.reference) {
            if !ours.mandates.contains_key(&reference)
                && let Some(entry) = self.ledger.find(reference).await?
                && self.is_of_this_account(&entry)
                && entry.hand_off.asked.method == Method::DirectDebit
            {
                ours.mandates.insert(reference, mandate(&entry, Expected::No));
            }
            if let Some(known) = ours.mandates.get_mut(&reference) {
                let traces = self.ledger.traces(reference).await?;
                known.is_amended = traces.iter().any(|trace| trace.purpose == Purpose::Amend);
            }
        }
        Ok(())
    }
}

/// Whether the processor must report a mandate.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Yes,
    No,
}

fn mandate(entry: &Entry, expected: Expected) -> Mandate {
    let (asked, standing) = (&entry.hand_off.asked, &entry.standing);
    Mandate {
        processor_reference: standing.processor_reference.clone(),
        amount: asked.amount,
        frequency: asked.frequency,
        is_accepted: standing.state == State::Accepted,
        state: standing.mandate().map(|newest| newest.what),
        is_amended: false,
        is_expected: expected == Expected::Yes,
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
