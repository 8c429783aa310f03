//! `setCollections`: planned, moved and taken back before anything is sent to a bank.

use crate::account::Account;
use crate::environment::Need;
use crate::lodging::pounds;
use almoner::processor::rsm::ddcm::{
    CollectionFilter, CollectionOrder, CollectionRow, CollectionState, Decision, Stated, Which,
};
use jiff::civil::Date;

const SOON: u16 = 25;

async fn order(account: &Account, order: CollectionOrder<'_>) -> Decision {
    let orders = [order];
    let decisions = account.ask(|ddcm, at| ddcm.set_collections(&orders, at)).await.unwrap();
    decisions.into_iter().next().unwrap()
}

async fn taken(account: &Account, what: CollectionOrder<'_>) {
    let decision = order(account, what).await;
    assert!(matches!(decision, Decision::Accepted { .. }), "{decision:?}");
}

async fn refused(account: &Account, what: CollectionOrder<'_>, code: u16) {
    let decision = order(account, what).await;
    let Decision::Refused(codes) = &decision else { panic!("{decision:?}") };
    assert!(codes.has(code), "{codes}, not {code}");
}

async fn planned(account: &Account, reference: &str) -> Vec<CollectionRow> {
    let filter = CollectionFilter { client_ref: Some(reference), ..CollectionFilter::default() };
    account.ask(|ddcm, at| ddcm.collection_report(&filter, at)).await.unwrap().rows
}

#[tokio::test]
async fn planned_moved_and_taken_back() {
    let Some(account) = Account::with(&[Need::Mandates, Need::Collections]) else { return };
    let (day, later) = (account.ahead(10), account.ahead(12));
    account
        .lodged(account.ahead(SOON), async |reference| {
            let one = |date: Date, pence| Which {
                sun: &account.sun,
                client_ref: reference,
                amount: pounds(pence),
                date,
                dd_ref_no: None,
            };
            taken(&account, CollectionOrder::New(one(day, 1500))).await;
            let rows = planned(&account, reference).await;
            assert_eq!((rows.len(), rows[0].date_due), (1, Some(day)));
            assert_eq!(rows[0].amount, Some(pounds(1500)));
            assert_eq!(rows[0].status, Stated::Is(CollectionState::New));
            assert_eq!(rows[0].pay_status, Stated::Nothing);

            let to = one(later, 2000);
            let moved = |amount| CollectionOrder::Amend { to, amount: pounds(amount), date: day };
            refused(&account, moved(1499), 2155).await;
            taken(&account, moved(1500)).await;
            let rows = planned(&account, reference).await;
            assert_eq!((rows.len(), rows[0].date_due), (1, Some(later)));
            assert_eq!(rows[0].amount, Some(pounds(2000)));

            refused(&account, CollectionOrder::Delete(one(day, 1500)), 2155).await;
            taken(&account, CollectionOrder::Delete(one(later, 2000))).await;
            assert!(planned(&account, reference).await.is_empty());
        })
        .await;
}

#[tokio::test]
async fn too_soon_and_without_a_mandate() {
    let Some(account) = Account::with(&[Need::Collections]) else { return };
    let reference = account.fresh().await;
    let which = Which {
        sun: &account.sun,
        client_ref: &reference,
        amount: pounds(1500),
        date: account.ahead(10),
        dd_ref_no: None,
    };
    refused(&account, CollectionOrder::New(which), 2166).await;
    assert!(planned(&account, &reference).await.is_empty());
}
