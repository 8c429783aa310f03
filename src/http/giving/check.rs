//! From a form's fields to what is asked for, or to all that is wrong with them.

use crate::handoff::Wish;
use crate::http::form::Form;
use crate::http::language::Here;
use crate::payment::{Amount, Asked, Contact, FieldError, Kind};

/// Everything that is wrong, at once, by field.
pub(super) fn check(
    site: &Here,
    kind: Kind,
    form: &Form,
) -> Result<(Asked, Contact), Vec<FieldError>> {
    let mut errors = Vec::new();
    let amount = match (kind, site.offer.form_currency()) {
        (Kind::Donate, Some(taken)) => read_amount(form, taken.minimum.currency(), &mut errors),
        _ => None,
    };
    let amount_is_wrong = !errors.is_empty();
    let gift_aid = match form.get("gift_aid") {
        "" => false,
        "true" => true,
        _ => {
            errors.push(FieldError {
                field: "gift_aid",
                reason: "malformed",
                advice: "Tick or clear the Gift Aid box",
            });
            false
        }
    };
    let wish = Wish {
        kind,
        amount,
        method: form.get("method"),
        frequency: form.get("frequency"),
        plan: form.get("plan"),
        appeal: form.get("appeal"),
        merchant_reference: form.get("merchant_reference"),
        gift_aid,
    };
    // What is wrong with a sum is said by the field that it was given in.
    let sum = if form.get("other_amount").is_empty() { "amount" } else { "other_amount" };
    let asked = site.offer.check(&wish).map_err(|found| {
        let found = found.into_iter().filter(|error| !(amount_is_wrong && error.field == "amount"));
        errors.extend(found.map(|error| match error.field {
            "amount" => FieldError { field: sum, ..error },
            _ => error,
        }));
    });
    let contact = Contact::check(|field| form.get(field)).map_err(|found| errors.extend(found));
    match (asked, contact, errors.is_empty()) {
        (Ok(asked), Ok(contact), true) => Ok((asked, contact)),
        _ => Err(errors),
    }
}

/// One of the amounts offered, or the one typed; never two that differ.
fn read_amount(
    form: &Form,
    currency: iso_currency::Currency,
    errors: &mut Vec<FieldError>,
) -> Option<Amount> {
    let wrong = |field, reason, advice| FieldError { field, reason, advice };
    let (chosen, typed) = (form.get("amount"), form.get("other_amount"));
    let (field, text) = match (chosen, typed) {
        ("" | "other", "") if chosen == "other" => {
            errors.push(wrong(
                "other_amount",
                "required",
                "Enter the amount you would like to give",
            ));
            return None;
        }
        ("", "") => return None,
        ("" | "other", typed) => ("other_amount", typed),
        (chosen, "") => ("amount", chosen),
        (chosen, typed) if Amount::parse(chosen, currency) == Amount::parse(typed, currency) => {
            ("amount", chosen)
        }
        _ => {
            errors.push(wrong(
                "other_amount",
                "crossfield",
                "Clear this, or choose Another amount: two different amounts are given",
            ));
            return None;
        }
    };
    if let Ok(amount) = Amount::parse(text, currency) {
        Some(amount)
    } else {
        errors.push(wrong(field, "amount", "Enter an amount in figures, for example 10 or 12.50"));
        None
    }
}
