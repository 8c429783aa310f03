//! What a supporter sees: pages of plain HTML, no script needed, nothing from elsewhere.

use super::Shared;
use super::problem::Trouble;
use crate::handoff::Offer;
use crate::handoff::Redirect;
use crate::payment::{Amount, Kind};
use axum::body::{Body, Bytes};
use axum::extract::State as Extract;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use maud::{DOCTYPE, Markup, html};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

#[cfg(feature = "card-api")]
pub(super) mod card;
mod contact;
pub(super) mod debit;
mod field;
mod gift;
pub(super) mod giving;
mod returned;

pub(super) use returned::{Said, Truth, not_noted, returned};

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
    /// Whether Direct Debits are set up on a page of ours.
    pub debits_here: bool,
    /// Whether cards are typed on a page of ours.
    pub cards_here: bool,
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

/// The form.
pub(super) fn giving(look: &Look, offer: &Offer, filled: &giving::Filled<'_>) -> Response {
    let title = &look.text(filled.kind).title;
    let title = match filled.prompt {
        None if filled.errors.is_empty() => title.clone(),
        Some(giving::Prompt::Given { .. }) => format!("Again? {title}"),
        Some(giving::Prompt::Paused) => format!("Please wait. {title}"),
        _ => format!("Error: {title}"),
    };
    let mut response = send(layout(look, &title, &giving::form(look, offer, filled)));
    // Browsers without fetch metadata prove by Origin that the form is ours; `no-referrer` would hide it.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// The second page of a Direct Debit that is set up here.
pub(super) fn instructing(
    look: &Look,
    about: &debit::Instructing<'_>,
    filled: &giving::Filled<'_>,
) -> Response {
    let title = "Check and confirm your Direct Debit";
    let title = if filled.errors.is_empty() { title } else { "Error: Check your Direct Debit" };
    let mut response = send(layout(look, title, &debit::form(look, about, filled)));
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// The second page of a payment by card that is made here. Browsers hold a form to its policy
/// wherever the answer leads, so the bank's step has to stand in it.
#[cfg(feature = "card-api")]
pub(super) fn paying(
    look: &Look,
    about: &card::Paying<'_>,
    filled: &giving::Filled<'_>,
) -> Response {
    let title = "Check and pay by card";
    let title = if filled.errors.is_empty() { title } else { "Error: Check and pay by card" };
    let mut response = send(layout(look, title, &card::form(look, about, filled)));
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
        about.challenges
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The script of the page that hands over: it presses the button.
const PRESS: &str = "document.forms[0].submit()";

/// The page that hands over: a form to the processor that submits itself where scripts run.
pub(super) fn handing(look: &Look, redirect: &Redirect) -> Response {
    let page = html! {
        (step(Step::Payment))
        div.card {
            h1 { "Taking you to " (look.processor) }
            p.lead { "Your payment is made on the secure page of " (look.processor) ", who handle payments for " (look.name) "." }
            form method="post" action=(redirect.url) accept-charset=(redirect.charset) {
                @for (name, value) in &redirect.fields {
                    input type="hidden" name=(name) value=(value.as_str());
                }
                button.primary type="submit" { "Continue to " (look.processor) }
            }
            p.quiet { "If nothing happens by itself, press the button." }
        }
        script { (maud::PreEscaped(PRESS)) }
    };
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(PRESS));
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'sha256-{hash}'; form-action {}; base-uri 'none'; frame-ancestors 'none'",
        redirect.url.origin().ascii_serialization()
    );
    let mut response = send(layout(look, &format!("Taking you to {}", look.processor), &page));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A trouble, as a page. `id` is that of the log's line.
pub(super) fn trouble(look: &Look, trouble: &Trouble, id: &str) -> Body {
    let (_, title, advice) = trouble.meaning();
    let content = html! {
        div.card {
            h1 { (title) }
            p.lead { (advice) }
            p.ways {
                a.secondary href="/donate" { "Make a donation" }
                @if !look.join.title.is_empty() { " " a.secondary href="/join" { "Become a member" } }
            }
        }
        @if !look.contact.is_empty() { p { "If it happens again, ask us: " (reach(&look.contact)) } }
        p.quiet { "Number of this message: " span.reference { (id) } }
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

/// The two pages that a supporter passes on the way to a payment.
#[derive(Clone, Copy)]
enum Step {
    Details,
    Payment,
}

/// How far a supporter has come.
fn step(step: Step) -> Markup {
    let (number, what) = match step {
        Step::Details => (1, "your details"),
        Step::Payment => (2, "payment"),
    };
    html! {
        p.step {
            span.bars aria-hidden="true" { @for bar in 1..=2 { span.done[bar <= number] {} } }
            "Step " (number) " of 2: " (what)
        }
    }
}

/// Where to ask; an email address can be followed.
fn reach(contact: &str) -> Markup {
    let is_email = contact.contains('@') && !contact.contains(char::is_whitespace);
    html! { @if is_email { a href={ "mailto:" (contact) } { (contact) } } @else { (contact) } }
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
                            @if !look.contact.is_empty() { span { "Questions? " (reach(&look.contact)) } " " }
                            @if !look.privacy_url.is_empty() { a href=(look.privacy_url) { "Privacy notice" } }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_email_address_becomes_a_link() {
        assert_eq!(
            reach("ask@example.org").into_string(),
            r#"<a href="mailto:ask@example.org">ask@example.org</a>"#
        );
        for text in ["01234 567890", "ask@example.org or 01234 567890", "<b>"] {
            assert!(!reach(text).into_string().contains('<'), "{text}");
        }
    }

    #[test]
    fn the_second_step_is_the_last() {
        let shown = step(Step::Payment).into_string();
        assert_eq!(shown.matches("done").count(), 2);
        assert!(shown.ends_with("Step 2 of 2: payment</p>"), "{shown}");
    }
}
