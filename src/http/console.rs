//! `/console` on the operations listener: how things stand, for the charity's own people (gateway.md, section 3).
//! It reads, and changes nothing but who has entered. Nothing personal can be shown, because nothing is held.

use super::problem::Trouble;
use super::{Shared, problem};
use crate::clock::Clock;
use crate::keys::{Key, Password};
use crate::payment::{Mode, Reference};
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use entry::LogIns;
use glance::Glances;
use jiff::Timestamp;
use session::{Sessions, Who};
use std::sync::Arc;
use std::time::Duration;
use tower_http::csrf::CsrfLayer;

mod advice;
mod chart;
mod entry;
mod glance;
mod measured;
mod page;
mod session;
mod summary;
mod timeline;
mod words;

/// Its first page.
const HOME: &str = "/console";
/// Where a password is typed.
const LOG_IN: &str = "/console/log-in";

/// What operators enter by.
#[derive(Debug)]
pub enum Entry {
    /// A password, of which the hash is here.
    Password(Password),
    /// The certificate that the listener demands: whoever reaches us has shown one.
    Certificate,
}

/// For how long an operator stays, and what is shown.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// After how long without a look the password is asked for again.
    pub idle: Duration,
    /// After how long it is asked for again in any case.
    pub longest: Duration,
    /// Hand-offs of this mode alone are shown.
    pub mode: Mode,
}

/// All that the console remembers.
pub struct Console {
    entry: Entry,
    mode: Mode,
    clock: Clock,
    /// Since when this process counts.
    started: Timestamp,
    /// Makes the tokens of its forms.
    key: Key,
    sessions: Sessions,
    log_ins: LogIns,
    glances: Glances,
}

impl Console {
    /// Nobody has entered yet.
    pub fn new(entry: Entry, terms: Terms, clock: &Clock) -> Result<Self, getrandom::Error> {
        Ok(Self {
            entry,
            mode: terms.mode,
            started: clock.now(),
            clock: clock.clone(),
            key: Key::fresh()?,
            sessions: Sessions::new(terms.idle, terms.longest),
            log_ins: LogIns::default(),
            glances: Glances::default(),
        })
    }

    fn asks_for_a_password(&self) -> bool {
        matches!(self.entry, Entry::Password(_))
    }
}

/// Its routes; none where nobody set it up.
pub(super) fn routes(site: &Shared) -> Router<Shared> {
    let Some(console) = &site.console else { return Router::new() };
    let inside = Router::new()
        .route(HOME, get(show))
        .route("/console/hand-offs", get(search))
        .route("/console/hand-offs/{reference}", get(tell))
        .route("/console/log-out", post(entry::log_out))
        .route_layer(from_fn_with_state(Arc::clone(console), guard));
    let outside = Router::new().route("/console/style.css", get(page::style));
    let outside = if console.asks_for_a_password() {
        outside.route(LOG_IN, get(entry::form).post(entry::log_in))
    } else {
        outside
    };
    // No other site's form may be posted here, the charity's own not either (security.md, F-1).
    let csrf: CsrfLayer<fn(tower_http::csrf::ProtectionError) -> Response> =
        CsrfLayer::new().with_rejection_response(problem::cross_site);
    let routes = inside.merge(outside).layer(csrf).layer(from_fn(from_here));
    routes.layer(Extension(Arc::clone(console)))
}

/// A page of another site may lead here, and take nothing of this into itself: where a certificate is all that is
/// asked for, the browser shows it whoever has it ask (security.md, F-1).
async fn from_here(request: Request, next: Next) -> Response {
    if is_taken_elsewhere(request.headers()) {
        return Trouble::CrossSite.into_response();
    }
    next.run(request).await
}

/// By what the browser says of it (Fetch Metadata).
fn is_taken_elsewhere(headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).map_or(b"".as_slice(), HeaderValue::as_bytes);
    let leads_here = said("sec-fetch-mode") == b"navigate" && said("sec-fetch-dest") == b"document";
    matches!(said("sec-fetch-site"), b"cross-site" | b"same-site") && !leads_here
}

/// Lets whoever has entered go on.
async fn guard(State(console): State<Arc<Console>>, mut request: Request, next: Next) -> Response {
    let now = console.clock.steady();
    let who = match console.entry {
        Entry::Password(_) => {
            session::cookie(request.headers()).and_then(|id| console.sessions.find(&id, now))
        }
        Entry::Certificate => {
            let shown = request.extensions().get::<ConnectInfo<[u8; 32]>>().map(|shown| shown.0);
            shown.map(|certificate| entry::by_certificate(&console, certificate, now))
        }
    };
    match who {
        Some(who) => {
            request.extensions_mut().insert(who);
            next.run(request).await
        }
        None if console.asks_for_a_password() => Redirect::to(LOG_IN).into_response(),
        None => Trouble::OutOfScope.into_response(),
    }
}

/// How things stand.
async fn show(
    State(site): State<Shared>,
    Extension(console): Extension<Arc<Console>>,
    Extension(who): Extension<Who>,
) -> Response {
    match console.glances.look(&site, &console).await {
        Ok(glance) => page::send(&page::inside(
            &page::Frame { site: &site, console: &console, who, title: "How things stand" },
            &summary::page(&console, &glance),
        )),
        Err(_) => unreadable(&site, &console, who),
    }
}

/// `?reference=`: to its page.
async fn search(
    State(site): State<Shared>,
    Extension(console): Extension<Arc<Console>>,
    Extension(who): Extension<Who>,
    RawQuery(query): RawQuery,
) -> Response {
    let mut pairs = url::form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
    let typed = pairs.find(|(name, _)| name == "reference").map(|(_, value)| value);
    let typed = typed.unwrap_or_default().trim().to_ascii_uppercase();
    match Reference::parse(&typed) {
        Some(reference) => Redirect::to(&format!("/console/hand-offs/{reference}")).into_response(),
        None => timeline::not_a_reference(&site, &console, who),
    }
}

/// All that is recorded of one hand-off.
async fn tell(
    State(site): State<Shared>,
    Extension(console): Extension<Arc<Console>>,
    Extension(who): Extension<Who>,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let Some(reference) = path.ok().and_then(|Path(text)| Reference::parse(&text)) else {
        return timeline::not_a_reference(&site, &console, who);
    };
    match site.resolution.told(reference).await {
        Ok((entry, events)) => {
            tracing::info!(event = "console_read", audit = true, %reference);
            timeline::page(&site, &console, who, &timeline::Found { reference, entry, events })
        }
        Err(_) => unreadable(&site, &console, who),
    }
}

fn unreadable(site: &Shared, console: &Console, who: Who) -> Response {
    let frame = page::Frame { site, console, who, title: "The ledger cannot be read" };
    let text = "Nothing is shown, because what is shown would not be true. /readyz and the log say why; supporters are told to come back.";
    let mut response = page::send(&page::inside(&frame, &page::message(text)));
    *response.status_mut() = axum::http::StatusCode::SERVICE_UNAVAILABLE;
    response
}
