//! The donate and join forms.

use super::field::said;
use super::{Look, contact, gift};
use crate::handoff::Offer;
use crate::http::problem::Trouble;
use crate::payment::{Amount, FieldError, Kind};
use jiff::SignedDuration;
use maud::{Markup, html};

/// What is carried along unseen: where a supporter came from and where they go back to.
const CARRIED: [&str; 3] = ["appeal", "merchant_reference", "return_url"];

/// A form and what stands in it.
pub(crate) struct Filled<'a> {
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

    const fn text(self) -> &'static str {
        match self {
            Self::TooQuick => {
                "That was very quick. Please check your details and send the form again."
            }
            Self::TooLate => {
                "This page was open for a long time. Please check your details and send the form again."
            }
            Self::Changed => {
                "What can be chosen here has changed since you opened this page. Please check your details and send the form again."
            }
            Self::TooOften => {
                "Too many attempts came from your network, and nothing was sent this time. Please wait a minute and send this page again: it is paid once, however often you send it."
            }
            Self::Paused => {
                "Payments by card are paused for some minutes. Nothing was sent and nothing was charged this time. Please wait a while and send this page again: it is paid once, however often you send it."
            }
            Self::NotNow => {
                "We cannot take this just now, and nothing was sent this time. Please wait a minute and send this page again: it is paid once, however often you send it."
            }
            Self::NotOurs => {
                "We could not tell that this form is ours. Please check your details and send it again from here."
            }
            Self::UsedBefore => {
                "You have sent this form before with other choices. If you want to make another payment, check it and send it again."
            }
            Self::Given { .. } => {
                "If you turned back before you paid, nothing was taken for that attempt: just go on."
            }
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
pub(super) fn form(look: &Look, offer: &Offer, filled: &Filled<'_>) -> Markup {
    let text = look.text(filled.kind);
    html! {
        (super::step(super::Step::Details))
        h1 { (text.title) }
        @if !text.introduction.is_empty() { p.lead { (text.introduction) } }
        (summary(look, filled))
        form #form method="post" action=(filled.path) accept-charset="UTF-8" novalidate {
            input type="hidden" name="client_token" value=(filled.token);
            @if knows(filled) { input type="hidden" name="again" value="true"; }
            @for name in CARRIED {
                @let value = (filled.value)(name);
                @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
            }
            (gift::choices(look, offer, filled))
            (contact::details(filled))
            (gift_aid(&text.gift_aid, filled))
            (what_happens(look))
            div.send {
                button.primary type="submit" { (another(filled).unwrap_or("Continue to secure payment")) }
                p.quiet { "Next: " (next(look)) " Nothing is taken before you confirm it there." }
            }
        }
    }
}

/// What comes after the form.
fn next(look: &Look) -> String {
    let theirs = format!("the payment page of {}", look.processor);
    match (look.cards_here, look.debits_here) {
        (true, true) => "a page to check and confirm everything.".to_owned(),
        (true, false) => {
            format!("for a card a page to check and confirm it, for a Direct Debit {theirs}.")
        }
        (false, true) => {
            format!("for a card {theirs}, for a Direct Debit a page to check and confirm it.")
        }
        (false, false) => format!("{theirs}."),
    }
}

/// What is wrong, with a link to each field, or what is asked. It is where the page begins for
/// whoever hears or tabs through it.
pub(super) fn summary(look: &Look, filled: &Filled<'_>) -> Markup {
    if let Some(Prompt::Given { kind, minutes }) = filled.prompt {
        return question(look, filled, kind, minutes);
    }
    html! {
        @if !filled.errors.is_empty() || filled.prompt.is_some() {
            div.summary role="alert" tabindex="-1" autofocus aria-labelledby="problem" {
                h2 #problem { @if filled.prompt == Some(Prompt::Paused) { "Please wait" } @else { "There is a problem" } }
                @if let Some(prompt) = filled.prompt { p { (prompt.text()) } }
                @if let Some(first) = filled.first {
                    @if filled.prompt == Some(Prompt::UsedBefore) { p { a href=(first) { "See what became of the first" } "." } }
                    @else { p { "If you have sent it before: " a href=(first) { "see what became of that" } "." } }
                }
                @if !filled.errors.is_empty() {
                    ul { @for error in filled.errors { li { (linked(look, filled.kind, error)) } } }
                }
            }
        }
    }
}

/// "You gave 2 minutes ago." What was sent already can be sent again from here.
fn question(look: &Look, filled: &Filled<'_>, kind: Kind, minutes: i64) -> Markup {
    let did = match kind {
        Kind::Donate => "You gave",
        Kind::Join => "You joined",
    };
    let ago = match minutes {
        ..1 => "less than a minute ago".to_owned(),
        1 => "1 minute ago".to_owned(),
        _ => format!("{minutes} minutes ago"),
    };
    let want = match (filled.kind, kind) {
        (Kind::Donate, Kind::Donate) => "Do you want to give again?",
        (Kind::Donate, Kind::Join) => "Do you want to give as well?",
        (Kind::Join, Kind::Join) => "Do you want to join again?",
        (Kind::Join, Kind::Donate) => "Do you want to join as well?",
    };
    // What is shown for the first time holds nobody's address yet.
    let was_sent = !(filled.value)("email").is_empty();
    html! {
        div.summary.question role=(if was_sent { "alert" } else { "status" }) tabindex="-1" autofocus[was_sent] aria-labelledby="question" {
            h2 #question { (did) " " (ago) ". " (want) }
            p { (Prompt::Given { kind, minutes }.text()) }
            @if was_sent {
                p.ways {
                    button.primary type="submit" form="form" { (another(filled).unwrap_or_default()) }
                    " " a.secondary href=(look.website) { "No, back to " (look.name) }
                }
            }
        }
    }
}

/// What the button says after that question.
fn another(filled: &Filled<'_>) -> Option<&'static str> {
    match (filled.prompt?, filled.kind) {
        (Prompt::Given { kind: Kind::Donate, .. }, Kind::Donate) => Some("Give again"),
        (Prompt::Given { kind: Kind::Join, .. }, Kind::Donate) => Some("Give as well"),
        (Prompt::Given { kind: Kind::Join, .. }, Kind::Join) => Some("Join again"),
        (Prompt::Given { kind: Kind::Donate, .. }, Kind::Join) => Some("Join as well"),
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
        @if shown { a href={ "#f-" (error.field) } { (error.advice) } }
        @else { strong { (error.advice) } }
    }
}

fn gift_aid(declaration: &str, filled: &Filled<'_>) -> Markup {
    let error = filled.error("gift_aid");
    html! {
        @if !declaration.is_empty() {
            section aria-labelledby="gift-aid" {
                h2 #gift-aid { "Gift Aid" }
                p { "If you pay UK tax, Gift Aid adds 25p to every £1 you give, at no cost to you." }
                div.field.wrong[error.is_some()] {
                    (said("gift_aid", error))
                    div.option {
                        label {
                            input #f-gift_aid type="checkbox" name="gift_aid" value="true" checked[(filled.value)("gift_aid") == "true"]
                                aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "e-gift_aid")];
                            span.said { span.text { "Yes, claim Gift Aid" } " " small { (declaration) } }
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
            h2 #happens { "What happens to your details" }
            p {
                "Your name, address and contact details are passed on to " (look.processor) " so that your payment can be made. "
                "They are not kept here. We keep the amount, the date and whether the payment succeeded."
                @if !look.privacy_url.is_empty() { " " a href=(look.privacy_url) { "Read our privacy notice" } "." }
            }
        }
    }
}
