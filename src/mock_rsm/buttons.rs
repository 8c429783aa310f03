//! A page for people, on this machine alone: buttons that make something go wrong with the next
//! call, and the mock's own ledger beside them.

use super::Mock;
use super::books::Payment;
use super::faults::{CallFault, Fault, WebhookFault};
use super::form::Form;
use super::hosted::{nothing_here, see};
use super::page::{self, Page};
use crate::payment::Reference;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::response::Response;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use url::{Host, Url};

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Press {
    LoseReply,
    Delay,
    Twice,
    LoseRequest,
    Decline,
    Forget,
}

/// What is known of one reference.
pub(super) struct Row {
    pub(super) reference: Reference,
    /// None where every call was lost before anything was done.
    pub(super) payment: Option<Payment>,
    pub(super) calls: usize,
    pub(super) webhooks: usize,
}

/// How long the delayed answer takes: less than a caller waits.
const DELAY: Duration = Duration::from_secs(20);
/// The most rows shown.
const MOST_ROWS: usize = 20;

impl Press {
    pub(super) const ALL: [Self; 6] =
        [Self::LoseReply, Self::Delay, Self::Twice, Self::LoseRequest, Self::Decline, Self::Forget];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::LoseReply => "lose_reply",
            Self::Delay => "delay",
            Self::Twice => "twice",
            Self::LoseRequest => "lose_request",
            Self::Decline => "decline",
            Self::Forget => "forget",
        }
    }

    /// What stands on it, and what comes of it.
    pub(super) const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::LoseReply => (
                "Lose the next reply",
                "The money is taken. Neither the answer nor a webhook comes.",
            ),
            Self::Delay => (
                "Answer the next 20 seconds late",
                "The money is taken at once, and a webhook says so. The answer comes 20 seconds later.",
            ),
            Self::Twice => (
                "Answer the next twice",
                "The money is taken once. The webhook comes twice, beside the answer.",
            ),
            Self::LoseRequest => {
                ("Lose the next request", "The connection is cut, and nothing is done.")
            }
            Self::Decline => ("Decline the next", "Whatever the card."),
            Self::Forget => ("Let all go well again", "What was pressed is forgotten."),
        }
    }

    const fn faults(self) -> &'static [Fault] {
        match self {
            Self::LoseReply => {
                &[Fault::Call(CallFault::LostReply), Fault::Webhook(WebhookFault::Drop)]
            }
            Self::Delay => &[Fault::Call(CallFault::Slow(DELAY))],
            Self::Twice => &[Fault::Call(CallFault::Twice)],
            Self::LoseRequest => &[Fault::Call(CallFault::LostRequest)],
            Self::Decline => &[Fault::Call(CallFault::Decline)],
            Self::Forget => &[],
        }
    }
}

/// The page.
pub(super) async fn show(
    State(mock): State<Arc<Mock>>,
    ConnectInfo(caller): ConnectInfo<SocketAddr>,
) -> Response {
    if !is_here(&mock, caller) {
        return nothing_here().await;
    }
    let waiting = mock.faults.waiting();
    let waiting: Vec<_> = waiting
        .iter()
        .filter_map(|fault| {
            Press::ALL.into_iter().find(|press| press.faults().first() == Some(fault))
        })
        .map(|press| press.told().0)
        .collect();
    page::buttons(&mock.buttons_token, &waiting, &rows(&mock)).answer(StatusCode::OK)
}

/// A button, pressed.
pub(super) async fn press(
    State(mock): State<Arc<Mock>>,
    ConnectInfo(caller): ConnectInfo<SocketAddr>,
    body: Bytes,
) -> Response {
    if !is_here(&mock, caller) {
        return nothing_here().await;
    }
    let form = Form::read(&body)
        .ok()
        .filter(|form| form.get("token").as_bytes().ct_eq(mock.buttons_token.as_bytes()).into());
    let pressed = form
        .as_ref()
        .and_then(|form| Press::ALL.into_iter().find(|press| press.word() == form.get("press")));
    let Some(pressed) = pressed else { return stale().answer(StatusCode::FORBIDDEN) };
    if pressed == Press::Forget {
        mock.faults.clear();
    }
    for fault in pressed.faults() {
        mock.faults.script(*fault, 1);
    }
    see("/buttons")
}

fn stale() -> Page {
    page::gone("That button is of another run", "Open this mock's page of buttons again.")
}

/// Whether both the caller and the mock are of this machine.
fn is_here(mock: &Mock, caller: SocketAddr) -> bool {
    let origin = Url::parse(&mock.origin).ok();
    let local = origin.as_ref().and_then(Url::host).is_some_and(|host| match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    });
    local && caller.ip().to_canonical().is_loopback()
}

/// The latest, newest first.
fn rows(mock: &Mock) -> Vec<Row> {
    let calls = mock.books.calls();
    let mut references: Vec<Reference> = calls.keys().copied().collect();
    references.extend(mock.books.payments().iter().map(|payment| payment.reference));
    references.sort_unstable();
    references.dedup();
    let latest = references.into_iter().rev().take(MOST_ROWS);
    latest
        .map(|reference| Row {
            reference,
            payment: mock.books.payment(&reference),
            calls: calls.get(&reference).copied().unwrap_or_default(),
            webhooks: mock.books.deliveries(&reference).len(),
        })
        .collect()
}
