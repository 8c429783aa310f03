//! What a supporter sees: pages of plain HTML, no script needed, nothing from elsewhere.

use super::problem::Trouble;
use super::{Shared, target::Targets};
use crate::handoff::Offer;
use crate::handoff::Redirect;
use crate::payment::{Amount, Asked, Kind, Method, Reference, State};
use axum::body::{Body, Bytes};
use axum::extract::State as Extract;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use maud::{DOCTYPE, Markup, html};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

mod contact;
mod field;
pub(super) mod giving;

/// The charity's words and looks, from its configuration.
#[derive(Clone, Debug)]
pub struct Look {
    /// The charity's name.
    pub name: String,
    /// Its registration.
    pub registration: String,
    /// Its own site.
    pub website: String,
    /// Where supporters can ask.
    pub contact: String,
    /// Its privacy notice.
    pub privacy_url: String,
    /// The processor's name.
    pub processor: String,
    /// The logo: its media type and its bytes.
    pub logo: Option<(&'static str, Bytes)>,
    /// The donate form.
    pub donate: FormText,
    /// The join form.
    pub join: FormText,
    /// Amounts to choose from.
    pub amounts: Vec<Amount>,
    /// The style sheet, the theme's colours first.
    pub style: Bytes,
}

/// One form's words.
#[derive(Clone, Debug)]
pub struct FormText {
    /// The heading.
    pub title: String,
    /// A sentence or two under it.
    pub introduction: String,
    /// The Gift Aid declaration; empty where it is not offered.
    pub gift_aid: String,
}

impl Look {
    const fn text(&self, kind: Kind) -> &FormText {
        match kind {
            Kind::Donate => &self.donate,
            Kind::Join => &self.join,
        }
    }
}

/// The style sheet that every look begins with.
pub const STYLE: &str = include_str!("page/style.css");

/// What a returning supporter is told: three answers, and no fourth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Received,
    NotTaken,
    Unconfirmed,
}

impl Truth {
    pub(super) const fn of(state: State) -> Self {
        match state {
            State::Accepted => Self::Received,
            State::Declined | State::Cancelled | State::Lapsed => Self::NotTaken,
            State::HandedOff | State::InDoubt => Self::Unconfirmed,
        }
    }
}

/// The form.
pub(super) fn giving(look: &Look, offer: &Offer, filled: &giving::Filled<'_>) -> Response {
    let title = &look.text(filled.kind).title;
    let title = if filled.errors.is_empty() && filled.prompt.is_none() {
        title.clone()
    } else {
        format!("Error: {title}")
    };
    let mut response = send(layout(look, &title, &giving::form(look, offer, filled)));
    // Browsers without fetch metadata prove by Origin that the form is ours; `no-referrer` would hide it.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// The script of the page that hands over: it presses the button.
const PRESS: &str = "document.forms[0].submit()";

/// The page that hands over: a form to the processor that submits itself where scripts run.
pub(super) fn handing(look: &Look, redirect: &Redirect, targets: &Targets) -> Response {
    let page = html! {
        h1 { "Taking you to " (look.processor) }
        p.lead { "Your payment is made on the secure page of " (look.processor) ", who handle payments for " (look.name) "." }
        form method="post" action=(redirect.url) accept-charset="UTF-8" {
            @for (name, value) in &redirect.fields {
                input type="hidden" name=(name) value=(value.as_str());
            }
            button.primary type="submit" { "Continue to " (look.processor) }
        }
        p.quiet { "If nothing happens by itself, press the button." }
        script { (maud::PreEscaped(PRESS)) }
    };
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(PRESS));
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'sha256-{hash}'; form-action {}; base-uri 'none'; frame-ancestors 'none'",
        targets.hand_off_origin()
    );
    let mut response = send(layout(look, &format!("Taking you to {}", look.processor), &page));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The three truthful pages. No amount and no name: whoever has the link may see it.
pub(super) fn returned(look: &Look, truth: Truth, asked: &Asked, reference: Reference) -> Response {
    let (title, page) = match truth {
        Truth::Received => (
            "Thank you",
            html! {
                p.lead {
                    @match (asked.kind, asked.method) {
                        (Kind::Donate, Method::Card) => { "Your donation has been received." }
                        (Kind::Join, Method::Card) => { "Welcome! Your payment has been received and you are a member." }
                        (Kind::Donate, Method::DirectDebit) => { "Your Direct Debit instruction has been received." }
                        (Kind::Join, Method::DirectDebit) => { "Welcome! Your Direct Debit instruction has been received and you are a member." }
                    }
                }
                p { (look.name) " is grateful for your support. " (look.processor) " sends a confirmation to the email address you gave." }
            },
        ),
        Truth::NotTaken => (
            "Your payment was not taken",
            html! {
                p.lead { "No money has been taken." }
                p { "It was declined or cancelled, or not finished in time. You can try again, perhaps with another card." }
                p { a.primary href=(super::form_path(asked.kind)) { "Try again" } }
            },
        ),
        Truth::Unconfirmed => (
            "Your payment is still being confirmed",
            html! {
                p.lead { "We are waiting for " (look.processor) " to tell us the result." }
                p { strong { "Please do not pay again." } " This page looks again by itself every few seconds. You may also close it: the result is noted in any case." }
                p { a.secondary href="" { "Check again now" } }
            },
        ),
    };
    let mark = match truth {
        Truth::Received => "received",
        Truth::NotTaken => "not-taken",
        Truth::Unconfirmed => "unconfirmed",
    };
    let content = html! {
        div.outcome.(mark) role="status" { h1 { (title) } (page) }
        p.quiet { "Reference " span.reference { (reference) } }
        p { a href=(look.website) { "Back to " (look.name) } }
    };
    send(layout(look, title, &content))
}

/// A trouble, as a page. `id` is that of the log's line.
pub(super) fn trouble(look: &Look, trouble: &Trouble, id: &str) -> Body {
    let (_, title, advice) = trouble.meaning();
    let content = html! {
        h1 { (title) }
        p.lead { (advice) }
        p {
            a.secondary href="/donate" { (look.donate.title) }
            @if !look.join.title.is_empty() { " " a.secondary href="/join" { (look.join.title) } }
        }
        @if !look.contact.is_empty() { p { "If it happens again, ask us: " (look.contact) "." } }
        p.quiet { "Message " span.reference { (id) } }
    };
    Body::from(layout(look, title, &content).into_string())
}

/// `GET /assets/style.css`.
pub(super) async fn style(Extract(site): Extract<Shared>) -> Response {
    asset("text/css; charset=utf-8", site.look.style.clone())
}

/// `GET /assets/logo`.
pub(super) async fn logo(Extract(site): Extract<Shared>) -> Response {
    match &site.look.logo {
        Some((kind, bytes)) => asset(kind, bytes.clone()),
        None => Trouble::NotFound.into_response(),
    }
}

fn asset(kind: &'static str, bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=300")], bytes)
        .into_response()
}

/// A page's bytes, which may hold what a supporter typed, are wiped once they are sent.
fn send(page: Markup) -> Response {
    let bytes = Bytes::from_owner(Zeroizing::new(page.into_string().into_bytes()));
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], Body::from(bytes)).into_response()
}

fn layout(look: &Look, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light";
                title { (title) " - " (look.name) }
                link rel="stylesheet" href="/assets/style.css";
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header {
                    div.column {
                        a href=(look.website) {
                            @if look.logo.is_some() { img src="/assets/logo" alt=(look.name); }
                            @else { span.name { (look.name) } }
                        }
                    }
                }
                main #main { div.column { (content) } }
                footer {
                    div.column {
                        p { strong { (look.name) } @if !look.registration.is_empty() { br; (look.registration) } }
                        p {
                            @if !look.contact.is_empty() { "Questions? " (look.contact) " " }
                            @if !look.privacy_url.is_empty() { a href=(look.privacy_url) { "Privacy notice" } }
                        }
                    }
                }
            }
        }
    }
}
