//! What is past its time goes, and nothing else.

use crate::doubts::call;
use crate::samples::{at, conclude, find, hand_off, key, notice, opened};
use almoner::ledger::purge::{erasable, erase, purge, purgeable};
use almoner::ledger::{Conclusion, Ledger, Opening, Past, Purged, Purpose, Trace};
use almoner::payment::{Outcome, Reference};
use jiff::Timestamp;
use jiff::civil::Date;
use std::sync::Arc;
use std::time::Duration;

/// Everything that was recorded before this second, in one step.
pub(crate) fn until(second: i64) -> Past {
    Past { before: at(second), after: None, limit: 1000, only: None }
}

/// An accepted hand-off of this second; it is recorded 30 seconds later.
pub(crate) async fn settled(ledger: &Arc<dyn Ledger>, second: i64) -> Reference {
    let reference = opened(ledger, &hand_off(second)).await.hand_off.reference;
    let accepted = notice(1, Outcome::Accepted);
    ledger.conclude(reference, accepted, at(second + 30)).await.unwrap();
    reference
}

pub(crate) const fn purged(hand_offs: u64, events: u64, parked: u64) -> Purged {
    Purged { hand_offs, events, parked, next: None }
}

pub(crate) async fn what_is_over_and_old_goes_and_the_chain_proves_whole(ledger: Arc<dyn Ledger>) {
    let mut references = Vec::new();
    for second in 0..20 {
        references.push(settled(&ledger, second).await);
    }
    let before = ledger.verify().await.unwrap();
    assert_eq!(ledger.purgeable(until(39)).await.unwrap(), purged(9, 18, 0));
    assert_eq!(ledger.verify().await.unwrap(), before, "only looked at");
    assert_eq!(ledger.purge(until(39)).await.unwrap(), purged(9, 18, 0));
    assert_eq!(ledger.purge(until(39)).await.unwrap(), Purged::default());
    for (second, reference) in references.iter().enumerate() {
        let found = ledger.find(*reference).await.unwrap();
        assert_eq!(found.is_some(), second >= 9, "{second}");
        assert_eq!(ledger.history(*reference).await.unwrap().is_empty(), second < 9);
    }
    let after = ledger.verify().await.unwrap();
    assert_eq!((after.events, after.purged, after.hand_offs), (22, 18, 11));
    assert_eq!(after.head, before.head);
    settled(&ledger, 90).await;
    assert_eq!(ledger.verify().await.unwrap().events, 24);
}

pub(crate) async fn what_is_awaited_in_doubt_or_new_stays(ledger: Arc<dyn Ledger>) {
    let waits = opened(&ledger, &hand_off(0)).await.hand_off.reference;
    let declined = opened(&ledger, &hand_off(1)).await.hand_off.reference;
    conclude(&ledger, declined, &notice(1, Outcome::Declined)).await;
    let doubt = call(&ledger, 2, 20).await;
    let given_up = call(&ledger, 3, 20).await;
    ledger.reschedule(given_up, None).await.unwrap();
    let changed = settled(&ledger, 4).await;
    let trace = Trace { mark: [7; 32], purpose: Purpose::Cancel, at: at(5000) };
    ledger.send(changed, trace).await.unwrap();
    let lately = settled(&ledger, 4000).await;
    let nobody_came = opened(&ledger, &hand_off(5)).await.hand_off.reference;
    ledger.reschedule(nobody_came, None).await.unwrap();
    assert_eq!(ledger.purge(until(4000)).await.unwrap(), purged(1, 1, 0));
    assert_eq!(ledger.find(nobody_came).await.unwrap(), None, "nothing is awaited of it");
    for reference in [waits, declined, doubt, given_up, changed, lately] {
        find(&ledger, reference).await;
    }
    // What was declined may be paid with another card for as long as it is awaited.
    ledger.reschedule(declined, None).await.unwrap();
    conclude(&ledger, given_up, &notice(2, Outcome::Lapsed)).await;
    assert_eq!(ledger.purge(until(4000)).await.unwrap(), purged(2, 4, 0));
    assert_eq!(ledger.purge(until(9000)).await.unwrap(), purged(2, 4, 0));
    find(&ledger, waits).await;
    find(&ledger, doubt).await;
}

pub(crate) async fn fm_87_evidence_about_what_was_purged_is_parked(ledger: Arc<dyn Ledger>) {
    let reference = settled(&ledger, 0).await;
    let kept = settled(&ledger, 100).await;
    ledger.purge(until(60)).await.unwrap();
    let (late, again) = (notice(2, Outcome::Accepted), notice(1, Outcome::Accepted));
    assert_eq!(conclude(&ledger, reference, &late).await, Conclusion::Parked);
    assert_eq!(conclude(&ledger, reference, &again).await, Conclusion::Parked);
    assert_eq!(conclude(&ledger, reference, &late).await, Conclusion::Repeated);
    assert_eq!(conclude(&ledger, kept, &again).await, Conclusion::Repeated);
    let parked = ledger.parked(10).await.unwrap();
    assert_eq!(parked.iter().map(|event| event.reference).collect::<Vec<_>>(), [reference; 2]);
    assert_eq!(ledger.purge(until(12)).await.unwrap(), purged(0, 0, 0), "one of them is newer");
    assert_eq!(ledger.purge(until(13)).await.unwrap(), purged(0, 0, 2));
    assert_eq!(ledger.parked(10).await.unwrap(), []);
    find(&ledger, kept).await;
}

pub(crate) async fn fm_87_messages_while_a_purge_runs_are_each_kept(ledger: Arc<dyn Ledger>) {
    let mut references = Vec::new();
    for second in 0..60 {
        references.push(settled(&ledger, second).await);
    }
    let purging = async {
        let mut past = Past { limit: 7, ..until(1000) };
        loop {
            let step = ledger.purge(past).await.unwrap();
            if step.next.is_none() {
                return;
            }
            past.after = step.next;
        }
    };
    let hearing = async {
        let mut heard = Vec::new();
        for reference in references.iter().rev() {
            let late = notice(2, Outcome::Accepted);
            heard.push(ledger.conclude(*reference, late, at(2000)).await.unwrap());
        }
        heard
    };
    let ((), heard) = tokio::join!(purging, hearing);
    let mut parked = 0;
    for (reference, heard) in references.iter().rev().zip(heard) {
        let found = ledger.find(*reference).await.unwrap();
        let events = ledger.history(*reference).await.unwrap().len();
        match heard {
            Conclusion::Parked => {
                assert_eq!((found, events), (None, 1));
                parked += 1;
            }
            Conclusion::Recorded { .. } => assert_eq!((found.is_some(), events), (true, 3)),
            Conclusion::Repeated => panic!("it was new"),
        }
    }
    assert_eq!(ledger.parked(100).await.unwrap().len(), parked);
    let verified = ledger.verify().await.unwrap();
    assert_eq!(verified.events + verified.purged, 180);
}

pub(crate) async fn fm_88_a_key_goes_with_its_hand_off(ledger: Arc<dyn Ledger>) {
    let (old, new) = (hand_off(0), hand_off(500));
    ledger.open(old.clone(), Some(key(1, 1)), at(60)).await.unwrap();
    ledger.conclude(old.reference, notice(1, Outcome::Accepted), at(20)).await.unwrap();
    ledger.purge(until(400)).await.unwrap();
    assert_eq!(ledger.kept(key(1, 1)).await.unwrap(), None);
    let again = ledger.open(new, Some(key(1, 2)), at(560)).await.unwrap();
    assert!(matches!(again, Opening::Opened(_)));
}

/// The newest event is gone, and the next one still follows on it.
pub(crate) async fn a_record_that_was_purged_whole_goes_on(ledger: Arc<dyn Ledger>) {
    for second in 0..5 {
        settled(&ledger, second).await;
    }
    let before = ledger.verify().await.unwrap();
    assert_eq!(ledger.purge(until(900)).await.unwrap(), purged(5, 10, 0));
    let empty = ledger.verify().await.unwrap();
    assert_eq!((empty.events, empty.purged, empty.head), (0, 10, before.head));
    let next = settled(&ledger, 1000).await;
    let events = ledger.history(next).await.unwrap();
    assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [11, 12]);
    ledger.verify().await.unwrap();
}

/// Gaps of every shape: at the ends, side by side, one inside another.
pub(crate) async fn any_order_of_purges_leaves_a_whole_chain(ledger: Arc<dyn Ledger>) {
    let mut ends = Vec::new();
    for second in 0..40 {
        let reference = opened(&ledger, &hand_off(second)).await.hand_off.reference;
        ends.push((second * 17 % 40, reference));
    }
    ends.sort_unstable();
    for (end, reference) in ends {
        let accepted = notice(1, Outcome::Accepted);
        ledger.conclude(reference, accepted, at(100 + end)).await.unwrap();
    }
    for end in (0..40).step_by(3) {
        ledger.purge(Past { limit: 6, ..until(100 + end) }).await.unwrap();
        let step = ledger.purge(until(100 + end)).await.unwrap();
        assert_eq!(step.next, None);
        let verified = ledger.verify().await.unwrap();
        assert_eq!((verified.purged, verified.events), (2 * end, 80 - 2 * end));
    }
}

/// Asked for by its reference: it goes before its time, and nothing else does, neither its neighbours nor
/// what is parked; what is awaited, young or not there leaves all as it was.
pub(crate) async fn g_d3_one_hand_off_is_erased_by_its_reference(ledger: Arc<dyn Ledger>) {
    const DAY: i64 = 86_400;
    let mut references = Vec::new();
    for second in 0..5 {
        references.push(settled(&ledger, second).await);
    }
    let doubt = call(&ledger, 5, 20).await;
    let young = settled(&ledger, 3 * DAY).await;
    let unknown = hand_off(2).reference;
    conclude(&ledger, unknown, &notice(9, Outcome::Accepted)).await;
    let before = ledger.verify().await.unwrap();
    let day = almoner::clock::london::date(at(2 * DAY));
    for stays in [doubt, young, unknown] {
        assert!(erasable(&*ledger, stays, day).await.unwrap().is_nothing());
        assert!(erase(&*ledger, stays, day).await.unwrap().is_nothing());
    }
    assert_eq!(ledger.verify().await.unwrap(), before);
    let gone = references.remove(2);
    assert_eq!(erasable(&*ledger, gone, day).await.unwrap(), purged(1, 2, 0));
    assert_eq!(erase(&*ledger, gone, day).await.unwrap(), purged(1, 2, 0));
    assert!(erase(&*ledger, gone, day).await.unwrap().is_nothing(), "nor the one after it");
    assert_eq!(ledger.find(gone).await.unwrap(), None);
    assert!(ledger.history(gone).await.unwrap().is_empty());
    for stays in references.into_iter().chain([doubt, young]) {
        find(&ledger, stays).await;
    }
    assert_eq!(ledger.parked(10).await.unwrap().len(), 1);
    let after = ledger.verify().await.unwrap();
    assert_eq!((after.events, after.purged), (before.events - 2, 2));
}

pub(crate) async fn days_are_purged_step_by_step(ledger: Arc<dyn Ledger>) {
    const DAY: i64 = 86_400;
    for second in 0..150 {
        settled(&ledger, second * 3600).await;
    }
    let day = |second| -> Date {
        let at: Timestamp = at(second);
        almoner::clock::london::date(at)
    };
    let would = purgeable(&*ledger, day(3 * DAY)).await.unwrap();
    let done = purge(&*ledger, day(3 * DAY), Duration::ZERO).await.unwrap();
    assert_eq!(done, would);
    assert!((60..80).contains(&done.hand_offs), "{done:?}");
    assert!(purge(&*ledger, day(3 * DAY), Duration::ZERO).await.unwrap().is_nothing());
    assert!(purge(&*ledger, day(0), Duration::ZERO).await.unwrap().is_nothing());
}
