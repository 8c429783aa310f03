//! The donate and join forms.

use super::field::Line;
use super::{Look, contact};
use crate::handoff::Offer;
use crate::payment::{Amount, FieldError, Frequency, Kind, Method};
use maud::{Markup, html};

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
        h1 { (text.title) }
        @if !text.introduction.is_empty() { p.lead { (text.introduction) } }
        (summary(filled))
        form method="post" action=(filled.path) accept-charset="UTF-8" novalidate {
            input type="hidden" name="client_token" value=(filled.token);
            @for name in ["appeal", "merchant_reference", "return_url"] {
                @let value = (filled.value)(name);
                @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
            }
            section aria-labelledby="gift" {
                @match filled.kind {
                    Kind::Donate => { h2 #gift { "Your gift" } (amounts(look, offer, filled)) (frequencies(offer, filled)) }
                    Kind::Join => { h2 #gift { "Your membership" } (plans(offer, filled)) }
                }
                (methods(look, offer, filled))
            }
            (contact::details(filled))
            (gift_aid(&text.gift_aid, filled))
            (what_happens(look))
            button.primary type="submit" { "Continue to secure payment" }
        }
    }
}

/// What is wrong, with a link to each field.
fn summary(filled: &Filled<'_>) -> Markup {
    html! {
        @if !filled.errors.is_empty() || filled.prompt.is_some() {
            div.summary role="alert" tabindex="-1" aria-labelledby="problem" {
                h2 #problem { "There is a problem" }
                @if let Some(prompt) = filled.prompt { p { (prompt.text()) } }
                @if !filled.errors.is_empty() {
                    ul { @for error in filled.errors { li { a href={ "#f-" (error.field) } { (error.advice) } } } }
                }
            }
        }
    }
}

fn amounts(look: &Look, offer: &Offer, filled: &Filled<'_>) -> Markup {
    let Some(taken) = offer.form_currency() else { return html! {} };
    let mut options: Vec<_> = look
        .amounts
        .iter()
        .map(|amount| (amount.decimal(), amount.display(), String::new()))
        .collect();
    options.push(("other".to_owned(), "Another amount".to_owned(), String::new()));
    let symbol = taken.minimum.currency().symbol().symbol;
    let least = format!("From {} to {}", taken.minimum.display(), taken.maximum.display());
    let other = filled.line(Line {
        name: "other_amount",
        label: "Another amount",
        inputmode: "decimal",
        width: "narrow",
        autocomplete: "off",
        optional: true,
        ..Line::default()
    });
    filled.choice("amount", "How much would you like to give?", "grid", &options, &html! {
        div.other { (other) p.hint { "In " (taken.minimum.currency().name()) " (" (symbol) "). " (least) "." } }
    })
}

fn frequencies(offer: &Offer, filled: &Filled<'_>) -> Markup {
    let options: Vec<_> = offer
        .donate
        .frequencies
        .iter()
        .map(|frequency| (frequency.word().to_owned(), often(*frequency).to_owned(), String::new()))
        .collect();
    filled.choice("frequency", "How often?", "grid", &options, &html! {})
}

fn plans(offer: &Offer, filled: &Filled<'_>) -> Markup {
    let options: Vec<_> = offer
        .plans
        .iter()
        .map(|plan| {
            let price = format!(
                "{}: {} {}",
                plan.name,
                plan.amount.display(),
                often(plan.frequency).to_lowercase()
            );
            (plan.code.as_str().to_owned(), price, plan.description.clone())
        })
        .collect();
    filled.choice("plan", "Which membership?", "stack", &options, &html! {})
}

fn methods(look: &Look, offer: &Offer, filled: &Filled<'_>) -> Markup {
    let regular =
        if filled.kind == Kind::Donate { "For regular gifts" } else { "From your bank account" };
    let options: Vec<_> = offer
        .choices(filled.kind)
        .methods
        .iter()
        .map(|method| match method {
            Method::Card => {
                ("card".to_owned(), "Card".to_owned(), "Debit or credit card".to_owned())
            }
            Method::DirectDebit => {
                ("direct_debit".to_owned(), "Direct Debit".to_owned(), regular.to_owned())
            }
        })
        .collect();
    filled.choice("method", "How would you like to pay?", "grid", &options, &html! {
        p.hint { "You enter your card or bank details on the next page, at " (look.processor) "." }
    })
}

fn gift_aid(declaration: &str, filled: &Filled<'_>) -> Markup {
    let error = filled.error("gift_aid");
    html! {
        @if !declaration.is_empty() {
            section aria-labelledby="gift-aid" {
                h2 #gift-aid { "Gift Aid" }
                p { "If you pay UK tax, Gift Aid adds 25p to every £1 you give, at no cost to you." }
                div.field.wrong[error.is_some()] {
                    @if let Some(error) = error { p.error #e-gift_aid { span.hidden { "Error: " } (error.advice) } }
                    label.option.declaration {
                        input #f-gift_aid type="checkbox" name="gift_aid" value="true" checked[(filled.value)("gift_aid") == "true"]
                            aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "e-gift_aid")];
                        span { (declaration) }
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

/// How often, in words.
const fn often(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Once => "Once",
        Frequency::Monthly => "Every month",
        Frequency::Quarterly => "Every three months",
        Frequency::HalfYearly => "Every six months",
        Frequency::Yearly => "Every year",
    }
}
