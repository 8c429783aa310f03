use super::*;
use proptest::prelude::*;

const TERMS: BreakerTerms =
    BreakerTerms { failures: 3, wait: SignedDuration::from_secs(10), at_once: 4 };

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn call(breaker: &Breaker, went: Went, second: i64) -> bool {
    let pass = breaker.admit(at(second));
    pass.map(|pass| pass.tell(went, at(second))).is_ok()
}

#[test]
fn fm_50_it_opens_after_failures_in_a_row_and_closes_by_a_question_and_one_call() {
    let breaker = Breaker::new(TERMS);
    assert!(call(&breaker, Went::Failed, 0) && call(&breaker, Went::Failed, 1));
    assert!(call(&breaker, Went::Well, 2), "a call that went well begins the count anew");
    for second in 3..6 {
        assert!(!breaker.is_open());
        assert!(call(&breaker, Went::Failed, second));
    }
    assert!(breaker.is_open());
    assert!(!call(&breaker, Went::Well, 6) && !call(&breaker, Went::Well, 1000), "never by itself");
    assert!(!breaker.is_due(at(14)) && breaker.is_due(at(15)));
    breaker.is_unwell(at(15));
    assert!(!breaker.is_due(at(24)) && breaker.is_due(at(25)));
    breaker.is_well();
    let trial = breaker.admit(at(25)).unwrap();
    assert_eq!(breaker.admit(at(25)).unwrap_err(), TurnedAway::Open { retry_after: TERMS.wait });
    trial.tell(Went::Failed, at(26));
    assert!(breaker.is_open(), "one failure is enough while it is being tried");
    breaker.is_well();
    drop(breaker.admit(at(36)).unwrap());
    assert!(call(&breaker, Went::Well, 37), "a trial that was lost frees its place");
    assert!(call(&breaker, Went::Failed, 38) && call(&breaker, Went::Failed, 38));
    assert!(!breaker.is_open());
}

#[test]
fn fm_51_no_more_calls_than_are_allowed_at_once() {
    let breaker = Breaker::new(TERMS);
    let passes: Vec<_> = (0..4).map(|_| breaker.admit(at(0)).unwrap()).collect();
    assert_eq!(
        breaker.admit(at(0)).unwrap_err(),
        TurnedAway::Crowded { retry_after: CROWDED_WAIT }
    );
    assert_eq!(breaker.under_way(), 4);
    drop(passes);
    assert!(call(&breaker, Went::Well, 1));
    assert_eq!(breaker.under_way(), 0);
}

#[test]
fn fm_70_a_clock_that_is_set_back_does_not_keep_it_open() {
    let breaker = Breaker::new(TERMS);
    assert!((0..3).all(|_| call(&breaker, Went::Failed, 7200)));
    assert!(breaker.is_due(at(3600)));
}

proptest! {
    /// Whatever happens: never more under way than allowed, none through while it is open, at most one
    /// while it is tried, and all places free in the end.
    #[test]
    fn fm_50_fm_51_any_course_keeps_the_rules(
        steps in proptest::collection::vec((0_u8..6, 0_i64..20, 0_u8..5), 1..80)
    ) {
        let breaker = Breaker::new(TERMS);
        let mut held: Vec<Pass> = Vec::new();
        let mut now = 0;
        for (what, later, pick) in steps {
            now += later;
            match what {
                0..=2 => {
                    let (open, before) = (breaker.is_open(), held.len());
                    match breaker.admit(at(now)) {
                        Ok(pass) => {
                            prop_assert!(!open && before < TERMS.at_once);
                            held.push(pass);
                        }
                        Err(TurnedAway::Crowded { .. }) => prop_assert_eq!(before, TERMS.at_once),
                        Err(TurnedAway::Open { retry_after }) => {
                            prop_assert!(retry_after >= TERMS.wait);
                        }
                    }
                }
                3 | 4 if !held.is_empty() => {
                    let pass = held.swap_remove(usize::from(pick) % held.len());
                    let was_open = breaker.is_open();
                    let trial = pass.trial;
                    let went = [Went::Well, Went::Failed, Went::Failed, Went::Unsaid,
                        Went::Failed][usize::from(pick)];
                    pass.tell(went, at(now));
                    if was_open { prop_assert!(breaker.is_open(), "only a question ends it"); }
                    if went == Went::Failed && trial && !was_open { prop_assert!(breaker.is_open()); }
                }
                5 if breaker.is_due(at(now)) && pick > 2 => breaker.is_well(),
                5 if breaker.is_due(at(now)) => breaker.is_unwell(at(now)),
                _ => {}
            }
            prop_assert_eq!(breaker.under_way(), held.len());
            prop_assert!(held.iter().filter(|pass| pass.trial).count() <= 1);
        }
        drop(held);
        prop_assert_eq!(breaker.under_way(), 0);
    }
}
