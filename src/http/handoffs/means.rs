//! What is paid with: asked for where the processor is called from here, and only then.

use super::{invalid, json};
#[cfg(feature = "card-api")]
use crate::clock::london;
use crate::handoff::{Account, Means, Way};
use crate::http::Shared;
use crate::http::problem::Trouble;
#[cfg(feature = "card-api")]
use crate::payment::Card;
use crate::payment::{Asked, Bank, FieldError, Method};

/// The account or the card, or what is wrong with it.
pub(super) fn means(
    site: &Shared,
    body: &json::HandOffBody,
    asked: &Asked,
) -> Result<Option<Means>, Trouble> {
    let way = site.hand_offs.way(asked.method);
    let mut errors = Vec::new();
    let mut misplaced = |field, advice| {
        errors.push(FieldError { field, reason: "crossfield", advice });
    };
    let bank_here = way == Way::Api && asked.method == Method::DirectDebit;
    let card_here = way == Way::Api && asked.method == Method::Card;
    if body.bank.is_some() && !bank_here {
        misplaced(
            "bank",
            match asked.method {
                Method::Card => "Leave bank out: this is paid by card",
                Method::DirectDebit => {
                    "Leave bank out: bank details are entered on the processor's page"
                }
            },
        );
    }
    if holds_card(body) && !card_here {
        misplaced(
            "card",
            match asked.method {
                Method::Card => "Leave card out: cards are entered on the processor's page",
                Method::DirectDebit => "Leave card out: this is paid by Direct Debit",
            },
        );
    }
    if !body.start_date.is_empty() && !bank_here {
        misplaced("start_date", "Leave start_date out: it is for bank");
    }
    if !errors.is_empty() {
        return Err(invalid(errors));
    }
    if bank_here {
        let Some(bank) = &body.bank else {
            let advice = "Send bank with account_name, sort_code and account_number";
            return Err(required("bank", advice));
        };
        let bank = Bank::check(|field| bank.text(field)).map_err(invalid)?;
        let account = Account { bank, start: body.start_date.clone() };
        return Ok(Some(Means::Account(account)));
    }
    if card_here { card(site, body).map(Some) } else { Ok(None) }
}

#[cfg(feature = "card-api")]
fn card(site: &Shared, body: &json::HandOffBody) -> Result<Means, Trouble> {
    let Some(card) = &body.card else {
        return Err(required("card", "Send card with number, expiry, cvc and holder"));
    };
    let today = london::date(site.clock.now());
    Card::check(|field| card.text(field), today).map(Means::Card).map_err(invalid)
}

#[cfg(not(feature = "card-api"))]
fn card(_: &Shared, _: &json::HandOffBody) -> Result<Means, Trouble> {
    Err(Trouble::Internal)
}

/// Whether a card came.
#[cfg(feature = "card-api")]
pub(super) const fn holds_card(body: &json::HandOffBody) -> bool {
    body.card.is_some()
}

/// There is no such member.
#[cfg(not(feature = "card-api"))]
pub(super) const fn holds_card(_: &json::HandOffBody) -> bool {
    false
}

fn required(field: &'static str, advice: &'static str) -> Trouble {
    invalid(vec![FieldError { field, reason: "required", advice }])
}
