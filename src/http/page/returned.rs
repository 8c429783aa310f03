//! What a returning supporter is told. No amount and no name: whoever has the link may see it.

use super::{Look, layout, reach, send};
use crate::handoff::HandOff;
use crate::http::form_path;
use crate::payment::{Asked, Kind, Method, Reference, Standing, State};
use crate::resolution::Remark;
use axum::response::Response;
use maud::{Markup, html};

/// Three answers, and no fourth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Truth {
    Received,
    NotTaken,
    Unconfirmed,
}

impl Truth {
    pub(in crate::http) fn of(standing: &Standing) -> Self {
        if standing.state == State::Accepted {
            Self::Received
        } else if standing.is_not_taken() {
            Self::NotTaken
        } else {
            Self::Unconfirmed
        }
    }

    /// The class of the page's card, and the path of the sign on it.
    const fn mark(self) -> (&'static str, &'static str) {
        match self {
            Self::Received => ("received", "M14 25l7 7 14-15"),
            Self::NotTaken => ("not-taken", "M16 16l16 16M32 16l-16 16"),
            Self::Unconfirmed => ("unconfirmed", "M24 12v12l8 6"),
        }
    }
}

/// What there is to say to a supporter who is back.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Said<'a> {
    pub(in crate::http) truth: Truth,
    pub(in crate::http) state: State,
    /// Why, in a word of the processor's or of ours.
    pub(in crate::http) code: Option<&'a str>,
    /// What the browser says that the processor told it.
    pub(in crate::http) remark: Option<Remark>,
    /// Whether what was heard does not agree.
    pub(in crate::http) disputed: bool,
    pub(in crate::http) reference: Reference,
}

/// The three truthful pages.
pub(in crate::http) fn returned(look: &Look, said: &Said<'_>, hand_off: &HandOff) -> Response {
    let Said { truth, remark, reference, .. } = *said;
    let asked = &hand_off.asked;
    let remark = html! { @if let Some(remark) = remark { p { (advice(remark)) } } };
    let (title, page) = match truth {
        Truth::NotTaken if hand_off.opened_as == State::InDoubt => {
            not_taken_by_call(&look.processor, asked, said)
        }
        Truth::Received => ("Thank you", received(look, asked)),
        Truth::NotTaken => not_taken(&look.processor, asked, said.state, &remark),
        Truth::Unconfirmed if said.disputed => disputed(look, asked),
        Truth::Unconfirmed if hand_off.opened_as == State::InDoubt => checking(look, asked),
        Truth::Unconfirmed => unconfirmed(look, asked, &remark),
    };
    let content = html! {
        (card(truth, title, &page))
        p.quiet { "Your reference: " span.reference { (reference) } }
        p { a href=(look.website) { "Back to " (look.name) } }
    };
    send(layout(look, title, &content))
}

/// Nothing is on record yet of a form that may have been sent a moment ago.
pub(in crate::http) fn not_noted(look: &Look) -> Response {
    let title = "Nothing has arrived yet";
    let page = html! {
        p.lead { "If you have just sent the form, please wait: this page looks again by itself every few seconds." }
        p { "If it still says so after two minutes, go back to the form and send it again: the same form is paid once, however often it is sent." }
        p.ways { a.secondary href="" { "Check again now" } }
    };
    let content = html! {
        (card(Truth::Unconfirmed, title, &page))
        p { a href=(look.website) { "Back to " (look.name) } }
    };
    send(layout(look, title, &content))
}

fn card(truth: Truth, title: &str, page: &Markup) -> Markup {
    let (mark, sign) = truth.mark();
    html! {
        div.card.outcome.(mark) role="status" {
            svg viewBox="0 0 48 48" width="48" height="48" aria-hidden="true" focusable="false" {
                circle cx="24" cy="24" r="22" {}
                path d=(sign) {}
            }
            h1 { (title) }
            (page)
        }
    }
}

/// A helpful word, which must stay true whoever made it up.
const fn advice(remark: Remark) -> &'static str {
    match remark {
        Remark::UsedBefore => {
            "If the payment page said that this payment was made or begun before: that attempt cannot be used again, and this page tells what became of it."
        }
        Remark::Contact => {
            "If the payment page did not accept your details: begin again and look closely at your name, address and email address."
        }
        Remark::GivenUp => {
            "If you turned back on the payment page, nothing is taken for that attempt. You can begin again whenever you like."
        }
    }
}

fn received(look: &Look, asked: &Asked) -> Markup {
    let what = match (asked.kind, asked.method) {
        (Kind::Donate, Method::Card) => "Your donation has been received.",
        (Kind::Join, Method::Card) => {
            "Welcome! Your payment has been received and you are a member."
        }
        (Kind::Donate, Method::DirectDebit) => "Your Direct Debit instruction has been received.",
        (Kind::Join, Method::DirectDebit) => {
            "Welcome! Your Direct Debit instruction has been received and you are a member."
        }
    };
    html! {
        p.lead { (what) }
        p { (look.name) " is grateful for your support." }
    }
}

/// We asked the processor ourselves, and nothing came of it.
fn not_taken_by_call(processor: &str, asked: &Asked, said: &Said<'_>) -> (&'static str, Markup) {
    let (title, lead) = nothing_taken(asked);
    let again = match asked.method {
        Method::Card => {
            "You can try again: look closely at the number, the date and the security code, and confirm it if your bank asks, or take another card."
        }
        Method::DirectDebit => "You can try again: look closely at the account, or take another.",
    };
    let page = html! {
        @if is_unknown_there(said.code) { p.lead { "As far as " (processor) " knows: " (lead) } }
        @else { p.lead { (lead) } }
        @match (said.state, asked.method) {
            (State::Declined, Method::Card) => p { "It was declined by " (processor) " or by your bank. " (again) }
            (State::Declined, Method::DirectDebit) => p { (processor) " did not accept these details. " (again) }
            (State::Cancelled, _) => p { "It was cancelled before it was finished. You can try again." }
            _ => p { (unfinished(said.code, processor)) " You can try again in a few minutes." }
        }
        (self::again(asked))
    };
    (title, page)
}

const fn nothing_taken(asked: &Asked) -> (&'static str, &'static str) {
    match asked.method {
        Method::Card => ("Your payment was not taken", "No money has been taken."),
        Method::DirectDebit => {
            ("Your Direct Debit was not set up", "Nothing will be taken from your account.")
        }
    }
}

/// Whether all that is known is that the processor never heard of it: it may turn up there yet.
fn is_unknown_there(code: Option<&str>) -> bool {
    matches!(code, Some("not_found" | "never_arrived"))
}

/// Why nothing was decided, as far as it is known, and no further.
fn unfinished(code: Option<&str>, processor: &str) -> String {
    match code {
        Some("unreachable") => format!("{processor} could not be reached, and nothing was sent."),
        Some("held_up" | "not_marked" | "not_sent" | "not_set_up") => {
            format!("Something went wrong on our side, and nothing was sent to {processor}.")
        }
        Some(
            "not_processed" | "malformed" | "signature" | "forbidden" | "no_such_service"
            | "too_large" | "content_type" | "refused_us",
        ) => format!("{processor} said that it could not take it, and did nothing with it."),
        code if is_unknown_there(code) => format!(
            "{processor} has told us that it did not receive it. Should it turn up there after all, this page says so."
        ),
        _ => "It was not finished.".to_owned(),
    }
}

/// We sent it ourselves, and do not know what came of it: by no fault of the supporter's.
fn checking(look: &Look, asked: &Asked) -> (&'static str, Markup) {
    let (title, repeat) = match asked.method {
        Method::Card => {
            ("Your payment is still being confirmed", "We are checking. Do not pay again.")
        }
        Method::DirectDebit => (
            "Your Direct Debit is still being confirmed",
            "We are checking. Please do not set it up again.",
        ),
    };
    let page = html! {
        p.lead { strong { (repeat) } }
        p { "We have not heard from " (look.processor) " yet what became of it. We ask again and again, at first within seconds and later once a day, until it is settled. It is never sent twice." }
        p { "This page looks again by itself. You may also close it: the result is noted in any case." }
        p.ways { a.secondary href="" { "Check again now" } }
    };
    (title, page)
}

/// The processor's page told that nothing came of it. Another try there can still be paid.
fn not_taken(
    processor: &str,
    asked: &Asked,
    state: State,
    remark: &Markup,
) -> (&'static str, Markup) {
    let (title, lead) = nothing_taken(asked);
    let why = match state {
        State::Declined => "It was declined.",
        State::Cancelled => "It was cancelled.",
        State::Lapsed | State::HandedOff | State::InDoubt | State::Accepted => {
            "It was not finished in time."
        }
    };
    let another = match asked.method {
        Method::Card => "card",
        Method::DirectDebit => "account",
    };
    let page = html! {
        p.lead { (lead) }
        p { "This is what " (processor) " told us: " (why) " You can try again, perhaps with another " (another) "." }
        (remark)
        p.quiet { "If you have just tried again, wait a moment: this page looks again by itself." }
        (again(asked))
    };
    (title, page)
}

/// The appeal comes along, so that a second attempt is credited to it too.
fn again(asked: &Asked) -> Markup {
    let appeal = asked.appeal.as_ref().map(|code| format!("?appeal={}", code.as_str()));
    let again = format!("{}{}", form_path(asked.kind), appeal.unwrap_or_default());
    html! { p.ways { a.primary href=(again) { "Try again" } } }
}

/// What was heard does not agree: somebody is told to look, and whoever paid must not pay again.
fn disputed(look: &Look, asked: &Asked) -> (&'static str, Markup) {
    let (title, repeat) = match asked.method {
        Method::Card => ("Your payment is being checked", "Please do not pay again."),
        Method::DirectDebit => {
            ("Your Direct Debit is being checked", "Please do not set it up again.")
        }
    };
    let page = html! {
        p.lead { strong { (repeat) } }
        p { "What " (look.processor) " told us of it does not agree, so that we cannot say what became of it. It is marked for somebody to look at." }
        @if !look.contact.is_empty() { p { "If you want to know more, ask us and give your reference: " (reach(&look.contact)) } }
        p.ways { a.secondary href="" { "Check again now" } }
    };
    (title, page)
}

fn unconfirmed(look: &Look, asked: &Asked, remark: &Markup) -> (&'static str, Markup) {
    let (title, repeat) = match asked.method {
        Method::Card => ("Your payment is still being confirmed", "Please do not pay again."),
        Method::DirectDebit => {
            ("Your Direct Debit is still being confirmed", "Please do not set it up again.")
        }
    };
    let page = html! {
        p.lead { "We are waiting for " (look.processor) " to tell us the result." }
        (remark)
        p { strong { (repeat) } " This page looks again by itself. You may also close it: the result is noted in any case." }
        p.ways { a.secondary href="" { "Check again now" } }
    };
    (title, page)
}

#[cfg(test)]
mod tests;
