//! What a supporter sees: pages of plain HTML, no script needed, nothing from elsewhere.

use super::Shared;
use super::language::Words;
use super::problem::Trouble;
use crate::handoff::Offer;
use crate::handoff::Redirect;
use crate::payment::{Amount, Kind};
use axum::body::{Body, Bytes};
use axum::extract::State as Extract;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use maud::html;
use sha2::{Digest as _, Sha256};

#[cfg(feature = "card-api")]
pub(super) mod card;
mod contact;
pub(super) mod debit;
#[cfg(test)]
mod example;
mod field;
mod frame;
mod gift;
pub(super) mod giving;
mod returned;

use frame::{Step, languages_keeping, layout, reach, send, step};
pub(super) use returned::{SAID, Said, Truth, not_noted, returned};

/// The charity's words and looks, from its configuration, in one language.
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
    /// Whether members can be led to where they see what is held of them.
    pub self_service: bool,
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
    /// What the pages say around them.
    pub words: Words,
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
pub(super) fn giving(offer: &Offer, filled: &giving::Filled<'_>) -> Response {
    let look = filled.look;
    let title = look.text(filled.kind).title.as_str();
    let id = match filled.prompt {
        None if filled.errors.is_empty() => "",
        Some(giving::Prompt::Given { .. }) => "title-again",
        Some(giving::Prompt::Paused) => "title-wait",
        _ => "title-error",
    };
    let content = giving::form(offer, filled);
    let page = if id.is_empty() {
        layout(look, title, &content, filled.keeps)
    } else {
        layout(look, &look.say_of(id, [("title", title.into())]), &content, filled.keeps)
    };
    from_us(send(page))
}

/// The second page of a Direct Debit that is set up here.
pub(super) fn instructing(about: &debit::Instructing<'_>, filled: &giving::Filled<'_>) -> Response {
    let title = second_title(filled, ["debit", "debit-wrong"]);
    from_us(send(layout(filled.look, &title, &debit::form(about, filled), None)))
}

/// The second page of a payment by card that is made here. Browsers hold a form to its policy
/// wherever the answer leads, so the bank's step has to stand in it.
#[cfg(feature = "card-api")]
pub(super) fn paying(about: &card::Paying<'_>, filled: &giving::Filled<'_>) -> Response {
    let title = second_title(filled, ["paying"; 2]);
    let mut response = from_us(send(layout(filled.look, &title, &card::form(about, filled), None)));
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
        about.challenges
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The title of a second page, which says first that something is wrong on it.
fn second_title(filled: &giving::Filled<'_>, [well, wrong]: [&str; 2]) -> String {
    let look = filled.look;
    if filled.errors.is_empty() {
        look.say(well)
    } else {
        look.say_of("title-error", [("title", look.say(wrong).into())])
    }
}

/// Browsers without fetch metadata prove by Origin that the form is ours; `no-referrer` would hide it.
fn from_us(mut response: Response) -> Response {
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// The script of the page that hands over: it presses the button.
const PRESS: &str = "document.forms[0].submit()";

/// The page that hands over: a form to the processor that submits itself where scripts run.
pub(super) fn handing(look: &Look, redirect: &Redirect) -> Response {
    let title = look.say("handing");
    let page = html! {
        (step(look, Step::Payment))
        div.card {
            h1 { (title) }
            p.lead { (look.say("handing-how")) }
            form method="post" action=(redirect.url) accept-charset=(redirect.charset) {
                @for (name, value) in &redirect.fields {
                    input type="hidden" name=(name) value=(value.as_str());
                }
                button.primary type="submit" { (look.say("handing-continue")) }
            }
            p.quiet { (look.say("handing-press")) }
        }
        script { (maud::PreEscaped(PRESS)) }
    };
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(PRESS));
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'sha256-{hash}'; form-action {}; base-uri 'none'; frame-ancestors 'none'",
        redirect.url.origin().ascii_serialization()
    );
    let mut response = send(layout(look, &title, &page, None));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A trouble, as a page. `id` is that of the log's line.
pub(super) fn trouble(look: &Look, trouble: &Trouble, id: &str) -> Body {
    let (_, title, advice) = trouble.meaning();
    let title = look.translated(title);
    let content = html! {
        div.card {
            h1 { (title) }
            p.lead { (look.translated(advice)) }
            p.ways {
                a.secondary href=(look.address("/donate")) { (look.say("default-donate-title")) }
                @if !look.join.title.is_empty() { " " a.secondary href=(look.address("/join")) { (look.say("default-join-title")) } }
            }
        }
        @if !look.contact.is_empty() { p { (look.say("ask-if-again")) " " (reach(&look.contact)) } }
        p.quiet { (look.say("message-number")) " " span.reference { (id) } }
    };
    Body::from(layout(look, &title, &content, Some("")).into_string())
}

/// `GET /assets/style.css`.
pub(super) async fn style(Extract(site): Extract<Shared>) -> Response {
    asset("text/css; charset=utf-8", site.looks.first().style.clone())
}

/// `GET /assets/logo`.
pub(super) async fn logo(Extract(site): Extract<Shared>) -> Response {
    match &site.looks.first().logo {
        Some((kind, bytes)) => asset(kind, bytes.clone()),
        None => Trouble::NotFound.into_response(),
    }
}

/// What may be kept for some minutes by whoever fetched it.
pub(super) fn asset(kind: &'static str, bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=300")], bytes)
        .into_response()
}
