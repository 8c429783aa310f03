//! The control API: what tests in another process script and read. There is none without a token.

use super::Mock;
use super::books::Payment;
use super::faults::Fault;
use super::http::json;
use super::key::reveal;
use super::notice::Notice;
use super::rsm2000;
use crate::payment::{Code, Reference};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq as _;

pub(super) fn routes(mock: &Arc<Mock>) -> Router<Arc<Mock>> {
    Router::new()
        .route("/control/payments", get(payments))
        .route("/control/payments/{reference}", get(payment))
        .route("/control/calls", get(calls))
        .route("/control/faults", post(script).delete(clear))
        .route("/control/webhooks", post(webhook))
        .merge(mock.rsm2000.as_ref().map_or_else(Router::new, rsm2000::control_routes))
        .route_layer(middleware::from_fn_with_state(Arc::clone(mock), guard))
}

/// Lets the bearer of the token in. Without a configured token nothing is here.
async fn guard(State(mock): State<Arc<Mock>>, request: Request, next: Next) -> Response {
    let Some(token) = &mock.control_token else { return StatusCode::NOT_FOUND.into_response() };
    let bearer = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    let holds = bearer.is_some_and(|bearer| bearer.ct_eq(reveal(token).as_bytes()).into());
    if holds {
        next.run(request).await
    } else {
        let refused = json(StatusCode::UNAUTHORIZED, &json!({ "error": "wrong_token" }));
        ([(header::WWW_AUTHENTICATE, "Bearer")], refused).into_response()
    }
}

/// Every payment, or with `?after=REF&limit=N` the next N: written one by one, because there may be
/// many.
async fn payments(State(mock): State<Arc<Mock>>, uri: Uri) -> Response {
    let (mut after, mut limit) = (None, usize::MAX);
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        let understood = match &*name {
            "after" => Reference::parse(&value).map(|reference| after = Some(reference)),
            "limit" => value.parse().ok().map(|most| limit = most),
            _unknown => None,
        };
        if understood.is_none() {
            return json(StatusCode::BAD_REQUEST, &json!({ "error": "unknown_parameter" }));
        }
    }
    let calls = mock.books.calls();
    let payments = mock.books.payments();
    let wanted = payments.iter().filter(|payment| after.is_none_or(|at| payment.reference > at));
    let mut text = String::from("{\"payments\":[");
    for (place, payment) in wanted.take(limit).enumerate() {
        let comma = if place == 0 { "" } else { "," };
        let times = calls.get(&payment.reference).copied().unwrap_or_default();
        text.push_str(comma);
        text.push_str(&shown(&mock, payment, times).to_string());
    }
    text.push_str("]}");
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// How often each reference came by API, those too of which nothing was done.
async fn calls(State(mock): State<Arc<Mock>>) -> Response {
    let calls = mock.books.calls().into_iter();
    let calls: BTreeMap<String, usize> =
        calls.map(|(reference, times)| (reference.to_string(), times)).collect();
    json(StatusCode::OK, &json!({ "calls": calls }))
}

async fn payment(State(mock): State<Arc<Mock>>, Path(reference): Path<String>) -> Response {
    match Reference::parse(&reference).and_then(|reference| mock.books.payment(&reference)) {
        Some(payment) => {
            let calls = mock.books.calls().get(&payment.reference).copied().unwrap_or_default();
            json(StatusCode::OK, &shown(&mock, &payment, calls))
        }
        None => json(StatusCode::NOT_FOUND, &json!({ "error": "unknown_reference" })),
    }
}

fn shown(mock: &Mock, payment: &Payment, calls: usize) -> Value {
    let asked = &payment.asked;
    json!({
        "reference": payment.reference.to_string(),
        "state": payment.standing(mock.clock.now(), mock.pace.lifetime).state,
        "kind": asked.kind.word(),
        "method": asked.method.word(),
        "amount": asked.amount.minor(),
        "currency": asked.amount.currency().code(),
        "frequency": asked.frequency.word(),
        "plan": asked.plan.as_ref().map(Code::as_str),
        "appeal": asked.appeal.as_ref().map(Code::as_str),
        "gift_aid": asked.gift_aid,
        "opened_at": payment.opened_at,
        "cancelled_at": payment.cancelled_at,
        "calls": calls,
        "charges": payment.charges(),
        "attempts": payment.attempts,
        "deliveries": mock.books.deliveries(&payment.reference),
    })
}

/// `{"fault": WORD, "times": N, "delay_ms": N}`, or with `percent` and `seed` in place of `times`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    fault: String,
    #[serde(default = "once")]
    times: usize,
    #[serde(default)]
    delay_ms: u64,
    percent: Option<u8>,
    #[serde(default)]
    seed: u64,
}

const fn once() -> usize {
    1
}

async fn script(State(mock): State<Arc<Mock>>, body: Bytes) -> Response {
    let order = serde_json::from_slice::<Order>(&body).ok();
    let fault = order.and_then(|order| {
        Some((Fault::from_word(&order.fault, Duration::from_millis(order.delay_ms))?, order))
    });
    let Some((fault, order)) = fault else {
        return json(StatusCode::BAD_REQUEST, &json!({ "error": "unknown_fault" }));
    };
    match order.percent {
        Some(percent) => mock.faults.come_about(fault, percent, order.seed),
        None => mock.faults.script(fault, order.times),
    }
    json(StatusCode::OK, &json!({ "left": mock.faults.left() }))
}

async fn clear(State(mock): State<Arc<Mock>>) -> StatusCode {
    mock.faults.clear();
    StatusCode::NO_CONTENT
}

/// Sends any notice, rightly signed, whatever the script says.
async fn webhook(State(mock): State<Arc<Mock>>, body: Bytes) -> Response {
    match serde_json::from_slice::<Notice>(&body) {
        Ok(notice) => {
            mock.courier.send_plainly(notice).await;
            StatusCode::ACCEPTED.into_response()
        }
        Err(_) => json(StatusCode::BAD_REQUEST, &json!({ "error": "malformed_notice" })),
    }
}
