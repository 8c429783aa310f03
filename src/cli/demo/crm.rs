//! The charity's own system in the demo: a subscriber that takes every event that is rightly signed, and keeps none.

use crate::cli::Failure;
use crate::keys::Key;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::post;
use axum_server::tls_rustls::RustlsConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ServerConfig;
use std::net::TcpListener;
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// Listens until the runtime ends.
pub(super) fn open(
    listener: TcpListener,
    tls: &Arc<ServerConfig>,
    secret: &str,
) -> Result<(), Failure> {
    let key = Arc::new(Key::webhook(secret.as_bytes())?);
    let routes = Router::new().route("/hooks/almoner", post(hear)).with_state(key);
    let tls = RustlsConfig::from_config(Arc::clone(tls));
    listener.set_nonblocking(true)?;
    let server = axum_server::from_tcp_rustls(listener, tls)?.serve(routes.into_make_service());
    TaskTracker::new().spawn(server);
    Ok(())
}

/// As Standard Webhooks have it, but for the time: the demo's clock is moved.
async fn hear(State(key): State<Arc<Key>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let said = |name: &str| headers.get(name).map_or(b"".as_slice(), HeaderValue::as_bytes);
    let parts: [&[u8]; 5] = [said("webhook-id"), b".", said("webhook-timestamp"), b".", &body];
    let tag = said("webhook-signature").strip_prefix(b"v1,");
    let tag = tag.and_then(|tag| STANDARD.decode(tag).ok()).unwrap_or_default();
    if key.verify(&parts, &tag) { StatusCode::NO_CONTENT } else { StatusCode::UNAUTHORIZED }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_believes_nobody_else() {
        let key = Arc::new(Key::fresh().unwrap());
        let right = STANDARD.encode(key.sign(&[b"1-0", b".", b"60", b".", b"{}"]));
        for (tag, body, status) in [
            (format!("v1,{right}"), "{}", StatusCode::NO_CONTENT),
            (format!("v1,{right}"), "{ }", StatusCode::UNAUTHORIZED),
            (format!("v2,{right}"), "{}", StatusCode::UNAUTHORIZED),
            (String::new(), "{}", StatusCode::UNAUTHORIZED),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in
                [("webhook-id", "1-0"), ("webhook-timestamp", "60"), ("webhook-signature", &tag)]
            {
                headers.insert(name, value.parse().unwrap());
            }
            assert_eq!(
                hear(State(Arc::clone(&key)), headers, body.into()).await,
                status,
                "{tag} {body}"
            );
        }
    }
}
