//! The work list: which hand-offs are overdue, and who has them.

use crate::samples::{at, conclude, developed, hand_off, notice};
use almoner::ledger::{HandOff, Ledger};
use almoner::payment::{Development, Outcome, Reference};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Opens at this second, due at that.
async fn due(ledger: &Arc<dyn Ledger>, opened: i64, due: i64) -> HandOff {
    let hand_off = hand_off(opened);
    ledger.open(hand_off.clone(), None, at(due)).await.unwrap();
    hand_off
}

/// Claims at this second until that, and gives the references.
async fn claim(ledger: &Arc<dyn Ledger>, now: i64, until: i64, limit: usize) -> Vec<Reference> {
    let claims = ledger.claim(at(now), at(until), limit).await.unwrap();
    claims.into_iter().map(|claim| claim.hand_off.reference).collect()
}

pub(crate) async fn only_what_is_due_is_claimed_longest_due_first(ledger: Arc<dyn Ledger>) {
    let last = due(&ledger, 0, 30).await.reference;
    let first = due(&ledger, 1, 10).await.reference;
    let middle = due(&ledger, 2, 20).await.reference;
    let fresh = due(&ledger, 3, 31).await.reference;
    assert_eq!(claim(&ledger, 9, 100, 10).await, []);
    assert_eq!(claim(&ledger, 10, 100, 10).await, [first]);
    assert_eq!(claim(&ledger, 30, 100, 10).await, [middle, last]);
    assert_eq!(claim(&ledger, 100, 200, 1).await, [fresh]);
    assert_eq!(claim(&ledger, 100, 200, 0).await, []);
}

pub(crate) async fn a_lease_holds_until_its_end_and_counts(ledger: Arc<dyn Ledger>) {
    let hand_off = due(&ledger, 0, 10).await;
    for tries in 0..3 {
        let now = 10 + i64::from(tries) * 60;
        let claims = ledger.claim(at(now), at(now + 60), 10).await.unwrap();
        let [claim] = &claims[..] else { panic!("{claims:?}") };
        assert_eq!((&claim.hand_off, claim.tries), (&hand_off, tries));
        assert_eq!(self::claim(&ledger, now + 59, now + 99, 10).await, []);
    }
}

pub(crate) async fn fm_84_two_chasers_never_hold_the_same(ledger: Arc<dyn Ledger>) {
    let mut all = BTreeSet::new();
    for second in 0..40 {
        all.insert(due(&ledger, second, 50).await.reference);
    }
    let mut chasers = JoinSet::new();
    for _ in 0..8 {
        let ledger = Arc::clone(&ledger);
        chasers.spawn(async move { claim(&ledger, 60, 120, 5).await });
    }
    let held: Vec<_> = chasers.join_all().await.concat();
    assert_eq!(held.len(), 40);
    assert_eq!(held.into_iter().collect::<BTreeSet<_>>(), all);
}

/// Declined and cancelled may still be accepted: only an acceptance is the end.
pub(crate) async fn an_acceptance_ends_the_chase(ledger: Arc<dyn Ledger>) {
    let (free, held) = (due(&ledger, 0, 20).await.reference, due(&ledger, 1, 10).await.reference);
    assert_eq!(claim(&ledger, 10, 30, 10).await, [held]);
    for reference in [free, held] {
        conclude(&ledger, reference, &notice(1, Outcome::Accepted)).await;
    }
    // The chaser that held it comes back late: the webhook was faster.
    ledger.reschedule(held, Some(at(40))).await.unwrap();
    assert_eq!(claim(&ledger, 1000, 2000, 10).await, []);
}

pub(crate) async fn a_weaker_outcome_does_not_end_the_chase(ledger: Arc<dyn Ledger>) {
    for (place, outcome) in
        [Outcome::Lapsed, Outcome::Cancelled, Outcome::Declined].into_iter().enumerate()
    {
        let second = i64::try_from(place).unwrap();
        let reference = due(&ledger, second, 10).await.reference;
        conclude(&ledger, reference, &notice(1, outcome)).await;
        assert_eq!(claim(&ledger, 10 + second, 1000, 10).await, [reference]);
    }
}

pub(crate) async fn a_development_does_not_end_the_chase(ledger: Arc<dyn Ledger>) {
    let reference = due(&ledger, 0, 10).await.reference;
    conclude(&ledger, reference, &developed(1, Development::MandateLive)).await;
    assert_eq!(claim(&ledger, 10, 20, 10).await, [reference]);
}

pub(crate) async fn what_came_too_early_leaves_nothing_to_chase(ledger: Arc<dyn Ledger>) {
    let early = hand_off(0);
    conclude(&ledger, early.reference, &notice(1, Outcome::Accepted)).await;
    ledger.open(early, None, at(10)).await.unwrap();
    assert_eq!(claim(&ledger, 1000, 2000, 10).await, []);
}

pub(crate) async fn rescheduled_is_due_then_and_given_up_is_never_due(ledger: Arc<dyn Ledger>) {
    let reference = due(&ledger, 0, 10).await.reference;
    ledger.reschedule(reference, Some(at(500))).await.unwrap();
    assert_eq!(claim(&ledger, 499, 999, 10).await, []);
    assert_eq!(claim(&ledger, 500, 501, 10).await, [reference]);
    ledger.reschedule(reference, None).await.unwrap();
    ledger.reschedule(reference, Some(at(600))).await.unwrap();
    assert_eq!(claim(&ledger, 1000, 2000, 10).await, []);
    ledger.reschedule(Reference::at(at(0)), Some(at(1))).await.unwrap();
    assert_eq!(claim(&ledger, 1000, 2000, 10).await, [], "a reference that no one opened");
}
