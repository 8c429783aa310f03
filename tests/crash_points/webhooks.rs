//! Webhooks: heard, written, acknowledged, and dying anywhere between; in any order, any number of
//! times.

use super::*;
use almoner::resolution::Heard;
use serde_json::json;
use world::house::WebhookKeys;
use world::post;

impl Stage {
    async fn delivers(&self, notice: &Notice) -> Option<Heard> {
        post::deliver(&self.world, &*self.house().await, notice).await
    }

    fn message(&self, page: &Page, state: &str) -> Notice {
        let at = self.world.now().to_string();
        let life = [("state", json!(state)), ("occurred_at", json!(at))];
        self.world.bank().message(page.reference, &life)
    }
}

/// Dies at this step of a webhook; then the webhook comes again.
fn dies(point: &'static str, events: usize) {
    for death in DEATHS {
        course(THEIRS, |stage| async move {
            let page = stage.page(&stage.wish()).await;
            let notice = stage.decides(&page, Verdict::Accepted);
            stage.dies_at(point, death);
            assert_eq!(stage.delivers(&notice).await, None, "{point}: nobody was told");
            assert_eq!(stage.events(page.reference), events, "{point}");
            assert_eq!(stage.delivers(&notice).await, Some(Heard::Recorded));
            assert_eq!(
                (stage.state(page.reference), stage.events(page.reference)),
                (State::Accepted, 1)
            );
            stage.ends().await;
        });
    }
}

#[test]
fn cp_11_death_while_a_webhook_is_verified_leaves_nothing() {
    dies("hear", 0);
}

#[test]
fn cp_12_fm_8_death_before_a_webhook_is_written_has_acknowledged_nothing() {
    dies("conclude", 0);
}

#[test]
fn fm_8_a_webhook_that_nobody_took_and_that_does_not_come_again_is_found_by_asking() {
    course(THEIRS, |stage| async move {
        let page = stage.page(&stage.wish()).await;
        let notice = stage.decides(&page, Verdict::Accepted);
        stage.dies_at("conclude", Death::Power);
        assert_eq!(stage.delivers(&notice).await, None);
        stage.ends().await;
        assert_eq!(stage.state(page.reference), State::Accepted);
    });
}

#[test]
fn fm_8_a_webhook_for_which_the_ledger_has_no_room_is_not_acknowledged() {
    course(THEIRS, |stage| async move {
        let page = stage.page(&stage.wish()).await;
        let notice = stage.decides(&page, Verdict::Accepted);
        stage.world.refuse_at("conclude", 1);
        assert_eq!(stage.delivers(&notice).await, Some(Heard::NotWritten));
        assert_eq!(stage.events(page.reference), 0);
        assert_eq!(stage.delivers(&notice).await, Some(Heard::Recorded));
        stage.ends().await;
    });
}

#[test]
fn inv_5_a_webhook_that_names_another_sum_is_kept_and_moves_nothing() {
    course(THEIRS, |stage| async move {
        let page = stage.page(&stage.wish()).await;
        let wrong = [("state", json!("accepted")), ("amount", json!(1))];
        let notice = stage.world.bank().message(page.reference, &wrong);
        assert_eq!(stage.delivers(&notice).await, Some(Heard::Recorded));
        assert_eq!(stage.state(page.reference), State::HandedOff);
        assert_eq!(stage.flags(page.reference), [Flag::Mismatch]);
        stage.ends().await;
    });
}

#[test]
fn cp_13_fm_9_death_before_the_acknowledgement_makes_no_second_event() {
    for point in ["concluded", "acknowledge"] {
        dies(point, 1);
    }
}

#[test]
fn cp_14_death_after_the_acknowledgement_loses_nothing() {
    dies("acknowledged", 1);
}

#[test]
fn fm_56_the_same_webhook_ten_times_at_once_is_one_event_and_acknowledged_ten_times() {
    course(Setting { instances: 2, ..THEIRS }, |stage| async move {
        let page = stage.page(&stage.wish()).await;
        let notice = stage.decides(&page, Verdict::Accepted);
        let houses = stage.world.houses();
        let all = (0..10).map(|copy| post::deliver(&stage.world, &houses[copy % 2], &notice));
        let heard = futures_util::future::join_all(all).await;
        assert_eq!(heard, [Some(Heard::Recorded); 10]);
        assert_eq!(
            (stage.state(page.reference), stage.events(page.reference)),
            (State::Accepted, 1)
        );
        stage.ends().await;
    });
}

#[test]
fn fm_57_a_refund_that_comes_before_its_payment_is_kept_and_told_in_the_end() {
    course(THEIRS, |stage| async move {
        let page = stage.page(&stage.wish()).await;
        let paid = stage.decides(&page, Verdict::Accepted);
        stage.pass(60).await;
        let refunded = stage.message(&page, "refunded");
        assert_eq!(stage.delivers(&refunded).await, Some(Heard::Recorded));
        assert_eq!(stage.state(page.reference), State::HandedOff);
        assert_eq!(stage.delivers(&paid).await, Some(Heard::Recorded));
        assert_eq!(stage.state(page.reference), State::Accepted);
        let standing = stage.world.disk().durable.standing(page.reference).unwrap();
        assert_eq!(standing.developments.len(), 1);
        stage.ends().await;
    });
}

#[test]
fn fm_58_a_payment_after_it_was_given_up_is_accepted_and_flagged() {
    course(THEIRS, |stage| async move {
        let page = stage.page(&stage.wish()).await;
        let lapsed = stage.message(&page, "lapsed");
        assert_eq!(stage.delivers(&lapsed).await, Some(Heard::Recorded));
        assert_eq!(stage.state(page.reference), State::Lapsed);
        stage.pass(60).await;
        let paid = stage.decides(&page, Verdict::Accepted);
        assert_eq!(stage.delivers(&paid).await, Some(Heard::Recorded));
        assert_eq!(stage.state(page.reference), State::Accepted);
        assert!(stage.flags(page.reference).contains(&Flag::Contradiction));
        stage.ends().await;
    });
}

#[test]
fn fm_59_a_refusal_after_a_payment_changes_nothing_and_is_flagged() {
    course(THEIRS, |stage| async move {
        let page = stage.page(&stage.wish()).await;
        let paid = stage.decides(&page, Verdict::Accepted);
        stage.delivers(&paid).await;
        stage.pass(60).await;
        let declined = stage.message(&page, "declined");
        assert_eq!(stage.delivers(&declined).await, Some(Heard::Recorded));
        assert_eq!(stage.state(page.reference), State::Accepted);
        assert_eq!(stage.flags(page.reference), [Flag::Contradiction]);
        stage.ends().await;
    });
}

#[test]
fn fm_60_a_second_card_on_the_same_page_is_accepted() {
    // In the order in which it happened, and in the other.
    for swapped in [false, true] {
        course(THEIRS, |stage| async move {
            let page = stage.page(&stage.wish()).await;
            let mut notices = vec![stage.decides(&page, Verdict::Declined)];
            stage.pass(60).await;
            notices.push(stage.decides(&page, Verdict::Accepted));
            if swapped {
                notices.reverse();
            }
            for notice in &notices {
                assert_eq!(stage.delivers(notice).await, Some(Heard::Recorded));
            }
            assert_eq!(
                (stage.state(page.reference), stage.flags(page.reference)),
                (State::Accepted, vec![])
            );
            stage.ends().await;
        });
    }
}

#[test]
fn fm_73_no_genuine_webhook_is_refused_while_a_secret_is_rotated() {
    course(Setting { instances: 2, ..THEIRS }, |stage| async move {
        // We learn the next secret, the processor changes over, we forget the old one.
        for (number, keys, next) in [
            (1, WebhookKeys::First, false),
            (2, WebhookKeys::Both, false),
            (3, WebhookKeys::Both, true),
            (4, WebhookKeys::Second, true),
        ] {
            let changes = stage.world.witness().webhook_keys != keys;
            stage.world.witness().webhook_keys = keys;
            if changes {
                stage.restarts().await;
            }
            stage.world.witness().signs_with_next = next;
            let page = stage.page(&Wish::of(&stage.world, number)).await;
            let notice = stage.decides(&page, Verdict::Accepted);
            for house in stage.world.houses() {
                let heard = post::deliver(&stage.world, &house, &notice).await;
                assert_eq!(heard, Some(Heard::Recorded), "{keys:?} {next}");
            }
        }
        // Before the first phase and after the last there is nothing to overlap.
        stage.world.witness().signs_with_next = false;
        let page = stage.page(&Wish::of(&stage.world, 90)).await;
        let notice = stage.decides(&page, Verdict::Accepted);
        assert_eq!(stage.delivers(&notice).await, Some(Heard::Forged));
        stage.ends().await;
    });
}

impl Stage {
    async fn restarts(&self) {
        for house in self.world.houses() {
            self.world.kill(&house.life, Death::Kill);
        }
        while self.world.houses().len() < self.world.instances() {
            self.pass(1).await;
        }
    }
}
