use super::row::tests::{any_event, any_hand_off};
use super::*;
use crate::payment::{
    Amount, Asked, Dialect, EventId, Fact, Frequency, Kind, Method, Mode, Outcome, Reference,
    Source,
};
use iso_currency::Currency;
use jiff::Timestamp;
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn hand_off() -> HandOff {
    HandOff {
        reference: Reference::from_bytes(&[0x70; 16]).unwrap(),
        opened_at: at(1),
        opened_as: State::HandedOff,
        asked: Asked {
            kind: Kind::Donate,
            method: Method::Card,
            dialect: Dialect::Signed,
            mode: Mode::Test,
            amount: Amount::new(2500, Currency::GBP).unwrap(),
            frequency: Frequency::Once,
            plan: None,
            appeal: None,
            gift_aid: true,
            merchant_reference: None,
        },
    }
}

fn notice(id: u8, outcome: Outcome) -> Evidence {
    Evidence {
        id: EventId([id; 16]),
        source: Source::Notice,
        fact: Fact::Outcome(outcome),
        amount: Some(hand_off().asked.amount),
        mode: None,
        processor_reference: None,
        code: None,
        occurred_at: at(2),
    }
}

/// An honest record: parked, opened, declined, accepted.
fn record() -> Vec<Event> {
    let of = |evidence, before, after| Event {
        sequence: 0,
        reference: hand_off().reference,
        evidence,
        before,
        after,
        recorded_at: at(3),
        hash: START,
    };
    let mut events = vec![
        of(Some(notice(1, Outcome::Cancelled)), None, None),
        of(None, None, Some(State::Cancelled)),
        of(Some(notice(2, Outcome::Declined)), Some(State::Cancelled), Some(State::Declined)),
        of(Some(notice(3, Outcome::Accepted)), Some(State::Declined), Some(State::Accepted)),
    ];
    seal(&mut events);
    events
}

/// What someone with the file and the time could do: number and hash everything anew.
fn seal(events: &mut [Event]) {
    let mut head = START;
    for (event, sequence) in events.iter_mut().zip(1..) {
        event.sequence = sequence;
        let opened = event.evidence.is_none().then(hand_off);
        event.hash = hash(&head, event, opened.as_ref());
        head = event.hash;
    }
}

fn prove(events: &[Event], rows: i64) -> Result<Verified, LedgerError> {
    let mut proof = Proof::new();
    for (place, event) in events.iter().enumerate() {
        proof.take(event, (rows > 0).then(hand_off).as_ref(), &events[..place])?;
    }
    proof.end(rows, 0)
}

fn broken_at(events: &[Event], rows: i64) -> Option<(i64, &'static str)> {
    match prove(events, rows) {
        Err(LedgerError::Broken(Break { sequence, what, .. })) => Some((sequence, what)),
        Err(_) | Ok(_) => None,
    }
}

#[test]
fn an_honest_record_is_whole() {
    let verified = prove(&record(), 1).unwrap();
    assert_eq!((verified.events, verified.hand_offs), (4, 1));
    assert_eq!(verified.head, record()[3].hash);
    let nothing = Verified { events: 0, hand_offs: 0, purged: 0, newest: None, head: START };
    assert_eq!(prove(&[], 0).unwrap(), nothing);
}

#[test]
fn a_gap_a_swap_and_a_change_are_found_where_they_begin() {
    let mut gap = record();
    gap.remove(2);
    assert_eq!(broken_at(&gap, 1), Some((3, "an event is missing")));
    let mut swapped = record();
    swapped.swap(2, 3);
    assert_eq!(broken_at(&swapped, 1), Some((3, "an event is missing")));
    let mut changed = record();
    changed[1].recorded_at = at(4);
    assert_eq!(broken_at(&changed, 1), Some((2, "its content is not what was recorded")));
}

#[test]
fn states_must_follow_from_the_evidence_even_under_good_hashes() {
    let mut events = record();
    events[3].after = Some(State::Declined);
    seal(&mut events);
    assert_eq!(broken_at(&events, 1), Some((4, "its states are not what the evidence says")));
    let mut events = record();
    events[0].before = Some(State::HandedOff);
    events[0].after = Some(State::Cancelled);
    seal(&mut events);
    assert_eq!(broken_at(&events, 1), Some((1, "its states are not what the evidence says")));
}

#[test]
fn every_hand_off_has_exactly_one_opening() {
    let mut twice = record();
    twice.push(twice[1].clone());
    seal(&mut twice);
    assert_eq!(broken_at(&twice, 1), Some((5, "a hand-off was opened twice")));
    assert_eq!(broken_at(&record(), 2), Some((5, "a hand-off has no opening")));
    assert_eq!(broken_at(&record(), 0), Some((2, "its hand-off is missing")));
}

/// Computed once by other means (Python's hashlib), from the description above alone.
#[test]
fn the_encoding_stays_what_it_is() {
    let events = record();
    assert_eq!(
        hex::encode(events[0].hash),
        "7fab86de999fad97ef977467b1bb652cca0bbfba086168f73b454d190741ee43"
    );
    assert_eq!(
        hex::encode(events[1].hash),
        "fa460f8049c28d8cbdad8bd0dced52ea9fd6e3cbafd1d682aaa750eea5a4055b"
    );
}

proptest! {
    #[test]
    fn another_column_is_another_hash(one in any_event(), two in any_event(), first in any_hand_off(), second in any_hand_off()) {
        let known = hash(&START, &one, Some(&first));
        let mut changed = one.clone();
        changed.recorded_at = two.recorded_at;
        prop_assert_eq!(hash(&START, &changed, Some(&first)) == known, changed == one);
        let mut changed = first.clone();
        changed.asked = second.asked;
        prop_assert_eq!(hash(&START, &one, Some(&changed)) == known, changed == first);
        prop_assert_ne!(hash(&START, &one, None), known);
        prop_assert_ne!(hash(&known, &one, Some(&first)), known);
    }
}
