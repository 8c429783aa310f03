//! The routes in one list, the headers of every answer, and the listener.

use super::page::FRAMED;
use super::{Mock, broken, buttons, call, control, enquiry, hosted, member, rsm2000};
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use axum::{Router, ServiceExt};
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use serde_json::Value;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tower::util::MapResult;
use tower_http::timeout::TimeoutLayer;

/// Time for a TLS handshake, and for the headers of a request.
const OPENING_TIME: Duration = Duration::from_secs(5);
/// Time for a whole request, a slow card included.
const REQUEST_TIME: Duration = Duration::from_mins(1);
/// Time for a request to the API, with every delay that may be scripted.
const API_TIME: Duration = Duration::from_mins(10);
/// The largest body read, in bytes.
const BODY_LIMIT: usize = 32 * 1024;

/// Serves until `handle` is told to stop.
pub(super) fn serve(
    mock: &Arc<Mock>,
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
    handle: Handle<SocketAddr>,
) -> io::Result<impl Future<Output = io::Result<()>> + Send + use<>> {
    // Without delay: an answer that waits for an acknowledgement waits 40 ms for nothing.
    let acceptor = RustlsAcceptor::new(RustlsConfig::from_config(tls))
        .handshake_timeout(OPENING_TIME)
        .acceptor(NoDelayAcceptor::new());
    let mut server = axum_server::from_tcp(listener)?
        .acceptor(acceptor)
        .handle(handle)
        .first_request_timeout(OPENING_TIME);
    server.http_builder().http1().header_read_timeout(OPENING_TIME);
    let service = MapResult::new(routes(mock), broken::given);
    Ok(server
        .serve(ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service)))
}

fn routes(mock: &Arc<Mock>) -> Router {
    let rsm2000 = mock.rsm2000.as_ref().map_or_else(Router::new, rsm2000::routes);
    let slow = mock.rsm2000.as_ref().map_or_else(Router::new, rsm2000::slow_routes);
    Router::new()
        .route("/", get(hosted::front))
        .route("/handoff", post(hosted::hand_off))
        .route("/pay/{token}", get(hosted::show).post(hosted::pay))
        .route("/pay/{token}/cancel", post(hosted::cancel))
        .route("/pay/{token}/challenge", get(hosted::show_challenge).post(hosted::answer_challenge))
        .route("/pay/{token}/return", get(hosted::show_return))
        .route("/members", get(member::show))
        .route("/buttons", get(buttons::show).post(buttons::press))
        .route("/mock-rsm.css", get(hosted::style))
        .merge(control::routes(mock))
        .merge(rsm2000)
        .fallback(hosted::nothing_here)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIME))
        .merge(slow)
        .merge(api())
        .layer(middleware::map_response(headers))
        .with_state(Arc::clone(mock))
}

/// The processor's API in the dialect `signed`, which may be told to take its time.
fn api() -> Router<Arc<Mock>> {
    Router::new()
        .route("/v1/payments", post(call::payment))
        .route("/v1/mandates", post(call::mandate))
        .route("/v1/payments/{reference}", get(enquiry::payment))
        .route("/v1/mandates/{reference}", get(enquiry::mandate))
        .route("/v1/{*other}", any(call::no_such_service))
        .method_not_allowed_fallback(call::no_such_service)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, API_TIME))
}

/// An answer in JSON.
pub(super) fn json(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// No `Strict-Transport-Security`: the mock lives on `localhost`, and a browser would hold every
/// other service of the developer's machine to it.
async fn headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|value| value.to_str().ok());
    let framed = policy.is_some_and(|policy| policy.ends_with(FRAMED));
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            header::HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if framed {
        headers.remove(header::X_FRAME_OPTIONS);
        headers.remove("cross-origin-resource-policy");
    }
    response
}
