//! The API's one list: what is mounted under `/v1`, and what `GET /openapi.json` says of it (gateway.md, section 3).
//!
//! A route has its description beside it and cannot be had without one. The words of closed lists come from the
//! lists themselves; what else is said of fields is held to their reader by the tests.

use super::problem::Trouble;
use super::{Shared, handoffs, outcomes, page};
use crate::payment::{Development, Dialect, Flag, Frequency, Kind, Method, Mode, Source, State};
use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::iter::once;
use std::sync::LazyLock;

/// What is said of all of it.
const FRAME: &str = include_str!("description/frame.json");

/// A request that the API answers.
struct Operation {
    method: &'static str,
    path: &'static str,
    answered: MethodRouter<Shared>,
    said: &'static str,
}

impl Operation {
    fn get<H: Handler<T, Shared>, T: 'static>(
        path: &'static str,
        handler: H,
        said: &'static str,
    ) -> Self {
        Self { method: "get", path, answered: get(handler), said }
    }

    fn post<H: Handler<T, Shared>, T: 'static>(
        path: &'static str,
        handler: H,
        said: &'static str,
    ) -> Self {
        Self { method: "post", path, answered: post(handler), said }
    }
}

/// All of them.
fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/v1/handoffs", handoffs::create, include_str!("description/create.json")),
        Operation::get(
            "/v1/handoffs/{reference}",
            handoffs::show,
            include_str!("description/show.json"),
        ),
        Operation::get("/v1/outcomes", outcomes::page, include_str!("description/outcomes.json")),
        Operation::get(
            "/v1/outcomes/stream",
            outcomes::stream,
            include_str!("description/stream.json"),
        ),
    ]
}

/// Their routes, and that of their description.
pub(super) fn routes() -> Router<Shared> {
    let mounted = |router: Router<Shared>, operation: Operation| {
        router.route(operation.path, operation.answered)
    };
    operations().into_iter().fold(Router::new(), mounted).route("/openapi.json", get(show))
}

/// The description, and the mark of this build's (RFC 9110, section 8.8.3).
static SHOWN: LazyLock<Option<(Bytes, HeaderValue)>> = LazyLock::new(|| {
    let text = described().ok()?;
    let mark = hex::encode(Sha256::digest(&text).get(..16)?);
    Some((text.into(), HeaderValue::from_str(&format!("\"{mark}\"")).ok()?))
});

/// `GET /openapi.json`.
async fn show(request: Request) -> Response {
    let Some((text, mark)) = &*SHOWN else { return Trouble::Internal.into_response() };
    let known = request.headers().get(header::IF_NONE_MATCH).is_some_and(|known| known == mark);
    let mut response = page::asset("application/json", text.clone());
    if known {
        response = StatusCode::NOT_MODIFIED.into_response();
    }
    response.headers_mut().insert(header::ETAG, mark.clone());
    response
}

/// `OpenAPI` 3.1 of everything under `/v1`, as it is served and as `almoner openapi` prints it.
pub fn described() -> serde_json::Result<String> {
    let mut whole: Value = serde_json::from_str(FRAME)?;
    // What any request may be answered.
    let common: Vec<String> = whole
        .pointer("/components/responses")
        .and_then(Value::as_object)
        .map(|responses| responses.keys().cloned().collect())
        .unwrap_or_default();
    for Operation { method, path, said, .. } in operations() {
        let mut said: Value = serde_json::from_str(said)?;
        for status in &common {
            let reference = format!("#/components/responses/{status}");
            put(&mut said, &["responses", status], json!({ "$ref": reference }));
        }
        put(&mut whole, &["paths", path, method], said);
    }
    for (name, words) in words() {
        put(&mut whole, &["components", "schemas", name, "enum"], words.into());
    }
    if cfg!(not(feature = "card-api")) {
        without_cards(&mut whole);
    }
    serde_json::to_string_pretty(&whole)
}

/// The closed lists, word by word.
fn words() -> [(&'static str, Vec<&'static str>); 9] {
    [
        ("Kind", Kind::ALL.iter().map(|kind| kind.word()).collect()),
        ("Method", Method::ALL.iter().map(|method| method.word()).collect()),
        ("Frequency", Frequency::ALL.iter().map(|often| often.word()).collect()),
        ("State", State::ALL.iter().map(|state| state.word()).collect()),
        ("Mode", Mode::ALL.iter().map(|mode| mode.word()).collect()),
        ("Dialect", Dialect::ALL.iter().map(|dialect| dialect.word()).collect()),
        ("Attention", Flag::ALL.iter().map(|flag| flag.word()).collect()),
        ("Source", once("opened").chain(Source::ALL.iter().map(|source| source.word())).collect()),
        ("Development", Development::ALL.iter().map(|what| what.word()).collect()),
    ]
}

/// Puts a value at a place that is made where it is not there; what stands there already stays.
fn put(within: &mut Value, place: &[&str], value: Value) {
    let mut at = within;
    for name in place {
        let Some(object) = at.as_object_mut() else { return };
        at = object.entry(*name).or_insert_with(|| json!({}));
    }
    if at.as_object().is_some_and(serde_json::Map::is_empty) {
        *at = value;
    }
}

/// This binary knows no card.
fn without_cards(whole: &mut Value) {
    for (place, name) in [
        ("/components/schemas", "Card"),
        ("/components/schemas/HandOffRequest/properties", "card"),
        ("/paths/~1v1~1handoffs/post/requestBody/content/application~1json/examples", "card"),
    ] {
        if let Some(object) = whole.pointer_mut(place).and_then(Value::as_object_mut) {
            object.remove(name);
        }
    }
}

#[cfg(test)]
mod tests;
