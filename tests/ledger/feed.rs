//! The feed: every event once, in one order, and nothing added before what was shown.

use crate::purging::{settled, until};
use crate::samples::{at, conclude, developed, find, hand_off, notice, opened};
use almoner::ledger::{Cursor, Item, Ledger};
use almoner::payment::{Development, Outcome, Reference, State};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

/// All that stands behind a cursor, in pages of this size.
pub(crate) async fn all_behind(
    ledger: &Arc<dyn Ledger>,
    mut after: Option<Cursor>,
    limit: usize,
) -> Vec<Item> {
    let mut all = Vec::new();
    loop {
        let items = ledger.feed(after, limit).await.unwrap().unwrap();
        let Some(last) = items.last() else { return all };
        assert!(items.len() <= limit);
        after = Some(last.cursor);
        all.extend(items);
    }
}

/// Each event once, and positions that only grow.
pub(crate) fn assert_in_order(items: &[Item]) {
    let positions: Vec<i64> = items.iter().map(|item| item.cursor.position).collect();
    assert!(positions.is_sorted_by(|one, other| one < other), "{positions:?}");
    let id = |item: &Item| (item.event.reference, item.event.evidence.as_ref().map(|it| it.id));
    assert_eq!(items.iter().map(id).collect::<BTreeSet<_>>().len(), items.len());
}

pub(crate) async fn an_item_is_the_hand_off_as_it_stood(ledger: Arc<dyn Ledger>) {
    let reference = opened(&ledger, &hand_off(0)).await.hand_off.reference;
    conclude(&ledger, reference, &notice(1, Outcome::Declined)).await;
    let declined = find(&ledger, reference).await;
    conclude(&ledger, reference, &notice(2, Outcome::Accepted)).await;
    conclude(&ledger, reference, &developed(3, Development::MandateLive)).await;
    let items = all_behind(&ledger, None, 10).await;
    assert_in_order(&items);
    let states: Vec<_> = items.iter().map(|item| item.entry.standing.state).collect();
    assert_eq!(states, [State::HandedOff, State::Declined, State::Accepted, State::Accepted]);
    assert_eq!(items[1].entry, declined);
    assert_eq!(items[2].entry.standing.developments, []);
    assert_eq!(
        items[3].entry,
        find(&ledger, reference).await,
        "what was answered is there at once"
    );
    let events: Vec<_> = items.iter().map(|item| item.event.clone()).collect();
    assert_eq!(events, ledger.history(reference).await.unwrap());
    assert_eq!(ledger.feed_end().await.unwrap(), Some(items[3].cursor));
    assert_eq!(all_behind(&ledger, Some(items[3].cursor), 10).await, []);
}

pub(crate) async fn what_was_parked_is_told_by_its_opening(ledger: Arc<dyn Ledger>) {
    let early = hand_off(0);
    conclude(&ledger, early.reference, &notice(1, Outcome::Accepted)).await;
    assert_eq!(all_behind(&ledger, None, 10).await, []);
    let parked = ledger.feed_end().await.unwrap().unwrap();
    let other = opened(&ledger, &hand_off(1)).await.hand_off.reference;
    opened(&ledger, &early).await;
    for after in [None, Some(parked)] {
        let items = all_behind(&ledger, after, 10).await;
        let told: Vec<_> =
            items.iter().map(|item| (item.event.reference, item.event.after)).collect();
        let expected = [(other, Some(State::HandedOff)), (early.reference, Some(State::Accepted))];
        assert_eq!(told, expected, "{after:?}");
        assert_eq!(items[1].entry, find(&ledger, early.reference).await);
    }
}

pub(crate) async fn pages_of_any_size_are_the_same_feed(ledger: Arc<dyn Ledger>) {
    for second in 0..12 {
        settled(&ledger, second).await;
        conclude(&ledger, hand_off(900).reference, &notice(9, Outcome::Lapsed)).await;
    }
    let all = all_behind(&ledger, None, 100).await;
    assert_eq!(all.len(), 24);
    for limit in [1, 2, 7, 23] {
        assert_eq!(all_behind(&ledger, None, limit).await, all, "{limit}");
    }
    for (place, item) in all.iter().enumerate() {
        assert_eq!(all_behind(&ledger, Some(item.cursor), 100).await, all[place + 1..]);
    }
}

pub(crate) async fn a_cursor_of_another_record_is_refused(ledger: Arc<dyn Ledger>) {
    let nowhere = Cursor { position: 1, mark: [7; 8] };
    assert_eq!(ledger.feed_end().await.unwrap(), None);
    assert_eq!(ledger.feed(Some(nowhere), 10).await.unwrap(), None, "nothing is there yet");
    settled(&ledger, 0).await;
    let end = ledger.feed_end().await.unwrap().unwrap();
    assert_eq!(ledger.feed(Some(end), 10).await.unwrap(), Some(vec![]));
    let ahead = Cursor { position: end.position + 1, ..end };
    for of_another in [nowhere, ahead, Cursor { mark: [7; 8], ..end }] {
        assert_eq!(ledger.feed(Some(of_another), 10).await.unwrap(), None, "{of_another}");
    }
}

pub(crate) async fn what_was_purged_is_passed_over(ledger: Arc<dyn Ledger>) {
    for second in 0..4 {
        settled(&ledger, second).await;
    }
    let before = all_behind(&ledger, None, 100).await;
    ledger.purge(until(32)).await.unwrap();
    let left = &before[4..];
    assert_eq!(all_behind(&ledger, None, 100).await, left);
    for purged in &before[..4] {
        assert_eq!(all_behind(&ledger, Some(purged.cursor), 100).await, left);
    }
    // No place is given twice, even where the newest are gone.
    ledger.purge(until(100)).await.unwrap();
    assert_eq!(all_behind(&ledger, None, 100).await, []);
    settled(&ledger, 200).await;
    let after = all_behind(&ledger, Some(before[7].cursor), 100).await;
    assert_eq!(after.len(), 2);
    assert!(after[0].cursor.position > before[7].cursor.position);
}

/// Opens and concludes so many, and tells which they were.
pub(crate) async fn write(
    ledger: Arc<dyn Ledger>,
    seconds: std::ops::Range<i64>,
) -> Vec<Reference> {
    let mut written = Vec::new();
    for second in seconds {
        let reference = settled(&ledger, second).await;
        let paid = developed(9, Development::CollectionPaid);
        ledger.conclude(reference, paid, at(second + 60)).await.unwrap();
        written.push(reference);
    }
    written
}

pub(crate) async fn a_reader_among_writers_misses_nothing(ledger: Arc<dyn Ledger>) {
    const WRITERS: i64 = 6;
    const EACH: i64 = 15;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(Arc::clone(&ledger), writer * 100..writer * 100 + EACH));
    }
    let (mut seen, mut after): (Vec<Item>, _) = (Vec::new(), None);
    let all = usize::try_from(WRITERS * EACH * 3).unwrap();
    while seen.len() < all {
        let written = writers.is_empty();
        let items = ledger.feed(after, 7).await.unwrap().unwrap();
        assert!(!(written && items.is_empty()), "{} of {all}", seen.len());
        after = items.last().map(|item| item.cursor).or(after);
        seen.extend(items);
        while writers.try_join_next().is_some() {}
    }
    assert_in_order(&seen);
    assert_eq!(all_behind(&ledger, None, 250).await, seen, "nothing was put in between");
    for reference in seen.iter().map(|item| item.event.reference).collect::<BTreeSet<_>>() {
        let told = seen.iter().filter(|item| item.event.reference == reference);
        let told: Vec<_> = told.map(|item| item.event.clone()).collect();
        assert_eq!(told, ledger.history(reference).await.unwrap());
    }
}
