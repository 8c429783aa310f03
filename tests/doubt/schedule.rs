//! When the processor is asked, and what is left when it never says.

use super::house::{CALL, House, OVERDUE, Says};
use almoner::ledger::Doubts;
use almoner::payment::{Outcome, Source, State};

/// The ages of security.md, 4.3, in seconds.
const AGES: [i64; 13] =
    [30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400, 172_800, 259_200];

/// Nobody answers for three days: the doubt stays one, asked about less and less often, flagged after
/// minutes, left to a person after three days and asked about once a day all the same, and never guessed.
#[tokio::test]
async fn fm_52_fm_62_inv_6_a_processor_that_never_answers_leaves_the_doubt_to_a_person() {
    let house = House::new();
    let reference = house.sent().await;
    house.desk.says(reference, Says::Error);
    house.seconds(OVERDUE - 1).await;
    assert_eq!(house.stands(reference).await, (State::InDoubt, vec![]));
    house.seconds(1).await;
    assert_eq!(house.stands(reference).await, (State::InDoubt, vec!["doubt_overdue"]));
    house.minutes(72 * 60 - 5 - 1).await;
    let doubts = house.ledger().doubts(9).await.unwrap();
    assert!(doubts[0].due_at.is_some(), "asked once more, at the very end");
    house.minutes(1).await;
    assert_eq!(house.stands(reference).await, (State::InDoubt, vec!["doubt_overdue"]));
    let counted = house.ledger().count_doubts().await.unwrap();
    assert_eq!((counted.count, counted.overdue, counted.given_up), (1, 1, 1));
    let asked = house.desk.asked(reference);
    // Besides those of the schedule: when the call must have ended, and when it is flagged.
    assert!(asked.len() <= AGES.len() + 2, "{asked:?}");
    for second in &asked {
        let near = |age: &i64| (second - age).abs() <= age / 5 + 60;
        assert!(AGES.iter().any(near) || *second == CALL + 5, "{second}: {asked:?}");
    }
    house.minutes(3 * 24 * 60).await;
    let daily = house.desk.asked(reference).split_off(asked.len());
    assert_eq!(daily.iter().map(|second| second / 86_400).collect::<Vec<_>>(), [4, 5, 6]);
    assert_eq!(house.ledger().count_doubts().await.unwrap(), counted);
    // The webhook comes after all.
    house.told(reference, Outcome::Accepted, 1).await;
    assert_eq!(house.stands(reference).await, (State::Accepted, vec![]));
    assert_eq!(house.ledger().count_doubts().await.unwrap(), Doubts::default());
    house.ledger().verify().await.unwrap();
}

/// A processor that is too busy says when to come back, and is not asked before.
#[tokio::test]
async fn fm_39_the_processors_own_retry_after_is_kept_to() {
    let house = House::new();
    let reference = house.sent().await;
    house.desk.says(reference, Says::Busy);
    house.seconds(CALL + 5 + 200).await;
    assert_eq!(house.desk.asked(reference), [CALL + 5]);
    house.seconds(60).await;
    assert_eq!(house.desk.asked(reference).len(), 2);
    // Whatever it says, it is for minutes at the most, and nobody is left out.
    assert!(house.resolution.processor.wait().unwrap() <= jiff::SignedDuration::from_mins(5));
    house.desk.says(reference, Says::State("accepted", 1));
    house.minutes(5).await;
    assert_eq!(house.stands(reference).await.0, State::Accepted);
    assert_eq!(house.resolution.processor.wait(), None, "it answers again");
}

/// While the question goes unanswered a webhook settles it, and the question is asked no more.
#[tokio::test]
async fn fm_52_webhooks_work_while_the_enquiry_is_down() {
    let house = House::new();
    let reference = house.sent().await;
    house.desk.says(reference, Says::Silence);
    house.minutes(3).await;
    let asked = house.desk.asked(reference).len();
    assert!((2..=4).contains(&asked), "{asked}");
    house.told(reference, Outcome::Accepted, 1).await;
    assert_eq!(house.stands(reference).await, (State::Accepted, vec![]));
    house.minutes(600).await;
    assert_eq!(house.desk.asked(reference).len(), asked);
}

/// No webhook ever comes: the question finds it within the first minute.
#[tokio::test]
async fn fm_62_a_webhook_that_never_comes() {
    let house = House::new();
    for (state, expected) in [("accepted", State::Accepted), ("declined", State::Declined)] {
        let reference = house.sent().await;
        house.desk.says(reference, Says::State(state, 1));
        house.seconds(CALL + 5).await;
        assert_eq!(house.stands(reference).await, (expected, vec![]));
        assert_eq!(house.record(reference).await, [(Source::Enquiry, state)]);
    }
}

/// Whoever comes back to our page does not wait for the schedule.
#[tokio::test]
async fn a_supporter_who_returns_has_the_processor_asked_at_once() {
    let house = House::new();
    let reference = house.sent().await;
    house.desk.says(reference, Says::State("accepted", 1));
    house.seconds(2).await;
    assert!(house.desk.asked(reference).is_empty());
    house.resolution.nudge(reference).await;
    house.seconds(1).await;
    assert_eq!(house.stands(reference).await, (State::Accepted, vec![]));
}
