//! What evidence does to a hand-off.

use crate::samples::{asked, at, conclude, developed, find, hand_off, notice, open, opened};
use almoner::ledger::{Conclusion, Event, Ledger, Opening};
use almoner::payment::{
    Amount, Asked, Development, EventId, Evidence, Fact, Flag, Frequency, Kind, Method, Mode,
    Outcome, Reference, Source, State, judge,
};
use std::sync::Arc;
use tokio::task::JoinSet;

pub(crate) async fn evidence_moves_the_state_and_is_kept(ledger: Arc<dyn Ledger>) {
    let reference = opened(&ledger, &hand_off(0)).await.hand_off.reference;
    let declined = notice(1, Outcome::Declined);
    let accepted = notice(2, Outcome::Accepted);
    let steps = [
        (&declined, State::HandedOff, vec![declined.clone()]),
        (&accepted, State::Declined, vec![declined.clone(), accepted.clone()]),
    ];
    for (evidence, before, all) in steps {
        let after = judge(State::HandedOff, &asked(), &all);
        let recorded = Conclusion::Recorded { before, after: after.clone() };
        assert_eq!(conclude(&ledger, reference, evidence).await, recorded);
        let entry = find(&ledger, reference).await;
        assert_eq!(entry.standing, after);
        assert_eq!(entry.changed_at.duration_since(evidence.occurred_at).as_secs(), 10);
    }
    let history = ledger.history(reference).await.unwrap();
    let told: Vec<_> = history.iter().map(|event| (event.before, event.after)).collect();
    let (open, declined_, accepted_) =
        (Some(State::HandedOff), Some(State::Declined), Some(State::Accepted));
    assert_eq!(told, [(None, open), (open, declined_), (declined_, accepted_)]);
    let kept: Vec<_> = history.into_iter().filter_map(|event| event.evidence).collect();
    assert_eq!(kept, [declined, accepted]);
}

pub(crate) async fn the_same_message_is_recorded_once(ledger: Arc<dyn Ledger>) {
    let (one, two) = (hand_off(0), hand_off(1));
    let message = notice(1, Outcome::Accepted);
    for hand_off in [&one, &two] {
        opened(&ledger, hand_off).await;
        let first = conclude(&ledger, hand_off.reference, &message).await;
        assert!(matches!(first, Conclusion::Recorded { .. }), "an id belongs to its reference");
        assert_eq!(conclude(&ledger, hand_off.reference, &message).await, Conclusion::Repeated);
    }
    let unknown = Reference::at(at(2));
    assert_eq!(conclude(&ledger, unknown, &message).await, Conclusion::Parked);
    assert_eq!(conclude(&ledger, unknown, &message).await, Conclusion::Repeated);
    assert_eq!(ledger.verify().await.unwrap().events, 5);
}

pub(crate) async fn fm_56_the_same_message_ten_times_at_once_is_one_row(ledger: Arc<dyn Ledger>) {
    let reference = opened(&ledger, &hand_off(0)).await.hand_off.reference;
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let ledger = Arc::clone(&ledger);
        calls.spawn(
            async move { conclude(&ledger, reference, &notice(1, Outcome::Accepted)).await },
        );
    }
    let answers = calls.join_all().await;
    let recorded = answers.iter().filter(|it| matches!(it, Conclusion::Recorded { .. })).count();
    let repeated = answers.iter().filter(|it| **it == Conclusion::Repeated).count();
    assert_eq!((recorded, repeated), (1, 9));
    assert_eq!(ledger.history(reference).await.unwrap().len(), 2);
}

pub(crate) async fn fm_61_what_came_too_early_counts_when_the_hand_off_appears(
    ledger: Arc<dyn Ledger>,
) {
    let (early, never) = (hand_off(0), Reference::at(at(1)));
    let messages = [notice(1, Outcome::Declined), notice(2, Outcome::Accepted)];
    for message in &messages {
        assert_eq!(conclude(&ledger, early.reference, message).await, Conclusion::Parked);
    }
    assert_eq!(conclude(&ledger, never, &messages[0]).await, Conclusion::Parked);
    assert_eq!(ledger.find(early.reference).await.unwrap(), None, "a message opens nothing");
    let of = |events: Vec<Event>| events.into_iter().map(|it| it.reference).collect::<Vec<_>>();
    let parked = of(ledger.parked(10).await.unwrap());
    assert_eq!(parked, [early.reference, early.reference, never]);
    assert_eq!(of(ledger.parked(1).await.unwrap()), [early.reference]);

    let entry = opened(&ledger, &early).await;
    assert_eq!(entry.standing, judge(State::HandedOff, &asked(), &messages));
    assert_eq!(find(&ledger, early.reference).await, entry);
    assert_eq!(of(ledger.parked(10).await.unwrap()), [never]);
    let history = ledger.history(early.reference).await.unwrap();
    let told: Vec<_> = history.iter().map(|event| (event.before, event.after)).collect();
    assert_eq!(told, [(None, None), (None, None), (None, Some(State::Accepted))]);
    assert_eq!(conclude(&ledger, early.reference, &messages[0]).await, Conclusion::Repeated);
    assert!(matches!(open(&ledger, &early).await, Opening::Repeated(_)));
}

pub(crate) async fn fm_44_another_sum_is_kept_flagged_and_moves_nothing(ledger: Arc<dyn Ledger>) {
    let reference = opened(&ledger, &hand_off(0)).await.hand_off.reference;
    let other = Amount::new(1, asked().amount.currency()).unwrap();
    let wrong = Evidence { amount: Some(other), ..notice(1, Outcome::Accepted) };
    let conclusion = conclude(&ledger, reference, &wrong).await;
    let Conclusion::Recorded { before, after } = conclusion else { panic!("{conclusion:?}") };
    assert_eq!((before, after.state), (State::HandedOff, State::HandedOff));
    assert_eq!(after.attention.into_iter().collect::<Vec<_>>(), [Flag::Mismatch]);
    assert_eq!(ledger.history(reference).await.unwrap()[1].evidence, Some(wrong));
}

pub(crate) async fn fm_57_developments_before_the_outcome_are_kept(ledger: Arc<dyn Ledger>) {
    let reference = opened(&ledger, &hand_off(0)).await.hand_off.reference;
    conclude(&ledger, reference, &developed(2, Development::Refunded)).await;
    conclude(&ledger, reference, &notice(1, Outcome::Accepted)).await;
    let standing = find(&ledger, reference).await.standing;
    assert_eq!(standing.state, State::Accepted);
    let developments: Vec<_> = standing.developments.iter().map(|it| (it.at, it.what)).collect();
    assert_eq!(developments, [(at(2), Development::Refunded)]);
}

pub(crate) async fn every_word_can_be_kept(ledger: Arc<dyn Ledger>) {
    let outcomes = Outcome::ALL.iter().copied().map(Fact::Outcome);
    let developments = Development::ALL.iter().copied().map(Fact::Development);
    let facts = outcomes.chain(developments).chain([
        Fact::Unrecognised,
        Fact::Overdue,
        Fact::NotFound,
        Fact::Pending,
    ]);
    let words = facts.flat_map(|fact| Source::ALL.iter().map(move |source| (fact, *source)));
    let first = opened(&ledger, &hand_off(0)).await.hand_off.reference;
    for ((fact, source), id) in words.zip(1_u8..) {
        let mode = Mode::ALL.get(usize::from(id) % 3).copied();
        let id = EventId([id; 16]);
        let evidence = Evidence { id, source, fact, mode, ..notice(1, Outcome::Accepted) };
        conclude(&ledger, first, &evidence).await;
        conclude(&ledger, Reference::at(at(1)), &evidence).await;
        let newest = ledger.history(first).await.unwrap().pop().unwrap();
        assert_eq!(newest.evidence, Some(evidence));
    }
    for kind in Kind::ALL.iter().copied() {
        for method in Method::ALL.iter().copied() {
            for frequency in Frequency::ALL.iter().copied() {
                for mode in Mode::ALL.iter().copied() {
                    let asked = Asked { kind, method, frequency, mode, ..asked() };
                    let hand_off = almoner::ledger::HandOff { asked, ..hand_off(2) };
                    assert_eq!(opened(&ledger, &hand_off).await.hand_off, hand_off);
                }
            }
        }
    }
}

pub(crate) async fn the_chain_grows_by_one_event_a_write(ledger: Arc<dyn Ledger>) {
    let mut heads = vec![ledger.verify().await.unwrap().head];
    let reference = opened(&ledger, &hand_off(0)).await.hand_off.reference;
    heads.push(ledger.verify().await.unwrap().head);
    conclude(&ledger, reference, &notice(1, Outcome::Cancelled)).await;
    heads.push(ledger.verify().await.unwrap().head);
    let history = ledger.history(reference).await.unwrap();
    let sequences: Vec<_> = history.iter().map(|event| event.sequence).collect();
    let hashes: Vec<_> = history.iter().map(|event| event.hash).collect();
    assert_eq!(sequences, [1, 2]);
    assert_eq!(heads, [&[almoner::ledger::chain::START], &hashes[..]].concat());
}
