//! What the processor's answers make of a doubt.

use super::house::{CALL, House, Says, at, said};
use almoner::payment::{Development, Fact, Outcome, Reference, Source, State};

/// Three answers "never heard of it" over half an hour: it lapsed. One life or several, it is the same.
#[tokio::test]
async fn fm_58_what_the_processor_never_heard_of_lapses_and_can_still_be_paid() {
    let mut house = House::new();
    let reference = house.sent().await;
    for minute in 1..90 {
        house.minutes(1).await;
        if house.entry(reference).await.standing.state != State::InDoubt {
            assert!(minute > 30, "{minute}");
            break;
        }
        // A service that is started anew each time forgets nothing.
        house = house.again();
    }
    let entry = house.entry(reference).await;
    assert_eq!(entry.standing.state, State::Lapsed);
    assert_eq!(entry.standing.code.unwrap().as_str(), "not_found");
    assert!(entry.standing.attention.is_empty());
    let heard = house.record(reference).await;
    let heard: Vec<_> = heard.into_iter().filter(|(source, _)| *source != Source::Clock).collect();
    let unknown = (Source::Enquiry, "not_found");
    assert_eq!(heard, [unknown, unknown, (Source::Enquiry, "lapsed")]);
    // Money beats silence, and a person must look: the supporter may have tried again.
    house.told(reference, Outcome::Accepted, 1).await;
    assert_eq!(house.stands(reference).await, (State::Accepted, vec!["contradiction"]));
    house.ledger().verify().await.unwrap();
}

/// What it knew once it cannot lose: that is never taken for "never heard of it".
#[tokio::test]
async fn fm_46_a_processor_that_forgets_what_it_knew_leaves_the_doubt() {
    let house = House::new();
    let reference = house.sent().await;
    house.desk.says(reference, Says::Pending);
    house.seconds(CALL + 5).await;
    house.desk.says(reference, Says::Unknown);
    house.minutes(73 * 60).await;
    assert_eq!(house.stands(reference).await, (State::InDoubt, vec!["doubt_overdue"]));
    let record = house.record(reference).await;
    assert_eq!(record, [(Source::Enquiry, "pending"), (Source::Clock, "overdue")]);
    assert_eq!(house.ledger().count_doubts().await.unwrap().given_up, 1);
}

/// A call that is still pending is asked about until it is decided, and one word is kept of it.
#[tokio::test]
async fn a_pending_payment_is_asked_about_until_it_is_decided() {
    let house = House::new();
    let reference = house.sent().await;
    house.desk.says(reference, Says::Pending);
    house.minutes(20).await;
    assert!(house.desk.asked(reference).len() > 3);
    house.desk.says(reference, Says::State("declined", 600));
    house.minutes(60).await;
    assert_eq!(house.stands(reference).await, (State::Declined, vec![]));
    let words =
        [(Source::Enquiry, "pending"), (Source::Clock, "overdue"), (Source::Enquiry, "declined")];
    assert_eq!(house.record(reference).await, words);
}

/// The webhook says one thing, the question another: the stronger counts, and someone must look.
#[tokio::test]
async fn fm_53_an_enquiry_that_contradicts_the_webhook() {
    let house = House::new();
    let first = house.sent().await;
    house.desk.says(first, Says::State("accepted", 1));
    house.seconds(CALL + 4).await;
    // It was on its way while the chaser's question was.
    let question = house.resolution.chase();
    house.told(first, Outcome::Declined, 2).await;
    question.await.unwrap();
    assert_eq!(house.stands(first).await.0, State::Declined, "an outcome ends the questions");
    let known = said(Source::Enquiry, Fact::Outcome(Outcome::Accepted), 1);
    house.ledger().conclude(first, known, house.clock.now()).await.unwrap();
    assert_eq!(house.stands(first).await, (State::Accepted, vec!["contradiction"]));
}

/// FM-57 to FM-61 over one ledger, however a message comes.
#[tokio::test]
async fn fm_57_fm_59_fm_60_fm_61_messages_in_any_order() {
    let house = House::new();
    let (refunded, fell, orphan) = (house.sent().await, house.sent().await, Reference::at(at(9)));
    let refund = said(Source::Notice, Fact::Development(Development::Refunded), 5);
    house.ledger().conclude(refunded, refund, at(6)).await.unwrap();
    house.told(refunded, Outcome::Accepted, 2).await;
    let standing = house.entry(refunded).await.standing;
    assert_eq!((standing.state, standing.developments.len()), (State::Accepted, 1));
    house.told(fell, Outcome::Accepted, 2).await;
    house.told(fell, Outcome::Declined, 3).await;
    assert_eq!(house.stands(fell).await, (State::Accepted, vec!["contradiction"]));
    house.told(orphan, Outcome::Accepted, 3).await;
    assert_eq!(house.ledger().find(orphan).await.unwrap(), None);
    assert_eq!(house.ledger().parked(9).await.unwrap()[0].reference, orphan);
    house.ledger().verify().await.unwrap();
}

/// Another sum is no answer: the doubt stays, asked about and listed.
#[tokio::test]
async fn fm_44_an_enquiry_about_another_sum_settles_nothing() {
    let house = House::new();
    let reference = house.sent().await;
    let other = almoner::payment::Evidence {
        amount: None,
        ..said(Source::Enquiry, Fact::Outcome(Outcome::Accepted), 1)
    };
    house.ledger().conclude(reference, other, at(2)).await.unwrap();
    house.minutes(90).await;
    assert_eq!(house.stands(reference).await, (State::InDoubt, vec!["mismatch", "doubt_overdue"]));
}
