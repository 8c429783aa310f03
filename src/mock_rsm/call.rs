//! Payments and mandates by API: `POST /v1/payments` and `/v1/mandates` (docs/signed.md).

use super::books::{Payment, Trial, Unopened};
use super::courier::Consignment;
use super::faults::{CallFault, WebhookFault};
use super::http::json;
use super::instrument::{Script, Telling};
use super::key::random_hex;
use super::message_signature::{self, Signed, only};
use super::notice::Notice;
use super::sessions::{Session, Step};
use super::{Mock, till};
use crate::payment::{Method, Reference};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use read::{Call, Refused};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use tokio::time::sleep;

mod answers;
mod fault;
mod read;

pub(super) use answers::Answers;
use answers::Before;

/// What is answered, before anything goes wrong with it.
#[derive(Clone, Debug)]
struct Told {
    status: StatusCode,
    notice: Notice,
    /// Where the supporter's bank asks.
    redirect_url: Option<String>,
}

/// A call as it came.
pub(super) struct Incoming {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// Card payments.
pub(super) async fn payment(
    State(mock): State<Arc<Mock>>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answer(mock, Method::Card, (uri, headers, body)).await
}

/// Direct Debit mandates.
pub(super) async fn mandate(
    State(mock): State<Arc<Mock>>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answer(mock, Method::DirectDebit, (uri, headers, body)).await
}

/// What is asked of no service that there is.
pub(super) async fn no_such_service(headers: HeaderMap) -> Response {
    Refused::because(404, "no_such_service").answer(&headers)
}

async fn answer(
    mock: Arc<Mock>,
    method: Method,
    (uri, headers, body): (Uri, HeaderMap, Result<Bytes, BytesRejection>),
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return Refused::because(413, "too_large").answer(&headers);
        }
        Err(_) => return Refused::because(400, "malformed").answer(&headers),
    };
    let incoming = Incoming { method, uri, headers, body };
    if let Err(refused) = believe(&mock, &incoming) {
        return refused.answer(&incoming.headers);
    }
    if let Some(reference) = named(&incoming.headers) {
        mock.books.called(reference);
    }
    let fault = mock.faults.next_of_call();
    if let Some(CallFault::Late(delay)) = fault {
        mock.stop.run_until_cancelled(sleep(delay)).await;
    }
    if let Some(instead) = fault.and_then(|fault| fault::instead(fault, &incoming.headers)) {
        return instead;
    }
    let call = match Call::read(&mock, &incoming) {
        Ok(call) => call,
        Err(refused) => return refused.answer(&incoming.headers),
    };
    match Box::pin(told(&mock, call, fault)).await {
        Ok(told) => fault::apply(&mock, told, fault).await,
        Err(refused) => refused.answer(&incoming.headers),
    }
}

/// Signed by a key that is known, over these very bytes.
fn believe(mock: &Mock, incoming: &Incoming) -> Result<(), Refused> {
    let Incoming { uri, headers, body, .. } = incoming;
    let path = uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
    let target_uri = format!("{}{path}", mock.origin);
    let covered = message_signature::CALL;
    let signed = Signed { method: "POST", target_uri: &target_uri, headers, covered };
    let signed = signed.verify(&mock.signing_keys, mock.clock.now());
    signed.map_err(|why| {
        tracing::info!(reason = why.word(), "call refused");
        Refused::signature()
    })?;
    let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)));
    let same = only(headers, "content-digest").is_ok_and(|sent| sent == digest);
    same.then_some(()).ok_or_else(Refused::signature)
}

/// What this call is answered, or was when it came first. It is carried out on a task that outlives
/// the caller's connection.
async fn told(mock: &Arc<Mock>, call: Call, fault: Option<CallFault>) -> Result<Told, Refused> {
    let Call { session, contact, script } = call;
    match mock.answers.begin(&session) {
        Before::Answered(told) => return Ok(*told),
        Before::Other | Before::UnderWay => return Err(Refused::reference_used()),
        Before::New => {}
    }
    let payment = Payment {
        reference: session.reference,
        asked: session.asked.clone(),
        opened_at: session.opened_at,
        cancelled_at: None,
        attempts: Vec::new(),
    };
    mock.books.open(payment, contact).map_err(|unopened| {
        mock.answers.forget(&session.reference);
        match unopened {
            Unopened::AlreadyPaid | Unopened::Different => Refused::reference_used(),
            Unopened::Full => Refused::not_processed(503),
        }
    })?;
    let carrier = Arc::clone(mock);
    let task = mock.tasks.spawn(async move {
        let told = carry_out(&carrier, &session, script, fault).await;
        if let Some(told) = &told {
            carrier.answers.keep(session.reference, told.clone());
        }
        told
    });
    task.await.ok().flatten().ok_or_else(|| Refused::not_processed(503))
}

/// `None` where the mock is shutting down or has no randomness; nothing was taken then.
async fn carry_out(
    mock: &Mock,
    session: &Session,
    script: Script,
    fault: Option<CallFault>,
) -> Option<Told> {
    let script =
        if fault == Some(CallFault::Decline) { Script::Decline("declined") } else { script };
    match script {
        Script::Accept(telling, _) => charge(mock, session, telling, fault).await,
        Script::Slow => {
            mock.stop.run_until_cancelled(sleep(mock.pace.slow)).await?;
            charge(mock, session, Telling::AtOnce, fault).await
        }
        Script::Decline(code) => decline(mock, session, code),
        Script::DeclineFirst => decline(mock, session, "do_not_honour"),
        Script::Cancel => decline(mock, session, "cancelled"),
        Script::Challenge => challenge(mock, session),
    }
}

async fn charge(
    mock: &Mock,
    session: &Session,
    telling: Telling,
    fault: Option<CallFault>,
) -> Option<Told> {
    let (notice, consignment) = till::charge(mock, session, telling)?;
    match fault {
        Some(CallFault::WebhookFirst) => mock.courier.send(consignment).await,
        Some(CallFault::Twice) => mock.courier.post(consignment.spoilt(WebhookFault::Duplicate)),
        _ => mock.courier.post(consignment),
    }
    Some(Told { status: StatusCode::CREATED, notice, redirect_url: None })
}

fn decline(mock: &Mock, session: &Session, code: &'static str) -> Option<Told> {
    let notice = mock.books.attempt(&session.reference, Trial::Decline(code), mock.clock.now())?;
    mock.courier.post(Consignment::of([notice.clone()]));
    Some(Told { status: StatusCode::PAYMENT_REQUIRED, notice, redirect_url: None })
}

/// The supporter's bank asks on a page of its own.
fn challenge(mock: &Mock, session: &Session) -> Option<Told> {
    let token = random_hex().ok()?;
    let now = mock.clock.now();
    let forgotten = now.saturating_sub(mock.pace.lifetime.saturating_mul(2)).unwrap_or(now);
    mock.sessions.open(token.clone(), session.clone(), forgotten);
    mock.sessions.advance(&token, Step::Challenged);
    let notice = mock.books.payment(&session.reference)?.standing(now, mock.pace.lifetime);
    let redirect_url = Some(format!("{}/pay/{token}/challenge", mock.origin));
    Some(Told { status: StatusCode::CREATED, notice, redirect_url })
}

impl Told {
    fn body(&self) -> Value {
        let mut body = json!(self.notice);
        if let (Some(url), Some(members)) = (&self.redirect_url, body.as_object_mut()) {
            members.insert("redirect_url".to_owned(), json!(url));
        }
        body
    }

    fn answer(&self) -> Response {
        json(self.status, &self.body())
    }
}

/// The reference that a caller names in its key, for refusals that come before the body is read.
fn named(headers: &HeaderMap) -> Option<Reference> {
    only(headers, "idempotency-key").ok().and_then(Reference::parse)
}
