//! What the supporter's browser asks for.

use super::Mock;
use super::books::{Payment, Unopened};
use super::form::Form;
use super::handoff::{HandOff, Refusal, TOLERANCE};
use super::instrument::{Return, Script, read_account, read_card};
use super::key::random_hex;
use super::page::{self, Page};
use super::sessions::{Session, Step};
use super::till::{self, BankAnswer, Next};
use crate::payment::{FieldError, Method};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// What this place is, for whoever types its address.
pub(super) async fn front() -> Response {
    page::front().answer(StatusCode::OK)
}

pub(super) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("page.css")).into_response()
}

pub(super) async fn nothing_here() -> Response {
    page::gone("Nothing is here", "Begin again on the charity's own page.")
        .answer(StatusCode::NOT_FOUND)
}

/// Lets a hand-off in and sends the browser to a page of its own.
pub(super) async fn hand_off(State(mock): State<Arc<Mock>>, body: Bytes) -> Response {
    if mock.faults.hosted_page_is_down() {
        return down();
    }
    match let_in(&mock, &body) {
        Ok(token) => see(&format!("/pay/{token}")),
        Err(Some(refusal)) => {
            let (code, status, _) = refusal.told();
            tracing::info!(code, field = refusal.field(), "hand-off refused");
            page::refused(refusal)
                .answer(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST))
        }
        Err(None) => down(),
    }
}

/// The new page's token; without a refusal to tell, there was no randomness for one.
fn let_in(mock: &Mock, body: &[u8]) -> Result<String, Option<Refusal>> {
    let HandOff { session, contact, signature, signed_at } = HandOff::read(mock, body)?;
    let token = random_hex().map_err(|_no_randomness| None)?;
    let now = mock.clock.now();
    let stale = now.saturating_sub(TOLERANCE).unwrap_or(now);
    if !mock.sessions.let_in(signature, signed_at, stale) {
        return Err(Some(Refusal::Replayed));
    }
    let payment = Payment {
        reference: session.reference,
        asked: session.asked.clone(),
        opened_at: now,
        cancelled_at: None,
        attempts: Vec::new(),
    };
    mock.books.open(payment, contact).map_err(|unopened| match unopened {
        Unopened::AlreadyPaid => Refusal::AlreadyPaid,
        Unopened::Different => Refusal::ReferenceReused,
        Unopened::Full => Refusal::Full,
    })?;
    let forgotten = now.saturating_sub(mock.pace.lifetime.saturating_mul(2)).unwrap_or(now);
    mock.sessions.open(token.clone(), session, forgotten);
    Ok(token)
}

/// The form.
pub(super) async fn show(State(mock): State<Arc<Mock>>, Path(token): Path<String>) -> Response {
    match visit(&mock, &token) {
        Ok(session) if session.by_call => see(&format!("/pay/{token}/challenge")),
        Ok(session) => form(&mock, &token, &session, &[], StatusCode::OK),
        Err(turned) => turned.answer(),
    }
}

/// The form, sent.
pub(super) async fn pay(
    State(mock): State<Arc<Mock>>,
    Path(token): Path<String>,
    body: Bytes,
) -> Response {
    let session = match visit(&mock, &token) {
        Ok(session) if session.by_call => return see(&format!("/pay/{token}/challenge")),
        Ok(session) => session,
        Err(turned) => return turned.answer(),
    };
    let Ok(typed) = Form::read(&body) else {
        return page::gone("That form could not be read", "Go back and send it again.")
            .answer(StatusCode::BAD_REQUEST);
    };
    let script: Result<Script, Vec<FieldError>> = match session.asked.method {
        Method::Card => read_card(&typed, mock.clock.now()),
        Method::DirectDebit => read_account(&typed),
    };
    drop(typed);
    match script {
        Ok(script) => {
            let next = till::pay(Arc::clone(&mock), token.clone(), session.clone(), script).await;
            go(&token, &session, next)
        }
        Err(errors) => form(&mock, &token, &session, &errors, StatusCode::UNPROCESSABLE_ENTITY),
    }
}

/// The way back without paying.
pub(super) async fn cancel(State(mock): State<Arc<Mock>>, Path(token): Path<String>) -> Response {
    match mock.sessions.find(&token) {
        // Who has paid, or cancelled twice, is taken back and nothing else happens.
        Some(session) if matches!(session.step, Step::Paid | Step::Cancelled | Step::Refused) => {
            see(session.return_url.as_str())
        }
        Some(session) => {
            let next = till::cancel(&mock, &token, &session).await;
            go(&token, &session, next)
        }
        None => nothing_here().await,
    }
}

/// The page of the supporter's bank.
pub(super) async fn show_challenge(
    State(mock): State<Arc<Mock>>,
    Path(token): Path<String>,
) -> Response {
    match visit(&mock, &token) {
        Ok(session) if session.step == Step::Challenged => {
            page::challenge(&mock, &token, &session).answer(StatusCode::OK)
        }
        Ok(_) => see(&format!("/pay/{token}")),
        Err(turned) => turned.answer(),
    }
}

/// What the supporter told the bank.
pub(super) async fn answer_challenge(
    State(mock): State<Arc<Mock>>,
    Path(token): Path<String>,
    body: Bytes,
) -> Response {
    let session = match visit(&mock, &token) {
        Ok(session) if session.step == Step::Challenged => session,
        Ok(_) => return see(&format!("/pay/{token}")),
        Err(turned) => return turned.answer(),
    };
    let verdict = match Form::read(&body).as_ref().map(|form| form.get("answer")) {
        Ok("approve") => BankAnswer::Approved,
        Ok("refuse") => BankAnswer::Refused,
        Ok(_) | Err(_) => return see(&format!("/pay/{token}/challenge")),
    };
    let next = till::answer(Arc::clone(&mock), token.clone(), session.clone(), verdict).await;
    go(&token, &session, next)
}

/// The way back by a form.
pub(super) async fn show_return(
    State(mock): State<Arc<Mock>>,
    Path(token): Path<String>,
) -> Response {
    match mock.sessions.find(&token) {
        Some(session) if session.step == Step::Paid => {
            page::by_post(&session).answer(StatusCode::OK)
        }
        Some(_) => see(&format!("/pay/{token}")),
        None => nothing_here().await,
    }
}

/// A visit that cannot go on: the page that says why.
struct Turned(Page, StatusCode);

impl Turned {
    fn answer(self) -> Response {
        self.0.answer(self.1)
    }
}

fn visit(mock: &Mock, token: &str) -> Result<Session, Turned> {
    if mock.faults.hosted_page_is_down() {
        return Err(Turned(out_of_order(), StatusCode::SERVICE_UNAVAILABLE));
    }
    let Some(session) = mock.sessions.find(token) else {
        let advice = "Begin again on the charity's own page.";
        return Err(Turned(
            page::gone("This page is not known here", advice),
            StatusCode::NOT_FOUND,
        ));
    };
    let over = |title, status| Err(Turned(page::over(title, &session), status));
    match session.step {
        Step::Paid => over("This has been paid", StatusCode::CONFLICT),
        Step::Refused => over("Your bank refused this payment", StatusCode::GONE),
        Step::Cancelled => over("You cancelled this payment", StatusCode::GONE),
        Step::Open | Step::Challenged
            if session.has_lapsed(mock.clock.now(), mock.pace.lifetime) =>
        {
            over("This page was left too long", StatusCode::GONE)
        }
        Step::Open | Step::Challenged => Ok(session),
    }
}

fn form(
    mock: &Mock,
    token: &str,
    session: &Session,
    errors: &[FieldError],
    status: StatusCode,
) -> Response {
    page::form(mock, token, session, errors).answer(status)
}

fn go(token: &str, session: &Session, next: Next) -> Response {
    match next {
        Next::Back(Return::Redirect) => see(session.return_url.as_str()),
        Next::Back(Return::Post) => see(&format!("/pay/{token}/return")),
        Next::Challenge => see(&format!("/pay/{token}/challenge")),
        Next::TryAgain => see(&format!("/pay/{token}")),
        Next::AlreadyPaid => page::over("This has been paid", session).answer(StatusCode::CONFLICT),
        Next::Closing => down(),
    }
}

pub(super) fn down() -> Response {
    out_of_order().answer(StatusCode::SERVICE_UNAVAILABLE)
}

fn out_of_order() -> Page {
    page::gone("This page is out of order", "Nothing was taken. Try again later.")
}

/// 303, so that nothing typed is ever posted again elsewhere.
pub(super) fn see(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response()
}

impl Page {
    pub(super) fn answer(self, status: StatusCode) -> Response {
        let headers = [
            (header::CONTENT_TYPE, String::from("text/html; charset=utf-8")),
            (header::CONTENT_SECURITY_POLICY, self.policy()),
        ];
        (status, headers, self.into_html()).into_response()
    }
}
