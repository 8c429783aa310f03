//! What the supporter's browser asks of RSM's pages.

use super::form::LooseForm;
use super::order::{Entrance, Order, REUSED};
use super::till::{Next, Till};
use super::visits::{Step, Visit};
use super::{Office, back, debit, page};
use crate::mock_rsm::form::Form;
use crate::mock_rsm::hosted::{down, nothing_here, see};
use crate::mock_rsm::instrument::{Return, Script, Telling, read_card};
use crate::mock_rsm::key::random_hex;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

pub(super) async fn widget(State(office): State<Arc<Office>>, body: Bytes) -> Response {
    enter(&office, Entrance::Widget, &body)
}

pub(super) async fn full(State(office): State<Arc<Office>>, body: Bytes) -> Response {
    enter(&office, Entrance::Full, &body)
}

pub(super) async fn direct_debit(State(office): State<Arc<Office>>, body: Bytes) -> Response {
    enter(&office, Entrance::Debit, &body)
}

/// Lets a hand-off in and sends the browser to a page of its own; with an error, back at once.
fn enter(office: &Office, entrance: Entrance, body: &[u8]) -> Response {
    if office.faults.hosted_page_is_down() {
        return down();
    }
    let (order, mut errors) = Order::read(entrance, &LooseForm::read(body), &office.settings);
    if errors.iter().any(|error| error.is_of_a_stranger()) {
        return page::refused(&errors).answer(StatusCode::FORBIDDEN);
    }
    let uniqueid =
        if order.uniqueid.is_empty() { office.orders.invent() } else { order.uniqueid.clone() };
    if errors.is_empty() && !office.orders.open(&uniqueid) {
        errors.push(REUSED);
    }
    let now = office.clock.now();
    let visit = Visit {
        order: Arc::new(order),
        uniqueid,
        opened_at: now,
        step: Step::Open,
        declined: None,
    };
    if !errors.is_empty() {
        let codes: Vec<u16> = errors.iter().map(|error| error.code).collect();
        tracing::info!(?codes, "hand-off refused");
        return back::failed(office, &visit, &errors);
    }
    let Ok(token) = random_hex() else { return down() };
    let forgotten = now.saturating_sub(office.pace.lifetime.saturating_mul(2)).unwrap_or(now);
    office.visits.open(token.clone(), visit, forgotten);
    see(&page::address(entrance, &token))
}

/// The form, the bank's question, or the way back: wherever the visit has got to.
pub(super) async fn show(State(office): State<Arc<Office>>, Path(token): Path<String>) -> Response {
    if office.faults.hosted_page_is_down() {
        return down();
    }
    let Some(visit) = office.visits.find(&token) else { return nothing_here().await };
    match visit.step {
        Step::Open => page::form(&office, &token, &visit, &[]).answer(StatusCode::OK),
        Step::Challenged => page::challenge(&office, &token, &visit).answer(StatusCode::OK),
        Step::Paid(_) | Step::Lodged | Step::Cancelled => back::of(&office, &visit),
    }
}

/// The form, sent. What was paid or given up is not paid again: the browser is shown the way back.
pub(super) async fn pay(
    State(office): State<Arc<Office>>,
    Path(token): Path<String>,
    body: Bytes,
) -> Response {
    if office.faults.hosted_page_is_down() {
        return down();
    }
    let Some(visit) = office.visits.find(&token) else { return nothing_here().await };
    let now = office.clock.now();
    if now.duration_since(visit.opened_at) >= office.pace.lifetime {
        return nothing_here().await;
    }
    let at = page::address(visit.order.entrance, &token);
    let Ok(typed) = Form::read(&body) else { return see(&at) };
    if visit.step != Step::Open {
        return see(&at);
    }
    if visit.order.entrance == Entrance::Debit {
        return debit::set_up(&office, &token, &visit, &typed);
    }
    let card_type = card_type(typed.get("number"));
    let script = read_card(&typed, now);
    drop(typed);
    match script {
        Ok(script) => {
            let till = Till { office: Arc::clone(&office), token, visit, card_type };
            go(&at, till.pay(script).await)
        }
        Err(errors) => {
            page::form(&office, &token, &visit, &errors).answer(StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}

/// The way back without paying.
pub(super) async fn cancel(
    State(office): State<Arc<Office>>,
    Path(token): Path<String>,
) -> Response {
    let Some(visit) = office.visits.find(&token) else { return nothing_here().await };
    let at = page::address(visit.order.entrance, &token);
    match visit.step {
        Step::Paid(_) | Step::Lodged | Step::Cancelled => see(&at),
        Step::Open | Step::Challenged if visit.order.entrance == Entrance::Debit => {
            office.visits.advance(&token, Step::Cancelled);
            see(&at)
        }
        Step::Open | Step::Challenged => {
            let till = Till { office: Arc::clone(&office), token, visit, card_type: "" };
            go(&at, till.cancel().await)
        }
    }
}

/// What the supporter told the bank.
pub(super) async fn answer_challenge(
    State(office): State<Arc<Office>>,
    Path(token): Path<String>,
    body: Bytes,
) -> Response {
    let Some(visit) = office.visits.find(&token) else { return nothing_here().await };
    let at = page::address(visit.order.entrance, &token);
    if visit.step != Step::Challenged {
        return see(&at);
    }
    let script = match Form::read(&body).as_ref().map(|form| form.get("answer")) {
        Ok("approve") => Script::Accept(Telling::AtOnce, Return::Redirect),
        Ok("refuse") => Script::Decline("not_authenticated"),
        Ok(_) | Err(_) => return see(&at),
    };
    let till = Till { office: Arc::clone(&office), token, visit, card_type: "Visa" };
    go(&at, till.pay(script).await)
}

/// The visit's one address shows whatever comes next.
fn go(at: &str, next: Next) -> Response {
    match next {
        Next::Back | Next::Challenge | Next::TryAgain => see(at),
        Next::Closing => down(),
    }
}

/// The brand, as `WorldPay` words it; one is longer than ten characters.
fn card_type(number: &str) -> &'static str {
    let digits: zeroize::Zeroizing<String> =
        zeroize::Zeroizing::new(number.chars().filter(char::is_ascii_digit).collect());
    match digits.as_bytes() {
        [b'5', ..] => "Mastercard",
        [b'4', .., b'1', b'3', b'5'] => "Visa Commercial Debit",
        _other => "Visa",
    }
}
