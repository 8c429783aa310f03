//! Hand-offs and evidence to play with.

use almoner::ledger::{Conclusion, Entry, HandOff, IdempotencyKey, Ledger, Opening};
use almoner::payment::{
    Amount, Asked, Code, Development, Dialect, EventId, Evidence, Fact, Frequency, Kind,
    MerchantReference, Method, Mode, Outcome, ProcessorText, Reference, Source, State,
};
use iso_currency::Currency;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

pub(crate) fn asked() -> Asked {
    Asked {
        kind: Kind::Join,
        method: Method::DirectDebit,
        dialect: Dialect::Signed,
        mode: Mode::Test,
        amount: Amount::new(2500, Currency::GBP).unwrap(),
        frequency: Frequency::HalfYearly,
        plan: Code::parse("FRIEND"),
        appeal: Code::parse("XMAS_26"),
        gift_aid: true,
        merchant_reference: MerchantReference::parse("crm/2026#41"),
    }
}

/// A hosted page given out at this second.
pub(crate) fn hand_off(second: i64) -> HandOff {
    HandOff {
        reference: Reference::at(at(second)),
        opened_at: at(second),
        opened_as: State::HandedOff,
        asked: asked(),
    }
}

/// A webhook of this id, dated by it.
pub(crate) fn notice(id: u8, outcome: Outcome) -> Evidence {
    Evidence {
        id: EventId([id; 16]),
        source: Source::Notice,
        fact: Fact::Outcome(outcome),
        amount: Some(asked().amount),
        mode: Some(Mode::Test),
        processor_reference: ProcessorText::parse("P-1"),
        code: ProcessorText::parse("00"),
        occurred_at: at(i64::from(id)),
    }
}

pub(crate) fn developed(id: u8, development: Development) -> Evidence {
    Evidence { fact: Fact::Development(development), ..notice(id, Outcome::Accepted) }
}

pub(crate) const fn key(key: u8, fingerprint: u8) -> IdempotencyKey {
    IdempotencyKey { key: [key; 32], fingerprint: [fingerprint; 32], other: None }
}

/// Opens without a key; due in an hour.
pub(crate) async fn open(ledger: &Arc<dyn Ledger>, hand_off: &HandOff) -> Opening {
    let due_at = hand_off.opened_at.saturating_add(SignedDuration::from_hours(1)).unwrap();
    ledger.open(hand_off.clone(), None, due_at).await.unwrap()
}

pub(crate) async fn opened(ledger: &Arc<dyn Ledger>, hand_off: &HandOff) -> Entry {
    match open(ledger, hand_off).await {
        Opening::Opened(entry) => entry,
        other @ (Opening::Repeated(_) | Opening::Conflicting) => panic!("{other:?}"),
    }
}

/// Hears of it ten seconds after it happened.
pub(crate) async fn conclude(
    ledger: &Arc<dyn Ledger>,
    reference: Reference,
    evidence: &Evidence,
) -> Conclusion {
    let heard_at = evidence.occurred_at.saturating_add(SignedDuration::from_secs(10)).unwrap();
    ledger.conclude(reference, evidence.clone(), heard_at).await.unwrap()
}

pub(crate) async fn find(ledger: &Arc<dyn Ledger>, reference: Reference) -> Entry {
    ledger.find(reference).await.unwrap().unwrap()
}
