//! The outbox: nothing is left out, nothing overtakes, what was taken stays taken.

use crate::purging::{settled, until};
use crate::samples::{at, conclude, hand_off, notice, opened};
use almoner::ledger::{
    Again, Answer, Attempt, Backlog, Deliveries, Delivery, Ledger, Mark, Outbox, Tracked,
};
use almoner::payment::{Outcome, Reference, State};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

const CRM: &str = "crm";

async fn subscribed(ledger: &Arc<dyn Ledger>) -> Arc<dyn Outbox> {
    let outbox = Arc::clone(ledger).outbox().unwrap();
    outbox.subscribe(vec![CRM.to_owned()]).await.unwrap();
    outbox
}

/// Everything due at this second, leased for ten.
async fn claim(outbox: &Arc<dyn Outbox>, second: i64) -> Vec<Delivery> {
    outbox.claim_deliveries(CRM, at(second), at(second + 10), 100).await.unwrap()
}

fn attempt(delivery: &Delivery, second: i64, answer: Answer, again: Option<i64>) -> Attempt {
    Attempt {
        subscriber: CRM.to_owned(),
        position: delivery.item.cursor.position,
        at: at(second),
        answer,
        again: again.map(at),
    }
}

async fn take(outbox: &Arc<dyn Outbox>, delivery: &Delivery, second: i64) {
    outbox.settle(attempt(delivery, second, Answer::Taken, None)).await.unwrap();
}

async fn tracked(outbox: &Arc<dyn Outbox>) -> Vec<Tracked> {
    let all = Deliveries { limit: 1000, ..Deliveries::default() };
    let mut all = outbox.deliveries(all).await.unwrap();
    all.reverse();
    all
}

pub(crate) async fn who_subscribes_is_told_what_comes_in_order(ledger: Arc<dyn Ledger>) {
    settled(&ledger, 0).await;
    let outbox = subscribed(&ledger).await;
    assert_eq!(claim(&outbox, 100).await, [], "what was before is in the feed alone");
    let first = settled(&ledger, 1).await;
    let second = opened(&ledger, &hand_off(2)).await.hand_off.reference;
    conclude(&ledger, hand_off(3).reference, &notice(7, Outcome::Lapsed)).await;
    outbox.subscribe(vec![CRM.to_owned(), "books".to_owned()]).await.unwrap();
    let due = claim(&outbox, 100).await;
    let told: Vec<_> =
        due.iter().map(|it| (it.item.event.reference, it.item.event.after)).collect();
    let expected = [first, second].map(|reference| (reference, Some(State::HandedOff)));
    assert_eq!(told, expected, "of each hand-off the first, and nothing that is parked");
    let feed = ledger.feed(None, 100).await.unwrap().unwrap();
    assert!(due.iter().all(|delivery| feed.contains(&delivery.item)));
    assert_eq!(claim(&outbox, 101).await, [], "leased");
    take(&outbox, &due[0], 102).await;
    let next = claim(&outbox, 103).await;
    assert_eq!(next.len(), 1);
    assert_eq!(next[0].item.event.after, Some(State::Accepted));
    let books = outbox.claim_deliveries("books", at(100), at(110), 9).await.unwrap();
    assert_eq!(books, [], "who came later is told what came later");
    assert_eq!(outbox.claim_deliveries("nobody", at(100), at(110), 9).await.unwrap(), []);
}

pub(crate) async fn what_was_not_taken_is_told_again_and_holds_its_hand_off_up(
    ledger: Arc<dyn Ledger>,
) {
    let outbox = subscribed(&ledger).await;
    settled(&ledger, 0).await;
    let first = claim(&outbox, 100).await;
    assert_eq!((first.len(), first[0].tries, first[0].since), (1, 0, at(100)));
    // Nobody said what came of it: the lease ends.
    assert_eq!(claim(&outbox, 109).await, []);
    let again = claim(&outbox, 110).await;
    assert_eq!((again.len(), again[0].tries, again[0].since), (1, 1, at(100)));
    assert_eq!(again[0].item, first[0].item);
    outbox.settle(attempt(&again[0], 111, Answer::Failed, Some(200))).await.unwrap();
    assert_eq!(claim(&outbox, 199).await, []);
    let third = claim(&outbox, 200).await;
    take(&outbox, &third[0], 201).await;
    // The first courier was only slow: what it says now changes nothing.
    outbox.settle(attempt(&first[0], 202, Answer::Lost, Some(203))).await.unwrap();
    let last = claim(&outbox, 300).await;
    assert_eq!(last.len(), 1);
    assert_ne!(last[0].item, first[0].item);
    let seen = tracked(&outbox).await;
    assert_eq!((seen[0].tries, seen[0].due_at, seen[0].taken_at), (3, None, Some(at(201))));
    assert_eq!(seen[0].last, Some((at(202), Answer::Lost)));
    assert_eq!((seen[1].tries, seen[1].taken_at, seen[1].last), (1, None, None));
}

pub(crate) async fn who_is_gone_is_told_nothing_until_told_again(ledger: Arc<dyn Ledger>) {
    let outbox = subscribed(&ledger).await;
    let reference = settled(&ledger, 0).await;
    let first = claim(&outbox, 100).await;
    outbox.settle(attempt(&first[0], 101, Answer::Gone, Some(101))).await.unwrap();
    settled(&ledger, 1).await;
    assert_eq!(claim(&outbox, 5000).await, []);
    let told = outbox.tell_again(CRM, Again::Of(reference), at(6000)).await.unwrap();
    assert_eq!(told, 2);
    let due = claim(&outbox, 6000).await;
    assert_eq!(due.len(), 2, "and nothing was lost meanwhile");
    assert_eq!((due[0].tries, due[0].since), (0, at(6000)));
}

pub(crate) async fn what_was_given_up_lets_the_next_pass_and_can_be_told_again(
    ledger: Arc<dyn Ledger>,
) {
    let outbox = subscribed(&ledger).await;
    let reference = settled(&ledger, 0).await;
    let first = claim(&outbox, 100).await;
    outbox.settle(attempt(&first[0], 101, Answer::Refused, None)).await.unwrap();
    let second = claim(&outbox, 102).await;
    assert_eq!(second.len(), 1);
    take(&outbox, &second[0], 103).await;
    let open = Deliveries { open: true, limit: 10, ..Deliveries::default() };
    let open = outbox.deliveries(open).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].due_at, open[0].taken_at), (None, None));
    assert_eq!(outbox.tell_again(CRM, Again::GivenUp, at(200)).await.unwrap(), 1);
    assert_eq!(claim(&outbox, 200).await[0].item, first[0].item);
    assert_eq!(outbox.tell_again(CRM, Again::Of(reference), at(300)).await.unwrap(), 2);
    assert_eq!(claim(&outbox, 300).await.len(), 1, "in order again");
    let only = |subscriber: &str, reference| Deliveries {
        subscriber: Some(subscriber.to_owned()),
        reference: Some(reference),
        open: false,
        limit: 10,
    };
    assert_eq!(outbox.deliveries(only(CRM, reference)).await.unwrap().len(), 2);
    assert_eq!(outbox.deliveries(only(CRM, hand_off(9).reference)).await.unwrap(), []);
    assert_eq!(outbox.deliveries(only("books", reference)).await.unwrap(), []);
}

pub(crate) async fn what_was_told_goes_with_its_hand_off(ledger: Arc<dyn Ledger>) {
    let outbox = subscribed(&ledger).await;
    settled(&ledger, 0).await;
    let due = claim(&outbox, 100).await;
    outbox.settle(attempt(&due[0], 101, Answer::Failed, Some(102))).await.unwrap();
    ledger.purge(until(60)).await.unwrap();
    assert_eq!(tracked(&outbox).await, []);
    assert_eq!(claim(&outbox, 200).await, []);
    // Somebody was just telling it.
    take(&outbox, &due[0], 201).await;
    settled(&ledger, 300).await;
    assert_eq!(claim(&outbox, 400).await.len(), 1);
}

pub(crate) async fn the_log_is_read_on_from_any_line(ledger: Arc<dyn Ledger>) {
    let outbox = subscribed(&ledger).await;
    assert_eq!(outbox.told(None, 10).await.unwrap(), []);
    let [first, second] = [settled(&ledger, 0).await, settled(&ledger, 1).await];
    let due = claim(&outbox, 100).await;
    outbox.settle(attempt(&due[0], 101, Answer::Failed, Some(102))).await.unwrap();
    // The other was told at the same time, and what comes later may have been sooner by its own clock.
    take(&outbox, &due[1], 101).await;
    let again = claim(&outbox, 103).await;
    take(&outbox, again.iter().find(|it| it.item == due[0].item).unwrap(), 100).await;
    let log = outbox.told(None, 10).await.unwrap();
    let lines: Vec<_> =
        log.iter().map(|line| (line.mark.at, line.reference, line.answer)).collect();
    let expected = [
        (at(100), first, Answer::Taken),
        (at(101), first, Answer::Failed),
        (at(101), second, Answer::Taken),
    ];
    assert_eq!(lines, expected);
    assert!(log.iter().all(|line| line.mark.subscriber == CRM));
    assert_eq!(log[0].mark.position, due[0].item.cursor.position);
    for (place, line) in log.iter().enumerate() {
        let behind = outbox.told(Some(line.mark.clone()), 10).await.unwrap();
        assert_eq!(behind, log[place + 1..], "behind each");
    }
    let start = Mark { at: at(101), position: 0, subscriber: String::new() };
    assert_eq!(
        outbox.told(Some(start), 1).await.unwrap(),
        log[1..2],
        "from a time on, and no more"
    );
}

pub(crate) async fn how_far_a_subscriber_is_behind(ledger: Arc<dyn Ledger>) {
    let outbox = subscribed(&ledger).await;
    let behind = |oldest, gone| vec![Backlog { subscriber: CRM.to_owned(), oldest, gone }];
    assert_eq!(outbox.backlog().await.unwrap(), behind(None, false));
    let recorded = |second: i64| async move {
        let reference = settled(&ledger, second).await;
        let events = ledger.history(reference).await.unwrap();
        // A database gives places when it is asked for them.
        ledger.feed_end().await.unwrap();
        [Some(events[0].recorded_at), Some(events[1].recorded_at)]
    };
    let [opened, accepted] = recorded(0).await;
    assert_eq!(outbox.backlog().await.unwrap(), behind(opened, false), "nobody claimed it yet");
    let first = claim(&outbox, 100).await;
    assert_eq!(outbox.backlog().await.unwrap(), behind(opened, false), "nor took it");
    take(&outbox, &first[0], 101).await;
    assert_eq!(outbox.backlog().await.unwrap(), behind(accepted, false));
    let second = claim(&outbox, 102).await;
    outbox.settle(attempt(&second[0], 103, Answer::Gone, Some(103))).await.unwrap();
    assert_eq!(outbox.backlog().await.unwrap(), behind(accepted, true));
    outbox.tell_again(CRM, Again::GivenUp, at(104)).await.unwrap();
    outbox.settle(attempt(&second[0], 105, Answer::Refused, None)).await.unwrap();
    assert_eq!(outbox.backlog().await.unwrap(), behind(None, false), "given up is no more awaited");
}

pub(crate) async fn couriers_beside_writers_tell_everything_once_and_in_order(
    ledger: Arc<dyn Ledger>,
) {
    const EACH: i64 = 12;
    let outbox = subscribed(&ledger).await;
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let ledger = Arc::clone(&ledger);
        writers.spawn(crate::feed::write(ledger, writer * 100..writer * 100 + EACH));
    }
    let all = usize::try_from(4 * EACH * 3).unwrap();
    let mut couriers = JoinSet::new();
    let (told, done) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..3 {
        let (outbox, told) = (Arc::clone(&outbox), told.clone());
        couriers.spawn(async move {
            loop {
                let due = outbox.claim_deliveries(CRM, at(500), at(900), 5).await.unwrap();
                for delivery in due {
                    take(&outbox, &delivery, 501).await;
                    let event = &delivery.item.event;
                    told.send((event.reference, delivery.item.cursor.position)).unwrap();
                }
            }
        });
    }
    let mut done = done;
    let mut heard: Vec<(Reference, i64)> = Vec::new();
    while heard.len() < all {
        heard.push(done.recv().await.unwrap());
    }
    couriers.abort_all();
    assert_eq!(heard.iter().collect::<BTreeSet<_>>().len(), all, "each once");
    let references: BTreeSet<_> = heard.iter().map(|(reference, _)| *reference).collect();
    for reference in references {
        let of = heard.iter().filter(|(other, _)| *other == reference);
        assert!(of.map(|(_, position)| *position).is_sorted());
    }
    assert!(tracked(&outbox).await.iter().all(|it| it.taken_at.is_some() && it.tries == 1));
}
