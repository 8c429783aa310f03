//! One collection from an account, or a claim against one.

use jiff::civil::Date;
use serde::Serialize;

/// One row of the bureau's collections.
#[derive(Clone, Debug)]
pub(in super::super) struct Collection {
    /// The mandate's `ddRefNo`.
    pub(in super::super) reference: String,
    pub(in super::super) due: Date,
    pub(in super::super) pence: i64,
    pub(in super::super) kind: CollectionKind,
    /// Made by a plan.
    pub(in super::super) repeat: bool,
    pub(in super::super) sending: Sending,
    pub(in super::super) money: Money,
    pub(in super::super) fail_reason: String,
    /// The mandate's payment reference when this was made.
    pub(in super::super) payment_ref: String,
    /// When the money came back.
    pub(in super::super) returned: Option<Date>,
}

/// What a collection is to Bacs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CollectionKind {
    /// The mandate's first.
    First,
    /// Any after it.
    Regular,
    /// The last before the mandate's end.
    Last,
    /// The payer's bank took the money back under the Guarantee.
    Indemnity,
}

/// What became of the submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Sending {
    /// Not sent yet.
    New,
    /// Sent to Bacs.
    Success,
    /// Never sent.
    Failed,
}

/// What became of the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Money {
    /// Nothing is known.
    Awaited,
    /// It came, so far.
    Paid,
    /// It went back.
    Unpaid,
}

/// What tests may know of a collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CollectionRow {
    /// `ddRefNo`
    pub reference: String,
    /// When the money is to move.
    pub due: Date,
    /// How much.
    pub pence: i64,
    /// What it is to Bacs.
    pub kind: CollectionKind,
    /// What became of the submission.
    pub sending: Sending,
    /// What became of the money.
    pub money: Money,
    /// `CODE: text` of Bacs, or empty.
    pub fail_reason: String,
}

impl Collection {
    pub(super) fn row(&self) -> CollectionRow {
        CollectionRow {
            reference: self.reference.clone(),
            due: self.due,
            pence: self.pence,
            kind: self.kind,
            sending: self.sending,
            money: self.money,
            fail_reason: self.fail_reason.clone(),
        }
    }

    pub(in super::super) const fn paid_pence(&self) -> i64 {
        match self.money {
            Money::Paid => self.pence,
            Money::Awaited | Money::Unpaid => 0,
        }
    }
}

impl CollectionKind {
    /// `collectionType` in reports: the transaction code of Bacs, and for a claim a word, because
    /// RSM's own is not known.
    pub(in super::super) const fn word(self) -> &'static str {
        match self {
            Self::First => "01",
            Self::Regular => "17",
            Self::Last => "19",
            Self::Indemnity => "indemnity",
        }
    }
}

impl Sending {
    pub(in super::super) const fn word(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
        }
    }
}

impl Money {
    pub(in super::super) const fn word(self) -> &'static str {
        match self {
            Self::Awaited => "",
            Self::Paid => "PAID",
            Self::Unpaid => "UNPAID",
        }
    }
}
