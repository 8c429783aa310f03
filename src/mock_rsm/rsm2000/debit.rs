//! The hosted Direct Debit page: the account is typed here, and a mandate waits for the bank.

use super::bureau::{Application, Plan};
use super::order::Order;
use super::orders::Charge;
use super::visits::{Step, Visit};
use super::{Office, page};
use crate::mock_rsm::form::Form;
use crate::mock_rsm::hosted::see;
use crate::mock_rsm::instrument::{Fate, Script, fate_of, read_account};
use crate::payment::{FieldError, Private};
use axum::http::StatusCode;
use axum::response::Response;
use zeroize::Zeroizing;

/// Working days from the page to the first collection, so that advance notice can be given.
const NOTICE: u32 = 10;

const ACTIVE: FieldError = FieldError {
    field: "account_number",
    reason: "active",
    advice: "A Direct Debit is set up already: go back to the charity",
};

/// The form, sent: lodges a mandate under the donor's own number.
pub(super) fn set_up(office: &Office, token: &str, visit: &Visit, typed: &Form) -> Response {
    let at = page::address(visit.order.entrance, token);
    let wrong = |errors: &[FieldError]| {
        page::form(office, token, visit, errors).answer(StatusCode::UNPROCESSABLE_ENTITY)
    };
    match read_account(typed) {
        Err(errors) => return wrong(&errors),
        Ok(Script::Cancel) => {
            office.visits.advance(token, Step::Cancelled);
            return see(&at);
        }
        Ok(
            Script::Accept(..)
            | Script::Decline(_)
            | Script::DeclineFirst
            | Script::Challenge
            | Script::Slow,
        ) => {}
    }
    let number = digits(typed.get("account_number"));
    if fate_of(&number) == Fate::Refused {
        let refused =
            Charge { at: office.clock.now(), transaction: String::new(), pence: 0, card_type: "" };
        office.visits.decline(token, refused);
        return see(&at);
    }
    let order = &visit.order;
    let client_ref = if order.donor_ref.is_empty() { &visit.uniqueid } else { &order.donor_ref };
    let mut bureau = office.bureau();
    if bureau.mandates.iter().any(|held| held.client_ref == *client_ref && held.is_active()) {
        return wrong(&[ACTIVE]);
    }
    let start = bureau.calendar.add(bureau.calendar.today(), NOTICE);
    let plan = order.months.map(|months| Plan { pence: order.total(), months, start, end: None });
    bureau.lodge(Application {
        reference: None,
        client_ref: client_ref.clone(),
        person: person(order, typed, &number),
        plan,
        kind: String::new(),
        short_id: String::new(),
        payment_ref: order.appeal.clone(),
    });
    drop(bureau);
    office.visits.advance(token, Step::Lodged);
    see(&at)
}

fn person(order: &Order, typed: &Form, number: &str) -> Vec<(&'static str, Private)> {
    let name =
        Zeroizing::new(format!("{} {}", order.contact("firstname"), order.contact("surname")));
    let mut person = vec![
        ("contactName", Private::new(&name)),
        ("accountName", Private::new(typed.get("account_name"))),
        ("accountNumber", Private::new(number)),
        ("sortCode", Private::new(&digits(typed.get("sort_code")))),
    ];
    for field in ["address1", "address2", "address3", "town", "postcode", "email"] {
        person.push((field, Private::new(order.contact(field))));
    }
    person
}

fn digits(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.chars().filter(char::is_ascii_digit).collect())
}
