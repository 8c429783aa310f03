//! What stands around every page, and how it leads to itself in another language.

use super::{Look, giving};
use crate::http::language::Other;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};
use zeroize::Zeroizing;

/// A page's bytes, which may hold what a supporter typed, are wiped once they are sent.
pub(super) fn send(page: Markup) -> Response {
    let bytes = Bytes::from_owner(Zeroizing::new(page.into_string().into_bytes()));
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], Body::from(bytes)).into_response()
}

/// The two pages that a supporter passes on the way to a payment.
#[derive(Clone, Copy)]
pub(super) enum Step {
    Details,
    Payment,
}

/// How far a supporter has come.
pub(super) fn step(look: &Look, step: Step) -> Markup {
    let (number, what) = match step {
        Step::Details => (1, "step-details"),
        Step::Payment => (2, "step-payment"),
    };
    html! {
        p.step {
            span.bars aria-hidden="true" { @for bar in 1..=2 { span.done[bar <= number] {} } }
            (look.say(what))
        }
    }
}

/// Where to ask; an email address can be followed.
pub(super) fn reach(contact: &str) -> Markup {
    let is_email = contact.contains('@') && !contact.contains(char::is_whitespace);
    html! { @if is_email { a href={ "mailto:" (contact) } { (contact) } } @else { (contact) } }
}

/// A whole page. `keeps` is the query that a link to it in another language takes along; without one
/// there is no such link, because what was typed would be lost by it.
pub(super) fn layout(look: &Look, title: &str, content: &Markup, keeps: Option<&str>) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(look.tag()) dir=[look.direction()] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light";
                title { (title) " - " (look.name) }
                link rel="stylesheet" href="/assets/style.css";
            }
            body {
                a.skip href="#main" { (look.say("skip")) }
                header {
                    div.column {
                        a href=(look.website) {
                            @if look.logo.is_some() { img src="/assets/logo" alt=(look.name); }
                            @else { span.name { (look.name) } }
                        }
                        @if let Some(keeps) = keeps { (languages(look, keeps)) }
                    }
                }
                main #main { div.column { (content) } }
                footer {
                    div.column {
                        p { strong { (look.name) } @if !look.registration.is_empty() { br; (look.registration) } }
                        p {
                            @if !look.contact.is_empty() { span { (look.say("questions")) " " (reach(&look.contact)) } " " }
                            @if !look.privacy_url.is_empty() { a href=(look.privacy_url) { (look.say("privacy-notice")) } }
                        }
                    }
                }
            }
        }
    }
}

/// The same page in each other language.
fn languages(look: &Look, keeps: &str) -> Markup {
    let joint = if keeps.is_empty() { "" } else { "&" };
    html! {
        @if !look.words.others.is_empty() {
            nav aria-label=(look.say("languages")) {
                @for Other { code, tag, name } in &look.words.others {
                    a lang=(tag) hreflang=(tag) href=(format!("?{keeps}{joint}lang={code}")) { (name) }
                }
            }
        }
    }
}

/// The form in each other language, sent with what stands in it, as its text says. The buttons come
/// after the one that the Enter key presses.
pub(super) fn languages_keeping(filled: &giving::Filled<'_>, step: &str, text: &str) -> Markup {
    let look = filled.look;
    html! {
        @if !look.words.others.is_empty() {
            p.quiet.languages {
                span { (look.say(text)) }
                @for Other { code, tag, name } in &look.words.others {
                    " " button type="submit" name="step" value=(step) lang=(tag) formaction=(format!("{}?lang={code}", filled.path)) { (name) }
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
        let shown = step(&Look::example(), Step::Payment).into_string();
        assert_eq!(shown.matches("done").count(), 2);
        assert!(shown.ends_with("Step 2 of 2: payment</p>"), "{shown}");
    }
}
