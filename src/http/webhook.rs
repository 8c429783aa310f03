//! `POST /webhooks/signed`: verified on the raw bytes, fail closed; 2xx only once it is on disk.

use super::problem::Trouble;
use super::{Shared, body};
use crate::resolution::Heard;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;

/// No outgoing call is made on this route.
pub(super) async fn signed(
    State(site): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    incoming: Body,
) -> Response {
    let result = hear(&site, &headers, incoming).await;
    site.metrics.webhook(match &result {
        Ok(()) => "recorded",
        Err(Trouble::Unavailable) => "not_written",
        Err(_) => "refused",
    });
    match result {
        Ok(()) => "OK".into_response(),
        Err(Trouble::Forged) if !site.shield.forgives_forgery(peer.ip()) => {
            Trouble::TooOften.into_response()
        }
        Err(trouble) => trouble.into_response(),
    }
}

async fn hear(site: &Shared, headers: &HeaderMap, incoming: Body) -> Result<(), Trouble> {
    let bytes = body::read(headers, incoming, site.bounds.webhook_bytes, &site.bounds).await?;
    body::check_type(headers, body::Type::Json)?;
    match site.resolution.hear(headers, &Bytes::from_owner(bytes)).await {
        Heard::Recorded => Ok(()),
        Heard::Forged => Err(Trouble::Forged),
        Heard::Malformed => Err(Trouble::Grammar),
        Heard::NotWritten => Err(Trouble::Unavailable),
    }
}
