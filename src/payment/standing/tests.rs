use super::*;
use crate::payment::{Dialect, Frequency, Kind, Method, Mode, Source};
use iso_currency::Currency;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn asked() -> Asked {
    Asked {
        kind: Kind::Donate,
        method: Method::Card,
        dialect: Dialect::Signed,
        mode: Mode::Test,
        amount: Amount::new(2500, Currency::GBP).unwrap(),
        frequency: Frequency::Once,
        plan: None,
        appeal: None,
        gift_aid: false,
        merchant_reference: None,
    }
}

fn said(outcome: Outcome, second: i64) -> Evidence {
    Evidence {
        id: EventId([u8::try_from(second).unwrap(); 16]),
        source: Source::Notice,
        fact: Fact::Outcome(outcome),
        amount: Some(asked().amount),
        mode: Some(Mode::Test),
        processor_reference: ProcessorText::parse("P1"),
        code: None,
        occurred_at: Timestamp::from_second(second).unwrap(),
    }
}

fn stands(evidence: &[Evidence]) -> (State, Vec<Flag>) {
    let standing = judge(State::HandedOff, &asked(), evidence);
    (standing.state, standing.attention.into_iter().collect())
}

#[test]
fn nothing_known_is_where_it_was_opened() {
    assert_eq!(stands(&[]), (State::HandedOff, vec![]));
    assert_eq!(judge(State::InDoubt, &asked(), &[]).state, State::InDoubt);
}

#[test]
fn fm_60_another_card_under_the_same_reference_is_no_contradiction() {
    assert_eq!(
        stands(&[said(Outcome::Declined, 1), said(Outcome::Accepted, 2)]),
        (State::Accepted, vec![])
    );
}

#[test]
fn fm_59_a_refusal_after_the_money_is_flagged_and_changes_nothing() {
    let evidence = [said(Outcome::Accepted, 1), said(Outcome::Declined, 2)];
    assert_eq!(stands(&evidence), (State::Accepted, vec![Flag::Contradiction]));
}

/// What befalls only what was taken, and a word that nobody here knows, beside "not taken".
#[test]
fn a_17_not_taken_is_not_said_against_a_word_that_says_otherwise() {
    let fact = |fact| Evidence { fact, ..said(Outcome::Declined, 2) };
    let paid = fact(Fact::Development(Development::CollectionPaid));
    let ended = fact(Fact::Development(Development::MandateCancelled));
    for not_taken in [Outcome::Declined, Outcome::Cancelled, Outcome::Lapsed] {
        let first = said(not_taken, 1);
        for (other, clear) in
            [(&paid, false), (&fact(Fact::Unrecognised), false), (&ended, true), (&first, true)]
        {
            let standing = judge(State::HandedOff, &asked(), &[first.clone(), other.clone()]);
            assert_eq!(standing.state, State::of(not_taken));
            assert_eq!(standing.is_not_taken(), clear, "{other:?}");
            assert_eq!(standing.attention.contains(&Flag::Contradiction), !clear, "{other:?}");
        }
        let sum = Amount::new(2600, Currency::GBP).unwrap();
        let wrong = Evidence { amount: Some(sum), ..said(Outcome::Accepted, 3) };
        assert!(!judge(State::HandedOff, &asked(), &[first, wrong]).is_not_taken());
    }
    let accepted = judge(State::HandedOff, &asked(), &[said(Outcome::Accepted, 1), paid]);
    assert_eq!((accepted.is_disputed(), accepted.is_not_taken()), (false, false));
}

/// A local stamp in the hour that comes twice may be read an hour wrong, for each message apart: the
/// state is the same whichever hour was meant and whatever order they came in. A flag at most differs.
#[test]
fn fm_71_an_hour_read_wrongly_changes_no_state() {
    let outcomes = [Outcome::Lapsed, Outcome::Cancelled, Outcome::Declined, Outcome::Accepted];
    for one in outcomes {
        for other in outcomes {
            let mut states = BTreeSet::new();
            for (first, second) in [(0, 0), (0, 60), (60, 0), (60, 60)] {
                let told = [said(one, 10 + first), said(other, 20 + second)];
                let [early, late] = told.clone();
                states.insert(stands(&told).0.word());
                states.insert(stands(&[late, early]).0.word());
            }
            assert_eq!(states.len(), 1, "{one:?} {other:?}: {states:?}");
        }
    }
}

#[test]
fn fm_58_money_after_it_lapsed_is_accepted_and_flagged() {
    let evidence = [said(Outcome::Lapsed, 1), said(Outcome::Accepted, 2)];
    assert_eq!(stands(&evidence), (State::Accepted, vec![Flag::Contradiction]));
}

/// The processor may say the same again, and two things at once; only what it dates backwards is odd.
#[test]
fn what_is_said_twice_or_at_once_is_no_contradiction() {
    let twice = [said(Outcome::Accepted, 1), said(Outcome::Accepted, 2)];
    assert_eq!(stands(&twice), (State::Accepted, vec![]));
    let at_once = [said(Outcome::Declined, 1), said(Outcome::Accepted, 1)];
    assert_eq!(stands(&at_once), (State::Accepted, vec![]));
}

/// A call is answered once: there is no other card to try.
#[test]
fn a_call_that_was_refused_and_taken_is_flagged() {
    for (refused, taken) in [(1, 2), (2, 1)] {
        let evidence = [said(Outcome::Declined, refused), said(Outcome::Accepted, taken)];
        let standing = judge(State::InDoubt, &asked(), &evidence);
        assert_eq!(standing.state, State::Accepted);
        assert!(standing.attention.contains(&Flag::Contradiction), "{refused} {taken}");
    }
}

#[test]
fn two_charges_under_one_reference_are_flagged() {
    let mut second = said(Outcome::Accepted, 2);
    second.processor_reference = ProcessorText::parse("P2");
    assert_eq!(
        stands(&[said(Outcome::Accepted, 1), second]),
        (State::Accepted, vec![Flag::Contradiction])
    );
}

#[test]
fn fm_44_a_13_a_14_another_sum_currency_or_mode_moves_nothing() {
    let mut sum = said(Outcome::Accepted, 1);
    sum.amount = Amount::new(2501, Currency::GBP).ok();
    let mut currency = said(Outcome::Accepted, 2);
    currency.amount = Amount::new(2500, Currency::EUR).ok();
    let mut mode = said(Outcome::Accepted, 3);
    mode.mode = Some(Mode::Live);
    let mut none = said(Outcome::Accepted, 4);
    none.amount = None;
    for wrong in [sum, currency, mode, none] {
        assert_eq!(stands(&[wrong]), (State::HandedOff, vec![Flag::Mismatch]));
    }
}

#[test]
fn overdue_is_flagged_only_while_nothing_is_known() {
    let mut overdue = said(Outcome::Lapsed, 9);
    overdue.fact = Fact::Overdue;
    overdue.source = Source::Clock;
    assert_eq!(
        stands(std::slice::from_ref(&overdue)),
        (State::HandedOff, vec![Flag::HandOffOverdue])
    );
    assert_eq!(stands(&[overdue, said(Outcome::Accepted, 3)]), (State::Accepted, vec![]));
}

/// What a person found counts like a word of the processor's; where the two differ, someone must look.
#[test]
fn fm_53_what_a_person_found_and_the_processor_says_otherwise_is_flagged() {
    let found = |outcome| Evidence {
        source: Source::Person,
        processor_reference: None,
        ..said(outcome, 5)
    };
    for opened_as in [State::InDoubt, State::HandedOff] {
        for person in Outcome::ALL.iter().copied() {
            let alone = judge(opened_as, &asked(), &[found(person)]);
            assert_eq!((alone.state, alone.attention.len()), (State::of(person), 0));
            for (processor, second) in
                Outcome::ALL.iter().flat_map(|outcome| [(*outcome, 3), (*outcome, 7)])
            {
                let both = judge(opened_as, &asked(), &[found(person), said(processor, second)]);
                assert_eq!(both.state, State::of(person.max(processor)));
                let flagged = both.attention.contains(&Flag::Contradiction);
                // Where nothing was known for certain before, a person may find more.
                let more = processor == Outcome::Lapsed && second < 5 && person < Outcome::Accepted;
                let agreed = person == processor || more;
                assert_eq!(flagged, !agreed, "{person:?} {processor:?} {second}");
            }
        }
    }
}

/// What says nothing about the end moves nothing.
#[test]
fn an_unknown_or_pending_reference_moves_nothing() {
    for fact in [Fact::NotFound, Fact::Pending] {
        let heard = Evidence { fact, amount: None, ..said(Outcome::Lapsed, 1) };
        let standing = judge(State::InDoubt, &asked(), &[heard]);
        assert_eq!((standing.state, standing.attention.len()), (State::InDoubt, 0));
    }
}

/// Before an outcome is known, neither an unknown word nor a second life says anything against it; two of
/// a kind beside "not taken" do not cancel out.
#[test]
fn a_17_what_is_not_known_yet_is_not_disputed() {
    let fact = |fact, second| Evidence { fact, ..said(Outcome::Declined, second) };
    let strange = fact(Fact::Unrecognised, 2);
    assert_eq!(stands(&[strange]), (State::HandedOff, vec![]));
    let paid = |second| fact(Fact::Development(Development::CollectionPaid), second);
    let evidence = [said(Outcome::Declined, 1), paid(2), paid(3)];
    assert_eq!(stands(&evidence), (State::Declined, vec![Flag::Contradiction]));
    let nothing = Standing::of(State::HandedOff);
    assert!(!nothing.is_not_taken() && !nothing.is_disputed());
}

#[test]
fn only_the_hosted_page_lets_a_supporter_try_again() {
    for state in State::ALL.iter().copied() {
        let open = [State::HandedOff, State::InDoubt].contains(&state);
        assert_eq!(state.is_concluded(), !open);
        assert_eq!(state.can_still_rise(State::InDoubt), open, "{state:?}");
        let may_try_again = state != State::Accepted;
        assert_eq!(state.can_still_rise(State::HandedOff), may_try_again, "{state:?}");
    }
}

#[test]
fn the_newest_word_about_a_mandate_is_what_stands() {
    let happened = |what, second| Evidence {
        fact: Fact::Development(what),
        code: ProcessorText::parse("C1"),
        ..said(Outcome::Accepted, second)
    };
    let ended = happened(Development::MandateCancelled, 4);
    let live = happened(Development::MandateLive, 2);
    let paid = happened(Development::CollectionPaid, 5);
    let standing =
        judge(State::HandedOff, &asked(), &[said(Outcome::Accepted, 1), ended, live, paid]);
    let newest = standing.mandate().unwrap();
    assert_eq!((newest.what, newest.at.as_second()), (Development::MandateCancelled, 4));
    assert_eq!(
        (newest.amount, newest.code.clone()),
        (Some(asked().amount), ProcessorText::parse("C1"))
    );
    assert_eq!(Standing::of(State::HandedOff).mandate(), None);
    let of_mandates = Development::ALL.iter().filter(|what| what.is_of_mandate()).count();
    assert_eq!(of_mandates, 3);
}

fn any_evidence() -> impl Strategy<Value = Evidence> {
    let fact = prop_oneof![
        proptest::sample::select(Outcome::ALL).prop_map(Fact::Outcome),
        proptest::sample::select(Development::ALL).prop_map(Fact::Development),
        Just(Fact::Unrecognised),
        Just(Fact::Overdue),
        Just(Fact::NotFound),
        Just(Fact::Pending),
    ];
    let source = proptest::sample::select(Source::ALL);
    (fact, source, 0_u8..6, 0_i64..4, 0_u8..2, 2499_i64..2501).prop_map(
        |(fact, source, id, second, reference, minor)| Evidence {
            id: EventId([id; 16]),
            source,
            fact,
            amount: Amount::new(minor, Currency::GBP).ok(),
            mode: None,
            processor_reference: ProcessorText::parse(&format!("P{reference}")),
            code: ProcessorText::parse(&format!("C{second}")),
            occurred_at: Timestamp::from_second(second).unwrap(),
        },
    )
}

proptest! {
    /// A set of messages, each id with one content, in two orders and with repeats.
    #[test]
    fn any_order_and_any_repeats_give_one_standing(
        (first, second) in proptest::collection::vec(any_evidence(), 0..7).prop_flat_map(|all| {
            let mut messages: Vec<Evidence> = Vec::new();
            for item in all {
                if messages.iter().all(|known| known.id != item.id) {
                    messages.push(item);
                }
            }
            let mut repeated = messages.clone();
            repeated.extend(messages.iter().take(3).cloned());
            (Just(messages).prop_shuffle(), Just(repeated).prop_shuffle())
        })
    ) {
        prop_assert_eq!(judge(State::HandedOff, &asked(), &first), judge(State::HandedOff, &asked(), &second));
    }

    #[test]
    fn inv_4_more_evidence_never_lowers_the_state(all in proptest::collection::vec(any_evidence(), 1..7)) {
        let (_, fewer) = all.split_last().unwrap();
        prop_assert!(judge(State::HandedOff, &asked(), fewer).state <= judge(State::HandedOff, &asked(), &all).state);
    }
}
