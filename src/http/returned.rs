//! `/return/{token}`: the supporter is back and is told the truth, as far as it is known. Nothing
//! that the browser brings is believed.

use super::problem::Trouble;
use super::{Shared, page};
use crate::payment::Reference;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};

/// How soon an undecided page asks again: soon at first, then in no hurry.
const SOON_SECONDS: i64 = 5;
const LATER_SECONDS: i64 = 30;
const IN_NO_HURRY_AFTER_SECONDS: i64 = 180;

/// The last part of the path, which need not even be UTF-8.
type Token = Result<Path<String>, PathRejection>;

/// A processor that posts is answered with the page's address, so that a reload posts nothing
/// (security.md, B-H5).
pub(super) async fn arrived(State(site): State<Shared>, token: Token) -> Response {
    match reference(&site, token) {
        Some(reference) => Redirect::to(&site.hand_offs.return_path(reference)).into_response(),
        None => Trouble::NotFound.into_response(),
    }
}

/// Received, not taken, or still being confirmed.
pub(super) async fn page(State(site): State<Shared>, token: Token) -> Response {
    let Some(reference) = reference(&site, token) else {
        return Trouble::NotFound.into_response();
    };
    let entry = match site.hand_offs.find(reference).await {
        Ok(Some(entry)) => entry,
        Ok(None) => return Trouble::NotFound.into_response(),
        Err(_) => return Trouble::Unavailable.into_response(),
    };
    let truth = page::Truth::of(entry.standing.state);
    let mut response =
        page::returned(&site.look, truth, &entry.hand_off.asked, reference).into_response();
    // Another card may have been tried since: whatever is not received is asked about again.
    if truth != page::Truth::Received {
        site.resolution.nudge(reference).await;
        let since = entry.changed_at.max(entry.hand_off.opened_at);
        let young = site.clock.now().duration_since(since).as_secs() <= IN_NO_HURRY_AFTER_SECONDS;
        let wait = if young { SOON_SECONDS } else { LATER_SECONDS };
        if young || truth == page::Truth::Unconfirmed {
            response.headers_mut().insert(header::REFRESH, wait.into());
        }
    }
    response
}

fn reference(site: &Shared, token: Token) -> Option<Reference> {
    token.ok().and_then(|token| site.tokens.check_return(&token))
}
