//! The page where members would see what the processor holds of them. The mock holds nobody; it says
//! whether the link that led there is the charity's.

use super::Mock;
use super::canonical::MEMBER_LINK;
use super::form::Form;
use super::handoff::{Refusal, verify};
use super::message_signature::seconds;
use super::page;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::SignedDuration;
use std::sync::Arc;

const REQUIRED: [&str; 4] = ["merchant", "key_id", "expires", "signature"];

/// No link is good for longer.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// The page, or why it is not shown.
pub(super) async fn show(State(mock): State<Arc<Mock>>, RawQuery(query): RawQuery) -> Response {
    match check(&mock, query.unwrap_or_default().as_bytes()) {
        Ok(()) => page::member().answer(StatusCode::OK),
        Err(refusal) => {
            let (code, status, _) = refusal.told();
            tracing::info!(code, field = refusal.field(), "member's link refused");
            page::refused(refusal)
                .answer(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST))
        }
    }
}

fn check(mock: &Mock, query: &[u8]) -> Result<(), Refusal> {
    let form = Form::read(query).map_err(|_unreadable| Refusal::NotAForm)?;
    if let Some(missing) = REQUIRED.into_iter().find(|name| form.get(name).is_empty()) {
        return Err(Refusal::MissingField(missing));
    }
    if form.iter().any(|(name, _)| !REQUIRED.contains(&name)) {
        return Err(Refusal::UnexpectedField);
    }
    if form.get("merchant") != mock.merchant {
        return Err(Refusal::UnknownMerchant);
    }
    verify(mock, MEMBER_LINK, &form)?;
    let ends = seconds(form.get("expires")).ok_or(Refusal::MalformedField("expires"))?;
    let left = ends.duration_since(mock.clock.now());
    if left.is_negative() || left > LONGEST { Err(Refusal::Stale) } else { Ok(()) }
}
