//! The donate and join forms.

use super::field::said;
use super::{Look, contact, gift};
use crate::handoff::Offer;
use crate::payment::{Amount, FieldError, Kind};
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
}

/// Why a form is shown again although no field is wrong. Nothing was sent in any of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// Sent sooner than a person can.
    TooQuick,
    /// Open for longer than its token lives.
    TooLate,
    /// Its token is not ours.
    NotOurs,
    /// Its token was used for another payment.
    UsedBefore,
}

impl Prompt {
    const fn text(self) -> &'static str {
        match self {
            Self::TooQuick => {
                "That was very quick. Please check your details and send the form again."
            }
            Self::TooLate => {
                "This page was open for a long time. Please check your details and send the form again."
            }
            Self::NotOurs => {
                "We could not tell that this form is ours. Please check your details and send it again from here."
            }
            Self::UsedBefore => {
                "You have sent this form before with other choices. If you want to make another payment, check it and send it again."
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
        form method="post" action=(filled.path) accept-charset="UTF-8" novalidate {
            input type="hidden" name="client_token" value=(filled.token);
            @for name in CARRIED {
                @let value = (filled.value)(name);
                @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
            }
            (gift::choices(look, offer, filled))
            (contact::details(filled))
            (gift_aid(&text.gift_aid, filled))
            (what_happens(look))
            div.send {
                button.primary type="submit" { "Continue to secure payment" }
                @if look.debits_here {
                    p.quiet { "Next: for a card the payment page of " (look.processor) ", for a Direct Debit a page to check and confirm it. Nothing is taken before you confirm it there." }
                } @else {
                    p.quiet { "Next: the payment page of " (look.processor) ". Nothing is taken before you confirm it there." }
                }
            }
        }
    }
}

/// What is wrong, with a link to each field. It is where the page begins for whoever hears or
/// tabs through it.
pub(super) fn summary(look: &Look, filled: &Filled<'_>) -> Markup {
    html! {
        @if !filled.errors.is_empty() || filled.prompt.is_some() {
            div.summary role="alert" tabindex="-1" autofocus aria-labelledby="problem" {
                h2 #problem { "There is a problem" }
                @if let Some(prompt) = filled.prompt { p { (prompt.text()) } }
                @if !filled.errors.is_empty() {
                    ul { @for error in filled.errors { li { (linked(look, filled.kind, error)) } } }
                }
            }
        }
    }
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
                "Your name, address and contact details are sent straight to " (look.processor) " so that your payment can be made. "
                "They are not kept here. We keep the amount, the date and whether the payment succeeded."
                @if !look.privacy_url.is_empty() { " " a href=(look.privacy_url) { "Read our privacy notice" } "." }
            }
        }
    }
}
