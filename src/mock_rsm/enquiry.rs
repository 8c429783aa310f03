//! What became of one payment: `GET /v1/payments/{reference}` and `/v1/mandates/{reference}`.

use super::Mock;
use super::broken::cut;
use super::faults::EnquiryFault;
use super::http::json;
use super::message_signature::{ENQUIRY, Signed};
use super::notice::Notice;
use crate::payment::{Method, Reference};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Response};
use serde_json::json;
use std::sync::Arc;

/// Card payments.
pub(super) async fn payment(
    State(mock): State<Arc<Mock>>,
    Path(reference): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    answer(&mock, Method::Card, &reference, (&uri, &headers)).await
}

/// Direct Debit mandates.
pub(super) async fn mandate(
    State(mock): State<Arc<Mock>>,
    Path(reference): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    answer(&mock, Method::DirectDebit, &reference, (&uri, &headers)).await
}

async fn answer(
    mock: &Mock,
    method: Method,
    reference: &str,
    (uri, headers): (&Uri, &HeaderMap),
) -> Response {
    let path = uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
    let target_uri = format!("{}{path}", mock.origin);
    let signed = Signed { method: "GET", target_uri: &target_uri, headers, covered: ENQUIRY };
    if let Err(disbelieved) = signed.verify(&mock.signing_keys, mock.clock.now()) {
        return json(StatusCode::UNAUTHORIZED, &json!({ "error": disbelieved.word() }));
    }
    match mock.faults.next_of_enquiry() {
        None => tell(mock, method, reference),
        Some(EnquiryFault::Error) => {
            json(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "error": "internal_error" }))
        }
        Some(EnquiryFault::Slow(delay)) => {
            mock.stop.run_until_cancelled(tokio::time::sleep(delay)).await;
            tell(mock, method, reference)
        }
        Some(EnquiryFault::Garbage) => {
            Html("<h1>We are improving our service</h1>").into_response()
        }
        Some(EnquiryFault::OtherReference) => match find(mock, method, reference) {
            Some(notice) => {
                let other = Reference::at(mock.clock.now()).to_string();
                json(StatusCode::OK, &json!(Notice { reference: other, ..notice }))
            }
            None => tell(mock, method, reference),
        },
        Some(EnquiryFault::Unknown) => unknown(),
        Some(EnquiryFault::Pending) => match find(mock, method, reference) {
            Some(notice) => {
                let state = "pending".to_owned();
                json(StatusCode::OK, &json!(Notice { state, code: None, ..notice }))
            }
            None => unknown(),
        },
        Some(EnquiryFault::Busy) => {
            let busy = json(StatusCode::SERVICE_UNAVAILABLE, &json!({ "error": "busy" }));
            ([(header::RETRY_AFTER, "30")], busy).into_response()
        }
        Some(EnquiryFault::Lost) => cut(),
    }
}

fn unknown() -> Response {
    json(StatusCode::NOT_FOUND, &json!({ "error": "unknown_reference" }))
}

fn tell(mock: &Mock, method: Method, reference: &str) -> Response {
    match find(mock, method, reference) {
        Some(notice) => json(StatusCode::OK, &json!(notice)),
        None => unknown(),
    }
}

fn find(mock: &Mock, method: Method, reference: &str) -> Option<Notice> {
    let payment = mock.books.payment(&Reference::parse(reference)?)?;
    (payment.asked.method == method).then(|| payment.standing(mock.clock.now(), mock.pace.lifetime))
}
