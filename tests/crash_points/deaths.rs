//! Deaths on the way of an order: exactly at a crash point, by the process and by the power.

use super::*;

/// Dies at this step of an order, in both ways, and asks again until there is an answer.
fn dies(point: &'static str, check: impl Fn(&Stage, Reference, State) + Copy) {
    for death in DEATHS {
        course(OURS, |stage| async move {
            let wish = stage.wish();
            stage.dies_at(point, death);
            assert!(matches!(stage.asks(&wish).await, Attempt::Broken), "{point}");
            let (reference, state) = stage.insists(&wish).await;
            assert_eq!(stage.only(), reference, "one wish, one hand-off");
            check(&stage, reference, state);
            stage.ends().await;
            check(&stage, reference, stage.state(reference));
        });
    }
}

#[test]
fn cp_1_fm_1_death_before_anything_is_written_is_as_if_nobody_had_asked() {
    for death in DEATHS {
        course(OURS, |stage| async move {
            let wish = stage.wish();
            stage.dies_at("open", death);
            assert!(matches!(stage.asks(&wish).await, Attempt::Broken));
            assert_eq!(stage.hand_offs(), []);
            let (reference, state) = stage.insists(&wish).await;
            assert_eq!((stage.only(), state), (reference, State::Accepted));
            assert_eq!((stage.sends(reference), stage.charges(reference)), (1, 1));
            stage.ends().await;
        });
    }
}

#[test]
fn cp_2_fm_2_death_between_the_record_and_the_mark_has_sent_nothing_for_certain() {
    for point in ["opened", "mark"] {
        dies(point, |stage, reference, state| {
            assert_eq!((stage.sends(reference), stage.charges(reference)), (0, 0));
            assert!(matches!(state, State::InDoubt | State::Lapsed), "{state:?}");
        });
    }
}

#[test]
fn fm_2_what_was_written_and_not_marked_is_known_not_to_have_been_sent() {
    course(OURS, |stage| async move {
        let wish = stage.wish();
        stage.dies_at("opened", Death::Power);
        assert!(matches!(stage.asks(&wish).await, Attempt::Broken));
        stage.pass(3600).await;
        let (reference, state) = stage.insists(&wish).await;
        assert_eq!((state, stage.sends(reference)), (State::Lapsed, 0));
        stage.ends().await;
    });
}

#[test]
fn cp_3_fm_3_death_before_the_connection_is_a_doubt_and_never_sent_again() {
    for point in ["marked", "connect"] {
        dies(point, |stage, reference, state| {
            assert_eq!((stage.sends(reference), stage.charges(reference)), (0, 0));
            assert_ne!(state, State::Accepted);
        });
    }
}

#[test]
fn cp_4_death_before_the_first_byte_is_a_doubt_and_never_sent_again() {
    dies("connected", |stage, reference, _| {
        assert_eq!((stage.sends(reference), stage.charges(reference)), (0, 0));
    });
}

#[test]
fn cp_5_fm_4_death_within_the_request_is_a_doubt_and_never_sent_again() {
    dies("sending", |stage, reference, state| {
        assert_eq!((stage.sends(reference), stage.charges(reference)), (1, 0));
        assert_ne!(state, State::Accepted);
    });
}

/// Sent once, charged once, and known in the end.
fn charged_once(point: &'static str) {
    dies(point, |stage, reference, _| {
        assert_eq!((stage.sends(reference), stage.charges(reference)), (1, 1), "{point}");
    });
    for death in DEATHS {
        course(OURS, |stage| async move {
            let wish = stage.wish();
            stage.dies_at(point, death);
            stage.asks(&wish).await;
            stage.pass(600).await;
            assert_eq!(stage.state(stage.only()), State::Accepted, "{point}: found by asking");
            assert_eq!(stage.insists(&wish).await, (stage.only(), State::Accepted));
            assert_eq!(stage.charges(stage.only()), 1);
            stage.ends().await;
        });
    }
}

#[test]
fn cp_6_fm_5_death_after_the_last_byte_is_charged_once_and_found_out() {
    charged_once("sent");
}

#[test]
fn cp_7_death_after_the_charge_and_before_its_answer_is_charged_once_and_found_out() {
    charged_once("charged");
}

#[test]
fn cp_8_death_within_the_answer_is_charged_once_and_found_out() {
    charged_once("answer_begun");
}

#[test]
fn cp_9_fm_6_death_between_the_answer_and_the_record_is_charged_once_and_found_out() {
    for point in ["answer_read", "conclude"] {
        charged_once(point);
    }
}

#[test]
fn cp_10_fm_7_death_before_the_caller_is_answered_gives_the_kept_answer_to_whoever_asks_again() {
    for death in DEATHS {
        for point in ["concluded", "answer"] {
            course(OURS, |stage| async move {
                let wish = stage.wish();
                stage.dies_at(point, death);
                assert!(matches!(stage.asks(&wish).await, Attempt::Broken));
                assert_eq!(stage.state(stage.only()), State::Accepted, "it is on disk");
                stage.pass(30).await;
                assert_eq!(stage.insists(&wish).await, (stage.only(), State::Accepted));
                assert_eq!((stage.sends(stage.only()), stage.events(stage.only())), (1, 1));
                stage.ends().await;
            });
        }
    }
}

#[test]
fn fm_12_death_at_any_step_under_load_keeps_every_invariant() {
    let odds = Odds { crash: 30, double: 300, impatient: 100, ..Odds::default() };
    any(odds, 40);
}

#[test]
fn fm_13_power_lost_at_any_step_leaves_what_was_answered() {
    let odds = Odds { crash: 30, power: 1000, double: 300, ..Odds::default() };
    any(odds, 40);
}

/// Many seeds of a world with these faults alone.
fn any(odds: Odds, seeds: u64) {
    for seed in 0..seeds {
        let run = world::course::play_with(Chance::with(seed, odds));
        assert!(
            run.violations.is_empty(),
            "{seed}: {:#?}\n{}",
            run.violations,
            run.lines.join("\n")
        );
    }
}
