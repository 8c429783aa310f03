//! Several chasers, and chasers that are cut off.

use super::house::{CALL, House, Says, resolution_of};
use almoner::payment::{Reference, Source, State};
use jiff::SignedDuration;
use std::sync::Arc;

/// The processor has answered, and the service dies before the answer is on disk: it is asked again,
/// and it is as if nothing had happened.
#[tokio::test]
async fn cp_15_fm_10_a_crash_between_the_answer_and_the_record() {
    let house = House::new();
    let reference = house.sent().await;
    house.desk.says(reference, Says::State("accepted", 1));
    house.clock.advance(SignedDuration::from_secs(CALL + 5));
    let held = house.desk.may_answer.forget_permits(usize::MAX);
    {
        let mut round = Box::pin(house.resolution.chase());
        loop {
            let polled = futures_util::poll!(&mut round);
            assert!(polled.is_pending());
            if !house.desk.asked(reference).is_empty() {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    let house = house.again();
    house.desk.may_answer.add_permits(held);
    assert_eq!(house.stands(reference).await, (State::InDoubt, vec![]));
    house.minutes(4).await;
    assert_eq!(house.desk.asked(reference).len(), 1, "it is another's until the lease ends");
    house.minutes(2).await;
    assert_eq!(house.stands(reference).await.0, State::Accepted);
    assert_eq!(house.desk.asked(reference).len(), 2);
    let settled: Vec<_> = house.record(reference).await;
    assert_eq!(settled.last(), Some(&(Source::Enquiry, "accepted")));
    house.ledger().verify().await.unwrap();
}

/// Two instances, one record: each doubt is asked about by one of them at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fm_84_two_chasers_ask_once_and_agree() {
    let house = House::new();
    let other = resolution_of(Arc::clone(house.ledger()), &house.desk, &house.clock);
    let mut references = Vec::new();
    for number in 0..60 {
        let reference = house.sent().await;
        let says = match number % 3 {
            0 => Says::State("accepted", 1),
            1 => Says::State("declined", 1),
            _ => Says::Pending,
        };
        house.desk.says(reference, says);
        references.push(reference);
    }
    house.clock.advance(SignedDuration::from_secs(CALL + 5));
    let (one, two) = tokio::join!(house.resolution.chase(), other.chase());
    assert_eq!(one.unwrap() + two.unwrap(), 60);
    for (number, reference) in references.iter().enumerate() {
        assert_eq!(house.desk.asked(*reference).len(), 1);
        let expected = [State::Accepted, State::Declined, State::InDoubt][number % 3];
        assert_eq!(house.stands(*reference).await, (expected, vec![]));
    }
    house.ledger().verify().await.unwrap();
}

/// Even where a lease ran out while its owner was slow: the same answer twice is one event.
#[tokio::test]
async fn fm_84_two_answers_to_one_question_are_one_event() {
    let house = House::new();
    let settled: Reference = house.sent().await;
    let unknown = house.sent().await;
    house.desk.says(settled, Says::State("accepted", 1));
    house.clock.advance(SignedDuration::from_secs(2 * CALL + 5));
    let held = house.desk.may_answer.forget_permits(usize::MAX);
    let slow = house.resolution.chase();
    tokio::pin!(slow);
    while house.desk.asked(unknown).is_empty() {
        assert!(futures_util::poll!(&mut slow).is_pending());
        tokio::task::yield_now().await;
    }
    house.clock.advance(SignedDuration::from_mins(6));
    house.desk.may_answer.add_permits(held);
    let other = resolution_of(Arc::clone(house.ledger()), &house.desk, &house.clock);
    other.chase().await.unwrap();
    slow.await.unwrap();
    assert_eq!(house.desk.asked(settled).len(), 2);
    assert_eq!(house.record(settled).await, [(Source::Enquiry, "accepted")]);
    let record = house.record(unknown).await;
    let heard = record.iter().filter(|(source, _)| *source == Source::Enquiry).count();
    assert_eq!(heard, 1, "{record:?}");
    house.ledger().verify().await.unwrap();
}
