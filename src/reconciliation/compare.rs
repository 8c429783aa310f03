//! The comparison itself: two lists of mandates, two lists of collections, and what is said of each
//! pair. Nothing is asked here and nothing is written.

use crate::payment::request::words;
use crate::payment::{Amount, Development, Frequency, ProcessorText, Reference};
use crate::processor::Row;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

words! {
    /// What is compared.
    Kind {
        /// A mandate.
        Mandate = "mandate",
        /// A collection that was paid.
        Paid = "paid",
        /// A collection that was returned unpaid.
        Unpaid = "unpaid",
        /// Money taken back under the Direct Debit Guarantee.
        Reclaimed = "reclaimed",
    }
}
words! {
    /// What can differ.
    Column {
        /// What is taken, or was.
        Amount = "amount",
        /// In which money.
        Currency = "currency",
        /// How often.
        Frequency = "frequency",
        /// What became of the mandate.
        State = "state",
        /// What became of the money.
        Outcome = "outcome",
        /// The processor's own reference.
        ProcessorReference = "processor_reference",
    }
}
words! {
    /// How two sides stand to one another.
    Verdict {
        /// Both have it, and it is the same.
        Matched = "matched",
        /// The processor does not have it.
        OnlyOurs = "only_ours",
        /// We do not have it.
        OnlyTheirs = "only_theirs",
        /// Both have it, and it is not the same.
        Different = "different",
    }
}

/// A mandate as our record has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mandate {
    /// The processor's reference of it.
    pub processor_reference: Option<ProcessorText>,
    /// What was asked for.
    pub amount: Amount,
    /// How often.
    pub frequency: Frequency,
    /// Whether it was lodged, as far as we know.
    pub is_accepted: bool,
    /// The newest that we know of it.
    pub state: Option<Development>,
    /// Whether it was to be amended: what it is since then only the processor knows.
    pub is_amended: bool,
    /// Whether it was lodged in the period, so that the processor must report it.
    pub is_expected: bool,
}

/// A collection as our record has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collection {
    /// Whose mandate it was collected under.
    pub reference: Reference,
    /// When it was due.
    pub due: Date,
    /// What became of it: any kind but a mandate.
    pub kind: Kind,
    /// The sum.
    pub amount: Option<Amount>,
}

/// One side of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// What it is.
    pub kind: Kind,
    /// The sum.
    pub amount: Option<Amount>,
    /// How a mandate stands; nothing before the banks have said anything.
    pub state: Option<Development>,
}

impl Side {
    /// Of a collection, or of a mandate about which nothing more is known.
    #[must_use]
    pub const fn of(kind: Kind, amount: Option<Amount>) -> Self {
        Self { kind, amount, state: None }
    }
}

/// One mandate or collection, as one side has it or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Our reference, where it bears one.
    pub reference: Option<Reference>,
    /// The processor's reference of the mandate.
    pub processor_reference: Option<ProcessorText>,
    /// When a collection was due, or a mandate last changed.
    pub on: Option<Date>,
    /// As we have it.
    pub ours: Option<Side>,
    /// As the processor has it.
    pub theirs: Option<Side>,
    /// What differs.
    pub columns: Vec<Column>,
}

impl Item {
    /// How its sides stand to one another.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match (self.ours, self.theirs) {
            (Some(_), Some(_)) if self.columns.is_empty() => Verdict::Matched,
            (Some(_), Some(_)) | (None, None) => Verdict::Different,
            (Some(_), None) => Verdict::OnlyOurs,
            (None, Some(_)) => Verdict::OnlyTheirs,
        }
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.theirs.or(self.ours).map_or(Kind::Mandate, |side| side.kind)
    }
}

/// Mandates: every row of the processor's, and every mandate of ours that it must report.
#[must_use]
pub fn mandates(ours: &BTreeMap<Reference, Mandate>, theirs: &[Row]) -> Vec<Item> {
    let mut seen = BTreeSet::new();
    let mut items = Vec::new();
    for row in Row::current(theirs) {
        let known = row.reference.and_then(|reference| Some((reference, ours.get(&reference)?)));
        seen.extend(known.map(|(reference, _)| reference));
        let known = known.map(|(_, mandate)| mandate);
        items.push(Item {
            reference: row.reference,
            processor_reference: row.processor_reference.clone(),
            on: row.on,
            ours: known.map(side),
            theirs: Some(Side { state: row.says(), ..Side::of(Kind::Mandate, row.amount) }),
            columns: known.map(|mandate| differences(mandate, row)).unwrap_or_default(),
        });
    }
    let missing = ours.iter().filter(|(reference, mandate)| {
        mandate.is_expected && mandate.is_accepted && !seen.contains(*reference)
    });
    items.extend(missing.map(|(reference, mandate)| Item {
        reference: Some(*reference),
        processor_reference: mandate.processor_reference.clone(),
        on: None,
        ours: Some(side(mandate)),
        theirs: None,
        columns: Vec::new(),
    }));
    items
}

const fn side(mandate: &Mandate) -> Side {
    Side { state: mandate.state, ..Side::of(Kind::Mandate, Some(mandate.amount)) }
}

fn differences(mandate: &Mandate, row: &Row) -> Vec<Column> {
    let kept = !mandate.is_amended;
    let amount = row.amount.is_some_and(|amount| kept && amount != mandate.amount);
    let regular = kept && mandate.frequency != Frequency::Once;
    let frequency = row.frequency.is_some_and(|it| regular && it != mandate.frequency);
    let state = row.says().is_some_and(|state| mandate.state != Some(state));
    let ids = mandate.processor_reference.as_ref().zip(row.processor_reference.as_ref());
    [
        (Column::Amount, amount),
        (Column::Frequency, frequency),
        (Column::State, state || !mandate.is_accepted),
        (Column::ProcessorReference, ids.is_some_and(|(ours, theirs)| ours != theirs)),
    ]
    .into_iter()
    .filter_map(|(column, differs)| differs.then_some(column))
    .collect()
}

/// Collections, each by its mandate and its day. Rows whose money is not certain yet are left out.
#[must_use]
pub fn collections(ours: &[Collection], theirs: &[Row]) -> Vec<Item> {
    let mut days: BTreeMap<_, (Vec<Side>, Vec<Theirs<'_>>)> = BTreeMap::new();
    for one in ours {
        let key = (Some(one.reference), Some(one.due), one.kind == Kind::Reclaimed);
        days.entry(key).or_default().0.push(Side::of(one.kind, one.amount));
    }
    for row in theirs {
        let Some(kind) = row.says().and_then(kind_of) else { continue };
        let key = (row.reference, row.on, kind == Kind::Reclaimed);
        days.entry(key).or_default().1.push((Side::of(kind, row.amount), row));
    }
    let of_a_day = |((reference, on, _), (ours, theirs))| paired(ours, theirs, (reference, on));
    days.into_iter().flat_map(of_a_day).collect()
}

/// The processor's side, and the row that says so.
type Theirs<'a> = (Side, &'a Row);

/// What a development says of a collection.
pub(super) const fn kind_of(what: Development) -> Option<Kind> {
    match what {
        Development::CollectionPaid => Some(Kind::Paid),
        Development::CollectionUnpaid => Some(Kind::Unpaid),
        Development::ChargedBack => Some(Kind::Reclaimed),
        Development::Refunded
        | Development::MandateLive
        | Development::MandateFailed
        | Development::MandateCancelled => None,
    }
}

/// The collections of one mandate and day: those that are equal first, then what is left in order.
fn paired(
    mut ours: Vec<Side>,
    theirs: Vec<Theirs<'_>>,
    (reference, on): (Option<Reference>, Option<Date>),
) -> Vec<Item> {
    let item = |ours: Option<Side>, theirs: Option<Theirs<'_>>, columns| Item {
        reference,
        processor_reference: theirs.and_then(|(_, row)| row.processor_reference.clone()),
        on,
        ours,
        theirs: theirs.map(|(side, _)| side),
        columns,
    };
    let (mut items, mut left, mut returned) = (Vec::new(), Vec::new(), Vec::new());
    for (side, row) in theirs {
        match ours.iter().position(|own| *own == side) {
            Some(place) => {
                returned.extend((side.kind == Kind::Unpaid).then_some(side.amount));
                items.push(item(Some(ours.remove(place)), Some((side, row)), Vec::new()));
            }
            None => left.push((side, row)),
        }
    }
    // What was paid and came back later is in our record twice, and in the report as it is now.
    for amount in returned {
        let before = Side::of(Kind::Paid, amount);
        if let Some(place) = ours.iter().position(|own| *own == before) {
            ours.remove(place);
        }
    }
    let mut ours = ours.into_iter();
    for (side, row) in left {
        let own = ours.next();
        let differs = |own: Side| {
            [(Column::Outcome, own.kind != side.kind), (Column::Amount, own.amount != side.amount)]
        };
        let columns = own.map(differs).into_iter().flatten();
        let columns = columns.filter_map(|(column, differs)| differs.then_some(column)).collect();
        items.push(item(own, Some((side, row)), columns));
    }
    items.extend(ours.map(|own| item(Some(own), None, Vec::new())));
    items
}

#[cfg(test)]
mod tests;
