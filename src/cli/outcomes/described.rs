//! Hand-offs and events as `--json` shows them.

use crate::ledger::{Entry, Event};
use crate::payment::{Code, Happening, MerchantReference, ProcessorText, State};
use serde_json::{Value, json};

/// A hand-off and what is known of it.
pub(super) fn described(entry: &Entry) -> Value {
    let (asked, standing) = (&entry.hand_off.asked, &entry.standing);
    json!({
        "reference": entry.hand_off.reference.to_string(),
        "state": standing.state.word(),
        "kind": asked.kind.word(),
        "method": asked.method.word(),
        "dialect": asked.dialect.word(),
        "mode": asked.mode.word(),
        "amount": asked.amount.minor(),
        "currency": asked.amount.currency().code(),
        "frequency": asked.frequency.word(),
        "plan": asked.plan.as_ref().map(Code::as_str),
        "appeal": asked.appeal.as_ref().map(Code::as_str),
        "gift_aid": asked.gift_aid,
        "merchant_reference": asked.merchant_reference.as_ref().map(MerchantReference::as_str),
        "processor_reference": standing.processor_reference.as_ref().map(ProcessorText::as_str),
        "code": standing.code.as_ref().map(ProcessorText::as_str),
        "attention": standing.attention.iter().map(|flag| flag.word()).collect::<Vec<_>>(),
        "developments": standing.developments.iter().map(happening).collect::<Vec<_>>(),
        "opened_at": entry.hand_off.opened_at.to_string(),
        "changed_at": entry.changed_at.to_string(),
    })
}

fn happening(happening: &Happening) -> Value {
    json!({
        "at": happening.at.to_string(),
        "development": happening.what.word(),
        "amount": happening.amount.map(|amount| json!({ "value": amount.minor(), "currency": amount.currency().code() })),
        "code": happening.code.as_ref().map(ProcessorText::as_str),
    })
}

/// One event of its history.
pub(super) fn happened(event: &Event) -> Value {
    let evidence = event.evidence.as_ref();
    json!({
        "sequence": event.sequence,
        "source": evidence.map_or("opened", |evidence| evidence.source.word()),
        "fact": evidence.map(|evidence| evidence.fact.word()),
        "amount": evidence.and_then(|evidence| evidence.amount).map(|amount| json!({ "value": amount.minor(), "currency": amount.currency().code() })),
        "processor_reference": evidence.and_then(|evidence| evidence.processor_reference.as_ref()).map(ProcessorText::as_str),
        "code": evidence.and_then(|evidence| evidence.code.as_ref()).map(ProcessorText::as_str),
        "occurred_at": evidence.map(|evidence| evidence.occurred_at.to_string()),
        "before": event.before.map(State::word),
        "after": event.after.map(State::word),
        "recorded_at": event.recorded_at.to_string(),
        "hash": hex::encode(event.hash),
    })
}
