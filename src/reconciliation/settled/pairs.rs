//! Which line belongs to which movement.

use super::{Movement, Pair, holds};
use crate::payment::{ProcessorText, Reference};
use crate::processor::Period;
use crate::reconciliation::compare::Column;
use crate::reconciliation::settlement::{Kind, Line};
use std::collections::BTreeMap;

/// The two sides of a hand-off, and what of them is left.
#[derive(Default)]
struct Sides {
    ours: Vec<Movement>,
    theirs: Vec<Line>,
}

/// Of each hand-off and kind first what is equal, then what is left, in order. A line of another day counts where something of
/// the period belongs to it, for money is settled days after it was taken; the others are counted.
pub(super) fn of(
    ours: Vec<Movement>,
    theirs: Vec<Line>,
    known: &BTreeMap<ProcessorText, Reference>,
    period: Period,
) -> (Vec<Pair>, usize) {
    let mut sides: BTreeMap<(Option<Reference>, Kind), Sides> = BTreeMap::new();
    for movement in ours {
        let key = (Some(movement.reference), movement.kind);
        sides.entry(key).or_default().ours.push(movement);
    }
    for line in theirs {
        let by_theirs = || known.get(line.processor_reference.as_ref()?).copied();
        let reference = line.reference.or_else(by_theirs);
        sides.entry((reference, line.kind)).or_default().theirs.push(line);
    }
    let (mut pairs, mut outside) = (Vec::new(), 0_usize);
    for ((_, kind), sides) in sides {
        for pair in paired(kind, sides) {
            let ours = pair.ours.as_ref().is_some_and(|it| holds(period, it.on));
            let theirs = pair.theirs.as_ref().is_some_and(|it| holds(period, it.on));
            if ours || theirs {
                pairs.push(pair);
            } else if pair.theirs.is_some() {
                outside = outside.saturating_add(1);
            }
        }
    }
    (pairs, outside)
}

fn paired(kind: Kind, Sides { mut ours, theirs }: Sides) -> Vec<Pair> {
    let (mut pairs, mut left) = (Vec::new(), Vec::new());
    for line in theirs {
        match ours.iter().position(|own| differences(own, &line).is_empty()) {
            Some(place) => {
                let own = Some(ours.remove(place));
                pairs.push(Pair { kind, ours: own, theirs: Some(line), columns: Vec::new() });
            }
            None => left.push(line),
        }
    }
    let mut ours = ours.into_iter();
    for line in left {
        let own = ours.next();
        let columns = own.as_ref().map(|own| differences(own, &line)).unwrap_or_default();
        pairs.push(Pair { kind, ours: own, theirs: Some(line), columns });
    }
    let alone = |own| Pair { kind, ours: Some(own), theirs: None, columns: Vec::new() };
    pairs.extend(ours.map(alone));
    pairs
}

/// What differs between a movement and a line. A refund has a reference of its own at the processor, and one that names no sum
/// may be of any.
fn differences(own: &Movement, line: &Line) -> Vec<Column> {
    let sums = own.amount.map(|amount| {
        (amount.minor() != line.amount.minor(), amount.currency() != line.amount.currency())
    });
    let (amount, currency) = sums.unwrap_or((false, false));
    let ids = own.processor_reference.as_ref().zip(line.processor_reference.as_ref());
    let ids = ids.filter(|_| own.kind == Kind::Payment);
    [
        (Column::Amount, amount),
        (Column::Currency, currency),
        (Column::ProcessorReference, ids.is_some_and(|(ours, theirs)| ours != theirs)),
    ]
    .into_iter()
    .filter_map(|(column, differs)| differs.then_some(column))
    .collect()
}
