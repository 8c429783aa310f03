//! What becomes of orders whose answer and webhook meet, or for which the ledger has no room.

use super::*;
use almoner::resolution::Heard;
use world::post;

#[test]
fn fm_55_an_answer_and_a_webhook_of_the_same_instant_are_one_state() {
    for seed in 0..64 {
        let run =
            world::course::run(Chance::with(seed, Odds::default()), OURS, |world| async move {
                world.hold_webhooks();
                let stage = Stage { world };
                let (wish, house) = (stage.wish(), stage.house().await);
                let order = supporter::attempt(&stage.world, &house, &wish);
                let webhook = async {
                    let notice = stage.webhook().await;
                    post::deliver(&stage.world, &house, &notice).await
                };
                let (attempt, heard) = futures_util::future::join(order, webhook).await;
                let reference = stage.only();
                assert!(matches!(attempt, Attempt::Answered(_, State::Accepted)), "{attempt:?}");
                assert_eq!(heard, Some(Heard::Recorded));
                assert_eq!(
                    (stage.state(reference), stage.flags(reference)),
                    (State::Accepted, vec![])
                );
                assert_eq!(stage.events(reference), 2, "both are kept");
                stage.ends().await;
            });
        assert!(run.violations.is_empty(), "{seed}: {:#?}", run.violations);
    }
}

#[test]
fn fm_28_a_ledger_that_takes_nothing_now_is_never_a_reason_to_send_again() {
    // The opening, the mark, the outcome.
    for (point, sends) in [("open", 0), ("mark", 0), ("conclude", 1)] {
        course(OURS, |stage| async move {
            let wish = stage.wish();
            stage.world.refuse_at(point, 1);
            let first = stage.asks(&wish).await;
            let reference = match first {
                Attempt::NotSent => None,
                Attempt::Answered(reference, _) => Some(reference),
                Attempt::Broken | Attempt::UnderWay | Attempt::Page(_) => {
                    panic!("{point}: {first:?}")
                }
            };
            assert_eq!(reference.is_none(), point == "open");
            if let Some(reference) = reference {
                assert_eq!(stage.sends(reference), sends, "{point}");
            }
            stage.pass(600).await;
            let (reference, _) = stage.insists(&wish).await;
            let once = if point == "open" { 1 } else { sends };
            assert_eq!((stage.sends(reference), stage.charges(reference)), (once, once), "{point}");
            stage.ends().await;
        });
    }
}

#[test]
fn inv_2_a_lost_answer_is_never_a_reason_to_send_again() {
    let odds = Odds { answer_lost: 1000, ..Odds::default() };
    for seed in 0..8 {
        let run = world::course::run(Chance::with(seed, odds), OURS, |world| async move {
            let stage = Stage { world };
            stage.world.hold_webhooks();
            let wish = stage.wish();
            let (reference, told) = stage.insists(&wish).await;
            assert_eq!(told, State::InDoubt);
            assert_eq!((stage.sends(reference), stage.charges(reference)), (1, 1));
            stage.ends().await;
            assert_eq!(stage.state(reference), State::Accepted);
        });
        assert!(run.violations.is_empty(), "{seed}: {:#?}", run.violations);
    }
}

impl Stage {
    /// The next webhook that the processor would send.
    async fn webhook(&self) -> Notice {
        loop {
            if let Some(notice) = self.world.bank().held.pop() {
                return notice;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
