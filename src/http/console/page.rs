//! What stands around every page of the console.

use super::entry::Refusal;
use super::session::Who;
use super::{Console, HOME, LOG_IN};
use crate::http::Shared;
use crate::payment::Mode;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};

/// The style sheet, light and dark.
const STYLE: &str = include_str!("style.css");

/// Whom a page is for.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) site: &'a Shared,
    pub(super) console: &'a Console,
    pub(super) who: Who,
    pub(super) title: &'a str,
}

/// `GET /console/style.css`: holds nothing, so nobody is asked who they are.
pub(super) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// In English alone. Forms prove by their origin that they are ours, where browsers say nothing else of it.
pub(super) fn send(page: &Markup) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_LANGUAGE, "en-GB"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    let mut response = page.0.clone().into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A page for whoever has entered.
pub(super) fn inside(frame: &Frame<'_>, content: &Markup) -> Markup {
    let Frame { site, console, who, title } = *frame;
    let bar = html! {
        form.search role="search" action="/console/hand-offs" {
            label for="reference" { "Reference" }
            input #reference name="reference" type="search" required maxlength="26" autocomplete="off" spellcheck="false" placeholder="26 characters";
            button { "Find" }
        }
        @if console.asks_for_a_password() {
            form method="post" action="/console/log-out" {
                input type="hidden" name="token" value=(console.token_to_leave(who));
                button.plain { "Log out" }
            }
        }
    };
    layout(site, console.mode, title, &bar, content)
}

/// Where the password is typed.
pub(super) fn log_in(site: &Shared, token: &str, refusal: Option<Refusal>) -> Markup {
    let mode = site.console.as_ref().map_or(Mode::Test, |console| console.mode);
    let title = if refusal.is_some() { "Not logged in" } else { "Log in" };
    let content = html! {
        div.card.narrow {
            h1 { (title) }
            @if let Some(refusal) = refusal { p.wrong #refusal role="alert" { (refusal.advice()) } }
            form.log-in method="post" action=(LOG_IN) {
                input type="hidden" name="token" value=(token);
                label for="password" { "Password of the console" }
                input #password name="password" type="password" required autofocus autocomplete="current-password" maxlength="256"
                    aria-describedby=[refusal.map(|_| "refusal")] aria-invalid=[refusal.map(|_| "true")];
                button.primary { "Log in" }
            }
            p.quiet { "Every log-in stands in the audit log, and every one that failed." }
        }
    };
    layout(site, mode, title, &html! {}, &content)
}

/// A page that says one thing.
pub(super) fn message(text: &str) -> Markup {
    html! { p.card { (text) } p { a href=(HOME) { "How things stand" } } }
}

fn layout(site: &Shared, mode: Mode, title: &str, bar: &Markup, content: &Markup) -> Markup {
    let charity = site.looks.first().name.as_str();
    let (class, told) = match mode {
        Mode::Test => ("badge test", "Test: no real money"),
        Mode::Live => ("badge live", "Live: real money"),
    };
    html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (title) " - Almoner console, " (charity) }
                link rel="stylesheet" href="/console/style.css";
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header {
                    div.column {
                        p.name { a href=(HOME) { "Almoner" } " " span { (charity) } " " span class=(class) { (told) } }
                        div.bar { (bar) }
                    }
                }
                main #main { div.column { (content) } }
                footer { div.column { p { "Shown are references, states, sums and times. There is no name, address, card or account to show: none is held." } } }
            }
        }
    }
}
