//! The columns, in their order: docs/exports.md says what each is, and a test that it says so of each.
//!
//! A column is never taken away, renamed or moved; a new one goes to the end.

use crate::clock::london;
use crate::ledger::Chained;
use crate::payment::{Code, Development, Flag, MerchantReference, ProcessorText, Standing, amount};
use jiff::Timestamp;
use serde_json::Value;

/// Their names.
pub const COLUMNS: [&str; 35] = [
    "reference",
    "state",
    "kind",
    "method",
    "frequency",
    "mode",
    "dialect",
    "currency",
    "amount_minor",
    "amount",
    "plan",
    "appeal",
    "gift_aid",
    "merchant_reference",
    "processor_reference",
    "code",
    "attention",
    "opened_at_utc",
    "opened_at_london",
    "settled_at_utc",
    "settled_at_london",
    "changed_at_utc",
    "changed_at_london",
    "latest_development",
    "collected_minor",
    "collected",
    "unpaid_minor",
    "unpaid",
    "refunded_minor",
    "refunded",
    "charged_back_minor",
    "charged_back",
    "chain",
    "sequence",
    "hash",
];

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A text of a closed alphabet.
    Text(String),
    /// Words, or none.
    Words(Vec<&'static str>),
    /// A whole number.
    Number(u64),
    /// Yes or no.
    Flag(bool),
    /// Nothing is known.
    Nothing,
}

/// The values of a hand-off, in the order of [`COLUMNS`].
#[must_use]
pub fn cells(told: &Chained) -> [Cell; COLUMNS.len()] {
    let (asked, standing) = (&told.entry.hand_off.asked, &told.entry.standing);
    let word = |word: &str| Cell::Text(word.to_owned());
    let [opened_utc, opened_london] = moment(Some(told.entry.hand_off.opened_at));
    let [settled_utc, settled_london] = moment(told.settled_at);
    let [changed_utc, changed_london] = moment(Some(told.entry.changed_at));
    let sum = |of| sums(told, of);
    let [collected_minor, collected] = sum(Development::CollectionPaid);
    let [unpaid_minor, unpaid] = sum(Development::CollectionUnpaid);
    let [refunded_minor, refunded] = sum(Development::Refunded);
    let [charged_back_minor, charged_back] = sum(Development::ChargedBack);
    [
        Cell::Text(told.entry.hand_off.reference.to_string()),
        word(standing.state.word()),
        word(asked.kind.word()),
        word(asked.method.word()),
        word(asked.frequency.word()),
        word(asked.mode.word()),
        word(asked.dialect.word()),
        word(asked.amount.currency().code()),
        Cell::Number(asked.amount.minor().unsigned_abs()),
        Cell::Text(asked.amount.decimal()),
        text(asked.plan.as_ref().map(Code::as_str)),
        text(asked.appeal.as_ref().map(Code::as_str)),
        Cell::Flag(asked.gift_aid),
        text(asked.merchant_reference.as_ref().map(MerchantReference::as_str)),
        text(standing.processor_reference.as_ref().map(ProcessorText::as_str)),
        text(standing.code.as_ref().map(ProcessorText::as_str)),
        Cell::Words(standing.attention.iter().copied().map(Flag::word).collect()),
        opened_utc,
        opened_london,
        settled_utc,
        settled_london,
        changed_utc,
        changed_london,
        text(latest(standing)),
        collected_minor,
        collected,
        unpaid_minor,
        unpaid,
        refunded_minor,
        refunded,
        charged_back_minor,
        charged_back,
        Cell::Text(hex::encode(told.link.instance)),
        Cell::Number(told.link.sequence.unsigned_abs()),
        Cell::Text(hex::encode(told.link.hash)),
    ]
}

impl Cell {
    /// As a spreadsheet may open it: what it would take for a formula is led by an apostrophe. The alphabets of our columns
    /// leave only `-` to begin so; the others are met all the same, for whatever column comes next.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
                format!("'{text}")
            }
            Self::Text(text) => text.clone(),
            Self::Words(words) => words.join(" "),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Nothing => String::new(),
        }
    }

    /// As a program reads it.
    #[must_use]
    pub fn value(self) -> Value {
        match self {
            Self::Text(text) => text.into(),
            Self::Words(words) => words.into(),
            Self::Number(number) => number.into(),
            Self::Flag(flag) => flag.into(),
            Self::Nothing => Value::Null,
        }
    }
}

fn text(text: Option<&str>) -> Cell {
    text.map_or(Cell::Nothing, |text| Cell::Text(text.to_owned()))
}

/// UTC to the microsecond, and London's time.
fn moment(at: Option<Timestamp>) -> [Cell; 2] {
    let told =
        |shown: fn(Timestamp) -> String| at.map_or(Cell::Nothing, |at| Cell::Text(shown(at)));
    [told(|at| at.to_string()), told(london::shown)]
}

fn latest(standing: &Standing) -> Option<&'static str> {
    standing.developments.last().map(|happening| happening.what.word())
}

/// What the developments of one sort come to, in minor units and as a decimal number.
fn sums(told: &Chained, of: Development) -> [Cell; 2] {
    let developments = told.entry.standing.developments.iter();
    let amounts = developments.filter(|it| it.what == of).filter_map(|it| it.amount);
    // A thousand years of the greatest collections fit.
    let sum = amounts.fold(0_u64, |sum, amount| sum.saturating_add(amount.minor().unsigned_abs()));
    let currency = told.entry.hand_off.asked.amount.currency();
    [Cell::Number(sum), Cell::Text(amount::decimal(sum, currency))]
}
