//! Our record of a period against a settlement statement: card payments, collections and what went back, one by one.

use super::compare::{Column, Verdict};
use super::settlement::{Kind, Line, Settlement};
use super::{NotReconciled, Reconciliation, unsettled};
use crate::clock::london;
use crate::ledger::{Chained, Chapter, Entry, Event};
use crate::payment::{Amount, Development, Method, ProcessorText, Reference, State};
use crate::processor::Period;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

mod pairs;
#[cfg(test)]
mod tests;

/// How many hand-offs are read at once.
const PART: usize = 256;

/// Money that moved, as our record has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Whose.
    pub reference: Reference,
    /// The processor's reference of the payment.
    pub processor_reference: Option<ProcessorText>,
    /// In or back.
    pub kind: Kind,
    /// The sum; nothing where what was told of a refund names none.
    pub amount: Option<Amount>,
    /// The day, by the processor's clock.
    pub on: Date,
}

/// A movement of ours, a line of theirs, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// In or back.
    pub kind: Kind,
    /// As we have it.
    pub ours: Option<Movement>,
    /// As the statement has it.
    pub theirs: Option<Line>,
    /// What differs.
    pub columns: Vec<Column>,
}

/// What each side comes to, of one kind and currency, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub count: u64,
    /// What they come to.
    pub minor: i64,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Every movement and every line of the period, one side's or both's.
    pub pairs: Vec<Pair>,
    /// By kind and currency: ours, theirs.
    pub totals: BTreeMap<(Kind, &'static str), (Sum, Sum)>,
    /// Lines of other days that belong to nothing of the period.
    pub outside: usize,
    /// Lines that were passed over by their word.
    pub ignored: usize,
    /// Messages of the period about hand-offs that we do not know.
    pub orphans: Vec<Event>,
    /// Hand-offs of the period that are in doubt or flagged, oldest first.
    pub unsettled: Vec<Entry>,
}

impl Pair {
    /// How its sides stand to one another.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match (&self.ours, &self.theirs) {
            (Some(_), Some(_)) if self.columns.is_empty() => Verdict::Matched,
            (Some(_), Some(_)) | (None, None) => Verdict::Different,
            (Some(_), None) => Verdict::OnlyOurs,
            (None, Some(_)) => Verdict::OnlyTheirs,
        }
    }
}

impl Settled {
    /// What moved by our record, held against a statement. `known` says whose a processor's reference is.
    pub fn of(
        ours: Vec<Movement>,
        settlement: Settlement,
        known: &BTreeMap<ProcessorText, Reference>,
        period: Period,
    ) -> Result<Self, NotReconciled> {
        let (pairs, outside) = pairs::of(ours, settlement.lines, known, period);
        let (totals, ignored) = (totals(&pairs)?, settlement.ignored);
        Ok(Self { pairs, totals, outside, ignored, ..Self::default() })
    }

    /// Whether there is no difference at all, and nothing was said of what we do not know.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.orphans.is_empty() && self.pairs.iter().all(|it| it.verdict() == Verdict::Matched)
    }

    fn tell(&self) {
        let matched = self.pairs.iter().filter(|it| it.verdict() == Verdict::Matched).count();
        let differing = self.pairs.len().saturating_sub(matched);
        let (statements, pending, unreadable) = (1, 0, 0);
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

impl Sum {
    fn add(&mut self, amount: Option<Amount>) -> Result<(), NotReconciled> {
        self.count = self.count.saturating_add(1);
        let sum = self.minor.checked_add(amount.map_or(0, Amount::minor));
        self.minor = sum.ok_or(NotReconciled::TooMuch)?;
        Ok(())
    }
}

impl Reconciliation {
    /// Compares a period with a settlement statement. Nobody is asked.
    pub async fn settle(
        &self,
        period: Period,
        settlement: Settlement,
    ) -> Result<Settled, NotReconciled> {
        if period.first > period.last {
            return Err(NotReconciled::Backwards);
        }
        let named = Named::of(&settlement.lines);
        let (mut ours, mut known) = (Vec::new(), BTreeMap::new());
        let mut unsettled = Vec::new();
        let mut chapter = Chapter {
            heads: self.ledger.heads().await?.into(),
            after: [0; 16],
            before: [u8::MAX; 16],
            limit: PART,
        };
        loop {
            let leaf = self.ledger.chapter(chapter.clone()).await?;
            for told in leaf.hand_offs.iter().filter(|told| self.is_of_this_account(&told.entry)) {
                if unsettled::needs_a_person(&told.entry, period) {
                    unsettled.push(told.entry.clone());
                }
                named.note(&told.entry, &mut known);
                let is_named = named.names(&told.entry);
                let within = |it: &Movement| is_named || holds(period, it.on);
                ours.extend(movements(told).into_iter().filter(within));
            }
            match leaf.next {
                Some(last) => chapter.after = *last.as_bytes(),
                None => break,
            }
        }
        let orphans = unsettled::orphans(&*self.ledger, period).await?;
        let found =
            Settled { orphans, unsettled, ..Settled::of(ours, settlement, &known, period)? };
        found.tell();
        Ok(found)
    }
}

fn holds(period: Period, day: Date) -> bool {
    (period.first..=period.last).contains(&day)
}

/// What the lines of a statement name.
struct Named {
    references: BTreeSet<Reference>,
    theirs: BTreeSet<ProcessorText>,
}

impl Named {
    fn of(lines: &[Line]) -> Self {
        Self {
            references: lines.iter().filter_map(|line| line.reference).collect(),
            theirs: lines.iter().filter_map(|line| line.processor_reference.clone()).collect(),
        }
    }

    fn names(&self, entry: &Entry) -> bool {
        self.references.contains(&entry.hand_off.reference)
            || entry
                .standing
                .processor_reference
                .as_ref()
                .is_some_and(|it| self.theirs.contains(it))
    }

    /// Whose a processor's reference is, of those that the statement names.
    fn note(&self, entry: &Entry, known: &mut BTreeMap<ProcessorText, Reference>) {
        if let Some(theirs) = &entry.standing.processor_reference
            && self.theirs.contains(theirs)
        {
            known.insert(theirs.clone(), entry.hand_off.reference);
        }
    }
}

/// The money of a hand-off that moved: a card's payment when it was accepted, a mandate's collections, and whatever
/// went back. A collection that came back unpaid moved only where it had been paid before.
fn movements(told: &Chained) -> Vec<Movement> {
    let (hand_off, standing) = (&told.entry.hand_off, &told.entry.standing);
    let asked = &hand_off.asked;
    let movement = |kind, amount, at| Movement {
        reference: hand_off.reference,
        processor_reference: standing.processor_reference.clone(),
        kind,
        amount,
        on: london::date(at),
    };
    let mut moved = Vec::new();
    if asked.method == Method::Card && standing.state == State::Accepted {
        let at = told.settled_at.unwrap_or(told.entry.changed_at);
        moved.push(movement(Kind::Payment, Some(asked.amount), at));
    }
    let mut paid = 0_usize;
    for happening in &standing.developments {
        let kind = match happening.what {
            Development::CollectionPaid => {
                paid = paid.saturating_add(1);
                Kind::Payment
            }
            Development::CollectionUnpaid if paid > 0 => {
                paid = paid.saturating_sub(1);
                Kind::Refund
            }
            Development::Refunded | Development::ChargedBack => Kind::Refund,
            Development::CollectionUnpaid
            | Development::MandateLive
            | Development::MandateFailed
            | Development::MandateCancelled => continue,
        };
        moved.push(movement(kind, happening.amount, happening.at));
    }
    moved
}

type Totals = BTreeMap<(Kind, &'static str), (Sum, Sum)>;

fn totals(pairs: &[Pair]) -> Result<Totals, NotReconciled> {
    let mut totals = Totals::new();
    for pair in pairs {
        // A refund that names no sum is counted under the currency of its line.
        let theirs = pair.theirs.as_ref().map(|line| line.amount);
        if let Some(ours) = &pair.ours
            && let Some(amount) = ours.amount.or(theirs)
        {
            totals.entry((pair.kind, amount.currency().code())).or_default().0.add(ours.amount)?;
        }
        if let Some(amount) = theirs {
            totals.entry((pair.kind, amount.currency().code())).or_default().1.add(theirs)?;
        }
    }
    Ok(totals)
}
