//! What our record says of a period.

use super::compare::{self, Collection, Mandate};
use super::totals::Total;
use super::{NotReconciled, Reconciliation, unsettled};
use crate::clock::london;
use crate::ledger::{Entry, LedgerError, Page, Purpose};
use crate::payment::{Fact, Method, Outcome, Reference, State};
use crate::processor::{Period, Row};
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// How many hand-offs are read at once.
const PAGE: usize = 256;
/// How many days a supporter may take over the processor's page: a hand-off opened earlier than that
/// before a period was not accepted in it.
const AT_MOST_OPEN_DAYS: i64 = 4;

/// What our record says of a period.
#[derive(Default)]
pub(super) struct Ours {
    pub(super) mandates: BTreeMap<Reference, Mandate>,
    pub(super) collections: Vec<Collection>,
    pub(super) cards: Total,
    pub(super) unsettled: Vec<Entry>,
}

impl Reconciliation {
    /// Reads the record from the end of the period back to its beginning.
    pub(super) async fn ours(&self, period: Period) -> Result<Ours, NotReconciled> {
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

    pub(super) fn is_of_this_account(&self, entry: &Entry) -> bool {
        let asked = &entry.hand_off.asked;
        asked.dialect == self.processor.dialect() && asked.mode == self.mode
    }

    async fn sort(
        &self,
        entry: &Entry,
        period: Period,
        ours: &mut Ours,
    ) -> Result<(), NotReconciled> {
        if unsettled::needs_a_person(entry, period) {
            ours.unsettled.push(entry.clone());
        }
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
                    ours.cards.add(Some(entry.hand_off.asked.amount))?;
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
    pub(super) async fn complete(&self, ours: &mut Ours, rows: &[Row]) -> Result<(), LedgerError> {
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
