//! `GET /v1/outcomes` and `GET /v1/outcomes/stream`: the charity's programs follow what becomes of hand-offs.

use super::form::Form;
use super::problem::Trouble;
use super::{Shared, access};
use crate::announcement::{Cursor, Item, LARGEST_PAGE, NotShown, Told};
use crate::payment::FieldError;
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use futures_util::stream::{once, unfold};
use serde::Serialize;
use std::future::ready;
use std::net::SocketAddr;
use std::time::Duration;

/// How many items a page has where none are asked for.
const PAGE: usize = 100;
/// How often a stream says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How soon the reader of a stream that ended is to come again.
const AGAIN: Duration = Duration::from_secs(1);
/// Where a stream begins that goes on from another.
const LAST_EVENT_ID: &str = "last-event-id";

/// A part of the feed.
#[derive(Serialize)]
struct PageShown<'a> {
    outcomes: Vec<Told<'a>>,
    /// What to ask for next.
    next: Option<String>,
    more: bool,
}

/// A page of the feed.
pub(super) async fn page(
    State(site): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    access::reader(&site, peer, &headers)?;
    let asked = Form::read(query.unwrap_or_default().as_bytes(), &["after", "limit"], 2)?;
    let (after, limit) = (cursor("after", asked.get("after"))?, limit(asked.get("limit"))?);
    let page = site.announcements.page(after, limit).await.map_err(|why| trouble(&why))?;
    let next = page.items.last().map(|item| item.cursor).or(after);
    let shown = PageShown {
        outcomes: page.items.iter().map(Told::of).collect(),
        next: next.map(|cursor| cursor.to_string()),
        more: page.more,
    };
    Ok(axum::Json(shown).into_response())
}

/// The same as it grows: Server-Sent Events.
pub(super) async fn stream(
    State(site): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    access::reader(&site, peer, &headers)?;
    let asked = Form::read(query.unwrap_or_default().as_bytes(), &["after"], 1)?;
    let after = match last_event_id(&headers)? {
        Some(cursor) => Some(cursor),
        None => cursor("after", asked.get("after"))?,
    };
    // Nothing can be refused any more once the stream has begun.
    site.announcements.page(after, 1).await.map_err(|why| trouble(&why))?;
    let follower = site.announcements.follow(after).ok_or(Trouble::TooManyStreams)?;
    let items = unfold(follower, |mut follower| async {
        let item = follower.next().await?;
        Some((event(&item), follower))
    });
    let begun = once(ready(Ok(Event::default().retry(AGAIN))));
    let heartbeat = KeepAlive::new().interval(HEARTBEAT);
    let mut response = Sse::new(begun.chain(items)).keep_alive(heartbeat).into_response();
    // The edge's is stricter.
    response.headers_mut().remove(header::CACHE_CONTROL);
    Ok(response)
}

fn event(item: &Item) -> Result<Event, axum::Error> {
    Event::default().id(item.cursor.to_string()).json_data(Told::of(item))
}

fn trouble(why: &NotShown) -> Trouble {
    match why {
        NotShown::Elsewhere => Trouble::Elsewhere,
        NotShown::Ledger(_) => Trouble::Unreadable,
    }
}

/// Nothing stands for the beginning.
fn cursor(field: &'static str, text: &str) -> Result<Option<Cursor>, Trouble> {
    if text.is_empty() {
        return Ok(None);
    }
    let advice = "Send a cursor as it was given, or none to begin at the beginning";
    let wrong = FieldError { field, reason: "cursor", advice };
    Cursor::parse(text).map(Some).ok_or(Trouble::BadParameter(wrong))
}

fn limit(text: &str) -> Result<usize, Trouble> {
    if text.is_empty() {
        return Ok(PAGE);
    }
    let limit = text.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit));
    let advice = "Send a whole number from 1 to 250";
    limit.ok_or(Trouble::BadParameter(FieldError { field: "limit", reason: "range", advice }))
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<Cursor>, Trouble> {
    let mut given = headers.get_all(LAST_EVENT_ID).iter();
    let Some(value) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(Trouble::DuplicateField);
    }
    cursor("Last-Event-ID", value.to_str().unwrap_or("?"))
}
