//! `/healthz`: the process answers. `/readyz`: it can serve.

use super::Shared;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::sync::atomic::{AtomicBool, Ordering};

/// What is wrong with what the service relies on, as whoever looks at it found it last.
#[derive(Debug, Default)]
pub struct Wrong {
    /// Whether the clock is so far from the processor's that nothing it says can be judged.
    pub clock_is_off: AtomicBool,
    /// Whether the public certificate is over.
    pub certificate_is_over: AtomicBool,
    /// Whether there is none yet.
    pub no_certificate: AtomicBool,
    /// Whether the log's last line could not be written.
    pub log_fails: AtomicBool,
}

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
    } else if site.wrong.certificate_is_over.load(Ordering::Relaxed) {
        Err("the certificate is over")
    } else if site.wrong.no_certificate.load(Ordering::Relaxed) {
        Err("there is no certificate yet: certificate_not_obtained in the log says why")
    } else if site.wrong.clock_is_off.load(Ordering::Relaxed) {
        Err("the clock is not the processor's")
    } else if site.wrong.log_fails.load(Ordering::Relaxed) {
        Err("the log cannot be written")
    } else {
        site.hand_offs.ledger.ready().await.map_err(|error| {
            tracing::error!(event = "ledger_not_ready", reason = %error);
            "the ledger takes no writes"
        })
    }
}
