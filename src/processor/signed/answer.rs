//! What an answer to an order means (docs/signed.md). It fails closed: what is not exactly as agreed
//! may have been done, and is asked about (security.md, FM-33 to FM-47).

use super::Signed;
use super::notice::Statement;
use crate::ledger::HandOff;
use crate::payment::{Evidence, FieldError, Method, Outcome, Reference, Source};
use crate::processor::Reply;
use crate::processor::client::Answer;
use crate::processor::order::outcome;
use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

/// The longest address a supporter's browser is sent to.
const LONGEST_URL: usize = 2048;

/// What every answer says: whom it is about, and what came of it.
#[derive(Deserialize)]
struct Head {
    reference: String,
    state: Option<String>,
    code: Option<String>,
    redirect_url: Option<String>,
    #[serde(default)]
    errors: Vec<Wrong>,
}

/// One field that was not taken.
#[derive(Deserialize)]
struct Wrong {
    field: String,
}

/// Reads it. The words go into the log and, where nothing was done, into the record.
pub(super) fn read(signed: &Signed, hand_off: &HandOff, answer: &Answer, now: Timestamp) -> Reply {
    let reference = hand_off.reference;
    let lost = |reason: &'static str| {
        tracing::error!(event = "order_in_doubt", %reference, reason, status = answer.status);
        Reply::Lost(reason)
    };
    if answer.status >= 500 && answer.status != 503 {
        return lost("server_error");
    }
    if (300..400).contains(&answer.status) {
        return lost("redirected");
    }
    let Ok(head) = serde_json::from_slice::<Head>(&answer.body) else { return lost("malformed") };
    if Reference::parse(&head.reference) != Some(reference) {
        tracing::error!(event = "answer_of_another", %reference, status = answer.status);
        return Reply::Lost("other_reference");
    }
    // It names our reference: it has heard of the order, whatever it means.
    let known = |reason: &'static str| {
        tracing::error!(event = "order_in_doubt", %reference, reason, status = answer.status);
        Reply::Known(reason)
    };
    let code = head.code.as_deref().unwrap_or_default();
    match (answer.status, head.state.as_deref()) {
        (201, Some("pending")) => match head.redirect_url {
            // Of Direct Debits no bank asks the supporter first.
            Some(_) if hand_off.asked.method != Method::Card => known("redirect_elsewhere"),
            None => known("pending"),
            Some(text) => match own_page(signed, &text) {
                Some(redirect) => Reply::Pending { redirect },
                None => known("redirect_elsewhere"),
            },
        },
        (201, Some("accepted")) | (402, Some("declined")) => match decided(&answer.body) {
            Some(evidence) => {
                warn_of_another_sum(hand_off, &evidence);
                Reply::Decided(evidence, Vec::new())
            }
            None => known("malformed"),
        },
        (422, None) if code == "invalid" => refused(hand_off, &head.errors, now),
        (status, None) => match not_done(status, code) {
            Some(word) => {
                tracing::error!(event = "order_refused", %reference, status, code = word);
                Reply::NotSent(word)
            }
            None if (status, code) == (409, "reference_used") => known("reference_used"),
            None if (200..300).contains(&status) => known("unexpected_status"),
            None => lost("unexpected_status"),
        },
        (_, Some(_)) => known("unexpected_state"),
    }
}

/// The refusals that say that nothing was done. None of them is the supporter's fault.
fn not_done(status: u16, code: &str) -> Option<&'static str> {
    let agreed = [
        (400, "malformed"),
        (401, "signature"),
        (403, "forbidden"),
        (404, "no_such_service"),
        (413, "too_large"),
        (415, "content_type"),
        (429, "not_processed"),
        (503, "not_processed"),
    ];
    agreed.into_iter().find(|agreed| *agreed == (status, code)).map(|(_, word)| word)
}

/// The statement of a decision. Its id is all that it says.
fn decided(body: &[u8]) -> Option<Evidence> {
    let statement: Statement = serde_json::from_slice(body).ok()?;
    let identity = statement.identity();
    let identity: Vec<&[u8]> = identity.iter().map(String::as_bytes).collect();
    statement.evidence(Source::Reply, &identity)
}

/// A decision about another sum is kept and moves nothing; someone must look (security.md, FM-44).
fn warn_of_another_sum(hand_off: &HandOff, evidence: &Evidence) {
    let asked = &hand_off.asked;
    let agrees = evidence.amount == Some(asked.amount)
        && evidence.mode.is_none_or(|mode| mode == asked.mode);
    if !agrees {
        tracing::error!(event = "answer_differs", reference = %hand_off.reference);
    }
}

/// Where the supporter's bank is met: on the processor's own pages, and nowhere else. What is given
/// on is the address as it was understood, never as it was written (security.md, 0.10).
fn own_page(signed: &Signed, text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let bare = url.username().is_empty() && url.password().is_none();
    let fits = url.as_str().len() <= LONGEST_URL && url.scheme() == "https";
    (bare && fits && url.origin() == signed.base.origin()).then_some(url)
}

/// Refused for what it says, which the supporter can mend by another order.
fn refused(hand_off: &HandOff, errors: &[Wrong], now: Timestamp) -> Reply {
    let mut fields: Vec<FieldError> = Vec::new();
    for field in errors.iter().filter_map(|wrong| field_of(&wrong.field)) {
        if !fields.iter().any(|known| known.field == field) {
            fields.push(FieldError { field, reason: "processor", advice: advice(field) });
        }
    }
    let named: Vec<&str> = fields.iter().map(|error| error.field).collect();
    tracing::warn!(event = "order_refused", reference = %hand_off.reference, status = 422, code = "invalid", fields = named.join(","));
    let evidence = outcome(hand_off, Outcome::Declined, "invalid", now);
    Reply::Decided(Evidence { source: Source::Reply, ..evidence }, fields)
}

/// Our name of a field of the processor's; `None` for one that no supporter fills in.
fn field_of(theirs: &str) -> Option<&'static str> {
    let names = [
        ("card.number", "card_number"),
        ("card.expiry", "card_expiry"),
        ("card.cvc", "card_cvc"),
        ("card.holder", "card_holder"),
        ("bank.account_name", "account_name"),
        ("bank.sort_code", "sort_code"),
        ("bank.account_number", "account_number"),
        ("start_date", "start_date"),
        ("contact.title", "title"),
        ("contact.first_name", "first_name"),
        ("contact.last_name", "last_name"),
        ("contact.email", "email"),
        ("contact.phone", "phone"),
        ("contact.address.line1", "line1"),
        ("contact.address.line2", "line2"),
        ("contact.address.line3", "line3"),
        ("contact.address.town", "town"),
        ("contact.address.county", "county"),
        ("contact.address.postcode", "postcode"),
        ("contact.address.country", "country"),
    ];
    names.into_iter().find(|(name, _)| *name == theirs).map(|(_, ours)| ours)
}

/// The processor's sentences are for programs, so the words for supporters are our own.
fn advice(field: &str) -> &'static str {
    match field {
        "card_number" => "Check the card number, or use another card: this one was not accepted",
        "card_expiry" => "Check the expiry date: it was not accepted",
        "card_cvc" => "Check the security code: it was not accepted",
        "account_number" | "sort_code" => {
            "Check the sort code and account number: they were not accepted"
        }
        "start_date" => "Choose another day for the first collection: this one was not accepted",
        "email" => "Enter another email address: this one was not accepted",
        _ => "Check this: it was not accepted as it was written",
    }
}

#[cfg(test)]
mod tests;
