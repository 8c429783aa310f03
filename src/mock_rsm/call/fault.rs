//! Answers with something wrong, as the script of faults asks for them.

use super::{Refused, Told};
use crate::mock_rsm::Mock;
use crate::mock_rsm::broken::{broken_after, cut, dripping, huge};
use crate::mock_rsm::faults::CallFault;
use crate::mock_rsm::http::json;
use crate::payment::Reference;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use serde_json::json;
use tokio::time::sleep;

/// What other amounts are other by, in minor units.
const ONE_POUND: i64 = 100;

/// The answer in place of doing anything; `None` for faults that come after.
pub(super) fn instead(fault: CallFault, headers: &HeaderMap) -> Option<Response> {
    Some(match fault {
        CallFault::LostRequest => cut(),
        CallFault::NotProcessed(status) => Refused::not_processed(status).answer(headers),
        CallFault::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            json(status, &json!({ "error": "something else" }))
        }
        CallFault::Html => Html("<h1>We are improving our service</h1>").into_response(),
        CallFault::Redirect => {
            let elsewhere = [(header::LOCATION, "https://localhost/elsewhere")];
            (StatusCode::TEMPORARY_REDIRECT, elsewhere).into_response()
        }
        CallFault::ReferenceUsed => Refused::reference_used().answer(headers),
        CallFault::Late(_)
        | CallFault::Decline
        | CallFault::LostReply
        | CallFault::Slow(_)
        | CallFault::Truncated
        | CallFault::Dripping(_)
        | CallFault::OtherReference
        | CallFault::OtherAmount
        | CallFault::OtherCurrency
        | CallFault::Malformed
        | CallFault::Huge
        | CallFault::Error
        | CallFault::WebhookFirst
        | CallFault::Twice => return None,
    })
}

/// The answer to what was done.
pub(super) async fn apply(mock: &Mock, mut told: Told, fault: Option<CallFault>) -> Response {
    let Some(fault) = fault else { return told.answer() };
    match fault {
        CallFault::LostReply => return cut(),
        CallFault::Slow(delay) => {
            mock.stop.run_until_cancelled(sleep(delay)).await;
        }
        CallFault::Truncated => {
            let text = told.body().to_string();
            let half = text.len().div_euclid(2);
            let start = Bytes::from(text).slice(..half);
            return written(&told, broken_after(start));
        }
        CallFault::Dripping(wait) => {
            return written(&told, dripping(told.body().to_string().into_bytes(), wait));
        }
        CallFault::OtherReference => {
            told.notice.reference = Reference::at(mock.clock.now()).to_string();
        }
        CallFault::OtherAmount => {
            told.notice.amount = told.notice.amount.saturating_add(ONE_POUND);
        }
        CallFault::OtherCurrency => "EUR".clone_into(&mut told.notice.currency),
        CallFault::Malformed => return written(&told, Body::from("{\"reference\":")),
        CallFault::Huge => {
            return written(&told, huge(Bytes::from_static(b"{\"code\":\"")));
        }
        CallFault::Error => {
            return json(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "error": "internal_error" }));
        }
        CallFault::Late(_)
        | CallFault::Decline
        | CallFault::WebhookFirst
        | CallFault::Twice
        | CallFault::LostRequest
        | CallFault::NotProcessed(_)
        | CallFault::Status(_)
        | CallFault::Html
        | CallFault::Redirect
        | CallFault::ReferenceUsed => {}
    }
    told.answer()
}

fn written(told: &Told, body: Body) -> Response {
    (told.status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
