//! A live mandate: changed, and cancelled. It takes days to become live, so only the mock has them.

use crate::account::Account;
use crate::environment::Need;
use almoner::processor::rsm::ddcm::{Decision, MandateOrder, MandateState, Stated};

const SOON: u16 = 25;
const TO_LIVE: u32 = 7;

async fn live(account: &Account, reference: &str) {
    account.office().unwrap().advance_working_days(TO_LIVE);
    let rows = account.rows(reference).await;
    assert_eq!(rows[0].status, Stated::Is(MandateState::Live));
}

#[tokio::test]
async fn a_holiday_is_a_later_start() {
    let Some(account) = Account::with(&[Need::Mandates, Need::Calendar]) else { return };
    account
        .lodged(account.ahead(SOON), async |reference| {
            live(&account, reference).await;
            let later = account.ahead(60);
            let decision =
                account.order(MandateOrder::Amend(account.record(reference, later))).await;
            assert!(matches!(decision, Decision::Accepted { .. }), "{decision:?}");
            let rows = account.rows(reference).await;
            assert_eq!(rows.len(), 1, "{rows:?}");
            assert_eq!(rows[0].start_date, Some(later));
            assert_eq!(rows[0].status, Stated::Is(MandateState::Live));
        })
        .await;
}

#[tokio::test]
async fn a_cancelled_mandate_is_over_and_its_reference_free() {
    let Some(account) = Account::with(&[Need::Mandates, Need::Calendar]) else { return };
    account
        .lodged(account.ahead(SOON), async |reference| {
            live(&account, reference).await;
            let cancel = || MandateOrder::Cancel { client_ref: reference };
            let decision = account.order(cancel()).await;
            assert!(matches!(decision, Decision::Accepted { .. }), "{decision:?}");
            let again = account.order(cancel()).await;
            let Decision::Refused(codes) = &again else { panic!("{again:?}") };
            assert!(codes.has(2166), "{codes}");
            account.office().unwrap().advance_working_days(1);
            let rows = account.rows(reference).await;
            assert_eq!(rows[0].status, Stated::Is(MandateState::Cancelled));
            let anew = account.record(reference, account.ahead(SOON));
            let decision = account.order(MandateOrder::New(anew)).await;
            assert!(matches!(decision, Decision::Accepted { .. }), "{decision:?}");
        })
        .await;
}
