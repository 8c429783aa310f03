use super::*;

const DONATE: Gate = Gate::Form(Kind::Donate);
const JOIN: Gate = Gate::Form(Kind::Join);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn breaker() -> Declines {
    Declines::new(Some(DeclineTerms::default()))
}

/// A card handed over at a second, and what became of it at once.
fn pay(declines: &Declines, gate: &Gate, becomes: State, second: i64) -> Result<(), Paused> {
    let reference = Reference::at(at(second));
    declines.admit(gate, reference, at(second))?;
    declines.concluded(reference, State::HandedOff, becomes, at(second));
    Ok(())
}

/// How many of so many cards are let through, one each second.
fn pass(declines: &Declines, becomes: State, seconds: std::ops::Range<i64>) -> usize {
    seconds.filter(|second| pay(declines, &DONATE, becomes, *second).is_ok()).count()
}

#[test]
fn g_6_more_than_thirty_declines_of_more_than_seventy_in_a_hundred_pause_that_form_alone() {
    let declines = breaker();
    assert_eq!(pass(&declines, State::Accepted, 0..13), 13);
    assert_eq!(pass(&declines, State::Declined, 13..43), 30, "thirty are not more than thirty");
    assert!(declines.flows(&DONATE, at(43)));
    assert_eq!(pass(&declines, State::Declined, 43..60), 1, "the next is 31 of 44");
    assert_eq!(
        declines.look(&DONATE, at(60)),
        Err(Paused { retry_after: SignedDuration::from_secs(883) })
    );
    assert_eq!((declines.held("donate", at(60)), declines.held("join", at(60))), (1, 0));
    assert!(pay(&declines, &JOIN, State::Declined, 60).is_ok());
    assert!(pay(&declines, &Gate::Program("crm".into()), State::Declined, 60).is_ok());
}

#[test]
fn g_6_a_third_of_good_cards_and_a_slow_trickle_of_bad_ones_are_everyday_life() {
    let declines = breaker();
    for second in 0..3000 {
        let becomes = if second % 10 < 3 { State::Accepted } else { State::Declined };
        assert_eq!(pay(&declines, &DONATE, becomes, second), Ok(()), "{second}");
    }
    let declines = breaker();
    for number in 0..300 {
        assert_eq!(pay(&declines, &DONATE, State::Declined, number * 20), Ok(()), "three a minute");
    }
    // What was given up, or was never paid, is nobody's card.
    assert_eq!(pass(&breaker(), State::Cancelled, 0..500), 500);
    assert_eq!(pass(&breaker(), State::Lapsed, 0..500), 500);
}

#[test]
fn g_6_after_the_pause_a_few_are_tried_and_what_becomes_of_them_decides() {
    let declines = breaker();
    assert_eq!(pass(&declines, State::Declined, 0..100), 31);
    assert_eq!(pass(&declines, State::Accepted, 100..930), 0);
    // Declined again: eight of ten are enough.
    assert_eq!(pass(&declines, State::Declined, 930..1000), 8);
    assert_eq!(pass(&declines, State::Accepted, 1000..1837), 0);
    assert!(!declines.flows(&DONATE, at(1837)), "on trial");
    assert_eq!(pass(&declines, State::Accepted, 1837..1840), 3);
    assert!(declines.flows(&DONATE, at(1840)), "three of ten are enough");
    assert_eq!(pass(&declines, State::Declined, 1840..1870), 30, "counted anew");
}

#[test]
fn g_6_no_more_than_ten_are_tried_at_once_and_nobody_waits_for_those_who_left() {
    let declines = breaker();
    assert_eq!(pass(&declines, State::Declined, 0..31), 31);
    assert_eq!(pass(&declines, State::Lapsed, 930..990), 10);
    let wait = declines.look(&DONATE, at(990)).unwrap_err().retry_after;
    assert_eq!(wait, SignedDuration::from_secs(240));
    // Trials that nobody pays open nothing: ten more, as often as it takes.
    assert_eq!(pass(&declines, State::Lapsed, 1230..1300), 10);
    assert!(!declines.flows(&DONATE, at(1530)));
    assert_eq!(pass(&declines, State::Accepted, 1530..1533), 3);
    assert!(declines.flows(&DONATE, at(1533)));
    // Where nobody comes, nothing speaks against it.
    let declines = breaker();
    assert_eq!(pass(&declines, State::Declined, 0..31), 31);
    assert!(!declines.flows(&DONATE, at(930)));
    assert!(declines.flows(&DONATE, at(1230)));
    // Two that were declined, and eight that were never heard of, do.
    let declines = breaker();
    assert_eq!(pass(&declines, State::Declined, 0..31), 31);
    assert_eq!(pass(&declines, State::Declined, 930..932), 2);
    assert!(declines.look(&DONATE, at(1229)).is_ok());
    assert!(declines.look(&DONATE, at(1230)).is_err());
}

/// What was handed over before the pause may be told late, and often.
#[test]
fn g_6_what_was_handed_over_before_a_pause_says_nothing_after_it() {
    let declines = breaker();
    let early: Vec<_> = (0..100).map(|_| Reference::at(at(0))).collect();
    for reference in &early {
        assert_eq!(declines.admit(&DONATE, *reference, at(0)), Ok(()), "nothing is known yet");
    }
    for reference in early {
        declines.concluded(reference, State::HandedOff, State::Declined, at(10));
        declines.concluded(reference, State::Declined, State::Declined, at(11));
    }
    assert_eq!(
        declines.look(&DONATE, at(10)),
        Err(Paused { retry_after: SignedDuration::from_mins(15) })
    );
    assert_eq!(pass(&declines, State::Accepted, 910..913), 3);
    assert!(declines.flows(&DONATE, at(913)));
}

#[test]
fn g_6_each_hand_off_is_counted_once_and_strangers_not_at_all() {
    let declines = breaker();
    let reference = Reference::at(at(0));
    declines.admit(&DONATE, reference, at(0)).unwrap();
    declines.concluded(reference, State::HandedOff, State::Declined, at(0));
    for second in 0..100 {
        declines.concluded(reference, State::Declined, State::Declined, at(second));
        declines.concluded(
            Reference::at(at(second)),
            State::HandedOff,
            State::Declined,
            at(second),
        );
    }
    assert!(declines.flows(&DONATE, at(100)));
}

#[test]
fn g_6_a_clock_that_is_set_back_ends_the_pause() {
    let declines = breaker();
    assert_eq!(pass(&declines, State::Declined, 10_000..10_031), 31);
    assert!(declines.look(&DONATE, at(9000)).is_ok());
}

#[test]
fn g_c2_without_terms_nothing_is_paused() {
    assert_eq!(pass(&Declines::new(None), State::Declined, 0..1000), 1000);
}

#[test]
fn g_6_each_card_counts_that_one_page_declines() {
    let declines = breaker();
    let reference = Reference::at(at(0));
    declines.admit(&DONATE, reference, at(0)).unwrap();
    declines.concluded(reference, State::HandedOff, State::Declined, at(0));
    for second in 1..30 {
        declines.declined_again(reference, at(second));
    }
    assert!(declines.flows(&DONATE, at(30)), "thirty are not more than thirty");
    declines.declined_again(reference, at(31));
    assert!(declines.look(&DONATE, at(31)).is_err());
    // A call has one card, also where a webhook tells of it again.
    let declines = breaker();
    for second in 0..30 {
        let reference = Reference::at(at(second));
        declines.admit(&DONATE, reference, at(second)).unwrap();
        declines.answered(reference, State::InDoubt, State::Declined, at(second));
        declines.declined_again(reference, at(second));
    }
    assert!(declines.flows(&DONATE, at(30)));
}
