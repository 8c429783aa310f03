//! How a hand-off comes into the record, and what the same request a second time is told.

use crate::samples::{asked, at, find, hand_off, key, notice, open, opened};
use almoner::ledger::{HandOff, IdempotencyKey, Ledger, Opening};
use almoner::payment::{
    Amount, Asked, Frequency, Kind, Method, Mode, Outcome, Reference, State, judge,
};
use iso_currency::Currency;
use jiff::Timestamp;
use std::sync::Arc;
use tokio::task::JoinSet;

pub(crate) async fn what_was_opened_is_found(ledger: Arc<dyn Ledger>) {
    for opened_as in [State::HandedOff, State::InDoubt] {
        let hand_off = HandOff { opened_as, ..hand_off(0) };
        let entry = opened(&ledger, &hand_off).await;
        assert_eq!(entry.hand_off, hand_off);
        assert_eq!(entry.standing, judge(opened_as, &asked(), &[]));
        assert_eq!(entry.changed_at, hand_off.opened_at);
        assert_eq!(find(&ledger, hand_off.reference).await, entry);

        let history = ledger.history(hand_off.reference).await.unwrap();
        assert_eq!(history.len(), 1);
        assert_eq!(history[0].evidence, None);
        assert_eq!((history[0].before, history[0].after), (None, Some(opened_as)));
        assert_eq!(history[0].recorded_at, hand_off.opened_at);
    }
}

pub(crate) async fn an_unknown_reference_is_not_found(ledger: Arc<dyn Ledger>) {
    let unknown = Reference::at(at(0));
    assert_eq!(ledger.find(unknown).await.unwrap(), None);
    assert_eq!(ledger.history(unknown).await.unwrap(), []);
}

pub(crate) async fn the_same_again_is_repeated(ledger: Arc<dyn Ledger>) {
    let first = hand_off(0);
    let entry = opened(&ledger, &first).await;
    let later = HandOff { opened_at: at(60), ..first.clone() };
    assert_eq!(open(&ledger, &later).await, Opening::Repeated(entry));

    // It is told where the hand-off stands now, not where it stood.
    let reference = first.reference;
    ledger.conclude(reference, notice(1, Outcome::Accepted), at(70)).await.unwrap();
    let entry = find(&ledger, reference).await;
    assert_eq!(entry.standing.state, State::Accepted);
    assert_eq!(open(&ledger, &first).await, Opening::Repeated(entry));
    assert_eq!(ledger.verify().await.unwrap().events, 2);
}

pub(crate) async fn anything_else_under_the_reference_conflicts(ledger: Arc<dyn Ledger>) {
    let first = hand_off(0);
    let entry = opened(&ledger, &first).await;
    let sum = |minor, currency| Amount::new(minor, currency).unwrap();
    let others = [
        Asked { kind: Kind::Donate, ..asked() },
        Asked { method: Method::Card, ..asked() },
        Asked { mode: Mode::Live, ..asked() },
        Asked { amount: sum(2501, Currency::GBP), ..asked() },
        Asked { amount: sum(2500, Currency::EUR), ..asked() },
        Asked { frequency: Frequency::Once, ..asked() },
        Asked { plan: None, ..asked() },
        Asked { appeal: None, ..asked() },
        Asked { gift_aid: false, ..asked() },
        Asked { merchant_reference: None, ..asked() },
    ];
    for asked in others {
        let other = HandOff { asked, ..first.clone() };
        assert_eq!(open(&ledger, &other).await, Opening::Conflicting);
    }
    let other = HandOff { opened_as: State::InDoubt, ..first.clone() };
    assert_eq!(open(&ledger, &other).await, Opening::Conflicting);
    assert_eq!(find(&ledger, first.reference).await, entry);
    assert_eq!(ledger.verify().await.unwrap().events, 1);
}

pub(crate) async fn g_10_64_parallel_opens_of_one_reference_are_one_hand_off(
    ledger: Arc<dyn Ledger>,
) {
    let hand_off = hand_off(0);
    let mut calls = JoinSet::new();
    for _ in 0..64 {
        let (ledger, hand_off) = (Arc::clone(&ledger), hand_off.clone());
        calls.spawn(async move { open(&ledger, &hand_off).await });
    }
    let answers = calls.join_all().await;
    let first = answers.iter().filter(|answer| matches!(answer, Opening::Opened(_))).count();
    let again = answers.iter().filter(|answer| matches!(answer, Opening::Repeated(_))).count();
    assert_eq!((first, again), (1, 63));
    let verified = ledger.verify().await.unwrap();
    assert_eq!((verified.hand_offs, verified.events), (1, 1));
}

pub(crate) async fn a_key_stands_for_its_first_hand_off(ledger: Arc<dyn Ledger>) {
    let (first, second) = (hand_off(0), hand_off(1));
    let answer = ledger.open(first.clone(), Some(key(1, 1)), at(60)).await.unwrap();
    let Opening::Opened(entry) = answer else { panic!("{answer:?}") };
    let answer = ledger.open(second.clone(), Some(key(1, 1)), at(60)).await.unwrap();
    assert_eq!(answer, Opening::Repeated(entry));
    assert_eq!(ledger.find(second.reference).await.unwrap(), None);

    let other_key = ledger.open(second, Some(key(2, 1)), at(60)).await.unwrap();
    assert!(matches!(other_key, Opening::Opened(_)), "another caller's key is another key");
}

pub(crate) async fn fm_67_64_parallel_opens_under_one_key_are_one_hand_off(
    ledger: Arc<dyn Ledger>,
) {
    let mut calls = JoinSet::new();
    for second in 0..64 {
        let ledger = Arc::clone(&ledger);
        calls.spawn(async move {
            ledger.open(hand_off(second), Some(key(1, 1)), at(99)).await.unwrap()
        });
    }
    let mut references = Vec::new();
    let mut first = 0;
    for answer in calls.join_all().await {
        first += usize::from(matches!(answer, Opening::Opened(_)));
        let (Opening::Opened(entry) | Opening::Repeated(entry)) = answer else { panic!() };
        references.push(entry.hand_off.reference);
    }
    references.dedup();
    assert_eq!((first, references.len()), (1, 1));
    assert_eq!(ledger.verify().await.unwrap().hand_offs, 1);
}

pub(crate) async fn a_key_with_another_fingerprint_conflicts_and_writes_nothing(
    ledger: Arc<dyn Ledger>,
) {
    let (first, second) = (hand_off(0), hand_off(1));
    ledger.open(first, Some(key(1, 1)), at(60)).await.unwrap();
    let answer = ledger.open(second.clone(), Some(key(1, 2)), at(60)).await.unwrap();
    assert_eq!(answer, Opening::Conflicting);
    assert_eq!(ledger.find(second.reference).await.unwrap(), None);
    assert_eq!(ledger.verify().await.unwrap().events, 1);
}

/// Three instances in the middle of a rotation of the install key: the old one alone, both, the new one
/// alone. Whoever has both writes under both, and finds under either.
pub(crate) async fn a_key_under_two_install_keys_is_one_key(ledger: Arc<dyn Ledger>) {
    let pair = |first: IdempotencyKey, second: IdempotencyKey| IdempotencyKey {
        other: Some((second.key, second.fingerprint)),
        ..first
    };
    let ask = async |number, key| ledger.open(hand_off(number), Some(key), at(60)).await.unwrap();
    let Opening::Opened(old) = ask(0, key(1, 1)).await else { panic!() };
    for both in [pair(key(1, 1), key(2, 2)), pair(key(2, 2), key(1, 1))] {
        assert_eq!(ask(1, both).await, Opening::Repeated(old.clone()));
        assert_eq!(ledger.kept(both).await.unwrap(), Some(Opening::Repeated(old.clone())));
    }
    let other = pair(key(2, 2), key(1, 9));
    assert_eq!(ask(1, other).await, Opening::Conflicting);
    assert_eq!(ledger.kept(other).await.unwrap(), Some(Opening::Conflicting));
    let Opening::Opened(both) = ask(2, pair(key(3, 3), key(4, 4))).await else { panic!() };
    for one in [key(3, 3), key(4, 4)] {
        assert_eq!(ask(3, one).await, Opening::Repeated(both.clone()));
    }
    assert_eq!(ledger.verify().await.unwrap().hand_offs, 2);
}

pub(crate) async fn a_key_used_for_a_known_reference_is_kept(ledger: Arc<dyn Ledger>) {
    let first = hand_off(0);
    let entry = opened(&ledger, &first).await;
    let answer = ledger.open(first, Some(key(1, 1)), at(60)).await.unwrap();
    assert_eq!(answer, Opening::Repeated(entry.clone()));
    let answer = ledger.open(hand_off(1), Some(key(1, 1)), at(60)).await.unwrap();
    assert_eq!(answer, Opening::Repeated(entry), "the same key, the same answer");
}

pub(crate) async fn a_conflict_does_not_use_the_key_up(ledger: Arc<dyn Ledger>) {
    let first = hand_off(0);
    opened(&ledger, &first).await;
    let other = HandOff { opened_as: State::InDoubt, ..first };
    let answer = ledger.open(other, Some(key(1, 1)), at(60)).await.unwrap();
    assert_eq!(answer, Opening::Conflicting);
    let answer = ledger.open(hand_off(1), Some(key(1, 2)), at(60)).await.unwrap();
    assert!(matches!(answer, Opening::Opened(_)));
}

pub(crate) async fn fm_72_the_ends_of_time_are_kept(ledger: Arc<dyn Ledger>) {
    for end in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        let hand_off = HandOff { opened_at: end, ..hand_off(0) };
        ledger.open(hand_off.clone(), None, end).await.unwrap();
        let mut evidence = notice(1, Outcome::Accepted);
        evidence.occurred_at = end;
        ledger.conclude(hand_off.reference, evidence, end).await.unwrap();
        let entry = find(&ledger, hand_off.reference).await;
        assert_eq!(entry.standing.state, State::Accepted);
        assert_eq!(entry.changed_at.as_microsecond(), end.as_microsecond());
    }
}

pub(crate) async fn times_are_whole_microseconds(ledger: Arc<dyn Ledger>) {
    let fine = Timestamp::new(1_795_000_000, 123_456_789).unwrap();
    let whole = Timestamp::new(1_795_000_000, 123_456_000).unwrap();
    let entry = opened(&ledger, &HandOff { opened_at: fine, ..hand_off(0) }).await;
    assert_eq!((entry.hand_off.opened_at, entry.changed_at), (whole, whole));
    assert_eq!(find(&ledger, entry.hand_off.reference).await, entry);
}
