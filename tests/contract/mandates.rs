//! `setMandates`, one at a time: taken, and every refusal that costs nothing.

use crate::account::Account;
use crate::environment::Need;
use crate::lodging::pounds;
use almoner::processor::rsm::ddcm::{Decision, Doubt, MandateOrder, MandateState, Stated, Unfit};
use jiff::ToSpan as _;

const SOON: u16 = 25;

#[tokio::test]
async fn a_new_mandate_is_taken_and_reported() {
    let Some(account) = Account::with(&[Need::Mandates]) else { return };
    let start = account.ahead(SOON);
    account
        .lodged(start, async |reference| {
            let rows = account.rows(reference).await;
            assert_eq!(rows.len(), 1, "{rows:?}");
            let row = &rows[0];
            assert_eq!(row.client_ref.as_deref(), Some(reference));
            assert_eq!(row.amount, Some(pounds(1000)));
            assert_eq!(row.start_date, Some(start));
            assert_eq!(row.status, Stated::Is(MandateState::New));
            assert!(row.dd_ref_no.is_some());
        })
        .await;
}

#[tokio::test]
async fn a_reference_in_use_is_a_doubt() {
    let Some(account) = Account::with(&[Need::Mandates]) else { return };
    let start = account.ahead(SOON);
    account
        .lodged(start, async |reference| {
            let again = account.order(MandateOrder::New(account.record(reference, start))).await;
            let Decision::InDoubt(Doubt::Codes(codes)) = &again else { panic!("{again:?}") };
            assert!(codes.has(2112), "{codes}");
            assert_eq!(account.rows(reference).await.len(), 1);
        })
        .await;
}

#[tokio::test]
async fn an_account_that_cannot_be_is_refused() {
    let Some(account) = Account::with(&[Need::BankCheck]) else { return };
    let reference = account.fresh().await;
    let record = account.record_at(&account.bad_bank, &reference, account.ahead(SOON));
    refused(&account, &reference, MandateOrder::New(record), 2231).await;
}

#[tokio::test]
async fn a_start_that_is_too_soon_is_refused() {
    let account = Account::with(&[]).unwrap();
    let reference = account.fresh().await;
    let record = account.record(&reference, account.ahead(1));
    refused(&account, &reference, MandateOrder::New(record), 2193).await;
}

#[tokio::test]
async fn a_start_that_is_too_far_is_refused() {
    let account = Account::with(&[]).unwrap();
    let reference = account.fresh().await;
    let record = account.record(&reference, account.today() + 15.months());
    refused(&account, &reference, MandateOrder::New(record), 2194).await;
}

#[tokio::test]
async fn what_is_not_there_can_be_neither_changed_nor_cancelled() {
    let account = Account::with(&[]).unwrap();
    let reference = account.fresh().await;
    let record = account.record(&reference, account.ahead(SOON));
    refused(&account, &reference, MandateOrder::Amend(record), 2166).await;
    refused(&account, &reference, MandateOrder::Cancel { client_ref: &reference }, 2166).await;
}

/// Refused by ourselves: RSM is not asked.
#[tokio::test]
async fn what_cannot_be_sent_is_refused_here() {
    let account = Account::with(&[]).unwrap();
    let at = account.moment().await;
    for (sort_code, number) in [("12345", "66374958"), ("089999", "6637495"), ("08-9999", "1")] {
        let bank = (sort_code.to_owned(), number.to_owned());
        let orders = [MandateOrder::New(account.record_at(&bank, "CONTRACT", account.ahead(SOON)))];
        let made = account.ddcm.set_mandates(&orders, at);
        let Err(Unfit::Fields { record: 0, fields }) = &made else { panic!("{made:?}") };
        let known = ["sort_code", "account_number"];
        assert!(fields.iter().all(|error| known.contains(&error.field)), "{fields:?}");
    }
    if let Some(mock) = account.office() {
        assert_eq!(mock.requests("setMandates"), 0);
    }
}

/// Refused with this code among others, and nothing is there.
async fn refused(account: &Account, reference: &str, order: MandateOrder<'_>, code: u16) {
    let decision = account.order(order).await;
    let Decision::Refused(codes) = &decision else { panic!("{decision:?}") };
    assert!(codes.has(code), "{codes}");
    assert!(account.rows(reference).await.is_empty(), "{reference}");
}
