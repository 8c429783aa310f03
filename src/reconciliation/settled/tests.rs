//! Movements and lines, side by side.

use super::{Movement, Pair, Sum, pairs, totals};
use crate::payment::{Amount, ProcessorText, Reference};
use crate::processor::Period;
use crate::reconciliation::NotReconciled;
use crate::reconciliation::compare::{Column, Verdict};
use crate::reconciliation::settlement::{Kind, Line};
use iso_currency::Currency;
use jiff::civil::Date;
use std::collections::BTreeMap;

const PERIOD: Period =
    Period { first: Date::constant(2026, 11, 1), last: Date::constant(2026, 11, 30) };

fn reference(id: u8) -> Reference {
    let mut bytes = [id; 16];
    bytes[6] = 0x70;
    Reference::from_bytes(&bytes).unwrap()
}

fn pounds(minor: i64) -> Amount {
    Amount::new(minor, Currency::GBP).unwrap()
}

fn ours(id: u8, kind: Kind, minor: i64, day: i8) -> Movement {
    Movement {
        reference: reference(id),
        processor_reference: ProcessorText::parse(&format!("T-{id}")),
        kind,
        amount: Some(pounds(minor)),
        on: Date::new(2026, 11, day).unwrap(),
    }
}

fn theirs(id: u8, kind: Kind, minor: i64, day: i8) -> Line {
    Line {
        number: 2,
        reference: Some(reference(id)),
        processor_reference: None,
        kind,
        amount: pounds(minor),
        on: Date::new(2026, 11, day).unwrap(),
    }
}

fn verdicts(ours: Vec<Movement>, theirs: Vec<Line>) -> Vec<(Verdict, Vec<Column>)> {
    let (pairs, _) = pairs::of(ours, theirs, &BTreeMap::new(), PERIOD);
    pairs.into_iter().map(|pair| (pair.verdict(), pair.columns)).collect()
}

const IN: Kind = Kind::Payment;
const BACK: Kind = Kind::Refund;

#[test]
fn equal_sums_belong_together_whatever_their_order_and_their_days() {
    let mine = vec![ours(1, IN, 500, 1), ours(1, IN, 700, 2), ours(2, BACK, 100, 3)];
    let lines = vec![theirs(1, IN, 700, 4), theirs(2, BACK, 100, 5), theirs(1, IN, 500, 6)];
    let all = verdicts(mine, lines);
    assert_eq!(all, vec![(Verdict::Matched, vec![]); 3]);
}

#[test]
fn what_one_side_alone_has_and_what_differs_is_told() {
    let mine = vec![ours(1, IN, 500, 1), ours(2, IN, 500, 1), ours(3, IN, 500, 1)];
    let euros = Line { amount: Amount::new(500, Currency::EUR).unwrap(), ..theirs(3, IN, 1, 1) };
    let lines = vec![theirs(1, IN, 501, 1), euros, theirs(4, IN, 500, 1), theirs(1, BACK, 500, 1)];
    assert_eq!(
        verdicts(mine, lines),
        [
            (Verdict::Different, vec![Column::Amount]),
            (Verdict::OnlyTheirs, vec![]),
            (Verdict::OnlyOurs, vec![]),
            (Verdict::Different, vec![Column::Currency]),
            (Verdict::OnlyTheirs, vec![]),
        ]
    );
}

/// A card that was charged twice under one reference is a payment too many.
#[test]
fn a_second_payment_of_one_hand_off_is_theirs_alone() {
    let lines = vec![theirs(1, IN, 500, 1), theirs(1, IN, 500, 1)];
    let all = verdicts(vec![ours(1, IN, 500, 1)], lines);
    assert_eq!(all, [(Verdict::Matched, vec![]), (Verdict::OnlyTheirs, vec![])]);
}

#[test]
fn a_line_without_our_reference_is_found_by_the_processor_s() {
    let line = Line {
        reference: None,
        processor_reference: ProcessorText::parse("T-1"),
        ..theirs(9, IN, 500, 2)
    };
    let known = BTreeMap::from([(ProcessorText::parse("T-1").unwrap(), reference(1))]);
    let mine = vec![ours(1, IN, 500, 1)];
    let (pairs, _) = pairs::of(mine.clone(), vec![line.clone()], &known, PERIOD);
    assert_eq!(pairs.iter().map(Pair::verdict).collect::<Vec<_>>(), [Verdict::Matched]);
    assert_eq!(verdicts(mine, vec![line]).len(), 2, "unknown, it is nobody's");
}

#[test]
fn another_payment_s_reference_differs_and_a_refund_has_its_own() {
    let other = ProcessorText::parse("T-77");
    let line = Line { processor_reference: other.clone(), ..theirs(1, IN, 500, 1) };
    let all = verdicts(vec![ours(1, IN, 500, 1)], vec![line]);
    assert_eq!(all, [(Verdict::Different, vec![Column::ProcessorReference])]);
    let line = Line { processor_reference: other, ..theirs(1, BACK, 500, 1) };
    let unnamed = Movement { amount: None, ..ours(1, BACK, 1, 1) };
    assert_eq!(verdicts(vec![unnamed], vec![line]), [(Verdict::Matched, vec![])]);
}

#[test]
fn what_is_of_another_time_is_counted_unless_it_belongs_to_the_period() {
    let december = |line: Line| Line { on: Date::constant(2026, 12, 2), ..line };
    let october = |own: Movement| Movement { on: Date::constant(2026, 10, 31), ..own };
    // Taken in November, settled in December; taken in October, settled in November.
    let mine = vec![ours(1, IN, 500, 30), october(ours(2, IN, 500, 1)), october(ours(3, IN, 5, 1))];
    let lines = vec![
        december(theirs(1, IN, 500, 1)),
        theirs(2, IN, 500, 1),
        december(theirs(3, IN, 5, 1)),
        december(theirs(4, IN, 500, 1)),
    ];
    let (pairs, outside) = pairs::of(mine, lines, &BTreeMap::new(), PERIOD);
    assert_eq!(pairs.iter().map(Pair::verdict).collect::<Vec<_>>(), [Verdict::Matched; 2]);
    assert_eq!(outside, 2);
}

#[test]
fn the_control_totals_are_of_each_kind_and_currency() {
    let mine = vec![ours(1, IN, 500, 1), ours(2, IN, 700, 1), ours(2, BACK, 700, 2)];
    let euros = Line { amount: Amount::new(300, Currency::EUR).unwrap(), ..theirs(4, IN, 1, 1) };
    let lines = vec![theirs(1, IN, 500, 1), theirs(2, IN, 900, 1), euros];
    let (pairs, _) = pairs::of(mine, lines, &BTreeMap::new(), PERIOD);
    let sum = |count, minor| Sum { count, minor };
    let found: Vec<_> = totals(&pairs).unwrap().into_iter().collect();
    assert_eq!(
        found,
        [
            ((IN, "EUR"), (sum(0, 0), sum(1, 300))),
            ((IN, "GBP"), (sum(2, 1200), sum(2, 1400))),
            ((BACK, "GBP"), (sum(1, 700), sum(0, 0))),
        ]
    );
}

/// Ten thousand of the greatest sum are more than 64 bits hold: that is said, and no other sum is.
#[test]
fn more_than_can_be_counted_is_refused() {
    let greatest = 999_999_999_999_999;
    let most = usize::try_from(i64::MAX / greatest).unwrap();
    let told = |count| {
        let (pairs, _) =
            pairs::of(vec![], vec![theirs(1, IN, greatest, 1); count], &BTreeMap::new(), PERIOD);
        totals(&pairs)
    };
    let sum = told(most).unwrap()[&(IN, "GBP")].1;
    assert_eq!(
        sum,
        Sum { count: most.try_into().unwrap(), minor: greatest * i64::try_from(most).unwrap() }
    );
    assert!(matches!(told(most + 1), Err(NotReconciled::TooMuch)));
}
