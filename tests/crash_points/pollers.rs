//! The chaser: dying between an answer and the record, dying in the recovery, and two of them.

use super::*;

#[test]
fn cp_15_fm_10_death_between_an_answer_and_its_record_asks_again_and_hears_the_same() {
    for death in DEATHS {
        for point in ["answer_read", "conclude"] {
            course(THEIRS, |stage| async move {
                let page = stage.page(&stage.wish()).await;
                stage.decides(&page, Verdict::Accepted);
                stage.dies_at(point, death);
                stage.pass(3600).await;
                assert_eq!(stage.state(page.reference), State::Accepted, "{point}");
                assert_eq!(stage.events(page.reference), 1, "{point}");
                stage.ends().await;
            });
        }
    }
}

#[test]
fn cp_18_fm_11_death_in_the_recovery_three_times_over_changes_nothing() {
    for death in DEATHS {
        course(OURS, |stage| async move {
            let wish = stage.wish();
            stage.dies_at("sent", death);
            assert!(matches!(stage.asks(&wish).await, Attempt::Broken));
            // The recovery claims what is in doubt, asks, and writes down what it hears.
            for point in ["claimed", "connected", "conclude"] {
                stage.dies_at(point, death);
            }
            stage.pass(3600).await;
            let reference = stage.only();
            assert_eq!(stage.state(reference), State::Accepted);
            assert_eq!((stage.sends(reference), stage.charges(reference)), (1, 1));
            assert_eq!(stage.insists(&wish).await, (reference, State::Accepted));
            stage.ends().await;
        });
    }
}

#[test]
fn fm_84_two_pollers_share_the_doubts_and_their_results_are_one() {
    course(Setting { instances: 2, ..OURS }, |stage| async move {
        let mut wishes = Vec::new();
        for number in 0..6 {
            let wish = Wish::of(&stage.world, number);
            stage.dies_at("answer_begun", Death::Kill);
            assert!(matches!(stage.asks(&wish).await, Attempt::Broken));
            wishes.push(wish);
            while stage.world.houses().len() < 2 {
                stage.pass(1).await;
            }
        }
        stage.pass(600).await;
        for wish in &wishes {
            let (reference, state) = stage.insists(wish).await;
            assert_eq!((state, stage.events(reference)), (State::Accepted, 1));
            assert_eq!((stage.sends(reference), stage.charges(reference)), (1, 1));
        }
        stage.ends().await;
    });
}

#[test]
fn fm_84_even_without_a_lease_two_pollers_results_are_one() {
    course(Setting { instances: 2, ..THEIRS }, |stage| async move {
        let page = stage.page(&stage.wish()).await;
        stage.decides(&page, Verdict::Accepted);
        let rounds = stage.world.houses().into_iter().map(|house| {
            let world = Arc::clone(&stage.world);
            async move {
                // Due to both at once, as if neither had claimed it.
                world.disk().make_all_due(world.now());
                house.resolution.chase().await.unwrap()
            }
        });
        let found = futures_util::future::join_all(rounds).await;
        assert!(found.iter().sum::<usize>() > 0, "{found:?}");
        assert_eq!(
            (stage.state(page.reference), stage.events(page.reference)),
            (State::Accepted, 1)
        );
        stage.ends().await;
    });
}

#[test]
fn inv_10_what_was_taken_for_never_sent_is_not_sent_however_wrong_the_clocks_are() {
    // The other instance is an hour ahead; at each step between the record and the request it looks.
    for point in ["opened", "mark", "marked", "traces"] {
        course(Setting { instances: 2, ..OURS }, |stage| async move {
            let (house, other) = (stage.house().await, Arc::clone(&stage.world.houses()[1]));
            other.life.put_the_clock_ahead(3600);
            stage.world.hold_at(&house.life, point);
            let wish = stage.wish();
            let order = supporter::attempt(&stage.world, &house, &wish);
            let chase = async {
                stage.pass(5).await;
                stage.world.let_go();
            };
            let (attempt, ()) = futures_util::future::join(order, chase).await;
            let reference = stage.only();
            assert!(matches!(attempt, Attempt::Answered(..)), "{point}: {attempt:?}");
            let history = stage.world.disk().durable.evidence(reference);
            let not_sent = history
                .iter()
                .any(|it| it.code.as_ref().is_some_and(|it| it.as_str() == "not_sent"));
            assert!(!(not_sent && stage.sends(reference) > 0), "{point}: {history:?}");
            stage.ends().await;
        });
    }
}
