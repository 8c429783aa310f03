//! A second hand-off from one browser within minutes is asked about first (security.md, FM-67, FM-68).
//! The browser remembers a time for us and nothing else: no id, no sum, nobody.

use super::{Again, show};
use crate::handoff::token::GIVEN_FOR;
use crate::http::form::Form;
use crate::http::language::Here;
use crate::http::page::giving::Prompt;
use crate::payment::{Kind, Reference};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use cookie::{Cookie, SameSite};
use jiff::SignedDuration;

/// The one cookie of supporters (operators have another, the console's). Browsers take one of this prefix from us alone, over
/// TLS, for every path.
const NAME: &str = "__Host-given";

/// What was handed over from this browser, and how long ago. A browser that says nothing, or what we
/// did not write, is one that comes for the first time.
pub(super) fn lately(site: &Here, headers: &HeaderMap) -> Option<(Kind, SignedDuration)> {
    let value = remembered(headers)?;
    site.tokens.check_given(&value, site.clock.now())
}

/// The form again with the question, where this would be another hand-off than the one remembered and
/// our own page has not asked yet. A form that was sent before is no question: it is told what came of it.
pub(super) fn ask(
    site: &Here,
    kind: Kind,
    headers: &HeaderMap,
    form: &Form,
    reference: Option<Reference>,
) -> Option<Response> {
    let given = lately(site, headers)?;
    let token = reference.map(|_| form.get("client_token"));
    if token.is_some() && form.get("again") == "true" {
        return None;
    }
    tracing::info!(event = "asked_again", kind = kind.word());
    let prompt = Some(Prompt::given(given));
    let mut response = show(site, kind, form, &Again { token, prompt, ..Again::default() });
    *response.status_mut() = StatusCode::CONFLICT;
    Some(response)
}

/// Has the browser remember that something of this kind was handed over now.
pub(super) fn remember(site: &Here, kind: Kind, response: Response) -> Response {
    set(site, response, site.tokens.for_given(kind, site.clock.now()), GIVEN_FOR)
}

/// Has it forget that, where it was not taken: whoever tries again is not asked.
pub(in crate::http) fn forget(site: &Here, headers: &HeaderMap, response: Response) -> Response {
    match remembered(headers) {
        Some(_) => set(site, response, String::new(), SignedDuration::ZERO),
        None => response,
    }
}

fn remembered(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut found = lines
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .filter(|cookie| cookie.name() == NAME);
    found.next().map(|cookie| cookie.value().to_owned())
}

fn set(site: &Here, mut response: Response, value: String, lasts: SignedDuration) -> Response {
    // A form on the charity's own site has no token of ours that would tell a second sending from a first:
    // only this can, and browsers send `Lax` along with no form of another site.
    let same_site =
        if site.targets.form_origins().is_empty() { SameSite::Lax } else { SameSite::None };
    let cookie = Cookie::build((NAME, value))
        .secure(true)
        .http_only(true)
        .same_site(same_site)
        .path("/")
        .max_age(cookie::time::Duration::seconds(lasts.as_secs()))
        .build();
    if let Ok(line) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().insert(header::SET_COOKIE, line);
    }
    response
}
