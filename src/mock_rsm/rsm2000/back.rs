//! The browser's return (rsm-protocol.md, section 3): lower-case names, nothing signed, posted to
//! the address that RSM holds for the vendor.

use super::order::{CANCELLED, CardError, DECLINED, Entrance, REUSED};
use super::orders::Charge;
use super::visits::{Step, Visit};
use super::{Office, page, pounds};
use axum::http::StatusCode;
use axum::response::Response;

/// Where a visit that has ended leads.
pub(super) fn of(office: &Office, visit: &Visit) -> Response {
    match &visit.step {
        Step::Paid(charge) => paid(office, visit, charge),
        Step::Lodged => lodged(office, visit),
        Step::Cancelled | Step::Open | Step::Challenged => {
            failed(office, visit, &[if visit.declined.is_some() { DECLINED } else { CANCELLED }])
        }
    }
}

/// Back with errors. `FAIL` is the supporter's doing, `INVALID` anything else.
pub(super) fn failed(office: &Office, visit: &Visit, errors: &[CardError]) -> Response {
    let status = if errors.contains(&CANCELLED) { "FAIL" } else { "INVALID" };
    let mut fields = opening(visit, status);
    sums(visit, &mut fields);
    if let Some(charge) = &visit.declined {
        put(&mut fields, "transid", &charge.transaction);
        put(&mut fields, "cardtype", charge.card_type);
    }
    if errors.contains(&REUSED) {
        names(visit, &mut fields);
    }
    for (place, error) in errors.iter().enumerate() {
        fields.push((format!("errors[{place}][code]"), error.code.to_string()));
        fields.push((format!("errors[{place}][message]"), error.message.to_owned()));
    }
    page::back(&office.returns.failure, &fields, visit.order.entrance).answer(StatusCode::OK)
}

fn paid(office: &Office, visit: &Visit, charge: &Charge) -> Response {
    let mut fields = opening(visit, "SUCCESS");
    sums(visit, &mut fields);
    put(&mut fields, "transid", &charge.transaction);
    put(&mut fields, "transtime", &charge.at.as_millisecond().to_string());
    put(&mut fields, "cardtype", charge.card_type);
    names(visit, &mut fields);
    page::back(&office.returns.success, &fields, visit.order.entrance).answer(StatusCode::OK)
}

/// Of a Direct Debit only the charity's own code and the sum come back.
fn lodged(office: &Office, visit: &Visit) -> Response {
    let mut fields = Vec::new();
    put(&mut fields, "appealcode", &visit.order.appeal);
    put(&mut fields, "amount", &pounds::write(visit.order.total()));
    page::back(&office.returns.debit, &fields, visit.order.entrance).answer(StatusCode::OK)
}

fn opening(visit: &Visit, status: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    match visit.order.entrance {
        Entrance::Debit => {}
        Entrance::Widget | Entrance::Full => put(&mut fields, "uniqueid", &visit.uniqueid),
    }
    put(&mut fields, "status", status);
    put(&mut fields, "appealcode", &visit.order.appeal);
    fields
}

fn sums(visit: &Visit, fields: &mut Vec<(String, String)>) {
    for (name, sum) in [("purchase", visit.order.purchase), ("donation", visit.order.donation)] {
        put(fields, name, &sum.map_or_else(String::new, pounds::write));
    }
}

fn names(visit: &Visit, fields: &mut Vec<(String, String)>) {
    for name in ["title", "firstname", "surname"] {
        put(fields, name, visit.order.contact(name));
    }
}

/// Empty values are left out.
fn put(fields: &mut Vec<(String, String)>, name: &str, value: &str) {
    if !value.is_empty() {
        fields.push((name.to_owned(), value.to_owned()));
    }
}
