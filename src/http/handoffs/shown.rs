//! What programs are shown: of a hand-off just made, and of one that is known.

use crate::announcement::{AskedTold, Sum};
use crate::handoff::{Entry, Redirect};
use crate::http::json::pointer;
use crate::payment::{FieldError, Happening, ProcessorText};
use serde::Serialize;
use std::collections::BTreeMap;
use url::Url;

#[derive(Serialize)]
pub(super) struct Created<'a> {
    pub(super) reference: String,
    pub(super) state: &'static str,
    /// Where the browser is to go; absent where the processor was called and that is not needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hand_off: Option<HandOffShown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) processor_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<&'a str>,
    /// What the processor would not take.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) errors: Vec<RefusedShown>,
}

/// One field that the processor would not take.
#[derive(Serialize)]
pub(super) struct RefusedShown {
    pointer: String,
    reason: &'static str,
    detail: &'static str,
}

impl RefusedShown {
    pub(super) fn of(error: &FieldError) -> Self {
        Self { pointer: pointer(error.field), reason: error.reason, detail: error.advice }
    }
}

impl<'a> HandOffShown<'a> {
    pub(super) fn of(redirect: &'a Redirect) -> Self {
        Self {
            method: "POST",
            url: redirect.url.as_str(),
            fields: redirect.fields.iter().map(|(name, value)| (*name, value.as_str())).collect(),
        }
    }

    /// Where the supporter's bank wants to meet them.
    pub(super) fn challenge(url: &'a Url) -> Self {
        Self { method: "GET", url: url.as_str(), fields: BTreeMap::new() }
    }
}

#[derive(Serialize)]
pub(super) struct HandOffShown<'a> {
    method: &'static str,
    url: &'a str,
    fields: BTreeMap<&'static str, &'a str>,
}

#[derive(Serialize)]
pub(super) struct Shown<'a> {
    reference: String,
    state: &'static str,
    #[serde(flatten)]
    asked: AskedTold<'a>,
    processor_reference: Option<&'a str>,
    code: Option<&'a str>,
    attention: Vec<&'static str>,
    developments: Vec<DevelopmentShown<'a>>,
    opened_at: String,
    changed_at: String,
}

impl<'a> Shown<'a> {
    pub(super) fn of(entry: &'a Entry) -> Self {
        let (asked, standing) = (&entry.hand_off.asked, &entry.standing);
        Self {
            reference: entry.hand_off.reference.to_string(),
            state: standing.state.word(),
            asked: AskedTold::of(asked),
            processor_reference: standing.processor_reference.as_ref().map(ProcessorText::as_str),
            code: standing.code.as_ref().map(ProcessorText::as_str),
            attention: standing.attention.iter().map(|flag| flag.word()).collect(),
            developments: standing.developments.iter().map(DevelopmentShown::of).collect(),
            opened_at: entry.hand_off.opened_at.to_string(),
            changed_at: entry.changed_at.to_string(),
        }
    }
}

#[derive(Serialize)]
struct DevelopmentShown<'a> {
    at: String,
    development: &'static str,
    amount: Option<Sum>,
    code: Option<&'a str>,
}

impl<'a> DevelopmentShown<'a> {
    fn of(happening: &'a Happening) -> Self {
        Self {
            at: happening.at.to_string(),
            development: happening.what.word(),
            amount: happening.amount.map(Sum::of),
            code: happening.code.as_ref().map(ProcessorText::as_str),
        }
    }
}
