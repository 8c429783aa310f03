#![expect(clippy::arithmetic_side_effects, reason = "the sums of a test are small")]

use super::super::totals::Totals;
use super::*;
use crate::payment::{EventId, Evidence, Fact, Source};
use crate::processor::Money;
use iso_currency::Currency;
use jiff::Timestamp;
use proptest::prelude::*;

const DAY: Date = Date::constant(2026, 3, 2);

fn reference(number: i64) -> Reference {
    Reference::at(Timestamp::from_second(1_767_225_600 + number).unwrap())
}

fn pounds(minor: i64) -> Option<Amount> {
    Amount::new(minor, Currency::GBP).ok()
}

fn mine() -> Mandate {
    Mandate {
        processor_reference: ProcessorText::parse("DDR000001"),
        amount: pounds(400).unwrap(),
        frequency: Frequency::Monthly,
        is_accepted: true,
        state: Some(Development::MandateLive),
        is_amended: false,
        is_expected: true,
    }
}

fn development(what: Development) -> Evidence {
    Evidence {
        id: EventId([1; 16]),
        source: Source::Enquiry,
        fact: Fact::Development(what),
        amount: None,
        mode: None,
        processor_reference: None,
        code: None,
        occurred_at: Timestamp::UNIX_EPOCH,
    }
}

/// The row of a live mandate that is as ours.
fn live(reference: Reference) -> Row {
    Row {
        reference: Some(reference),
        processor_reference: ProcessorText::parse("DDR000001"),
        amount: pounds(400),
        frequency: Some(Frequency::Monthly),
        on: Some(DAY),
        word: "LIVE",
        money: None,
        lodged: None,
        development: Some(development(Development::MandateLive)),
    }
}

fn row(one: &Collection) -> Row {
    let (word, money, what) = match one.kind {
        Kind::Unpaid => ("UNPAID", Money::Unpaid, Development::CollectionUnpaid),
        Kind::Reclaimed => ("INDEMNITY", Money::Reclaimed, Development::ChargedBack),
        Kind::Mandate | Kind::Paid => ("PAID", Money::Paid, Development::CollectionPaid),
    };
    Row {
        amount: one.amount,
        frequency: None,
        on: Some(one.due),
        word,
        money: Some(money),
        development: Some(development(what)),
        ..live(one.reference)
    }
}

fn paid(reference: Reference) -> Collection {
    Collection { reference, due: DAY, kind: Kind::Paid, amount: pounds(400) }
}

fn verdicts(items: &[Item]) -> Vec<(Verdict, Vec<Column>)> {
    items.iter().map(|item| (item.verdict(), item.columns.clone())).collect()
}

fn of_one(mandate: Mandate, row: Row) -> (Verdict, Vec<Column>) {
    let ours = BTreeMap::from([(row.reference.unwrap(), mandate)]);
    let found = mandates(&ours, &[row]);
    assert_eq!(found.len(), 1);
    verdicts(&found).remove(0)
}

#[test]
fn each_column_of_a_mandate_that_can_differ() {
    let row = || live(reference(1));
    assert_eq!(of_one(mine(), row()), (Verdict::Matched, vec![]));
    let cancelled = || Some(development(Development::MandateCancelled));
    for (mandate, row, column) in [
        (mine(), Row { amount: pounds(500), ..row() }, Column::Amount),
        (mine(), Row { frequency: Some(Frequency::Yearly), ..row() }, Column::Frequency),
        (mine(), Row { development: cancelled(), ..row() }, Column::State),
        (Mandate { state: None, ..mine() }, row(), Column::State),
        (Mandate { is_accepted: false, ..mine() }, row(), Column::State),
        (
            mine(),
            Row { processor_reference: ProcessorText::parse("OTHER1"), ..row() },
            Column::ProcessorReference,
        ),
    ] {
        assert_eq!(of_one(mandate, row), (Verdict::Different, vec![column]));
    }
}

#[test]
fn what_a_report_leaves_out_says_nothing_against_ours() {
    let row = live(reference(1));
    let bare = Row {
        processor_reference: None,
        amount: None,
        frequency: None,
        word: "PENDING",
        development: None,
        ..row.clone()
    };
    assert_eq!(of_one(mine(), bare).0, Verdict::Matched);
    let changed = Row { amount: pounds(700), frequency: Some(Frequency::Yearly), ..row };
    let amended = Mandate { is_amended: true, ..mine() };
    assert_eq!(of_one(amended, changed).0, Verdict::Matched, "only the processor knows it now");
}

#[test]
fn a_mandate_that_one_side_has() {
    let ours = BTreeMap::from([
        (reference(1), mine()),
        (reference(2), Mandate { is_expected: false, ..mine() }),
        (reference(3), Mandate { is_accepted: false, ..mine() }),
    ]);
    let nobodys = Row { reference: None, ..live(reference(8)) };
    let found = mandates(&ours, &[live(reference(9)), nobodys]);
    let kinds: Vec<_> = found.iter().map(|item| (item.verdict(), item.reference)).collect();
    assert_eq!(
        kinds,
        [
            (Verdict::OnlyTheirs, Some(reference(9))),
            (Verdict::OnlyTheirs, None),
            (Verdict::OnlyOurs, Some(reference(1))),
        ]
        .map(|(verdict, it)| (verdict, it.map(|it| found_as(it, &found))))
    );
}

/// References are made anew each time: the one that stands for the same second.
fn found_as(reference: Reference, found: &[Item]) -> Reference {
    let same = |other: &Reference| other.made_at() == reference.made_at();
    found.iter().filter_map(|item| item.reference).find(same).unwrap()
}

#[test]
fn of_a_history_the_live_row_counts_or_else_the_newest() {
    let reference = reference(1);
    let older = Row {
        on: Some(Date::constant(2026, 1, 1)),
        development: Some(development(Development::MandateFailed)),
        ..live(reference)
    };
    let newer = Row {
        on: Some(Date::constant(2026, 4, 1)),
        word: "AMEND",
        development: None,
        ..live(reference)
    };
    let ours = BTreeMap::from([(reference, mine())]);
    for rows in [
        [older.clone(), live(reference), newer.clone()],
        [newer.clone(), older.clone(), live(reference)],
    ] {
        let found = mandates(&ours, &rows);
        assert_eq!(
            (found.len(), found[0].verdict(), found[0].on),
            (1, Verdict::Matched, Some(DAY))
        );
    }
    let found = mandates(&ours, &[older.clone(), newer]);
    assert_eq!((found.len(), found[0].verdict()), (1, Verdict::Matched), "AMEND says no state");
    assert_eq!(mandates(&ours, &[older])[0].columns, [Column::State]);
}

#[test]
fn each_way_in_which_collections_differ() {
    let one = paid(reference(1));
    let unpaid = Collection { kind: Kind::Unpaid, ..one };
    let dearer = Collection { amount: pounds(500), ..one };
    let claimed = Collection { kind: Kind::Reclaimed, ..one };
    let later = Collection { due: Date::constant(2026, 3, 3), ..one };
    let found = |ours: &[Collection], theirs: &[Collection]| {
        let rows: Vec<Row> = theirs.iter().map(row).collect();
        verdicts(&collections(ours, &rows))
    };
    let matched = || (Verdict::Matched, vec![]);
    let only_ours = || (Verdict::OnlyOurs, vec![]);
    let only_theirs = || (Verdict::OnlyTheirs, vec![]);
    let different = |columns: &[Column]| (Verdict::Different, columns.to_vec());
    assert_eq!(found(&[one], &[one]), [matched()]);
    assert_eq!(found(&[one], &[]), [only_ours()]);
    assert_eq!(found(&[], &[one]), [only_theirs()]);
    assert_eq!(found(&[one], &[one, one]), [matched(), only_theirs()], "taken twice");
    assert_eq!(found(&[one], &[unpaid]), [different(&[Column::Outcome])]);
    assert_eq!(found(&[one], &[dearer]), [different(&[Column::Amount])]);
    assert_eq!(found(&[one, claimed], &[one, claimed]), [matched(), matched()]);
    assert_eq!(found(&[one], &[one, claimed]), [matched(), only_theirs()]);
    assert_eq!(found(&[one], &[later]), [only_ours(), only_theirs()]);
    assert_eq!(found(&[one, unpaid], &[unpaid]), [matched()], "it was paid, then it came back");
}

#[test]
fn rows_that_are_not_certain_or_not_ours() {
    let one = paid(reference(1));
    let pending = Row { development: None, ..row(&one) };
    assert!(collections(&[], &[pending]).is_empty());
    let strangers = Row { reference: None, ..row(&one) };
    let found = collections(&[one], &[strangers.clone(), strangers, row(&one)]);
    let only_theirs = found.iter().filter(|it| it.verdict() == Verdict::OnlyTheirs).count();
    assert_eq!((found.len(), only_theirs), (3, 2));
}

#[test]
fn control_totals_count_each_side_by_what_it_says() {
    let one = paid(reference(1));
    let unpaid = Collection { kind: Kind::Unpaid, amount: pounds(500), ..one };
    let items = collections(&[one], &[row(&unpaid)]);
    let Totals(totals) = Totals::of(&items).unwrap();
    let seen: Vec<_> = totals
        .iter()
        .map(|both| {
            (both.kind, both.ours.count, both.ours.minor, both.theirs.count, both.theirs.minor)
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Kind::Mandate, 0, 0, 0, 0),
            (Kind::Paid, 1, 400, 0, 0),
            (Kind::Unpaid, 0, 0, 1, 500),
            (Kind::Reclaimed, 0, 0, 0, 0),
        ]
    );
}

fn any_collections() -> impl Strategy<Value = Vec<Collection>> {
    let kind = prop::sample::select(vec![Kind::Paid, Kind::Unpaid, Kind::Reclaimed]);
    let one = (0_usize..4, 1_i8..4, kind, 1_i64..4);
    let references: Vec<Reference> = (0..4).map(reference).collect();
    prop::collection::vec(one, 1..20).prop_map(move |all| {
        let each = all.into_iter().map(|(number, day, kind, minor)| Collection {
            reference: references[number],
            due: Date::constant(2026, 3, day),
            kind,
            amount: pounds(minor * 100),
        });
        each.collect()
    })
}

proptest! {
    #[test]
    fn a_report_made_from_the_record_reconciles_in_any_order(ours in any_collections(), turn in 0_usize..20) {
        let mut rows: Vec<Row> = ours.iter().map(row).collect();
        let middle = turn % rows.len();
        rows.rotate_left(middle);
        let items = collections(&ours, &rows);
        prop_assert!(items.iter().all(|item| item.verdict() == Verdict::Matched));
        prop_assert_eq!(items.len(), ours.len());
        for both in Totals::of(&items).unwrap().0 {
            prop_assert_eq!(both.ours, both.theirs);
        }
    }

    #[test]
    fn a_row_that_was_changed_or_added_or_lost_is_found(ours in any_collections(), place in 0_usize..20, how in 0_u8..5) {
        let mut rows: Vec<Row> = ours.iter().map(row).collect();
        let place = place % rows.len();
        match how {
            0 => rows[place].amount = pounds(9_999),
            1 => rows[place].reference = None,
            2 => rows.push(rows[place].clone()),
            3 => rows[place].on = Some(Date::constant(2026, 3, 9)),
            // Of what was paid and came back the record keeps both and the report the last alone.
            _ => drop(rows.remove(place)),
        }
        let lost_return = how == 4 && ours[place].kind == Kind::Paid;
        let came_back = |it: &Collection| {
            Collection { kind: Kind::Paid, ..*it } == ours[place] && it.kind == Kind::Unpaid
        };
        prop_assume!(!(lost_return && ours.iter().any(came_back)));
        let items = collections(&ours, &rows);
        prop_assert!(items.iter().any(|item| item.verdict() != Verdict::Matched));
    }
}
