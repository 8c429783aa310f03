//! The reports: empty ones, and ours in each that it belongs to.

use crate::account::Account;
use crate::batches::{new, references};
use crate::environment::Need;
use almoner::processor::rsm::ddcm::{
    BatchFilter, CollectionFilter, Direction, MandateFilter, MandateState, Page, Period, Sort,
};
use jiff::ToSpan as _;

const SOON: u16 = 25;

#[tokio::test]
async fn nothing_found_is_an_answer() {
    let account = Account::with(&[]).unwrap();
    let reference = account.fresh().await;
    let filter = MandateFilter { client_ref: Some(&reference), ..MandateFilter::default() };
    let report = account.ask(|ddcm, at| ddcm.mandate_report(&filter, at)).await.unwrap();
    assert!(report.rows.is_empty() && report.is_whole(), "{report:?}");
    let filter = CollectionFilter { client_ref: Some(&reference), ..CollectionFilter::default() };
    let report = account.ask(|ddcm, at| ddcm.collection_report(&filter, at)).await.unwrap();
    assert!(report.rows.is_empty() && report.is_whole(), "{report:?}");
}

#[tokio::test]
async fn a_new_mandate_stands_in_the_day_and_in_its_state() {
    let Some(account) = Account::with(&[Need::Mandates]) else { return };
    let today = account.today();
    let of = |first, last| MandateFilter {
        period: Some(Period { first, last }),
        ..MandateFilter::default()
    };
    let new = MandateFilter { status: Some(MandateState::New), ..MandateFilter::default() };
    let live = MandateFilter { status: Some(MandateState::Live), ..MandateFilter::default() };
    let before = of(today - 40.days(), today - 1.day());
    account
        .lodged(account.ahead(SOON), async |reference| {
            for (filter, there) in
                [(of(today, today), true), (new, true), (live, false), (before, false)]
            {
                let report = account.ask(|ddcm, at| ddcm.mandate_report(&filter, at)).await;
                let report = report.unwrap();
                let found =
                    report.rows.iter().any(|row| row.client_ref.as_deref() == Some(reference));
                assert_eq!(found, there, "{:?} {:?}", filter.status, filter.period);
                assert!(report.is_whole() && report.unreadable.is_empty(), "{report:?}");
            }
        })
        .await;
}

/// In the order asked for, and not more rows than were asked for.
#[tokio::test]
async fn sorted_and_cut() {
    let Some(account) = Account::with(&[Need::Mandates]) else { return };
    let (today, start) = (account.today(), account.ahead(SOON));
    let references = references(&account, 6).await;
    let (common, _) = references[0].rsplit_once('-').unwrap();
    let all: Vec<&str> = references.iter().map(String::as_str).collect();
    let period = Some(Period { first: today, last: today });
    account
        .clearing(&all, async || {
            // Not in the order of their letters.
            let turned = [3, 1, 5, 0, 4, 2].map(|place| account.record(all[place], start));
            let orders = new(turned.into());
            account.ask(|ddcm, at| ddcm.set_mandates(&orders, at)).await.unwrap();
            for (direction, expected) in [
                (Direction::Ascending, all[..5].to_vec()),
                (Direction::Descending, all[1..].iter().rev().copied().collect()),
            ] {
                let sort = Some(Sort { by: "clientRef", direction });
                let page = Page { sort, rows: Some(5) };
                let client_ref = Some(common);
                let filter = MandateFilter { period, client_ref, page, ..MandateFilter::default() };
                let report = account.ask(|ddcm, at| ddcm.mandate_report(&filter, at)).await;
                let rows = report.unwrap().rows;
                let found: Vec<_> = rows.iter().filter_map(|it| it.client_ref.as_deref()).collect();
                assert_eq!(found, expected);
            }
        })
        .await;
}

#[tokio::test]
async fn every_kind_of_batch_can_be_asked_for() {
    let account = Account::with(&[]).unwrap();
    let today = account.today();
    let period = Some(Period { first: today - 40.days(), last: today });
    let filter = BatchFilter { period, page: Page::default() };
    let mandates = account.ask(|ddcm, at| ddcm.mandate_batch_report(&filter, at)).await.unwrap();
    let made = account.ask(|ddcm, at| ddcm.collection_batch_report(&filter, at)).await.unwrap();
    let letters = account.ask(|ddcm, at| ddcm.letter_batch_report(&filter, at)).await.unwrap();
    for report in [mandates, made, letters] {
        assert!(report.is_whole() && report.unreadable.is_empty(), "{report:?}");
    }
}

/// What goes to the bank stands in batches; a collection's is named with a pound sign.
#[tokio::test]
async fn what_was_sent_stands_in_batches() {
    let Some(account) = Account::with(&[Need::Mandates, Need::Calendar]) else { return };
    account
        .lodged(account.ahead(10), async |_| {
            account.office().unwrap().advance_working_days(14);
            let last = account.today();
            let period = Some(Period { first: last - 40.days(), last });
            let filter = BatchFilter { period, page: Page::default() };
            let sent =
                account.ask(|ddcm, at| ddcm.mandate_batch_report(&filter, at)).await.unwrap();
            assert_eq!((sent.rows.len(), sent.rows[0].total), (1, Some(1)), "{sent:?}");
            let made = account.ask(|ddcm, at| ddcm.collection_batch_report(&filter, at)).await;
            let made = made.unwrap();
            assert_eq!(made.rows[0].success_amount.map(|it| it.0), Some(1000), "{made:?}");
            assert!(made.rows[0].name.as_ref().unwrap().contains('£'), "{made:?}");
        })
        .await;
}
