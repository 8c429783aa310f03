//! The requests of one connection, on their way to the router.

use super::connection::{Connection, UnderWay};
use super::limits::Limits;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version, header};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tower::Service;

/// Counts requests, tells the router who asks (`ConnectInfo<SocketAddr>`) and with which certificate
/// (`ConnectInfo<[u8; 32]>`: its SHA-256, where one was shown), and lets the answer
/// close an HTTP/1 connection that has had its time. An answer that says `Connection: close` is the
/// last on HTTP/2 as well, which has no such header (RFC 9113, section 8.2.2).
#[derive(Clone)]
pub(crate) struct Visit<S> {
    inner: S,
    connection: Arc<Connection>,
    certificate: Option<ConnectInfo<[u8; 32]>>,
    limits: Arc<Limits>,
}

impl<S> Visit<S> {
    pub(super) fn new(
        inner: S,
        connection: Arc<Connection>,
        certificate: Option<ConnectInfo<[u8; 32]>>,
        limits: Arc<Limits>,
    ) -> Self {
        Self { inner, connection, certificate, limits }
    }
}

impl<S, B> Service<Request<B>> for Visit<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Unpin,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let http1 = request.version() < Version::HTTP_2;
        let under_way = self.connection.begin();
        // Here and not in the server: its own limit for HTTP/1 costs an allocation for every
        // request, and for HTTP/2 it has none.
        let inner = fits(&self.limits, request.headers(), request.version()).then(|| {
            request.extensions_mut().insert(ConnectInfo(self.connection.peer));
            if let Some(certificate) = self.certificate {
                request.extensions_mut().insert(certificate);
            }
            self.inner.call(request)
        });
        Answering { inner, under_way, http1, limits: Arc::clone(&self.limits) }
    }
}

/// An answer on its way back.
pub(crate) struct Answering<F> {
    /// Nothing where the request's head was too large.
    inner: Option<F>,
    under_way: UnderWay,
    http1: bool,
    limits: Arc<Limits>,
}

impl<F, E> Future for Answering<F>
where
    F: Future<Output = Result<Response<Body>, E>> + Unpin,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut response = match &mut self.inner {
            Some(inner) => ready!(Pin::new(inner).poll(context))?,
            None => too_large(&self.limits),
        };
        let connection = self.under_way.connection();
        let last = self.inner.is_none()
            || connection.requests() >= self.limits.requests_per_connection
            || connection.age() >= self.limits.connection_age;
        if self.http1 && last {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        if !self.http1 && response.headers_mut().remove(header::CONNECTION).is_some() {
            connection.spend();
        }
        Poll::Ready(Ok(response))
    }
}

/// Whether a head keeps to the limits, its bytes counted as its protocol writes or counts them (RFC 9113,
/// section 6.5.2).
fn fits(limits: &Limits, headers: &HeaderMap, version: Version) -> bool {
    let http2 = usize::try_from(limits.h2_header_list_bytes).unwrap_or(usize::MAX);
    let (each, most) =
        if version < Version::HTTP_2 { (4, limits.header_bytes) } else { (32, http2) };
    let bytes = headers.iter().fold(0_usize, |bytes, (name, value)| {
        let field = name.as_str().len().saturating_add(value.len()).saturating_add(each);
        bytes.saturating_add(field)
    });
    headers.len() <= limits.header_count && bytes <= most
}

fn too_large(limits: &Limits) -> Response<Body> {
    let mut response = Response::default();
    response.headers_mut().clone_from(&limits.refusal_headers);
    *response.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    response
}
