//! What is given: how much, how often, which membership, by what.

use super::Look;
use super::field::{Choice, Group, Line, Need};
use super::giving::Filled;
use crate::handoff::Offer;
use crate::payment::{Dialect, Frequency, Kind, Method};
use maud::{Markup, html};

/// The choices of one form.
pub(super) fn choices(look: &Look, offer: &Offer, filled: &Filled<'_>) -> Markup {
    html! {
        section aria-labelledby="gift" {
            @match filled.kind {
                Kind::Donate => { h2 #gift { "Your gift" } (amounts(look, offer, filled)) (frequencies(offer, filled)) }
                Kind::Join => { h2 #gift { "Your membership" } (plans(offer, filled)) }
            }
            (methods(look, offer, filled))
        }
    }
}

/// None is chosen beforehand: who only types an amount has then said all that is needed.
fn amounts(look: &Look, offer: &Offer, filled: &Filled<'_>) -> Markup {
    let Some(taken) = offer.form_currency() else { return html! {} };
    let mut options: Vec<Choice> = look
        .amounts
        .iter()
        .map(|amount| Choice {
            value: amount.decimal(),
            text: amount.display(),
            ..Choice::default()
        })
        .collect();
    let currency = taken.minimum.currency();
    let other = Line {
        name: "other_amount",
        label: &format!("Another amount ({})", currency.name()),
        hint: &format!("From {} to {}", taken.minimum.display(), taken.maximum.display()),
        inputmode: "decimal",
        autocomplete: "off",
        need: Need::Perhaps,
        prefix: &currency.symbol().symbol,
        ..Line::default()
    };
    options.push(Choice {
        value: "other".to_owned(),
        text: "Another amount".to_owned(),
        within: Some(filled.line(other)),
        ..Choice::default()
    });
    filled.choice(Group {
        name: "amount",
        legend: "How much would you like to give?",
        hint: "",
        layout: "sums",
        options: &options,
        default: "",
    })
}

fn frequencies(offer: &Offer, filled: &Filled<'_>) -> Markup {
    let options: Vec<Choice> = offer
        .donate
        .frequencies
        .iter()
        .map(|frequency| Choice {
            value: frequency.word().to_owned(),
            text: often(*frequency).to_owned(),
            ..Choice::default()
        })
        .collect();
    filled.choice(Group {
        name: "frequency",
        legend: "How often?",
        hint: "",
        layout: "tiles",
        options: &options,
        default: first(&options),
    })
}

fn plans(offer: &Offer, filled: &Filled<'_>) -> Markup {
    let options: Vec<Choice> = offer
        .plans
        .iter()
        .map(|plan| Choice {
            value: plan.code.as_str().to_owned(),
            text: plan.name.clone(),
            aside: format!("{} {}", plan.amount.display(), often(plan.frequency).to_lowercase()),
            more: plan.description.clone(),
            within: None,
        })
        .collect();
    filled.choice(Group {
        name: "plan",
        legend: "Which membership?",
        hint: "",
        layout: "plans",
        options: &options,
        default: first(&options),
    })
}

fn methods(look: &Look, offer: &Offer, filled: &Filled<'_>) -> Markup {
    let debit = match filled.kind {
        Kind::Donate => "For regular gifts, from your bank account",
        Kind::Join => "From your bank account",
    };
    let options: Vec<Choice> = offer
        .choices(filled.kind)
        .methods
        .iter()
        .map(|method| {
            let (text, more) = match method {
                Method::Card => ("Card", "Debit or credit card"),
                Method::DirectDebit => ("Direct Debit", debit),
            };
            Choice {
                value: method.word().to_owned(),
                text: text.to_owned(),
                more: more.to_owned(),
                ..Choice::default()
            }
        })
        .collect();
    filled.choice(Group {
        name: "method",
        legend: "How would you like to pay?",
        hint: &how(look, offer.dialect),
        layout: "tiles",
        options: &options,
        default: first(&options),
    })
}

/// Where what is paid with is typed.
fn how(look: &Look, dialect: Dialect) -> String {
    let theirs = &look.processor;
    match (look.cards_here, look.debits_here, dialect) {
        (true, true, _) => {
            "You enter your card or bank details on the next page, and confirm there.".to_owned()
        }
        (true, false, _) => {
            format!("You enter your card on the next page, bank details at {theirs}.")
        }
        (false, true, Dialect::Signed) => {
            format!("You enter your card at {theirs}, bank details on the next page.")
        }
        (false, true, Dialect::Rsm2000) => format!(
            "A single gift by card, on the page of {theirs}; a regular one by Direct Debit, confirmed on the next page."
        ),
        (false, false, Dialect::Rsm2000) => format!(
            "A single gift by card, a regular one by Direct Debit; both on the next page, at {theirs}."
        ),
        (false, false, Dialect::Signed) => {
            format!("You enter your card or bank details on the next page, at {theirs}.")
        }
    }
}

fn first(options: &[Choice]) -> &str {
    options.first().map_or("", |choice| choice.value.as_str())
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
