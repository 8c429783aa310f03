//! What becomes of mandates and collections by RSM's calendar, for every test account.

use super::client::stage;
use crate::stage::Stage;
use almoner::mock_rsm::{CollectionKind, MandateState, Money, Sending};

async fn lodged(number: &str) -> Stage {
    let stage = stage();
    let reply = stage.mandate(&[("accountNumber", number), ("startDate", "22/01/2026")]).await;
    assert_eq!(reply.codes(), [0_u16; 0]);
    stage
}

fn state(stage: &Stage) -> (MandateState, String) {
    let row = stage.rsm().mandates("DON-000123")[0].clone();
    (row.state, row.fail_reason)
}

fn moneys(stage: &Stage) -> Vec<(String, Sending, Money)> {
    let rows = stage.rsm().collections("DON-000123");
    rows.iter().map(|row| (row.due.to_string(), row.sending, row.money)).collect()
}

#[tokio::test]
async fn five_working_days_to_live() {
    let stage = lodged("00012345").await;
    assert_eq!(state(&stage).0, MandateState::New);
    assert_eq!(stage.rsm().today().to_string(), "2026-01-15");
    for day in ["2026-01-16", "2026-01-19", "2026-01-20", "2026-01-21"] {
        stage.rsm().advance_working_days(1);
        assert_eq!(
            (stage.rsm().today().to_string().as_str(), state(&stage).0),
            (day, MandateState::Pending)
        );
    }
    stage.rsm().advance_working_days(1);
    assert_eq!(state(&stage), (MandateState::Live, String::new()));
}

#[tokio::test]
async fn collected_every_month() {
    let stage = stage();
    stage.mandate(&[("startDate", "31/01/2026"), ("endDate", "30/04/2026")]).await;
    stage.rsm().advance_working_days(90);
    let rows = stage.rsm().collections("DON-000123");
    let told: Vec<_> = rows.iter().map(|row| (row.due.to_string(), row.kind)).collect();
    let expected = [
        ("2026-02-02", CollectionKind::First),
        ("2026-03-02", CollectionKind::Regular),
        ("2026-03-31", CollectionKind::Regular),
        ("2026-04-30", CollectionKind::Last),
    ];
    assert_eq!(told, expected.map(|(day, kind)| (day.to_owned(), kind)));
    assert!(rows.iter().all(|row| row.money == Money::Paid && row.pence == 1000));
}

#[tokio::test]
async fn paid_on_the_day_and_not_before() {
    let stage = stage();
    stage.mandate(&[("startDate", "30/01/2026")]).await;
    stage.rsm().advance_working_days(6);
    assert_eq!(stage.rsm().collections("DON-000123").len(), 0, "2026-01-23");
    stage.rsm().advance_working_days(1);
    let awaited = |sending| vec![("2026-01-30".to_owned(), sending, Money::Awaited)];
    assert_eq!(moneys(&stage), awaited(Sending::New));
    stage.rsm().advance_working_days(2);
    assert_eq!(moneys(&stage), awaited(Sending::Success));
    stage.rsm().advance_working_days(2);
    assert_eq!(moneys(&stage), [("2026-01-30".to_owned(), Sending::Success, Money::Paid)]);
}

#[tokio::test]
async fn rejected_by_the_bank() {
    let stage = lodged("00012351").await;
    stage.rsm().advance_working_days(5);
    assert_eq!(state(&stage), (MandateState::Failed, "5: No account".to_owned()));
    assert!(stage.rsm().bank_is("DON-000123", "accountNumber", "00012351"));
    stage.rsm().advance_working_days(30);
    assert_eq!(state(&stage).0, MandateState::Deleted, "28 days later");
    assert!(!stage.rsm().bank_is("DON-000123", "accountNumber", "00012351"), "forgotten");
    assert_eq!(moneys(&stage), [("2026-01-22".to_owned(), Sending::Failed, Money::Awaited)]);
}

#[tokio::test]
async fn returned_unpaid() {
    let stage = lodged("00012352").await;
    stage.rsm().advance_working_days(20);
    let first = stage.rsm().collections("DON-000123")[0].clone();
    assert_eq!((first.money, first.fail_reason.as_str()), (Money::Unpaid, "0: Refer to Payer"));
    assert_eq!(state(&stage).0, MandateState::Live, "refer to payer ends nothing");

    let stage = lodged("00012353").await;
    stage.rsm().advance_working_days(20);
    assert_eq!(state(&stage), (MandateState::Cancelled, "B: Account closed".to_owned()));
    assert_eq!(stage.rsm().collections("DON-000123")[0].fail_reason, "B: Account closed");
}

#[tokio::test]
async fn claimed_back_later() {
    let stage = lodged("00012354").await;
    stage.rsm().advance_working_days(14);
    let rows = stage.rsm().collections("DON-000123");
    assert_eq!((rows.len(), rows[0].money), (1, Money::Paid));
    stage.rsm().advance_working_days(1);
    let rows = stage.rsm().collections("DON-000123");
    let claims: Vec<_> = rows.iter().filter(|row| row.kind == CollectionKind::Indemnity).collect();
    assert_eq!(claims.len(), 1);
    assert_eq!(claims[0].fail_reason, "5: No authority given");
    assert_eq!(rows[0].money, Money::Paid, "the collection itself stays as it was");

    let by_hand = lodged("00012345").await;
    by_hand.rsm().advance_working_days(10);
    let reference = by_hand.rsm().mandates("DON-000123")[0].reference.clone();
    by_hand.rsm().claim_back(&reference, "1: Advance notice differs");
    by_hand.rsm().claim_back(&reference, "1: Advance notice differs");
    let kinds = by_hand.rsm().collections("DON-000123");
    assert_eq!(kinds.iter().filter(|row| row.kind == CollectionKind::Indemnity).count(), 1);
}

#[tokio::test]
async fn cancelled_by_the_payer_and_sent_twice() {
    let stage = lodged("00012355").await;
    stage.rsm().advance_working_days(7);
    assert_eq!(state(&stage).0, MandateState::Live);
    stage.rsm().advance_working_days(1);
    assert_eq!(
        state(&stage),
        (MandateState::Cancelled, "1: Instruction cancelled by payer".to_owned())
    );

    let stage = lodged("00012356").await;
    stage.rsm().advance_working_days(1);
    assert_eq!(state(&stage).0, MandateState::Resubmit);
    stage.rsm().advance_working_days(5);
    assert_eq!(state(&stage).0, MandateState::Live);
    let reference = stage.rsm().mandates("DON-000123")[0].reference.clone();
    stage.rsm().end_mandate(&reference, "2: Payer deceased");
    assert_eq!(state(&stage), (MandateState::Cancelled, "2: Payer deceased".to_owned()));
}
