//! The requests of one connection, on their way to the router.

use super::connection::{Connection, UnderWay};
use super::limits::Limits;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request, Response, StatusCode, Version, header};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tower::Service;

/// Counts requests, tells the router who asks (`ConnectInfo<SocketAddr>`), and lets the answer
/// close an HTTP/1 connection that has had its time. An answer that says `Connection: close` is the
/// last on HTTP/2 as well, which has no such header (RFC 9113, section 8.2.2).
#[derive(Clone)]
pub(crate) struct Visit<S> {
    inner: S,
    connection: Arc<Connection>,
    limits: Arc<Limits>,
}

impl<S> Visit<S> {
    pub(super) fn new(inner: S, connection: Arc<Connection>, limits: Arc<Limits>) -> Self {
        Self { inner, connection, limits }
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
        let inner = (request.headers().len() <= self.limits.header_count).then(|| {
            request.extensions_mut().insert(ConnectInfo(self.connection.peer));
            self.inner.call(request)
        });
        let Limits { requests_per_connection: most, connection_age: age, .. } = *self.limits;
        Answering { inner, under_way, http1, most, age }
    }
}

/// An answer on its way back.
pub(crate) struct Answering<F> {
    /// Nothing where the request had too many header fields.
    inner: Option<F>,
    under_way: UnderWay,
    http1: bool,
    /// Requests and age after which an answer is the connection's last.
    most: u32,
    age: Duration,
}

impl<F, E> Future for Answering<F>
where
    F: Future<Output = Result<Response<Body>, E>> + Unpin,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut response = match &mut self.inner {
            Some(inner) => ready!(Pin::new(inner).poll(context))?,
            None => too_many_fields(),
        };
        let connection = self.under_way.connection();
        let last = self.inner.is_none()
            || connection.requests() >= self.most
            || connection.age() >= self.age;
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

fn too_many_fields() -> Response<Body> {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    response
}
