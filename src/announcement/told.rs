//! What is told of an item: the hand-off as it stood, and what had happened. Nothing personal is known here.

use super::Item;
use crate::payment::{
    Amount, Asked, Code, Fact, Happening, MerchantReference, ProcessorText, State,
};
use serde::Serialize;

/// An item for a program.
#[derive(Serialize)]
pub struct Told<'a> {
    id: String,
    r#type: &'static str,
    reference: String,
    /// The state before; nothing at the beginning.
    before: Option<&'static str>,
    state: &'static str,
    #[serde(flatten)]
    asked: AskedTold<'a>,
    processor_reference: Option<&'a str>,
    code: Option<&'a str>,
    attention: Vec<&'static str>,
    /// What this event tells of the time after acceptance.
    development: Option<Developed<'a>>,
    source: &'static str,
    opened_at: String,
    /// By the processor's clock.
    occurred_at: Option<String>,
    recorded_at: String,
}

/// What was asked for, as programs are told everywhere.
#[derive(Serialize)]
pub struct AskedTold<'a> {
    kind: &'static str,
    method: &'static str,
    dialect: &'static str,
    mode: &'static str,
    amount: Sum,
    frequency: &'static str,
    plan: Option<&'a str>,
    appeal: Option<&'a str>,
    gift_aid: bool,
    merchant_reference: Option<&'a str>,
}

/// A sum in minor units.
#[derive(Serialize)]
pub struct Sum {
    value: i64,
    currency: &'static str,
}

#[derive(Serialize)]
struct Developed<'a> {
    development: &'static str,
    amount: Option<Sum>,
    code: Option<&'a str>,
}

impl<'a> Told<'a> {
    /// All that is told of it.
    #[must_use]
    pub fn of(item: &'a Item) -> Self {
        let (hand_off, standing) = (&item.entry.hand_off, &item.entry.standing);
        let evidence = item.event.evidence.as_ref();
        let state = item.event.after.unwrap_or(standing.state);
        Self {
            id: item.cursor.to_string(),
            r#type: kind_of(item),
            reference: hand_off.reference.to_string(),
            before: item.event.before.map(State::word),
            state: state.word(),
            asked: AskedTold::of(&hand_off.asked),
            processor_reference: standing.processor_reference.as_ref().map(ProcessorText::as_str),
            code: standing.code.as_ref().map(ProcessorText::as_str),
            attention: standing.attention.iter().map(|flag| flag.word()).collect(),
            development: developed(item).map(|happening| Developed {
                development: happening.what.word(),
                amount: happening.amount.map(Sum::of),
                code: happening.code.as_ref().map(ProcessorText::as_str),
            }),
            source: evidence.map_or("opened", |evidence| evidence.source.word()),
            opened_at: hand_off.opened_at.to_string(),
            occurred_at: evidence.map(|evidence| evidence.occurred_at.to_string()),
            recorded_at: item.event.recorded_at.to_string(),
        }
    }
}

impl<'a> AskedTold<'a> {
    /// All that is told of it.
    #[must_use]
    pub fn of(asked: &'a Asked) -> Self {
        Self {
            kind: asked.kind.word(),
            method: asked.method.word(),
            dialect: asked.dialect.word(),
            mode: asked.mode.word(),
            amount: Sum::of(asked.amount),
            frequency: asked.frequency.word(),
            plan: asked.plan.as_ref().map(Code::as_str),
            appeal: asked.appeal.as_ref().map(Code::as_str),
            gift_aid: asked.gift_aid,
            merchant_reference: asked.merchant_reference.as_ref().map(MerchantReference::as_str),
        }
    }
}

impl Sum {
    /// As it is told.
    #[must_use]
    pub fn of(amount: Amount) -> Self {
        Self { value: amount.minor(), currency: amount.currency().code() }
    }
}

/// A new state is what matters most; then what happened after it. An opening that evidence had waited for has
/// its state at once.
pub(super) fn kind_of(item: &Item) -> &'static str {
    let state = item.event.after.unwrap_or(item.entry.standing.state);
    let before = item.event.before.unwrap_or(item.entry.hand_off.opened_as);
    match state {
        State::Accepted if before != state => "handoff.accepted",
        State::Declined if before != state => "handoff.declined",
        State::Cancelled if before != state => "handoff.cancelled",
        State::Lapsed if before != state => "handoff.lapsed",
        State::HandedOff
        | State::InDoubt
        | State::Accepted
        | State::Declined
        | State::Cancelled
        | State::Lapsed => {
            if item.event.evidence.is_none() {
                "handoff.opened"
            } else if developed(item).is_some() {
                "handoff.developed"
            } else {
                "handoff.noted"
            }
        }
    }
}

/// What the event says happened after acceptance, where that counts.
pub(super) fn developed(item: &Item) -> Option<&Happening> {
    let evidence = item.event.evidence.as_ref()?;
    let told = |happening: &&Happening| {
        Fact::Development(happening.what) == evidence.fact && happening.at == evidence.occurred_at
    };
    item.entry.standing.developments.iter().find(told)
}
