use super::*;
use crate::payment::{Development, Outcome};
use proptest::prelude::*;
use proptest::sample::select;

fn any_instant() -> impl Strategy<Value = Timestamp> {
    let (first, last) = (Timestamp::MIN.as_microsecond(), Timestamp::MAX.as_microsecond());
    prop_oneof![0..2_000_000_000_000_000_i64, first..=last]
        .prop_map(|micros| instant(Cell::Integer(micros)).unwrap())
}

fn any_amount() -> impl Strategy<Value = Amount> {
    (1..=999_999_999_999_i64, select(vec![Currency::GBP, Currency::EUR, Currency::JPY]))
        .prop_map(|(minor, currency)| Amount::new(minor, currency).unwrap())
}

fn any_code() -> impl Strategy<Value = Option<Code>> {
    proptest::option::of("[A-Z][A-Za-z_-]{0,39}".prop_map(|text| Code::parse(&text).unwrap()))
}

fn any_text() -> impl Strategy<Value = Option<ProcessorText>> {
    let text = "[A-Za-z0-9._:/-]{1,64}";
    proptest::option::of(text.prop_map(|text| ProcessorText::parse(&text).unwrap()))
}

prop_compose! {
    pub(in crate::ledger) fn any_hand_off()(
        opened_at in any_instant(),
        opened_as in select(vec![State::HandedOff, State::InDoubt]),
        kind in select(Kind::ALL), method in select(Method::ALL), dialect in select(Dialect::ALL),
        mode in select(Mode::ALL), amount in any_amount(), frequency in select(Frequency::ALL),
        plan in any_code(), appeal in any_code(), gift_aid in any::<bool>(),
        own in proptest::option::of("[A-Z][A-Za-z._:/#-]{0,63}"),
    ) -> HandOff {
        HandOff {
            reference: Reference::at(opened_at),
            opened_at,
            opened_as,
            asked: Asked {
                kind, method, dialect, mode, amount, frequency, plan, appeal, gift_aid,
                merchant_reference: own.map(|text| MerchantReference::parse(&text).unwrap()),
            },
        }
    }
}

fn any_fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        select(Outcome::ALL).prop_map(Fact::Outcome),
        select(Development::ALL).prop_map(Fact::Development),
        Just(Fact::Unrecognised),
        Just(Fact::Overdue),
        Just(Fact::NotFound),
        Just(Fact::Pending),
    ]
}

prop_compose! {
    fn any_evidence()(
        id in any::<[u8; 16]>(), source in select(Source::ALL), fact in any_fact(),
        amount in proptest::option::of(any_amount()),
        mode in proptest::option::of(select(Mode::ALL)),
        processor_reference in any_text(), code in any_text(), occurred_at in any_instant(),
    ) -> Evidence {
        Evidence { id: EventId(id), source, fact, amount, mode, processor_reference, code, occurred_at }
    }
}

prop_compose! {
    pub(in crate::ledger) fn any_event()(
        sequence in 1..=i64::MAX, made_at in any_instant(),
        evidence in proptest::option::of(any_evidence()),
        states in proptest::option::of((select(State::ALL), select(State::ALL))),
        after in select(State::ALL), recorded_at in any_instant(), hash in any::<[u8; 32]>(),
    ) -> Event {
        let (before, after) = match (&evidence, states) {
            (None, _) => (None, Some(after)),
            (Some(_), states) => states.unzip(),
        };
        Event { sequence, reference: Reference::at(made_at), evidence, before, after, recorded_at, hash }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(one in any_hand_off(), other in any_event()) {
        let cells = of_hand_off(&one);
        prop_assert_eq!(hand_off(|place| cells.get(place).copied()).unwrap(), one.clone());
        let cells = of_event(&other);
        prop_assert_eq!(event(|place| cells.get(place).copied()).unwrap(), other.clone());
    }

    /// Whatever stands in a column instead, it is refused by name or read as something else that
    /// would be written just so.
    #[test]
    fn no_other_value_is_taken_for_it(
        one in any_hand_off(), other in any_event(), place in 0_usize..15,
        number in any::<i64>(), text in ".{0,20}", bytes in any::<Vec<u8>>(),
    ) {
        for value in [Cell::Null, Cell::Integer(number), Cell::Text(&text), Cell::Bytes(&bytes)] {
            let mut cells = of_event(&other);
            cells[place] = value;
            if let Ok(read) = event(|place| cells.get(place).copied()) {
                prop_assert_eq!(of_event(&read), cells);
            }
            let mut cells = of_hand_off(&one);
            cells[place % 14] = value;
            if let Ok(read) = hand_off(|place| cells.get(place).copied()) {
                prop_assert_eq!(of_hand_off(&read), cells);
            }
        }
    }

    #[test]
    fn what_cannot_be_is_named_by_its_column(one in any_hand_off(), other in any_event()) {
        for (place, column) in HAND_OFF.into_iter().enumerate() {
            let mut cells = of_hand_off(&one);
            cells[place] = Cell::Text("Pat Example");
            let refused = hand_off(|place| cells.get(place).copied()).unwrap_err();
            prop_assert_eq!(named(&refused), Some(("hand_off", column)));
        }
        for (place, column) in EVENT.into_iter().enumerate() {
            let mut cells = of_event(&other);
            cells[place] = Cell::Text("Pat Example");
            let refused = event(|place| cells.get(place).copied()).unwrap_err();
            prop_assert_eq!(named(&refused), Some(("event", column)));
        }
    }
}

fn named(error: &LedgerError) -> Option<(&'static str, &'static str)> {
    if let LedgerError::Inconsistent { table, column } = error {
        Some((table, column))
    } else {
        None
    }
}

#[test]
fn a_value_of_no_known_type_is_named_too() {
    assert_eq!(named(&hand_off(|_| None).unwrap_err()), Some(("hand_off", "reference")));
}

#[test]
fn fm_72_a_time_that_does_not_exist_is_refused() {
    assert_eq!(instant(Cell::Integer(i64::MAX)), None);
    assert_eq!(instant(Cell::Integer(i64::MIN)), None);
    for end in [Timestamp::MIN, Timestamp::MAX] {
        assert_eq!(whole(end).as_microsecond(), end.as_microsecond());
    }
}
