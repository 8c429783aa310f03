//! What became of an earlier request: the way out of every lost answer.

use crate::account::Account;
use almoner::processor::rsm::ddcm::{Decision, Doubt, Earlier, Failure, MandateOrder, Signature};

async fn asked(
    account: &Account,
    signature: Signature,
    reference: &str,
) -> Result<Earlier, Failure> {
    let references = [reference];
    account.ask(|ddcm, at| ddcm.what_became_of_mandates(signature, &references, at)).await
}

/// The earlier request is one that is refused, so that nothing comes of it.
#[tokio::test]
async fn the_earlier_answer_is_given_again_and_again() {
    let account = Account::with(&[]).unwrap();
    let reference = account.fresh().await;
    let orders = [MandateOrder::New(account.record(&reference, account.ahead(1)))];
    let prepared = account.ddcm.set_mandates(&orders, account.moment().await).unwrap();
    let signature = prepared.signature();
    let decisions = account.ddcm.send(prepared).await.unwrap();
    let Decision::Refused(codes) = &decisions[0] else { panic!("{decisions:?}") };
    assert!(codes.has(2193), "{codes}");
    for _ in 0..2 {
        let earlier = asked(&account, signature, &reference).await.unwrap();
        assert_eq!(earlier, Earlier::Answered(decisions.clone()));
    }
    let other = asked(&account, signature, "ANOTHER").await;
    assert_eq!(other, Err(Failure::InDoubt(Doubt::OtherReference)));
}

#[tokio::test]
async fn a_request_that_never_arrived_is_not_found() {
    let account = Account::with(&[]).unwrap();
    let reference = account.fresh().await;
    let orders = [MandateOrder::New(account.record(&reference, account.ahead(1)))];
    let never_sent = account.ddcm.set_mandates(&orders, account.moment().await).unwrap();
    let earlier = asked(&account, never_sent.signature(), &reference).await;
    assert_eq!(earlier, Ok(Earlier::NotFound));
}

#[tokio::test]
async fn a_question_about_a_question_settles_nothing() {
    let account = Account::with(&[]).unwrap();
    let unknown = Signature::from_bytes([7; 32]);
    let question = account.ddcm.what_became_of_mandates(unknown, &["ANY"], account.moment().await);
    let question = question.unwrap();
    let signature = question.signature();
    assert_eq!(account.ddcm.send(question).await, Ok(Earlier::NotFound));
    let answer = asked(&account, signature, "ANY").await;
    let Err(Failure::InDoubt(Doubt::Codes(codes))) = &answer else { panic!("{answer:?}") };
    assert!(codes.has(2304), "{codes}");
}
