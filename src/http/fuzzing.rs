//! The door of the fuzz targets to what reads the bytes of strangers. It exists only in builds with
//! `--cfg fuzzing`, which `scripts/fuzz` makes.

use super::form::Form;
use super::json::{self, HandOffBody};
use super::{Targets, Trouble, handoffs};
use axum::http::{HeaderMap, HeaderValue};

/// The fields of a form that are not empty, in the order of `known`; `None` where it is refused.
#[must_use]
pub fn form(body: &[u8], known: &[&'static str]) -> Option<Vec<(&'static str, String)>> {
    let form = Form::read(body, known, 40).ok()?;
    let fields = known.iter().map(|name| (*name, form.get(name).to_owned()));
    Some(fields.filter(|(_, value)| !value.is_empty()).collect())
}

/// Whether a body of `POST /v1/handoffs` is read. Where it is refused for a field that is not known,
/// all of those are looked for, as the service does.
#[must_use]
pub fn json(body: &[u8]) -> bool {
    match json::read::<HandOffBody>(body, 8) {
        Ok(_) => true,
        Err(why) => {
            if why == Trouble::UnknownField {
                drop(json::unknown(body));
            }
            false
        }
    }
}

/// The return address that is understood, if its origin is `listed`.
#[must_use]
pub fn return_url(text: &str, listed: &[&str]) -> Option<String> {
    let listed = listed.iter().map(|&origin| origin.to_owned()).collect();
    Targets::new(vec![], vec![], listed).return_url(text)
}

/// The key in an `Idempotency-Key`, if it is one.
#[must_use]
pub fn idempotency_key(value: &[u8]) -> Option<String> {
    let mut headers = HeaderMap::new();
    headers.insert("idempotency-key", HeaderValue::from_bytes(value).ok()?);
    handoffs::idempotency_key(&headers).ok().flatten()
}
