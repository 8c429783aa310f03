//! What a person sees: pages, filters.

use crate::samples::{at, conclude, find, hand_off, notice, opened};
use almoner::ledger::chain::START;
use almoner::ledger::{Ledger, Page, Verified};
use almoner::payment::{Flag, Mode, Outcome, Reference, State};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Opens that many, a second apart, and gives their references newest first.
async fn fill(ledger: &Arc<dyn Ledger>, count: i64) -> Vec<Reference> {
    let mut opening = JoinSet::new();
    for second in 0..count {
        let ledger = Arc::clone(ledger);
        opening.spawn(async move { opened(&ledger, &hand_off(second)).await.hand_off.reference });
    }
    let mut references = opening.join_all().await;
    references.sort_unstable_by(|one, other| other.cmp(one));
    references
}

async fn list(ledger: &Arc<dyn Ledger>, page: Page) -> Vec<Reference> {
    let entries = ledger.list(page).await.unwrap();
    entries.into_iter().map(|entry| entry.hand_off.reference).collect()
}

pub(crate) async fn newest_first_page_by_page(ledger: Arc<dyn Ledger>) {
    let references = fill(&ledger, 7).await;
    let mut page = Page { limit: 3, ..Page::default() };
    let mut seen = Vec::new();
    for length in [3, 3, 1, 0] {
        let found = list(&ledger, page).await;
        assert_eq!(found.len(), length);
        page.before = found.last().copied();
        seen.extend(found);
    }
    assert_eq!(seen, references);
    let all = ledger.list(Page { limit: usize::MAX, ..Page::default() }).await.unwrap();
    assert_eq!(all.len(), 7);
    for entry in all {
        assert_eq!(find(&ledger, entry.hand_off.reference).await, entry);
    }
    assert_eq!(list(&ledger, Page::default()).await, []);
}

pub(crate) async fn only_the_state_asked_for_across_many_rows(ledger: Arc<dyn Ledger>) {
    let references = fill(&ledger, 700).await;
    let wanted = [references[10], references[300], references[699]];
    for reference in wanted {
        conclude(&ledger, reference, &notice(1, Outcome::Declined)).await;
    }
    let page = Page { state: Some(State::Declined), limit: 2, ..Page::default() };
    assert_eq!(list(&ledger, page).await, wanted[..2]);
    let next = Page { before: Some(wanted[1]), ..page };
    assert_eq!(list(&ledger, next).await, wanted[2..]);
    assert_eq!(list(&ledger, Page { before: Some(wanted[2]), ..page }).await, []);
    let others = Page { state: Some(State::HandedOff), limit: 1000, ..Page::default() };
    assert_eq!(list(&ledger, others).await.len(), 697);
}

pub(crate) async fn only_what_a_person_must_look_at(ledger: Arc<dyn Ledger>) {
    let references = fill(&ledger, 5).await;
    let mut wrong = notice(1, Outcome::Accepted);
    wrong.mode = Some(Mode::Live);
    conclude(&ledger, references[1], &wrong).await;
    conclude(&ledger, references[3], &notice(2, Outcome::Accepted)).await;
    let page = Page { attention: true, limit: 10, ..Page::default() };
    let found = ledger.list(page).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].hand_off.reference, references[1]);
    assert!(found[0].standing.attention.contains(&Flag::Mismatch));
    let both = Page { state: Some(State::Accepted), ..page };
    assert_eq!(list(&ledger, both).await, []);
}

pub(crate) async fn an_empty_ledger_is_empty_whole_and_ready(ledger: Arc<dyn Ledger>) {
    assert_eq!(list(&ledger, Page { limit: 10, ..Page::default() }).await, []);
    assert_eq!(ledger.parked(10).await.unwrap(), []);
    assert_eq!(ledger.claim(at(0), at(1), 10).await.unwrap(), []);
    let verified = ledger.verify().await.unwrap();
    assert_eq!(
        verified,
        Verified { events: 0, hand_offs: 0, purged: 0, newest: None, head: START }
    );
    ledger.ready().await.unwrap();
    assert_eq!(ledger.verify().await.unwrap(), verified, "asking leaves no trace");
}
