//! Who asks: known, unknown, with another password, and twice.

use crate::account::{Account, stranger};
use almoner::processor::Heartbeat;
use almoner::processor::rsm::ddcm::{Doubt, Failure};

#[tokio::test]
async fn a_heartbeat_is_answered() {
    let account = Account::with(&[]).unwrap();
    let moment = account.moment().await;
    account.ddcm.send(account.ddcm.heartbeat(moment)).await.unwrap();
}

#[tokio::test]
async fn the_same_request_twice_is_told_apart() {
    let account = Account::with(&[]).unwrap();
    let moment = account.moment().await;
    account.ddcm.send(account.ddcm.heartbeat(moment)).await.unwrap();
    let again = account.ddcm.send(account.ddcm.heartbeat(moment)).await;
    let Err(Failure::InDoubt(Doubt::Codes(codes))) = again else { panic!("{again:?}") };
    assert!(codes.has(1005), "{codes}");
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let account = Account::with(&[]).unwrap();
    let wrong = stranger(&account, &account.ddcm.username, "not the password that RSM gave");
    assert_eq!(wrong.check(account.moment().await).await, Heartbeat::Refused);
}

#[tokio::test]
async fn an_unknown_user_is_refused() {
    let account = Account::with(&[]).unwrap();
    let wrong = stranger(&account, "nobodyofthisname", "not the password that RSM gave");
    assert_eq!(wrong.check(account.moment().await).await, Heartbeat::Refused);
}
