//! What every request passes: is it for us, is it well framed, and what every answer carries.

use super::language::Here;
use super::metrics::Request as Counted;
use super::problem::{Audience, Trouble};
use super::{NoCard, Shared, end_connection, origin, page};
use crate::processor::client::Stopwatch;
use crate::spans::{self, Part};
use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::net::SocketAddr;

/// On every answer (security.md, 1.5).
const HEADERS: [(HeaderName, &str); 9] = [
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// The same for an answer that is given before there is a request for us.
#[must_use]
pub fn standing_headers() -> HeaderMap {
    let each = HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value)));
    HeaderMap::from_iter(each)
}

/// The public listener's edge.
pub(super) async fn public(State(site): State<Shared>, request: Request, next: Next) -> Response {
    let checked = check(&site, &request);
    let audience = Audience::of(request.uri().path());
    pass(site, request, next, (audience, checked)).await
}

/// The operators' edge: the same but for the host, which is whatever address operators use.
pub(super) async fn operations(
    State(site): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let checked = check_framing(&request, site.bounds.uri_bytes);
    pass(site, request, next, (Audience::Operator, checked)).await
}

async fn pass(
    site: Shared,
    mut request: Request,
    next: Next,
    (audience, checked): (Audience, Result<(), Trouble>),
) -> Response {
    let started = std::time::Instant::now();
    let waited = Stopwatch::default();
    let method = Counted::method(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let posted = request.method() == Method::POST;
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
    let here = Here::of(&site, request.uri().query(), request.headers());
    request.extensions_mut().insert(here.clone());
    // Whoever refuses it and wherever it was sent by mistake: a card may be in it.
    let may_carry_card =
        site.looks.first().cards_here && ![Method::GET, Method::HEAD].contains(request.method());
    let mut response = if let Err(trouble) = checked {
        trouble.into_response()
    } else {
        let passing = waited.around(next.run(request));
        let work = spans::around(Part::Request, passing, |response: &Response, said| {
            said.route(route.as_ref());
            said.status(response.status().as_u16());
        });
        let passed = tokio::time::timeout(site.bounds.request_timeout, work).await;
        passed.unwrap_or_else(|_elapsed| Trouble::TookTooLong.into_response())
    };
    if let Some(trouble) = response.extensions_mut().remove::<Trouble>() {
        say(&here, (audience, peer), &trouble, &mut response);
        // Where there is a route, the router knows best what it allows, and adds it after us.
        if trouble == Trouble::Method && route.is_none() {
            let allowed = HeaderValue::from_static("GET,HEAD,POST");
            response.headers_mut().insert(header::ALLOW, allowed);
        }
    }
    here.mark(&mut response);
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    // A payment that is put off while the breaker is open: for as long as that says.
    if posted
        && audience != Audience::Processor
        && response.status() == StatusCode::SERVICE_UNAVAILABLE
        && let Some(wait) = site.hand_offs.retry_after()
    {
        let seconds = HeaderValue::from(wait.as_secs().saturating_add(1));
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    let held_none = response.extensions_mut().remove::<NoCard>().is_some();
    if may_carry_card && !held_none {
        end_connection(&mut response);
    }
    // Matched paths are our own texts, so a label can never hold what a stranger typed.
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    site.metrics.count(&Counted::new(method, route, status), elapsed);
    // Probes are quick and a password is slow on purpose: neither says how supporters fare.
    if audience != Audience::Operator {
        site.metrics.ours(elapsed.saturating_sub(waited.read()));
    }
    let microseconds = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    tracing::debug!(event = "request", method, route, status, microseconds);
    response
}

/// The answer where the edge itself panicked, and nothing of it can be relied on: a plain text. What else
/// is under way on the connection, perhaps for others behind a proxy, goes on (security.md, M-10).
pub(super) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    let (status, title, detail) = Trouble::Internal.meaning();
    let mut response = (status, format!("{title}. {detail}\n")).into_response();
    response.headers_mut().extend(standing_headers());
    end_connection(&mut response);
    response
}

/// Puts a trouble into words for whoever asked, and one line into the log.
fn say(
    here: &Here,
    (audience, peer): (Audience, Option<SocketAddr>),
    trouble: &Trouble,
    response: &mut Response,
) {
    let id = uuid::Uuid::new_v4().to_string();
    let status = response.status().as_u16();
    if trouble.is_of_who_asks() && audience != Audience::Person {
        let origin = peer.map_or_else(|| "none".to_owned(), |peer| origin::origin(peer.ip()));
        let door = audience.word();
        tracing::warn!(event = "authentication_refused", audit = true, door, reason = %trouble, status, origin, id);
    } else {
        tracing::info!(event = "refused", reason = %trouble, status, id);
    }
    let (body, kind) = match audience {
        Audience::Processor => {
            let (_, title, _) = trouble.meaning();
            let word = if title.len() <= 16 { title } else { "refused" };
            (Body::from(word), "text/plain; charset=utf-8")
        }
        Audience::Operator => {
            let (_, title, advice) = trouble.meaning();
            (Body::from(format!("{title}. {advice}\n")), "text/plain; charset=utf-8")
        }
        Audience::Program => (trouble.document(&id), "application/problem+json"),
        Audience::Person => (page::trouble(here.look(), trouble, &id), "text/html; charset=utf-8"),
    };
    *response.body_mut() = body;
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
}

fn check(site: &Shared, request: &Request) -> Result<(), Trouble> {
    check_host(site, request)?;
    check_framing(request, site.bounds.uri_bytes)
}

/// One host, and one of ours (security.md, D-5). No address is ever built from it.
fn check_host(site: &Shared, request: &Request) -> Result<(), Trouble> {
    let mut named = request.headers().get_all(header::HOST).iter();
    let (host, second) = (named.next(), named.next());
    let authority = request.uri().authority().map(axum::http::uri::Authority::as_str);
    let missing = host.is_none() && (authority.is_none() || request.version() < Version::HTTP_2);
    if missing || second.is_some() {
        return Err(Trouble::NoHost);
    }
    let header = host.map(|host| host.to_str().unwrap_or_default());
    let known = |name: Option<&str>| name.is_none_or(|name| site.targets.serves(name));
    if known(header) && known(authority) { Ok(()) } else { Err(Trouble::Misdirected) }
}

/// Methods, lengths and framings that hyper lets through (security.md, D-1, D-6, D-8, D-11, B-19).
fn check_framing(request: &Request, uri_bytes: usize) -> Result<(), Trouble> {
    let asked = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if *request.method() == Method::OPTIONS && asked {
        // No other site's script may ask us anything (security.md, F-16).
        return Err(Trouble::CrossSite);
    }
    if ![Method::GET, Method::HEAD, Method::POST].contains(request.method()) {
        return Err(Trouble::Method);
    }
    let uri = request.uri();
    let target = uri.path_and_query().map_or(0, |target| target.as_str().len());
    if target > uri_bytes {
        return Err(Trouble::UriTooLong);
    }
    let headers = request.headers();
    let chunked = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"chunked");
    if headers.contains_key(header::TRANSFER_ENCODING)
        && only(headers, &header::TRANSFER_ENCODING).is_none_or(|value| !chunked(value))
    {
        return Err(Trouble::TransferEncoding);
    }
    let expected = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
    if headers.contains_key(header::EXPECT)
        && only(headers, &header::EXPECT).is_none_or(|value| !expected(value))
    {
        return Err(Trouble::Expectation);
    }
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Trouble::ContentEncoding);
    }
    Ok(())
}

/// The one value of a header.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}
