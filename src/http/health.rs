//! `/healthz`: the process answers. `/readyz`: it can serve.

use super::Shared;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::sync::atomic::Ordering;

/// The process is alive.
pub(super) async fn alive() -> &'static str {
    "alive\n"
}

/// It is not stopping, its certificate and its clock are good, its log can be written, and the ledger takes
/// writes (security.md, P-14).
pub(super) async fn ready(State(site): State<Shared>) -> Response {
    match look(&site).await {
        Ok(()) => "ready\n".into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

/// Why it cannot serve.
pub(super) async fn look(site: &Shared) -> Result<(), &'static str> {
    if site.stopping.load(Ordering::SeqCst) {
        Err("stopping")
    } else if site.certificate_is_over.load(Ordering::Relaxed) {
        Err("the certificate is over")
    } else if site.clock_is_off.load(Ordering::Relaxed) {
        Err("the clock is not the processor's")
    } else if site.log_fails.load(Ordering::Relaxed) {
        Err("the log cannot be written")
    } else {
        site.hand_offs.ledger.ready().await.map_err(|error| {
            tracing::error!(event = "ledger_not_ready", reason = %error);
            "the ledger takes no writes"
        })
    }
}
