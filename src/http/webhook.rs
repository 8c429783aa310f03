//! `POST /webhooks/...`: verified on the raw bytes, fail closed; 2xx only once it is on disk.

use super::problem::Trouble;
use super::{Shared, body, carried_no_card};
use crate::resolution::{Door, Heard};
use crate::spans::{self, Part};
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request as Incoming, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;

/// `POST /webhooks/signed`.
pub(super) async fn signed(
    State(site): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    incoming: Incoming,
) -> Response {
    answer(&site, Door::Signed, peer, incoming).await
}

/// `POST /webhooks/rsm2000/success`.
pub(super) async fn success(
    State(site): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    incoming: Incoming,
) -> Response {
    answer(&site, Door::Success, peer, incoming).await
}

/// `POST /webhooks/rsm2000/failure`.
pub(super) async fn failure(
    State(site): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    incoming: Incoming,
) -> Response {
    answer(&site, Door::Failure, peer, incoming).await
}

/// No outgoing call is made on this route.
async fn answer(site: &Shared, door: Door, peer: SocketAddr, incoming: Incoming) -> Response {
    let (head, incoming) = incoming.into_parts();
    let result = match (site.resolution.answers(door), (site.sources)(peer.ip())) {
        (false, _) => Err(Trouble::NotFound),
        (true, false) => Err(Trouble::WrongSource),
        (true, true) => {
            let hearing = hear(site, door, &head.headers, incoming);
            spans::around(Part::Webhook, hearing, |heard, said| said.result(word(heard))).await
        }
    };
    site.metrics.webhook(word(&result));
    match result {
        Ok(()) => {
            // What the processor signed it knows by itself, and its storms come on few connections.
            let mut response = "OK".into_response();
            carried_no_card(&mut response);
            response
        }
        Err(Trouble::Forged) if !site.networks.forgives_forgery(peer.ip()) => {
            Trouble::TooOften.into_response()
        }
        Err(trouble) => trouble.into_response(),
    }
}

const fn word(result: &Result<(), Trouble>) -> &'static str {
    match result {
        Ok(()) => "recorded",
        Err(Trouble::Unavailable) => "not_written",
        Err(_) => "refused",
    }
}

async fn hear(
    site: &Shared,
    door: Door,
    headers: &HeaderMap,
    incoming: Body,
) -> Result<(), Trouble> {
    let bytes = body::read(headers, incoming, site.bounds.webhook_bytes, &site.bounds).await?;
    body::check_type(
        headers,
        match door {
            Door::Signed => body::Type::Json,
            Door::Success | Door::Failure => body::Type::FormInAnyCharset,
        },
    )?;
    // Taken once the bytes are here: who sends them slowly holds no place.
    let Ok(_place) = site.webhooks.try_acquire() else { return Err(Trouble::Unavailable) };
    match site.resolution.hear(door, headers, &Bytes::from_owner(bytes)).await {
        Heard::Recorded => Ok(()),
        Heard::Forged => Err(Trouble::Forged),
        Heard::Malformed => Err(Trouble::Grammar),
        Heard::NotWritten => Err(Trouble::Unavailable),
    }
}
