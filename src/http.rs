//! The routes, in one list for each listener, and what every request passes on its way to them.

use crate::announcement::{Announcements, Couriers};
use crate::clock::Clock;
use crate::handoff::{HandOffs, Offer, SelfService, Tokens};
use crate::payment::Kind;
use crate::resolution::Resolution;
use crate::shield::Networks;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;

mod access;
mod body;
pub mod console;
mod description;
mod edge;
mod form;
#[cfg(fuzzing)]
pub mod fuzzing;
mod giving;
mod handoffs;
mod health;
pub(crate) mod json;
mod language;
mod manage;
pub mod metrics;
mod origin;
mod outcomes;
pub mod page;
mod problem;
mod returned;
mod target;
mod webhook;

pub use access::{Access, Caller};
pub use description::described;
pub use edge::standing_headers;
pub use health::Wrong;
pub use language::{Looks, Texts, TextsError, Words};
pub(crate) use problem::Trouble;
pub use target::Targets;

/// What bounds a request, each with its unit (security.md, 5 H).
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of a request's target.
    pub uri_bytes: usize,
    /// Bytes of a form or an API request.
    pub body_bytes: usize,
    /// Bytes of a webhook.
    pub webhook_bytes: usize,
    /// A whole body.
    pub body_timeout: Duration,
    /// Bytes a second that a body must come with after its first second.
    pub body_bytes_per_second: usize,
    /// Fields of a form.
    pub form_fields: usize,
    /// Objects and lists within one another.
    pub json_depth: usize,
    /// A whole request.
    pub request_timeout: Duration,
}

/// Everything the routes share.
pub struct Site {
    /// How a payment begins.
    pub hand_offs: HandOffs,
    /// How it ends.
    pub resolution: Resolution,
    /// How the charity's systems are told.
    pub announcements: Arc<Announcements>,
    /// The way to each of those that are told by themselves.
    pub couriers: Couriers,
    /// Makes and checks tokens.
    pub tokens: Arc<Tokens>,
    /// What the charity offers.
    pub offer: Offer,
    /// What supporters see, in each language.
    pub looks: Looks,
    /// Where members are led who would see what the processor holds of them.
    pub self_service: Option<SelfService>,
    /// Who may use the API.
    pub access: Access,
    /// Where a browser may be sent, and where its forms may come from.
    pub targets: Targets,
    /// How often forms may be posted.
    pub networks: Networks,
    /// Whether webhooks are taken from an address.
    pub sources: Sources,
    /// What bounds a request.
    pub bounds: Bounds,
    /// A place for each webhook that may be judged and written at once (security.md, FM-63).
    pub webhooks: Semaphore,
    /// What time it is.
    pub clock: Clock,
    /// The operators' page; none where nobody set it up.
    pub console: Option<Arc<console::Console>>,
    /// What is counted.
    pub metrics: metrics::Metrics,
    /// What shutdown waits for.
    pub tasks: TaskTracker,
    /// Whether the service is stopping.
    pub stopping: AtomicBool,
    /// What is wrong with what it relies on.
    pub wrong: Wrong,
}

/// Whether webhooks are taken from an address: that of the connection, whatever a header says
/// (security.md, A-24).
pub type Sources = Box<dyn Fn(IpAddr) -> bool + Send + Sync>;

type Shared = Arc<Site>;

/// The public listener's routes (gateway.md, section 3).
pub fn public(site: &Arc<Site>) -> Router {
    let forms = Router::new()
        .route("/donate", get(giving::form_donate).post(giving::post_donate))
        .route("/join", get(giving::form_join).post(giving::post_join))
        .layer(csrf(&site.targets));
    let routes = forms
        .route("/return/{token}", get(returned::page).post(returned::arrived))
        .route(
            "/return/rsm2000/{end}",
            get(returned::from_processor).post(returned::from_processor),
        )
        .route("/webhooks/signed", post(webhook::signed))
        .route("/webhooks/rsm2000/success", post(webhook::success))
        .route("/webhooks/rsm2000/failure", post(webhook::failure))
        .route("/manage", get(manage::go))
        .merge(description::routes())
        .route("/", get(giving::first_page))
        .route("/assets/style.css", get(page::style))
        .route("/assets/logo", get(page::logo));
    finish(routes, site)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(site), edge::public))
        .layer(CatchPanicLayer::custom(edge::panicked))
}

/// The operators' routes.
pub fn operations(site: &Arc<Site>) -> Router {
    let routes = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .merge(console::routes(site));
    finish(routes, site)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(site), edge::operations))
        .layer(CatchPanicLayer::custom(edge::panicked))
}

/// What is not a route, and what must not bring the service down.
fn finish(routes: Router<Shared>, site: &Arc<Site>) -> Router {
    routes
        .fallback(|| async { Trouble::NotFound })
        .method_not_allowed_fallback(|| async { Trouble::Method })
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::clone(site))
}

/// Forms are posted by our own pages or by origins that are listed (security.md, F-1).
fn csrf(
    targets: &Targets,
) -> CsrfLayer<fn(tower_http::csrf::ProtectionError) -> axum::response::Response> {
    let layer = CsrfLayer::new();
    let trusted = targets.form_origins().iter().fold(layer, |layer, origin| {
        // An origin that was checked when it was read is never refused here.
        layer.clone().add_trusted_origin(origin).unwrap_or(layer)
    });
    trusted.with_rejection_response(problem::cross_site)
}

/// Who read a request through says by this on the answer that it held no card. Without it the edge takes
/// whatever was posted for a card, wherever it was posted.
#[derive(Clone, Copy, Debug)]
struct NoCard;

/// Has the connection go on after this answer: it carried no card.
fn carried_no_card(response: &mut axum::response::Response) {
    response.extensions_mut().insert(NoCard);
}

/// Has the connection end after this answer: what carried a card carries nothing else, so that nothing
/// of the card stays in its buffers (security.md, M-4). On HTTP/2 the listener makes it a goodbye.
fn end_connection(response: &mut axum::response::Response) {
    let close = axum::http::HeaderValue::from_static("close");
    response.headers_mut().insert(axum::http::header::CONNECTION, close);
}

/// The path of a form.
const fn form_path(kind: Kind) -> &'static str {
    match kind {
        Kind::Donate => "/donate",
        Kind::Join => "/join",
    }
}
