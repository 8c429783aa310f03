//! Table E on the wire, the processor's answers: each is the answer to a mandate that was asked for
//! once, and what counts is how many mandates there are in the end, and what the supporter is told.

use super::evidence::log;
use super::house::House;
use super::rsm::GOOD_ACCOUNT;
use almoner::ledger::Ledger as _;
use almoner::mock_rsm::{DdcmFault, Fault};
use almoner::payment::{Reference, Source};
use serde_json::{Value, json};
use std::time::Duration;

/// After the time limit of a call, and what the chaser waits beyond that, in seconds.
pub(crate) const SOON: i64 = 8;
/// When a hand-off is overdue, in seconds.
pub(crate) const OVERDUE: i64 = 90 * 60;
const UNCONFIRMED: &str = "Your Direct Debit is still being confirmed";
const NOT_SET_UP: &str = "Your Direct Debit was not set up";
const WELCOME: &str = "Your Direct Debit instruction has been received";

/// RSM took the mandate in and its answer does not say so.
async fn taken_and_not_told(fault: DdcmFault, reason: &str) {
    let house = House::rsm().await;
    house.mock.faults().script(Fault::Ddcm(fault), 1);
    let (reference, back) = house.is_in_doubt().await;
    assert_eq!(house.mock.faults().left(), 0);
    assert_eq!(house.mandates(reference), 1, "{fault:?}");
    told(reference, "order_in_doubt", reason);
    house.is_asked_and_never_sent_again(reference).await;
    assert_eq!(house.becomes(reference, "accepted").await["attention"], json!([]));
    let history = house.history(reference).await;
    let evidence = history.iter().filter_map(|event| event.evidence.as_ref());
    assert!(evidence.map(|it| it.source).eq([Source::Enquiry]), "{history:?}");
    assert!(house.get(&back).await.body.contains(WELCOME));
    assert_eq!((house.set_mandates(), house.mandates(reference)), (1, 1), "{fault:?}");
}

/// Nothing came of it, which only RSM can say.
async fn not_taken_and_not_told(fault: DdcmFault, reason: &str) {
    let house = House::rsm().await;
    house.mock.faults().script(Fault::Ddcm(fault), 1);
    let (reference, back) = house.is_in_doubt().await;
    assert_eq!(house.mandates(reference), 0, "{fault:?}");
    told(reference, "order_in_doubt", reason);
    house.is_asked_and_never_sent_again(reference).await;
    // Never yet heard of is no answer while the request may still be on its way.
    assert_eq!(house.outcome(reference).await["state"], "in_doubt");
    house.later(OVERDUE);
    let outcome = house.becomes(reference, "lapsed").await;
    assert_eq!(outcome["attention"], json!([]), "{fault:?}");
    assert!(house.get(&back).await.body.contains(NOT_SET_UP));
    assert_eq!((house.mandates(reference), house.sent_again()), (0, 0), "{fault:?}");
}

impl House {
    /// A membership whose answer says nothing, and the page of it; what that says meanwhile is true.
    pub(crate) async fn is_in_doubt(&self) -> (Reference, String) {
        let answer = self.instruct(GOOD_ACCOUNT).await;
        let reference = self.reference_of(&answer).await;
        assert_eq!(self.outcome(reference).await["state"], "in_doubt");
        let back = answer.header("location").to_owned();
        let page = self.get(&back).await;
        assert!(page.body.contains(UNCONFIRMED), "{}", page.body);
        assert!(page.body.contains("Please do not set it up again."), "{}", page.body);
        (reference, back)
    }

    /// The chaser asks, by the signature that was written down before anything was sent.
    pub(crate) async fn is_asked_and_never_sent_again(&self, reference: Reference) {
        let traces = self.ledger().traces(reference).await.unwrap();
        assert_eq!(traces.len(), 1, "one signature, of the one request");
        self.later(SOON);
        let asked = || self.office().requests("responseStatusCheck");
        for _ in 0..2400 {
            if asked() == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!((asked(), self.sent_again()), (1, 0));
    }

    /// A membership that was provably never sent.
    pub(crate) async fn is_not_sent(&self) -> Reference {
        let answer = self.instruct(GOOD_ACCOUNT).await;
        let reference = self.reference_of(&answer).await;
        let outcome = self.outcome(reference).await;
        assert_eq!((&outcome["state"], &outcome["attention"]), (&json!("lapsed"), &json!([])));
        let history = self.history(reference).await;
        let codes = history.iter().filter_map(|event| event.evidence.as_ref()?.code.clone());
        let codes: Vec<String> = codes.map(|code| code.as_str().to_owned()).collect();
        assert_eq!(codes, ["unreachable"]);
        let page = self.get(answer.header("location")).await;
        assert!(page.body.contains(NOT_SET_UP), "{}", page.body);
        assert!(page.body.contains("Nothing will be taken from your account."), "{}", page.body);
        told(reference, "order_not_sent", "unreachable");
        assert_eq!((self.set_mandates(), self.mandates(reference)), (0, 0));
        reference
    }

    pub(crate) fn mandates(&self, reference: Reference) -> usize {
        self.office().mandates(&reference.to_string()).len()
    }

    pub(crate) fn set_mandates(&self) -> usize {
        self.office().requests("setMandates")
    }

    /// How often a mandate was asked for beyond the first time.
    fn sent_again(&self) -> usize {
        self.set_mandates().saturating_sub(1)
    }
}

/// The log says so of this hand-off, once, and why.
pub(crate) fn told(reference: Reference, event: &str, reason: &str) {
    let (log, reference) = (log(), reference.to_string());
    let lines = log.lines().filter(|line| line.contains(&reference));
    let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines: Vec<Value> = lines.filter(|line| line["event"] == event).collect();
    assert_eq!(lines.len(), 1, "{event}: {lines:?}");
    let told = lines[0]["reason"].as_str().unwrap();
    assert!(told.contains(reason), "{told}");
    assert_eq!(lines[0]["level"], "ERROR");
}

#[tokio::test]
async fn a_reply_that_is_lost() {
    taken_and_not_told(DdcmFault::LostReply, "no whole answer").await;
}

#[tokio::test]
async fn a_request_that_is_lost() {
    not_taken_and_not_told(DdcmFault::LostRequest, "no whole answer").await;
}

#[tokio::test]
async fn a_reply_beyond_the_time_limit() {
    let slow = DdcmFault::Slow(Duration::from_secs(4));
    taken_and_not_told(slow, "no whole answer").await;
}

#[tokio::test]
async fn a_reply_that_drips() {
    let dripping = DdcmFault::Dripping(Duration::from_millis(50));
    taken_and_not_told(dripping, "no whole answer").await;
}

#[tokio::test]
async fn a_reply_that_ends_after_success() {
    taken_and_not_told(DdcmFault::Truncated, "not a whole document").await;
}

#[tokio::test]
async fn a_reply_about_another_reference() {
    taken_and_not_told(DdcmFault::OtherReference, "about another reference").await;
}

#[tokio::test]
async fn a_reply_that_is_wrongly_signed() {
    taken_and_not_told(DdcmFault::WrongSignature, "signature is wrong").await;
}

#[tokio::test]
async fn e_11_a_reply_in_another_character_set() {
    taken_and_not_told(DdcmFault::OtherCharset, "not in ISO-8859-1 or UTF-8").await;
}

#[tokio::test]
async fn e_7_e_8_a_reply_that_declares_entities() {
    taken_and_not_told(DdcmFault::DoctypeBomb, "DOCTYPE").await;
}

#[tokio::test]
async fn e_10_a_reply_of_a_hundred_megabytes() {
    taken_and_not_told(DdcmFault::Huge, "larger than any answer").await;
}

#[tokio::test]
async fn a_page_in_place_of_a_reply() {
    not_taken_and_not_told(DdcmFault::Html, "the answer").await;
}

#[tokio::test]
async fn a_failing_server() {
    not_taken_and_not_told(DdcmFault::ServerError, "status 500").await;
}

/// The question's own answers may be as bad; it is asked again, and only the true one counts.
#[tokio::test]
async fn bad_answers_to_the_question_settle_nothing() {
    let house = House::rsm().await;
    let faults = [
        DdcmFault::LostReply,
        DdcmFault::Truncated,
        DdcmFault::WrongSignature,
        DdcmFault::OtherReference,
        DdcmFault::Html,
    ];
    for fault in faults {
        house.mock.faults().script(Fault::Ddcm(fault), 1);
    }
    let (reference, _) = house.is_in_doubt().await;
    house.later(SOON);
    // Less and less often (security.md, 4.3).
    let waits = [60, 600, 2 * 3600, 24 * 3600];
    for (left, wait) in (0..faults.len() - 1).rev().zip(waits) {
        house.until(reference, |_| house.mock.faults().left() <= left).await;
        assert_eq!(house.outcome(reference).await["state"], "in_doubt", "{left} left");
        house.later(wait);
    }
    house.becomes(reference, "accepted").await;
    assert_eq!((house.set_mandates(), house.mandates(reference)), (1, 1));
}
