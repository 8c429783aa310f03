//! Joining by Direct Debit, every test account.

use super::answer::Answer;
use super::house::House;
use super::samples::membership;
use super::supporter::Hosted;
use super::visitor::handed;
use almoner::mock_rsm::{EnquiryFault, Fault, TEST_ACCOUNTS};
use almoner::payment::Reference;
use serde_json::json;

const WELCOME: &str = "Your Direct Debit instruction has been received";
const NOT_TAKEN: &str = "Nothing will be taken from your account.";
const UNCONFIRMED: &str = "Please do not set it up again.";

struct Joining {
    house: House,
    reference: Reference,
    fields: Vec<(String, String)>,
}

impl Joining {
    async fn new() -> Self {
        let house = House::new().await;
        let token = house.token("/join").await;
        let (reference, fields) = handed(&house.post_form("/join", &membership(&token)).await);
        Self { house, reference, fields }
    }

    async fn arrive(&self) -> Hosted<'_> {
        self.house.arrive(&self.fields).await
    }

    async fn debit(&self, account: &str) -> Answer {
        let back = self.arrive().await.debit(account).await;
        self.house.back(&back).await
    }

    async fn is(&self, state: &str, mandates: usize) {
        let outcome = self.house.becomes(self.reference, state).await;
        assert_eq!(outcome["attention"], json!([]));
        assert_eq!(
            (&outcome["kind"], &outcome["method"]),
            (&json!("join"), &json!("direct_debit"))
        );
        assert_eq!(
            (&outcome["plan"], &outcome["frequency"]),
            (&json!("friend"), &json!("monthly"))
        );
        assert_eq!(outcome["amount"], json!({ "value": 400, "currency": "GBP" }));
        assert_eq!(self.house.mock.books().charges(&self.reference), mandates);
    }
}

#[tokio::test]
async fn lodged() {
    let good = ["00012345", "00012347"];
    // What becomes of these later is told by RSM's own formats alone.
    let fated = ["00012351", "00012352", "00012353", "00012354", "00012355", "00012356"];
    for account in good.into_iter().chain(fated) {
        let joining = Joining::new().await;
        let page = joining.debit(account).await;
        assert!(page.body.contains(WELCOME), "{}", page.body);
        joining.is("accepted", 1).await;
    }
}

#[tokio::test]
async fn refused_and_given_up() {
    let joining = Joining::new().await;
    let hosted = joining.arrive().await;
    assert_eq!(hosted.debit("00012346").await, hosted.part(""));
    joining.is("declined", 0).await;
    let back = hosted.cancel().await;
    assert!(joining.house.back(&back).await.body.contains(NOT_TAKEN));
}

#[tokio::test]
async fn cancelled() {
    let joining = Joining::new().await;
    assert!(joining.debit("00012350").await.body.contains(NOT_TAKEN));
    joining.is("cancelled", 0).await;
}

#[tokio::test]
async fn no_webhook() {
    let joining = Joining::new().await;
    assert!(joining.debit("00012348").await.body.contains(UNCONFIRMED));
    joining.is("accepted", 1).await;
}

#[tokio::test]
async fn webhook_after_the_return() {
    let joining = Joining::new().await;
    joining.house.mock.faults().script(Fault::Enquiry(EnquiryFault::Error), 1000);
    joining.debit("00012349").await;
    joining.is("accepted", 1).await;
}

/// The words of the page are those of what was done.
#[tokio::test]
async fn each_kind_and_method_has_its_own_thanks() {
    let house = House::new().await;
    let token = house.token("/join").await;
    let by_card = super::samples::with_changes(&membership(&token), &[("method", "card")]);
    let (_, fields) = handed(&house.post_form("/join", &by_card).await);
    let back = house.arrive(&fields).await.pay("4242424242424242").await;
    assert!(house.back(&back).await.body.contains("you are a member"));
    let monthly = [("method", "direct_debit"), ("frequency", "monthly")];
    let (_, fields) = handed(&house.donate(&monthly).await);
    let back = house.arrive(&fields).await.debit("00012345").await;
    let page = house.back(&back).await;
    assert!(page.body.contains(WELCOME) && !page.body.contains("member."), "{}", page.body);
}

#[test]
fn every_account_has_its_test() {
    let here = concat!(include_str!("debits.rs"), include_str!("second_life.rs"));
    for account in TEST_ACCOUNTS {
        assert!(here.contains(&format!("\"{}\"", account.number)), "{}", account.does);
    }
}
