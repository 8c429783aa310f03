//! What is given: how much, how often, which membership, by what.

use super::Look;
use super::field::{Choice, Group, Line, Need};
use super::giving::Filled;
use crate::handoff::Offer;
use crate::payment::{Amount, Dialect, Frequency, Kind, Method};
use maud::{Markup, html};

/// The choices of one form.
pub(super) fn choices(offer: &Offer, filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    html! {
        section aria-labelledby="gift" {
            @match filled.kind {
                Kind::Donate => { h2 #gift { (look.say("gift")) } (amounts(offer, filled)) (frequencies(offer, filled)) }
                Kind::Join => { h2 #gift { (look.say("membership")) } (plans(offer, filled)) }
            }
            (methods(offer, filled))
        }
    }
}

/// None is chosen beforehand: who only types an amount has then said all that is needed.
fn amounts(offer: &Offer, filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    let Some(taken) = offer.form_currency() else { return html! {} };
    let shown = |amount: &Amount| Choice {
        value: amount.decimal(),
        text: amount.display(),
        ..Choice::default()
    };
    let mut options: Vec<Choice> = look.amounts.iter().map(shown).collect();
    let currency = taken.minimum.currency();
    let name = [("code", currency.code().into()), ("name", currency.name().into())];
    let name = look.say_of("currency", name);
    let limits = [taken.minimum, taken.maximum].map(Amount::display);
    let [least, most] = limits.map(Into::into);
    let other = Line {
        name: "other_amount",
        label: &look.say_of("another-amount-in", [("currency", name.into())]),
        hint: &look.say_of("amount-limits", [("least", least), ("most", most)]),
        inputmode: "decimal",
        autocomplete: "off",
        need: Need::Perhaps,
        prefix: &currency.symbol().symbol,
        ..Line::default()
    };
    options.push(Choice {
        value: "other".to_owned(),
        text: look.say("another-amount"),
        within: Some(filled.line(other)),
        ..Choice::default()
    });
    filled.choice(Group {
        name: "amount",
        legend: &look.say("how-much"),
        hint: "",
        layout: "sums",
        options: &options,
        default: "",
    })
}

fn frequencies(offer: &Offer, filled: &Filled<'_>) -> Markup {
    let shown = |frequency: &Frequency| Choice {
        value: frequency.word().to_owned(),
        text: filled.look.say(often(*frequency)),
        ..Choice::default()
    };
    let options: Vec<Choice> = offer.donate.frequencies.iter().map(shown).collect();
    filled.choice(Group {
        name: "frequency",
        legend: &filled.look.say("how-often"),
        hint: "",
        layout: "tiles",
        options: &options,
        default: first(&options),
    })
}

fn plans(offer: &Offer, filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    let options: Vec<Choice> = offer
        .plans
        .iter()
        .map(|plan| Choice {
            value: plan.code.as_str().to_owned(),
            text: look.of_plan(&plan.code, "name", &plan.name),
            aside: format!("{} {}", plan.amount.display(), look.say(each(plan.frequency))),
            more: look.of_plan(&plan.code, "description", &plan.description),
            within: None,
        })
        .collect();
    filled.choice(Group {
        name: "plan",
        legend: &look.say("which-membership"),
        hint: "",
        layout: "plans",
        options: &options,
        default: first(&options),
    })
}

fn methods(offer: &Offer, filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    let debit = match filled.kind {
        Kind::Donate => "direct-debit-gifts",
        Kind::Join => "direct-debit-account",
    };
    let shown = |method: &Method| {
        let (text, more) = match method {
            Method::Card => ("card", "card-kinds"),
            Method::DirectDebit => ("direct-debit", debit),
        };
        Choice {
            value: method.word().to_owned(),
            text: look.say(text),
            more: look.say(more),
            ..Choice::default()
        }
    };
    let options: Vec<Choice> = offer.choices(filled.kind).methods.iter().map(shown).collect();
    filled.choice(Group {
        name: "method",
        legend: &look.say("how-to-pay"),
        hint: &look.say(how(look, offer.dialect)),
        layout: "tiles",
        options: &options,
        default: first(&options),
    })
}

/// Where what is paid with is typed.
const fn how(look: &Look, dialect: Dialect) -> &'static str {
    match (look.cards_here, look.debits_here, dialect) {
        (true, true, _) => "how-both-here",
        (true, false, _) => "how-card-here",
        (false, true, Dialect::Signed) => "how-debit-here",
        (false, true, Dialect::Rsm2000) => "how-single-there",
        (false, false, Dialect::Rsm2000) => "how-each-there",
        (false, false, Dialect::Signed) => "how-both-there",
    }
}

fn first(options: &[Choice]) -> &str {
    options.first().map_or("", |choice| choice.value.as_str())
}

/// How often, as a choice says it.
const fn often(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Once => "often-once",
        Frequency::Monthly => "often-monthly",
        Frequency::Quarterly => "often-quarterly",
        Frequency::HalfYearly => "often-half-yearly",
        Frequency::Yearly => "often-yearly",
    }
}

/// How often, after a sum.
pub(super) const fn each(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Once => "each-once",
        Frequency::Monthly => "each-monthly",
        Frequency::Quarterly => "each-quarterly",
        Frequency::HalfYearly => "each-half-yearly",
        Frequency::Yearly => "each-yearly",
    }
}
