//! The donate and join forms.

use super::{Look, Step, contact, gift, languages_keeping, step};
use crate::handoff::Offer;
use crate::http::problem::Trouble;
use crate::payment::{Amount, FieldError, Kind};
use jiff::SignedDuration;
use maud::{Markup, html};

/// What is carried along unseen: where a supporter came from and where they go back to.
const CARRIED: [&str; 3] = ["appeal", "merchant_reference", "return_url"];

/// A form and what stands in it.
pub(crate) struct Filled<'a> {
    /// In whose words.
    pub(crate) look: &'a Look,
    /// Where it is posted.
    pub(crate) path: &'static str,
    /// Which form.
    pub(crate) kind: Kind,
    /// Its one-time token.
    pub(crate) token: String,
    /// What stands in each field.
    pub(crate) value: &'a dyn Fn(&str) -> &'a str,
    /// What is wrong, by field.
    pub(crate) errors: &'a [FieldError],
    /// Why it is shown again, where no field is to blame.
    pub(crate) prompt: Option<Prompt>,
    /// The page that tells what became of an earlier press of the button.
    pub(crate) first: Option<&'a str>,
    /// The query that a link to this form in another language takes along, where nothing was typed yet.
    pub(crate) keeps: Option<&'a str>,
}

/// Why a form is shown again although no field is wrong. Nothing was sent by this press of the button in
/// any of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// Sent sooner than a person can.
    TooQuick,
    /// Open for longer than its token lives.
    TooLate,
    /// What is offered has changed since it was opened.
    Changed,
    /// Its token is not ours.
    NotOurs,
    /// Too many came from that network.
    TooOften,
    /// Nearly all cards were declined of late: none are handed over for some minutes.
    Paused,
    /// It cannot be written down, or the processor takes nothing just now.
    NotNow,
    /// Its token was used for another payment.
    UsedBefore,
    /// Something was handed over from this browser minutes ago: do they want to do it again?
    Given {
        /// What it was.
        kind: Kind,
        /// Whole minutes ago.
        minutes: i64,
    },
}

impl Prompt {
    /// The question after what was handed over that long ago.
    pub(crate) const fn given((kind, ago): (Kind, SignedDuration)) -> Self {
        Self::Given { kind, minutes: ago.as_mins() }
    }

    /// What is in the way for a while.
    pub(crate) fn later(why: &Trouble) -> Self {
        if *why == Trouble::TooOften {
            Self::TooOften
        } else if matches!(why, Trouble::Paused(_)) {
            Self::Paused
        } else {
            Self::NotNow
        }
    }

    /// Whether whoever sends the form after this knows that it is another payment.
    const fn is_question(self) -> bool {
        matches!(self, Self::Given { .. } | Self::UsedBefore)
    }

    /// The id of its text.
    const fn text(self) -> &'static str {
        match self {
            Self::TooQuick => "prompt-too-quick",
            Self::TooLate => "prompt-too-late",
            Self::Changed => "prompt-changed",
            Self::NotOurs => "prompt-not-ours",
            Self::TooOften => "prompt-too-often",
            Self::Paused => "prompt-paused",
            Self::NotNow => "prompt-not-now",
            Self::UsedBefore => "prompt-used-before",
            Self::Given { .. } => "prompt-given",
        }
    }
}

/// How an amount in a link fills the form in.
pub(crate) fn prefill(look: &Look, amount: Amount) -> Vec<(&'static str, String)> {
    if look.amounts.contains(&amount) {
        vec![("amount", amount.decimal())]
    } else {
        vec![("amount", "other".to_owned()), ("other_amount", amount.decimal())]
    }
}

/// The whole form.
pub(super) fn form(offer: &Offer, filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    let text = look.text(filled.kind);
    html! {
        (step(look, Step::Details))
        h1 { (text.title) }
        @if !text.introduction.is_empty() { p.lead { (text.introduction) } }
        @if look.self_service && filled.kind == Kind::Join {
            p { (look.say("member-already")) " " a href=(look.address("/manage")) { (look.say("member-manage")) } "." }
        }
        (summary(filled))
        form #form method="post" action=(look.address(filled.path)) accept-charset="UTF-8" novalidate {
            input type="hidden" name="client_token" value=(filled.token);
            @if knows(filled) { input type="hidden" name="again" value="true"; }
            @for name in CARRIED {
                @let value = (filled.value)(name);
                @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
            }
            (gift::choices(offer, filled))
            (contact::details(filled))
            (gift_aid(&text.gift_aid, filled))
            (what_happens(look))
            div.send {
                button.primary type="submit" { (look.say(another(filled).unwrap_or("continue"))) }
                p.quiet { (look.say(next(look))) }
                (languages_keeping(filled, "language", "languages-keep"))
            }
        }
    }
}

/// What comes after the form.
const fn next(look: &Look) -> &'static str {
    match (look.cards_here, look.debits_here) {
        (true, true) => "next-both-here",
        (true, false) => "next-card-here",
        (false, true) => "next-debit-here",
        (false, false) => "next-both-there",
    }
}

/// What is wrong, with a link to each field, or what is asked. It is where the page begins for
/// whoever hears or tabs through it.
pub(super) fn summary(filled: &Filled<'_>) -> Markup {
    if let Some(Prompt::Given { kind, minutes }) = filled.prompt {
        return question(filled, kind, minutes);
    }
    let look = filled.look;
    let title = if filled.prompt == Some(Prompt::Paused) { "please-wait" } else { "problem" };
    html! {
        @if !filled.errors.is_empty() || filled.prompt.is_some() {
            div.summary role="alert" tabindex="-1" autofocus aria-labelledby="problem" {
                h2 #problem { (look.say(title)) }
                @if let Some(prompt) = filled.prompt { p { (look.say(prompt.text())) } }
                @if let Some(first) = filled.first {
                    @if filled.prompt == Some(Prompt::UsedBefore) { p { a href=(first) { (look.say("see-first")) } "." } }
                    @else { p { (look.say("sent-before")) " " a href=(first) { (look.say("see-that")) } "." } }
                }
                @if !filled.errors.is_empty() {
                    ul { @for error in filled.errors { li { (linked(look, filled.kind, error)) } } }
                }
            }
        }
    }
}

/// "You gave 2 minutes ago." What was sent already can be sent again from here.
fn question(filled: &Filled<'_>, kind: Kind, minutes: i64) -> Markup {
    let look = filled.look;
    let did = match kind {
        Kind::Donate => "given-ago",
        Kind::Join => "joined-ago",
    };
    let want = match (filled.kind, kind) {
        (Kind::Donate, Kind::Donate) => "want-give-again",
        (Kind::Donate, Kind::Join) => "want-give-too",
        (Kind::Join, Kind::Join) => "want-join-again",
        (Kind::Join, Kind::Donate) => "want-join-too",
    };
    // What is shown for the first time holds nobody's address yet.
    let was_sent = !(filled.value)("email").is_empty();
    html! {
        div.summary.question role=(if was_sent { "alert" } else { "status" }) tabindex="-1" autofocus[was_sent] aria-labelledby="question" {
            h2 #question { (look.say_of(did, [("minutes", minutes.max(0).into())])) " " (look.say(want)) }
            p { (look.say(Prompt::Given { kind, minutes }.text())) }
            @if let Some(again) = another(filled).filter(|_| was_sent) {
                p.ways {
                    button.primary type="submit" form="form" { (look.say(again)) }
                    " " a.secondary href=(look.website) { (look.say("no-back-to")) }
                }
            }
        }
    }
}

/// What the button says after that question.
fn another(filled: &Filled<'_>) -> Option<&'static str> {
    match (filled.prompt?, filled.kind) {
        (Prompt::Given { kind: Kind::Donate, .. }, Kind::Donate) => Some("give-again"),
        (Prompt::Given { kind: Kind::Join, .. }, Kind::Donate) => Some("give-too"),
        (Prompt::Given { kind: Kind::Join, .. }, Kind::Join) => Some("join-again"),
        (Prompt::Given { kind: Kind::Donate, .. }, Kind::Join) => Some("join-too"),
        _ => None,
    }
}

/// Whether the supporter was asked already, by this page or by one before it.
fn knows(filled: &Filled<'_>) -> bool {
    filled.prompt.is_some_and(Prompt::is_question) || (filled.value)("again") == "true"
}

/// A link, where the form shows the field that it would lead to.
fn linked(look: &Look, kind: Kind, error: &FieldError) -> Markup {
    let shown = match error.field {
        "plan" => kind == Kind::Join,
        "gift_aid" => !look.text(kind).gift_aid.is_empty(),
        field => !CARRIED.contains(&field),
    };
    html! {
        @if shown { a href={ "#f-" (error.field) } { (look.translated(error.advice)) } }
        @else { strong { (look.translated(error.advice)) } }
    }
}

fn gift_aid(declaration: &str, filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    let error = filled.error("gift_aid");
    html! {
        @if !declaration.is_empty() {
            section aria-labelledby="gift-aid" {
                h2 #gift-aid { (look.say("gift-aid")) }
                p { (look.say("gift-aid-worth")) }
                div.field.wrong[error.is_some()] {
                    (filled.said("gift_aid"))
                    div.option {
                        label {
                            input #f-gift_aid type="checkbox" name="gift_aid" value="true" checked[(filled.value)("gift_aid") == "true"]
                                aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "e-gift_aid")];
                            span.said { span.text { (look.say("gift-aid-yes")) } " " small { (declaration) } }
                        }
                    }
                }
            }
        }
    }
}

fn what_happens(look: &Look) -> Markup {
    html! {
        aside.happens aria-labelledby="happens" {
            h2 #happens { (look.say("happens")) }
            p {
                (look.say("happens-how"))
                @if !look.privacy_url.is_empty() { " " a href=(look.privacy_url) { (look.say("read-privacy")) } "." }
            }
        }
    }
}
