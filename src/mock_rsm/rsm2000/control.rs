//! The control API of the `rsm2000` side, behind the token of the other.

use super::orders::CallBackTo;
use super::{Mock, Rsm2000};
use crate::mock_rsm::http::json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The most working days moved at once: ten years.
const MOST_DAYS: u32 = 2600;

pub(in crate::mock_rsm) fn routes(rsm: &Rsm2000) -> Router<Arc<Mock>> {
    Router::new()
        .route("/control/rsm2000", get(overview))
        .route("/control/rsm2000/advance", post(advance))
        .route("/control/rsm2000/orders/{uniqueid}", get(order))
        .route("/control/rsm2000/mandates/{client_ref}", get(mandates))
        .route("/control/rsm2000/mandates/{client_ref}/end", post(end))
        .route("/control/rsm2000/mandates/{client_ref}/claim", post(claim))
        .route("/control/rsm2000/callbacks", post(call_back))
        .with_state(rsm.clone())
}

async fn overview(State(rsm): State<Rsm2000>) -> Response {
    let shown =
        json!({ "today": rsm.today(), "requests": rsm.all_requests(), "orders": rsm.orders() });
    json(StatusCode::OK, &shown)
}

/// `{"working_days": N}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    working_days: u32,
}

async fn advance(State(rsm): State<Rsm2000>, body: Bytes) -> Response {
    match serde_json::from_slice::<Advance>(&body) {
        Ok(Advance { working_days }) if working_days <= MOST_DAYS => {
            rsm.advance_working_days(working_days);
            json(StatusCode::OK, &json!({ "today": rsm.today() }))
        }
        Ok(_) | Err(_) => json(StatusCode::BAD_REQUEST, &json!({ "error": "malformed_advance" })),
    }
}

async fn order(State(rsm): State<Rsm2000>, Path(uniqueid): Path<String>) -> Response {
    let shown = json!({
        "charges": rsm.charges(&uniqueid),
        "attempts": rsm.attempts(&uniqueid),
        "call_backs": rsm.call_backs(&uniqueid),
    });
    json(StatusCode::OK, &shown)
}

async fn mandates(State(rsm): State<Rsm2000>, Path(client_ref): Path<String>) -> Response {
    let shown = json!({
        "mandates": rsm.mandates(&client_ref),
        "collections": rsm.collections(&client_ref),
    });
    json(StatusCode::OK, &shown)
}

/// `{"reason": "2: Payer deceased"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

async fn end(state: State<Rsm2000>, path: Path<String>, body: Bytes) -> Response {
    to_the_latest(&state, &path, &body, Rsm2000::end_mandate)
}

async fn claim(state: State<Rsm2000>, path: Path<String>, body: Bytes) -> Response {
    to_the_latest(&state, &path, &body, Rsm2000::claim_back)
}

fn to_the_latest(
    rsm: &Rsm2000,
    client_ref: &str,
    body: &[u8],
    happens: impl Fn(&Rsm2000, &str, &str),
) -> Response {
    let Ok(Reason { reason }) = serde_json::from_slice(body) else {
        return json(StatusCode::BAD_REQUEST, &json!({ "error": "malformed_reason" }));
    };
    match rsm.mandates(client_ref).last() {
        Some(latest) => {
            happens(rsm, &latest.reference, &reason);
            json(StatusCode::OK, &json!({ "mandates": rsm.mandates(client_ref) }))
        }
        None => json(StatusCode::NOT_FOUND, &json!({ "error": "unknown_reference" })),
    }
}

/// `{"to": "success", "body": "uniqueid=..."}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    to: CallBackTo,
    body: String,
}

async fn call_back(State(rsm): State<Rsm2000>, body: Bytes) -> Response {
    match serde_json::from_slice::<Call>(&body) {
        Ok(call) => {
            let status = rsm.send_callback(call.to, call.body).await;
            json(StatusCode::ACCEPTED, &json!({ "status": status }))
        }
        Err(_) => json(StatusCode::BAD_REQUEST, &json!({ "error": "malformed_callback" })),
    }
}
