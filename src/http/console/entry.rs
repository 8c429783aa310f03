//! Coming in and going out. A password is checked off the runtime's threads, one after another, so that log-ins
//! can take neither its time nor its memory.

use super::session::{self, Who};
use super::{Console, Entry, HOME, LOG_IN, page};
use crate::http::form::{Form, refuse_query};
use crate::http::origin::origin;
use crate::http::problem::Trouble;
use crate::http::{Shared, body};
use crate::keys::{self, password};
use axum::Extension;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// How old the page may be on which a password is typed, in seconds.
const PAGE_LIVES: u64 = 60 * 60;
/// How many log-ins may wait for their turn.
const WAITING: usize = 8;
/// Bytes of a form here.
const FORM_BYTES: usize = 4096;
/// What the tokens of the two forms are for.
const TO_ENTER: &[u8] = b"console-log-in";
const TO_LEAVE: &[u8] = b"console-log-out";

/// Whose turn it is.
pub(super) struct LogIns {
    turn: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Default for LogIns {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), waiting: Semaphore::new(WAITING) }
    }
}

/// Why a password was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Wrong,
    TooOften,
    TooOld,
}

impl Refusal {
    const fn word(self) -> &'static str {
        match self {
            Self::Wrong => "the password is wrong",
            Self::TooOften => "too many were tried",
            Self::TooOld => "the page was too old",
        }
    }

    /// What the operator reads.
    pub(super) const fn advice(self) -> &'static str {
        match self {
            Self::Wrong => "That is not the password. Nothing was opened.",
            Self::TooOften => "Too many passwords were tried. Wait a minute, then try again.",
            Self::TooOld => "This page had been open for too long. Type the password again.",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::Wrong | Self::TooOld => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooOften => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

/// Where the password is typed.
pub(super) async fn form(
    State(site): State<Shared>,
    Extension(console): Extension<Arc<Console>>,
) -> Response {
    page::send(&page::log_in(&site, &console.token_to_enter(), None))
}

/// Who knows the password has a session, under an id that nobody had before.
pub(super) async fn log_in(
    State(site): State<Shared>,
    Extension(console): Extension<Arc<Console>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let form = match read(&site, request, &["token", "password"]).await {
        Ok(form) => form,
        Err(trouble) => return trouble.into_response(),
    };
    if let Err(refusal) = check(&site, &console, peer, &form).await {
        let (origin, reason) = (origin(peer.ip()), refusal.word());
        tracing::warn!(event = "console_refused", audit = true, origin, reason);
        let page = page::log_in(&site, &console.token_to_enter(), Some(refusal));
        let mut response = page::send(&page);
        *response.status_mut() = refusal.status();
        if refusal == Refusal::TooOften {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        return response;
    }
    let Ok(id) = keys::random::<32>().map(Zeroizing::new) else {
        return Trouble::Internal.into_response();
    };
    let id = Zeroizing::new(URL_SAFE_NO_PAD.encode(*id));
    console.sessions.begin(&id, console.clock.steady());
    tracing::info!(
        event = "console_entered",
        audit = true,
        by = "password",
        origin = origin(peer.ip())
    );
    session::remember(Redirect::to(HOME).into_response(), &id)
}

/// Ends the session.
pub(super) async fn log_out(
    State(site): State<Shared>,
    Extension(console): Extension<Arc<Console>>,
    Extension(who): Extension<Who>,
    request: Request,
) -> Response {
    let form = match read(&site, request, &["token"]).await {
        Ok(form) => form,
        Err(trouble) => return trouble.into_response(),
    };
    let token = hex::decode(form.get("token")).unwrap_or_default();
    if !console.key.verify(&[TO_LEAVE, &who.0], &token) {
        return Trouble::CrossSite.into_response();
    }
    console.sessions.end(who);
    tracing::info!(event = "console_left", audit = true);
    session::forget(Redirect::to(LOG_IN).into_response())
}

/// Whoever shows a certificate is inside; said once in a while.
pub(super) fn by_certificate(console: &Console, certificate: [u8; 32], now: Duration) -> Who {
    if console.sessions.greet(certificate, now) {
        let sha256 = hex::encode(certificate);
        tracing::info!(event = "console_entered", audit = true, by = "certificate", sha256);
    }
    Who(certificate)
}

impl Console {
    /// Good for an hour, made by us alone.
    fn token_to_enter(&self) -> String {
        let seconds = self.clock.steady().as_secs();
        let tag = self.key.sign(&[TO_ENTER, &seconds.to_be_bytes()]);
        format!("{seconds}.{}", hex::encode(tag))
    }

    fn lets_enter(&self, token: &str) -> bool {
        let (seconds, tag) = token.split_once('.').unwrap_or_default();
        let (seconds, tag) = (seconds.parse().unwrap_or(0), hex::decode(tag).unwrap_or_default());
        let ours = self.key.verify(&[TO_ENTER, &u64::to_be_bytes(seconds)], &tag);
        ours && self.clock.steady().as_secs().saturating_sub(seconds) <= PAGE_LIVES
    }

    /// Good for one session, and until that ends.
    pub(super) fn token_to_leave(&self, who: Who) -> String {
        hex::encode(self.key.sign(&[TO_LEAVE, &who.0]))
    }
}

async fn read(site: &Shared, request: Request, known: &[&'static str]) -> Result<Form, Trouble> {
    let (head, incoming) = request.into_parts();
    body::check_type(&head.headers, body::Type::Form)?;
    refuse_query(head.uri.query(), known)?;
    let bytes = body::read(&head.headers, incoming, FORM_BYTES, &site.bounds).await?;
    Form::read(&bytes, known, site.bounds.form_fields)
}

async fn check(
    site: &Shared,
    console: &Arc<Console>,
    peer: SocketAddr,
    form: &Form,
) -> Result<(), Refusal> {
    if !console.lets_enter(form.get("token")) {
        return Err(Refusal::TooOld);
    }
    if !site.networks.allows_log_in(peer.ip()) {
        return Err(Refusal::TooOften);
    }
    let typed = Zeroizing::new(form.get("password").as_bytes().to_vec());
    if typed.len() > password::MOST_BYTES {
        return Err(Refusal::Wrong);
    }
    let _place = console.log_ins.waiting.try_acquire().map_err(|_full| Refusal::TooOften)?;
    let turn = Arc::clone(&console.log_ins.turn).acquire_owned().await;
    let turn = turn.map_err(|_closed| Refusal::TooOften)?;
    let console = Arc::clone(console);
    // The turn goes with the work: who hangs up meanwhile does not make room for another beside it.
    let checked = site.tasks.spawn_blocking(move || {
        let _turn = turn;
        matches!(&console.entry, Entry::Password(password) if password.verify(&typed))
    });
    if checked.await.unwrap_or(false) { Ok(()) } else { Err(Refusal::Wrong) }
}
