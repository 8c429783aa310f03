//! What a returning supporter is told. No amount and no name: whoever has the link may see it.

use super::{Look, layout, reach, send};
use crate::handoff::HandOff;
use crate::http::form_path;
use crate::payment::{Asked, Kind, Method, Reference, Standing, State};
use crate::resolution::Remark;
use axum::response::Response;
use maud::{Markup, html};

/// The query's name for what the processor's page is said to have told.
pub(in crate::http) const SAID: &str = "said";

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
    let told = html! { @if let Some(remark) = remark { p { (look.say(advice(remark))) } } };
    let (title, page) = match truth {
        Truth::NotTaken if hand_off.opened_as == State::InDoubt => {
            not_taken_by_call(look, asked, said)
        }
        Truth::Received => ("received", received(look, asked)),
        Truth::NotTaken => not_taken(look, asked, said.state, &told),
        Truth::Unconfirmed if said.disputed => disputed(look, asked),
        Truth::Unconfirmed if hand_off.opened_as == State::InDoubt => checking(look, asked),
        Truth::Unconfirmed => unconfirmed(look, asked, &told),
    };
    let title = look.say(title);
    let content = html! {
        (card(truth, &title, &page))
        p.quiet { (look.say("your-reference")) " " span.reference { (reference) } }
        p { a href=(look.website) { (look.say("back-to")) } }
    };
    let keeps = remark.map(|remark| format!("{SAID}={}", remark.word()));
    send(layout(look, &title, &content, Some(&keeps.unwrap_or_default())))
}

/// Nothing is on record yet of a form that may have been sent a moment ago.
pub(in crate::http) fn not_noted(look: &Look) -> Response {
    let title = look.say("not-noted");
    let page = html! {
        p.lead { (look.say("not-noted-wait")) }
        p { (look.say("not-noted-send")) }
        p.ways { a.secondary href="" { (look.say("check-now")) } }
    };
    let content = html! {
        (card(Truth::Unconfirmed, &title, &page))
        p { a href=(look.website) { (look.say("back-to")) } }
    };
    send(layout(look, &title, &content, Some("")))
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
        Remark::UsedBefore => "remark-used-before",
        Remark::Contact => "remark-contact",
        Remark::GivenUp => "remark-given-up",
    }
}

/// The one for a card, or the one for a Direct Debit.
const fn by<T: Copy>(asked: &Asked, [card, debit]: [T; 2]) -> T {
    match asked.method {
        Method::Card => card,
        Method::DirectDebit => debit,
    }
}

fn received(look: &Look, asked: &Asked) -> Markup {
    let what = match asked.kind {
        Kind::Donate => by(asked, ["received-donation-card", "received-donation-debit"]),
        Kind::Join => by(asked, ["received-membership-card", "received-membership-debit"]),
    };
    html! {
        p.lead { (look.say(what)) }
        p { (look.say("grateful")) }
    }
}

/// We asked the processor ourselves, and nothing came of it.
fn not_taken_by_call(look: &Look, asked: &Asked, said: &Said<'_>) -> (&'static str, Markup) {
    let (title, lead) = nothing_taken(look, asked);
    let lead = if is_unknown_there(said.code) {
        look.say_of("as-far-as-known", [("lead", lead.into())])
    } else {
        lead
    };
    let page = html! {
        p.lead { (lead) }
        @match said.state {
            State::Declined => p {
                (look.say(by(asked, ["declined-card", "declined-debit"]))) " "
                (look.say(by(asked, ["look-again-card", "look-again-debit"])))
            }
            State::Cancelled => p { (look.say("cancelled")) }
            _ => p { (look.say(unfinished(said.code))) " " (look.say("again-in-minutes")) }
        }
        (again(look, asked))
    };
    (title, page)
}

fn nothing_taken(look: &Look, asked: &Asked) -> (&'static str, String) {
    let lead = by(asked, ["nothing-taken-card", "nothing-taken-debit"]);
    (by(asked, ["not-taken-card", "not-taken-debit"]), look.say(lead))
}

/// Whether all that is known is that the processor never heard of it: it may turn up there yet.
fn is_unknown_there(code: Option<&str>) -> bool {
    matches!(code, Some("not_found" | "never_arrived"))
}

/// Why nothing was decided, as far as it is known, and no further.
fn unfinished(code: Option<&str>) -> &'static str {
    match code {
        Some("unreachable") => "unfinished-unreachable",
        Some("held_up" | "not_marked" | "not_sent" | "not_set_up") => "unfinished-ours",
        Some(
            "not_processed" | "malformed" | "signature" | "forbidden" | "no_such_service"
            | "too_large" | "content_type" | "refused_us",
        ) => "unfinished-refused",
        code if is_unknown_there(code) => "unfinished-unknown",
        _ => "unfinished",
    }
}

/// We sent it ourselves, and do not know what came of it: by no fault of the supporter's.
fn checking(look: &Look, asked: &Asked) -> (&'static str, Markup) {
    let page = html! {
        p.lead { strong { (look.say(by(asked, ["checking-card", "checking-debit"]))) } }
        p { (look.say("checking-how")) }
        p { (look.say("looks-again")) }
        p.ways { a.secondary href="" { (look.say("check-now")) } }
    };
    (by(asked, ["unconfirmed-card", "unconfirmed-debit"]), page)
}

/// The processor's page told that nothing came of it. Another try there can still be paid.
fn not_taken(look: &Look, asked: &Asked, state: State, remark: &Markup) -> (&'static str, Markup) {
    let (title, lead) = nothing_taken(look, asked);
    let why = look.say(match state {
        State::Declined => "told-declined",
        State::Cancelled => "told-cancelled",
        State::Lapsed | State::HandedOff | State::InDoubt | State::Accepted => "told-late",
    });
    let perhaps = look.say(by(asked, ["perhaps-card", "perhaps-debit"]));
    let page = html! {
        p.lead { (lead) }
        p { (look.say_of("told-us", [("why", why.into()), ("perhaps", perhaps.into())])) }
        (remark)
        p.quiet { (look.say("just-tried")) }
        (again(look, asked))
    };
    (title, page)
}

/// The appeal comes along, so that a second attempt is credited to it too.
fn again(look: &Look, asked: &Asked) -> Markup {
    let appeal = asked.appeal.as_ref().map(|code| format!("?appeal={}", code.as_str()));
    let form = format!("{}{}", form_path(asked.kind), appeal.unwrap_or_default());
    html! { p.ways { a.primary href=(look.address(&form)) { (look.say("try-again")) } } }
}

/// What was heard does not agree: somebody is told to look, and whoever paid must not pay again.
fn disputed(look: &Look, asked: &Asked) -> (&'static str, Markup) {
    let page = html! {
        p.lead { strong { (look.say(by(asked, ["repeat-card", "repeat-debit"]))) } }
        p { (look.say("disputed-how")) }
        @if !look.contact.is_empty() { p { (look.say("disputed-ask")) " " (reach(&look.contact)) } }
        p.ways { a.secondary href="" { (look.say("check-now")) } }
    };
    (by(asked, ["disputed-card", "disputed-debit"]), page)
}

fn unconfirmed(look: &Look, asked: &Asked, remark: &Markup) -> (&'static str, Markup) {
    let page = html! {
        p.lead { (look.say("waiting")) }
        (remark)
        p { strong { (look.say(by(asked, ["repeat-card", "repeat-debit"]))) } " " (look.say("looks-again")) }
        p.ways { a.secondary href="" { (look.say("check-now")) } }
    };
    (by(asked, ["unconfirmed-card", "unconfirmed-debit"]), page)
}

#[cfg(test)]
mod tests;
