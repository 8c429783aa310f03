//! What is in doubt stays in sight until it is settled.

use crate::samples::{at, conclude, find, hand_off, notice};
use almoner::ledger::{Doubts, HandOff, Ledger};
use almoner::payment::{EventId, Evidence, Fact, Flag, Outcome, Reference, Source, State};
use std::sync::Arc;

/// A call of this second, due at that.
pub(crate) async fn call(ledger: &Arc<dyn Ledger>, opened: i64, due: i64) -> Reference {
    let hand_off = HandOff { opened_as: State::InDoubt, ..hand_off(opened) };
    ledger.open(hand_off.clone(), None, at(due)).await.unwrap();
    hand_off.reference
}

fn said(id: u8, source: Source, fact: Fact) -> Evidence {
    Evidence { id: EventId([id; 16]), source, fact, ..notice(id, Outcome::Accepted) }
}

async fn listed(ledger: &Arc<dyn Ledger>) -> Vec<(Reference, u32, Option<i64>)> {
    let doubts = ledger.doubts(100).await.unwrap();
    let due = |due: jiff::Timestamp| due.as_second() - at(0).as_second();
    let short = doubts.into_iter().map(|doubt| {
        assert_eq!(doubt.entry.standing.state, State::InDoubt);
        (doubt.entry.hand_off.reference, doubt.tries, doubt.due_at.map(due))
    });
    short.collect()
}

pub(crate) async fn inv_6_a_doubt_is_due_or_listed_until_its_outcome_is_known(
    ledger: Arc<dyn Ledger>,
) {
    let reference = call(&ledger, 0, 10).await;
    assert_eq!(listed(&ledger).await, [(reference, 0, Some(10))]);
    ledger.claim(at(10), at(70), 5).await.unwrap();
    assert_eq!(listed(&ledger).await, [(reference, 1, Some(70))]);
    for fact in [Fact::Overdue, Fact::NotFound, Fact::Pending, Fact::Unrecognised] {
        let id = u8::try_from(fact.word().len()).unwrap();
        conclude(&ledger, reference, &said(id, Source::Enquiry, fact)).await;
    }
    ledger.reschedule(reference, None).await.unwrap();
    assert_eq!(listed(&ledger).await, [(reference, 1, None)], "given up, and not forgotten");
    assert_eq!(ledger.claim(at(9999), at(10_000), 5).await.unwrap(), []);
    let counted = Doubts { count: 1, overdue: 1, given_up: 1, oldest: Some(at(0)) };
    assert_eq!(ledger.count_doubts().await.unwrap(), counted);

    // The supporter came back after all: it may be asked about again.
    ledger.reschedule(reference, Some(at(500))).await.unwrap();
    assert_eq!(ledger.claim(at(500), at(600), 5).await.unwrap().len(), 1);
    conclude(&ledger, reference, &notice(99, Outcome::Declined)).await;
    ledger.reschedule(reference, Some(at(700))).await.unwrap();
    assert_eq!(listed(&ledger).await, []);
    assert_eq!(ledger.claim(at(9999), at(10_000), 5).await.unwrap(), []);
    assert_eq!(ledger.count_doubts().await.unwrap(), Doubts::default());
}

/// Long and often enough in doubt, and still asked about: both are counted and listed as such.
pub(crate) async fn a_doubt_is_given_up_by_its_age_and_its_tries(ledger: Arc<dyn Ledger>) {
    const DAYS: i64 = 3 * 24 * 3600;
    let (often, seldom) = (call(&ledger, 0, 1).await, call(&ledger, 1, 9999).await);
    for try_at in 1..=6 {
        ledger.claim(at(try_at), at(try_at + 1), 5).await.unwrap();
    }
    let given_up = async || {
        let counted = ledger.count_doubts().await.unwrap().given_up;
        let listed = ledger.doubts(9).await.unwrap();
        let found = listed.iter().filter(|doubt| doubt.is_given_up()).count();
        assert_eq!(u64::try_from(found).unwrap(), counted);
        counted
    };
    for (due, expected) in [(10, 0), (DAYS, 0), (DAYS + 1, 1)] {
        ledger.reschedule(often, Some(at(due))).await.unwrap();
        ledger.reschedule(seldom, Some(at(due + 9))).await.unwrap();
        assert_eq!(given_up().await, expected, "{due}");
    }
    ledger.reschedule(seldom, None).await.unwrap();
    assert_eq!(given_up().await, 2);
}

pub(crate) async fn the_oldest_doubt_first_and_no_hosted_page_among_them(ledger: Arc<dyn Ledger>) {
    let newer = call(&ledger, 20, 30).await;
    for second in 0..10 {
        ledger.open(hand_off(second), None, at(30)).await.unwrap();
    }
    // A form's reference is made when it is shown, and may be older than one that was sent before.
    let late = HandOff { opened_as: State::InDoubt, opened_at: at(40), ..hand_off(1) };
    ledger.open(late.clone(), None, at(50)).await.unwrap();
    let oldest = call(&ledger, 10, 30).await;
    let due = [(oldest, 0, Some(30)), (newer, 0, Some(30)), (late.reference, 0, Some(50))];
    assert_eq!(listed(&ledger).await, due);
    assert_eq!(ledger.doubts(1).await.unwrap().len(), 1);
    let counted = Doubts { count: 3, overdue: 0, given_up: 0, oldest: Some(at(10)) };
    assert_eq!(ledger.count_doubts().await.unwrap(), counted);
}

pub(crate) async fn fm_58_what_a_person_found_is_kept_and_can_be_beaten(ledger: Arc<dyn Ledger>) {
    let reference = call(&ledger, 0, 10).await;
    let found = said(1, Source::Person, Fact::Outcome(Outcome::Lapsed));
    conclude(&ledger, reference, &found).await;
    let entry = find(&ledger, reference).await;
    assert_eq!((entry.standing.state, entry.standing.attention.len()), (State::Lapsed, 0));
    assert_eq!(ledger.history(reference).await.unwrap()[1].evidence, Some(found));
    conclude(&ledger, reference, &notice(2, Outcome::Accepted)).await;
    let entry = find(&ledger, reference).await;
    assert_eq!(entry.standing.state, State::Accepted);
    assert!(entry.standing.attention.contains(&Flag::Contradiction));
}
