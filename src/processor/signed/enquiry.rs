//! Asking what became of a hand-off: a GET signed by RFC 9421.

use super::{Signed, notice::Statement};
use crate::payment::{Method, Reference, Source};
use crate::processor::client::{Answer, NoAnswer, Outgoing};
use crate::processor::{Enquiry, Heartbeat};
use base64::Engine as _;
use jiff::Timestamp;

impl Signed {
    /// One question; the answer is believed because TLS proved who gave it, and only if it is
    /// about this reference.
    pub(crate) async fn enquire(
        &self,
        reference: Reference,
        method: Method,
        now: Timestamp,
    ) -> Enquiry {
        match self.ask(reference, method, now).await {
            Ok(answer) => match answer.status {
                200 => read(reference, &answer.body),
                404 => Enquiry::Unknown,
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
            Ok(Answer { status: 404, date, .. }) => Heartbeat::Well { date },
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
        let (input, signature) = self.signature("GET", url.as_str(), now);
        let request =
            Outgoing::get(url).header("signature-input", input).header("signature", signature);
        self.client.send(request).await
    }

    /// `Signature-Input` and `Signature` for a request without a body (RFC 9421, sections 2.5 and 3.3.3).
    fn signature(&self, method: &str, target: &str, now: Timestamp) -> (String, String) {
        let parameters = format!(
            "(\"@method\" \"@target-uri\");created={};keyid=\"{}\";alg=\"hmac-sha256\"",
            now.as_second(),
            self.key_id
        );
        let base = format!(
            "\"@method\": {method}\n\"@target-uri\": {target}\n\"@signature-params\": {parameters}"
        );
        let tag = self.signing.current.sign(&[base.as_bytes()]);
        let encoded = base64::engine::general_purpose::STANDARD.encode(tag);
        (format!("sig1={parameters}"), format!("sig1=:{encoded}:"))
    }
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
