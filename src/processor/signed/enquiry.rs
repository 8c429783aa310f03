//! Asking what became of a hand-off: a GET signed by RFC 9421.

use super::{Signed, notice::Statement};
use crate::ledger::{HandOff, Purpose, Trace};
use crate::payment::{Method, Outcome, Reference, Source, State};
use crate::processor::client::{Answer, NoAnswer, Outgoing};
use crate::processor::order::{UNMARKED, outcome};
use crate::processor::{Enquiry, Heartbeat};
use jiff::Timestamp;

impl Signed {
    /// One question; the answer is believed because TLS proved who gave it, and only if it is
    /// about this reference. What was to be sent by us and has no mark was never sent.
    pub(crate) async fn enquire(
        &self,
        hand_off: &HandOff,
        traces: &[Trace],
        now: Timestamp,
    ) -> Enquiry {
        let reference = hand_off.reference;
        let sent = traces.iter().any(|trace| trace.purpose == Purpose::Lodge);
        if hand_off.opened_as == State::InDoubt && !sent {
            if now.duration_since(hand_off.opened_at) < UNMARKED {
                return Enquiry::Unknown;
            }
            return Enquiry::Known(outcome(hand_off, Outcome::Lapsed, "not_sent", now));
        }
        match self.ask(reference, hand_off.asked.method, now).await {
            Ok(answer) => match answer.status {
                200 => read(reference, &answer.body),
                404 if is_of_the_agreement(&answer.body) => Enquiry::Unknown,
                401 | 403 => Enquiry::Unanswered("refused"),
                _ => Enquiry::Unanswered("unexpected_status"),
            },
            Err(_) => Enquiry::Unanswered("no_answer"),
        }
    }

    /// Asks for a reference that never was: a processor that is well and knows our signature has
    /// never heard of it.
    pub(crate) async fn heartbeat(&self, now: Timestamp) -> Heartbeat {
        match self.ask(Reference::at(now), Method::Card, now).await {
            Ok(Answer { status: 404, date, body, .. }) if is_of_the_agreement(&body) => {
                Heartbeat::Well { date }
            }
            Ok(Answer { status: 401 | 403, .. }) => Heartbeat::Refused,
            Ok(_) => Heartbeat::Strange,
            Err(why) => Heartbeat::Unreachable(why),
        }
    }

    async fn ask(
        &self,
        reference: Reference,
        method: Method,
        now: Timestamp,
    ) -> Result<Answer, NoAnswer> {
        let path = match method {
            Method::Card => format!("/v1/payments/{reference}"),
            Method::DirectDebit => format!("/v1/mandates/{reference}"),
        };
        let url = self.url(&path);
        let signature = self.signature(&[("@method", "GET"), ("@target-uri", url.as_str())], now);
        self.client.send(signature.onto(Outgoing::get(url.clone()))).await
    }
}

/// Whether a 404 is the processor's word that it never heard of a reference, and not that of whatever
/// stands before it: a wrong "never heard of it" would end a doubt about money that was taken.
fn is_of_the_agreement(body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Refusal {
        #[serde(alias = "error")]
        code: String,
    }
    let refusal = serde_json::from_slice::<Refusal>(body);
    refusal.is_ok_and(|refusal| refusal.code == "unknown_reference")
}

fn read(reference: Reference, body: &[u8]) -> Enquiry {
    let Ok(statement) = serde_json::from_slice::<Statement>(body) else {
        return Enquiry::Unanswered("malformed");
    };
    if Reference::parse(&statement.reference) != Some(reference) {
        return Enquiry::Unanswered("other_reference");
    }
    if statement.state == "pending" {
        return Enquiry::Pending;
    }
    let identity = statement.identity();
    let identity: Vec<&[u8]> = identity.iter().map(String::as_bytes).collect();
    let evidence = statement.evidence(Source::Enquiry, &identity);
    evidence.map_or(Enquiry::Unanswered("malformed"), Enquiry::Known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processor::client::{Client, Wire};
    use crate::processor::signed::samples::{hand_off, now, reach, signed};
    use async_trait::async_trait;

    /// A wire on which every question is answered by this 404.
    #[derive(Debug)]
    struct NotFound(&'static str);

    #[async_trait]
    impl Wire for NotFound {
        async fn exchange(&self, _: Outgoing, _: usize) -> Result<Answer, NoAnswer> {
            let body = self.0.as_bytes().to_vec().into();
            Ok(Answer { status: 404, date: None, retry_after: None, body })
        }
    }

    /// What is made of it: of a question about a payment, and of one about the processor's health.
    async fn made_of(body: &'static str) -> (Enquiry, Heartbeat) {
        let client = Client::over(Box::new(NotFound(body)), &reach());
        let signed = Signed { client, ..signed(1, None) };
        let hand_off = hand_off(Method::Card);
        let trace = Trace { mark: [1; 32], purpose: Purpose::Lodge, at: now() };
        let enquiry = signed.enquire(&hand_off, &[trace], now()).await;
        (enquiry, signed.heartbeat(now()).await)
    }

    #[tokio::test]
    async fn fm_46_only_the_processors_own_word_is_never_heard_of_it() {
        for body in [
            r#"{"code":"unknown_reference"}"#,
            r#"{"error":"unknown_reference"}"#,
            r#"{"reference":"x","code":"unknown_reference"}"#,
        ] {
            let expected = (Enquiry::Unknown, Heartbeat::Well { date: None });
            assert_eq!(made_of(body).await, expected, "{body}");
        }
        for body in [
            "",
            "{}",
            "null",
            "[]",
            "404 page not found",
            "<html><body><h1>Not Found</h1></body></html>",
            r#"{"code":"not_found"}"#,
            r#"{"error":"no_such_service"}"#,
            r#"{"message":"unknown_reference"}"#,
            r#"{"code":404}"#,
            r#""unknown_reference""#,
        ] {
            let expected = (Enquiry::Unanswered("unexpected_status"), Heartbeat::Strange);
            assert_eq!(made_of(body).await, expected, "{body}");
        }
    }
}
