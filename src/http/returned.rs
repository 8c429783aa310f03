//! `/return/{token}`: the supporter is back and is told the truth, as far as it is known. Nothing
//! that the browser brings is believed.

use super::language::Here;
use super::problem::Trouble;
use super::{body, giving, page};
use crate::payment::{ProcessorText, Reference};
use crate::resolution::{Door, Remark, Returned};
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request as Incoming};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

/// How soon an undecided page asks again: soon at first, then in no hurry.
const SOON_SECONDS: i64 = 5;
const LATER_SECONDS: i64 = 30;
const IN_NO_HURRY_AFTER_SECONDS: i64 = 180;

/// The last part of the path, which need not even be UTF-8.
type Token = Result<Path<String>, PathRejection>;

/// A processor that posts is answered with the page's address, so that a reload posts nothing
/// (security.md, B-H5).
pub(super) async fn arrived(Extension(site): Extension<Here>, token: Token) -> Response {
    match reference(&site, token) {
        Some(reference) => Redirect::to(&site.return_path(reference)).into_response(),
        None => Trouble::NotFound.into_response(),
    }
}

/// A processor that returns every supporter to one address of each kind: what the browser brings
/// says whose page to show and, at most, a helpful word for it.
pub(super) async fn from_processor(
    Extension(site): Extension<Here>,
    end: Token,
    incoming: Incoming,
) -> Response {
    match arrival(&site, end, incoming).await {
        Ok(Returned { reference, remark }) => {
            let said = remark.map(|remark| format!("?{}={}", page::SAID, remark.word()));
            let path = site.hand_offs.return_path(reference);
            let told = format!("{path}{}", said.unwrap_or_default());
            Redirect::to(&site.look().address(&told)).into_response()
        }
        Err(trouble) => trouble.into_response(),
    }
}

async fn arrival(site: &Here, end: Token, incoming: Incoming) -> Result<Returned, Trouble> {
    let ends = end.is_ok_and(|Path(end)| end == "success" || end == "failure");
    if !(ends && site.resolution.answers(Door::Success)) {
        return Err(Trouble::NotFound);
    }
    let (head, incoming) = incoming.into_parts();
    let fields = if head.method == Method::POST {
        body::check_type(&head.headers, body::Type::FormInAnyCharset)?;
        body::read(&head.headers, incoming, site.bounds.body_bytes, &site.bounds).await?
    } else {
        head.uri.query().unwrap_or_default().as_bytes().to_vec().into()
    };
    let returned = site.resolution.returned(&fields).ok_or(Trouble::NotFound)?;
    tracing::info!(event = "returned", reference = %returned.reference, remark = returned.remark.map_or("none", Remark::word));
    Ok(returned)
}

/// Received, not taken, or still being confirmed.
pub(super) async fn page(
    Extension(site): Extension<Here>,
    token: Token,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Some(reference) = reference(&site, token) else {
        return Trouble::NotFound.into_response();
    };
    let entry = match site.hand_offs.find(reference).await {
        Ok(Some(entry)) => entry,
        Ok(None) => return unknown(&site, reference),
        Err(_) => return Trouble::Unreadable.into_response(),
    };
    let truth = page::Truth::of(&entry.standing);
    let said = page::Said {
        truth,
        state: entry.standing.state,
        code: entry.standing.code.as_ref().map(ProcessorText::as_str),
        remark: remark(query.as_deref()),
        disputed: entry.standing.is_disputed(),
        reference,
    };
    let mut response = page::returned(site.look(), &said, &entry.hand_off).into_response();
    // Another card may have been tried since: whatever can still rise is asked about again.
    if entry.standing.state.can_still_rise(entry.hand_off.opened_as) {
        site.resolution.nudge(reference).await;
        let since = entry.changed_at.max(entry.hand_off.opened_at);
        let young = site.clock.now().duration_since(since).as_secs() <= IN_NO_HURRY_AFTER_SECONDS;
        let wait = if young { SOON_SECONDS } else { LATER_SECONDS };
        if young || truth == page::Truth::Unconfirmed {
            response.headers_mut().insert(header::REFRESH, wait.into());
        }
    }
    match truth {
        page::Truth::NotTaken => giving::given::forget(&site, &headers, response),
        page::Truth::Received | page::Truth::Unconfirmed => response,
    }
}

/// The link is ours, and nothing was noted under it. The form that it belongs to may still be on its way.
fn unknown(site: &Here, reference: Reference) -> Response {
    if !site.tokens.may_still_come(reference, site.clock.now()) {
        return Trouble::NotFound.into_response();
    }
    let mut response = page::not_noted(site.look());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(header::REFRESH, SOON_SECONDS.into());
    response
}

fn remark(query: Option<&str>) -> Option<Remark> {
    let (_, word) = query?
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, _)| *name == page::SAID)?;
    Remark::from_word(word)
}

fn reference(site: &Here, token: Token) -> Option<Reference> {
    token.ok().and_then(|token| site.tokens.check_return(&token))
}
