//! Clocks that are wrong by days: nothing is given up, flagged or found missing for their sake.

use super::house::{House, Says};
use almoner::payment::{Reference, Source, State};
use jiff::SignedDuration;

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

impl House {
    async fn given_up(&self) -> u64 {
        self.ledger().count_doubts().await.unwrap().given_up
    }

    /// When it is asked about next, in seconds from now.
    async fn next(&self, reference: Reference) -> i64 {
        let doubts = self.ledger().doubts(9).await.unwrap();
        let doubt = doubts.iter().find(|doubt| doubt.entry.hand_off.reference == reference);
        doubt.unwrap().due_at.unwrap().duration_since(self.clock.now()).as_secs()
    }
}

/// Wrong for a few rounds, either way: as if nothing had been.
#[tokio::test]
async fn fm_69_a_clock_that_is_wrong_by_days_for_a_while_gives_nothing_up() {
    for wrong in [days(10), days(-10), days(4000)] {
        let house = House::new();
        let reference = house.sent().await;
        house.desk.says(reference, Says::Error);
        house.seconds(120).await;
        let asked = house.desk.asked(reference).len();
        house.clock.jump(wrong);
        house.seconds(60).await;
        assert_eq!(house.desk.asked(reference).len(), asked, "nothing is asked by a wrong clock");
        house.clock.jump(-wrong);
        house.seconds(60).await;
        assert_eq!(house.stands(reference).await, (State::InDoubt, vec![]), "not flagged either");
        house.minutes(25).await;
        assert!(house.desk.asked(reference).len() > asked, "and then the questions go on");
        house.desk.says(reference, Says::State("accepted", 1));
        house.minutes(90).await;
        assert_eq!(house.stands(reference).await.0, State::Accepted, "{wrong}");
    }
}

/// Wrong for hours: what is only young is not given up, and once the clock is right again it is asked
/// about at once and not in ten days.
#[tokio::test]
async fn inv_6_a_clock_that_is_wrong_for_hours_neither_gives_up_nor_puts_off() {
    for wrong in [days(10), days(-10)] {
        let house = House::new();
        let reference = house.sent().await;
        house.desk.says(reference, Says::Error);
        house.seconds(60).await;
        house.clock.jump(wrong);
        house.minutes(80).await;
        assert_eq!(house.given_up().await, 0, "asked a few times, in an hour");
        house.clock.jump(-wrong);
        house.minutes(30).await;
        house.resolution.reel_in().await.unwrap();
        house.minutes(2).await;
        let next = house.next(reference).await;
        assert!((0..4 * 3600).contains(&next), "{next}");
        assert_eq!(house.resolution.reel_in().await.unwrap(), 0);
        house.minutes(72 * 60).await;
        assert_eq!(house.given_up().await, 1, "when it is time");
    }
}

/// A service that stood still for days has asked once: that is not enough.
#[tokio::test]
async fn a_doubt_is_not_given_up_before_it_was_asked_about_often_enough() {
    let house = House::new();
    let reference = house.sent().await;
    house.desk.says(reference, Says::Error);
    house.clock.advance(days(5));
    house.minutes(1).await;
    assert_eq!((house.desk.asked(reference).len(), house.given_up().await), (1, 0));
    assert_eq!(house.next(reference).await, 3600);
    house.minutes(5 * 60).await;
    assert_eq!((house.desk.asked(reference).len(), house.given_up().await), (6, 1));
    assert_eq!(house.next(reference).await, 24 * 3600);
}

/// Half an hour that the clock jumped over is not half an hour.
#[tokio::test]
async fn fm_69_never_heard_of_it_over_a_jump_is_not_over_half_an_hour() {
    let house = House::new();
    let reference = house.sent().await;
    house.minutes(12).await;
    let unknown = (Source::Enquiry, "not_found");
    let heard = |record: Vec<_>| record.into_iter().filter(|it| *it == unknown).count();
    assert_eq!(heard(house.record(reference).await), 2);
    house.clock.jump(SignedDuration::from_mins(40));
    house.minutes(45).await;
    house.resolution.nudge(reference).await;
    house.minutes(1).await;
    assert_eq!(house.stands(reference).await.0, State::InDoubt, "asked once or twice since");
    house.minutes(240).await;
    assert_eq!(house.stands(reference).await.0, State::Lapsed);
    house.ledger().verify().await.unwrap();
}
