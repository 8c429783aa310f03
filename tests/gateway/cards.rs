//! Every test card, from the form to the page the supporter comes back to and to the outcome that
//! the charity's programs read. Whatever happens on the way, money is taken once at the most.

use super::answer::Answer;
use super::house::House;
use super::supporter::Hosted;
use super::visitor::handed;
use almoner::mock_rsm::{EnquiryFault, Fault, TEST_CARDS};
use almoner::payment::{Reference, Source};
use serde_json::{Value, json};

const RECEIVED: &str = "Your donation has been received.";
const NOT_TAKEN: &str = "No money has been taken.";
const UNCONFIRMED: &str = "Please do not pay again.";

/// A supporter who has just been handed over.
struct Visit {
    house: House,
    reference: Reference,
    fields: Vec<(String, String)>,
}

impl Visit {
    async fn new() -> Self {
        let house = House::new().await;
        let (reference, fields) = handed(&house.donate(&[]).await);
        Self { house, reference, fields }
    }

    async fn arrive(&self) -> Hosted<'_> {
        self.house.arrive(&self.fields).await
    }

    /// Pays with this card and comes back.
    async fn pay(&self, card: &str) -> Answer {
        let back = self.arrive().await.pay(card).await;
        self.house.back(&back).await
    }

    /// The page that the hand-off's own link leads to.
    async fn page(&self) -> Answer {
        let (_, back) = self.fields.iter().find(|(name, _)| name == "return_url").unwrap();
        self.house.back(back).await
    }

    async fn becomes(&self, state: &str) -> Value {
        self.house.becomes(self.reference, state).await
    }

    /// How often money was taken, and by what the outcome came to be known.
    async fn end(&self, charges: usize, source: Source) {
        assert_eq!(self.house.mock.books().charges(&self.reference), charges);
        let history = self.house.history(self.reference).await;
        let evidence: Vec<_> = history.iter().filter_map(|event| event.evidence.as_ref()).collect();
        assert!(evidence.iter().any(|evidence| evidence.source == source), "{evidence:?}");
    }
}

fn says(page: &Answer, text: &str) {
    assert!(page.status == 200 && page.body.contains(text), "not {text}: {}", page.body);
    let asks_again = page.headers.contains_key("refresh");
    assert_eq!(asks_again, text != RECEIVED, "what may still rise is looked at again");
}

#[tokio::test]
async fn accepted() {
    for card in ["4242 4242 4242 4242", "5555 5555 5555 4444"] {
        let visit = Visit::new().await;
        says(&visit.pay(card).await, RECEIVED);
        let outcome = visit.becomes("accepted").await;
        assert_eq!(outcome["attention"], json!([]));
        assert_eq!(outcome["code"], json!("approved"));
        assert!(outcome["processor_reference"].as_str().is_some_and(|text| text.starts_with('T')));
        visit.end(1, Source::Notice).await;
    }
}

#[tokio::test]
async fn g_5_declined_and_given_up_and_nobody_is_told_why() {
    for (card, code) in
        [("4000 0000 0000 0010", "do_not_honour"), ("4000 0000 0000 0028", "insufficient_funds")]
    {
        let visit = Visit::new().await;
        let hosted = visit.arrive().await;
        assert_eq!(hosted.pay(card).await, hosted.part(""), "another card can be tried");
        assert_eq!(visit.becomes("declined").await["code"], json!(code));
        let back = hosted.cancel().await;
        let page = visit.house.back(&back).await;
        says(&page, NOT_TAKEN);
        assert!(!page.body.contains(code), "the reason is the charity's to know");
        visit.end(0, Source::Notice).await;
    }
}

#[tokio::test]
async fn declined_then_accepted() {
    let visit = Visit::new().await;
    let hosted = visit.arrive().await;
    assert_eq!(hosted.pay("4000 0000 0000 0036").await, hosted.part(""));
    visit.becomes("declined").await;
    says(&visit.page().await, NOT_TAKEN);
    let back = hosted.pay("4000 0000 0000 0036").await;
    says(&visit.house.back(&back).await, RECEIVED);
    assert_eq!(visit.becomes("accepted").await["attention"], json!([]), "money beats a decline");
    visit.end(1, Source::Notice).await;
}

#[tokio::test]
async fn declined_then_another_card() {
    let visit = Visit::new().await;
    let hosted = visit.arrive().await;
    hosted.pay("4000 0000 0000 0010").await;
    let back = hosted.pay("4242 4242 4242 4242").await;
    says(&visit.house.back(&back).await, RECEIVED);
    visit.becomes("accepted").await;
    visit.end(1, Source::Notice).await;
}

#[tokio::test]
async fn the_bank_asks_first() {
    let visit = Visit::new().await;
    let hosted = visit.arrive().await;
    assert_eq!(hosted.pay("4000 0000 0000 0044").await, hosted.part("/challenge"));
    says(&visit.page().await, UNCONFIRMED);
    assert_eq!(hosted.answer_bank("refuse").await, hosted.part(""));
    assert_eq!(visit.becomes("declined").await["code"], json!("not_authenticated"));
    hosted.pay("4000 0000 0000 0044").await;
    let back = hosted.answer_bank("approve").await;
    says(&visit.house.back(&back).await, RECEIVED);
    visit.becomes("accepted").await;
    visit.end(1, Source::Notice).await;
}

#[tokio::test]
async fn cancelled() {
    for by_card in [true, false] {
        let visit = Visit::new().await;
        let hosted = visit.arrive().await;
        let back =
            if by_card { hosted.pay("4000 0000 0000 0051").await } else { hosted.cancel().await };
        says(&visit.house.back(&back).await, NOT_TAKEN);
        visit.becomes("cancelled").await;
        visit.end(0, Source::Notice).await;
    }
}

#[tokio::test]
async fn slow() {
    let visit = Visit::new().await;
    says(&visit.pay("4000 0000 0000 0069").await, RECEIVED);
    visit.becomes("accepted").await;
    visit.end(1, Source::Notice).await;
}

/// The returning supporter makes us ask.
#[tokio::test]
async fn no_webhook() {
    let visit = Visit::new().await;
    says(&visit.pay("4000 0000 0000 0077").await, UNCONFIRMED);
    assert_eq!(visit.becomes("accepted").await["attention"], json!([]));
    says(&visit.page().await, RECEIVED);
    visit.end(1, Source::Enquiry).await;
    assert_eq!(visit.house.mock.books().deliveries(&visit.reference), []);
}

/// A decline was heard, the acceptance after it was not: the return makes us ask, so that nobody
/// is left to pay again.
#[tokio::test]
async fn inv_6_declined_then_accepted_without_a_webhook() {
    let visit = Visit::new().await;
    let hosted = visit.arrive().await;
    hosted.pay("4000 0000 0000 0010").await;
    visit.becomes("declined").await;
    let back = hosted.pay("4000 0000 0000 0077").await;
    visit.house.back(&back).await;
    assert_eq!(visit.becomes("accepted").await["attention"], json!([]));
    says(&visit.page().await, RECEIVED);
    assert_eq!(visit.house.mock.books().charges(&visit.reference), 1);
}

/// Enquiries go unanswered here, so that only the webhook can tell.
#[tokio::test]
async fn webhook_after_the_return() {
    let visit = Visit::new().await;
    visit.house.mock.faults().script(Fault::Enquiry(EnquiryFault::Error), 1000);
    let page = visit.pay("4000 0000 0000 0085").await;
    assert!(page.body.contains(UNCONFIRMED) || page.body.contains(RECEIVED));
    visit.becomes("accepted").await;
    says(&visit.page().await, RECEIVED);
    visit.end(1, Source::Notice).await;
}

#[tokio::test]
async fn webhook_sent_twice() {
    let visit = Visit::new().await;
    says(&visit.pay("4000 0000 0000 0093").await, RECEIVED);
    assert_eq!(visit.becomes("accepted").await["attention"], json!([]));
    let deliveries = visit.house.mock.books().deliveries(&visit.reference);
    assert!(deliveries.len() == 2 && deliveries.iter().all(|each| each.status == Some(200)));
    assert_eq!(deliveries[0].webhook_id, deliveries[1].webhook_id);
    assert_eq!(visit.house.history(visit.reference).await.len(), 2, "one event of two messages");
    visit.end(1, Source::Notice).await;
}

#[tokio::test]
async fn webhooks_out_of_order() {
    let visit = Visit::new().await;
    says(&visit.pay("4000 0000 0000 0101").await, RECEIVED);
    let deliveries = visit.house.mock.books().deliveries(&visit.reference);
    let told: Vec<_> = deliveries.iter().map(|each| (each.state.as_str(), each.status)).collect();
    assert_eq!(told, [("accepted", Some(200)), ("declined", Some(200))]);
    let outcome = visit.becomes("accepted").await;
    assert_eq!(outcome["attention"], json!([]), "it was declined before it was accepted");
    visit.end(1, Source::Notice).await;
}

#[tokio::test]
async fn webhook_of_another_amount() {
    let visit = Visit::new().await;
    visit.house.mock.faults().script(Fault::Enquiry(EnquiryFault::Error), 1000);
    says(&visit.pay("4000 0000 0000 0119").await, UNCONFIRMED);
    let outcome = visit.house.outcome(visit.reference).await;
    assert_eq!(
        (&outcome["state"], &outcome["attention"]),
        (&json!("handed_off"), &json!(["mismatch"]))
    );
    visit.house.mock.faults().clear();
    visit.house.later(90 * 60);
    let outcome = visit.becomes("accepted").await;
    assert_eq!(outcome["attention"], json!(["mismatch"]), "someone must still look");
    visit.end(1, Source::Enquiry).await;
}

#[tokio::test]
async fn webhook_badly_signed() {
    let visit = Visit::new().await;
    says(&visit.pay("4000 0000 0000 0127").await, UNCONFIRMED);
    let deliveries = visit.house.mock.books().deliveries(&visit.reference);
    let statuses: Vec<_> = deliveries.iter().map(|each| each.status).collect();
    assert_eq!(statuses, [Some(401); 5], "tried again, and never believed");
    visit.becomes("accepted").await;
    says(&visit.page().await, RECEIVED);
    visit.end(1, Source::Enquiry).await;
}

/// B-H4 and B-H5: the return is a POST from another site, without a cookie, and is answered with
/// the address of the page, which holds nothing but its token.
#[tokio::test]
async fn b_h4_b_h5_the_return_is_a_post() {
    let visit = Visit::new().await;
    let hosted = visit.arrive().await;
    assert_eq!(hosted.pay("4000 0000 0000 0135").await, hosted.part("/return"));
    let (_, back) = visit.fields.iter().find(|(name, _)| name == "return_url").unwrap();
    let path = back.strip_prefix(&visit.house.origin).unwrap();
    let headers = [super::visitor::FORM, ("sec-fetch-site", "cross-site"), ("origin", "null")];
    let form = format!("reference={}&result=accepted", visit.reference);
    let answer = visit.house.post(path, &headers, form).await;
    assert_eq!((answer.status, answer.header("location")), (303, path));
    assert!(!path.contains('?') && !path.contains(&visit.reference.to_string()));
    says(&visit.page().await, RECEIVED);
    visit.becomes("accepted").await;
    visit.end(1, Source::Notice).await;
}

/// A card that is new to the mock needs a test here.
#[test]
fn every_card_has_its_test() {
    let here = concat!(include_str!("cards.rs"), include_str!("rsm_journeys.rs"));
    for card in TEST_CARDS {
        assert!(here.contains(&format!("\"{}\"", card.number)), "{}", card.does);
    }
}
