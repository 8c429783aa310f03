//! What can be shown to whoever was not there: a receipt of one outcome, and the head of the whole record. Both are signed,
//! and both name links of the chain, so that a record can be held against them later.

use crate::keys::signed::Statement;
use crate::ledger::chain::{self, Link};
use crate::ledger::{Chained, Place};
use crate::payment::{Amount, Code, Flag, Happening, MerchantReference, ProcessorText, State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub mod against;

/// What became of one hand-off, and nothing about the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Almoner's reference.
    pub reference: String,
    /// To donate or to join.
    pub kind: String,
    /// By card or by Direct Debit.
    pub method: String,
    /// How often.
    pub frequency: String,
    /// Real money, or the test system.
    pub mode: String,
    /// What became of it.
    pub state: String,
    /// The sum of one payment, in minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// The plan joined.
    pub plan: Option<String>,
    /// The appeal given to.
    pub appeal: Option<String>,
    /// The charity's own reference.
    pub merchant_reference: Option<String>,
    /// The processor's reference.
    pub processor_reference: Option<String>,
    /// The processor's result code.
    pub code: Option<String>,
    /// What a person must look at.
    pub attention: Vec<String>,
    /// What has happened since it was accepted.
    pub developments: Vec<Development>,
    /// When it was opened.
    pub opened_at: String,
    /// When what decided it happened, by the processor's clock.
    pub settled_at: String,
    /// When the newest event of it was recorded.
    pub changed_at: String,
    /// When this was made: it may have gone on since.
    pub issued_at: String,
    /// Its newest event.
    pub event: Place,
}

/// One thing that has happened since it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Development {
    /// When, by the processor's clock.
    pub at: String,
    /// What.
    pub development: String,
    /// The sum, in minor units of its currency, where it names one.
    pub amount: Option<i64>,
    /// That currency.
    pub currency: Option<String>,
    /// The bank's reason.
    pub code: Option<String>,
}

/// How the record ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// When it was read.
    pub at: String,
    /// As `almoner ledger verify` tells it.
    pub head: String,
    /// The newest link of every chain.
    pub chains: Vec<Place>,
}

impl Statement for Receipt {
    const NAME: &'static str = "receipt";
    const LABEL: &'static str = "almoner-receipt-v1";
}

impl Statement for Head {
    const NAME: &'static str = "head";
    const LABEL: &'static str = "almoner-head-v1";
}

/// There is no receipt of what has no outcome yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it has no outcome yet, it is {}: there is no receipt of it", .0.word())]
pub struct NoOutcome(pub State);

impl Receipt {
    /// Of a hand-off as it stands.
    pub fn of(told: &Chained, now: Timestamp) -> Result<Self, NoOutcome> {
        let (hand_off, standing) = (&told.entry.hand_off, &told.entry.standing);
        let settled_at = told.settled_at.ok_or(NoOutcome(standing.state))?;
        let asked = &hand_off.asked;
        let owned = |text: &str| text.to_owned();
        let processors = |text: &Option<ProcessorText>| text.as_ref().map(|it| owned(it.as_str()));
        let code = |code: &Option<Code>| code.as_ref().map(|code| owned(code.as_str()));
        Ok(Self {
            reference: hand_off.reference.to_string(),
            kind: owned(asked.kind.word()),
            method: owned(asked.method.word()),
            frequency: owned(asked.frequency.word()),
            mode: owned(asked.mode.word()),
            state: owned(standing.state.word()),
            amount: asked.amount.minor(),
            currency: owned(asked.amount.currency().code()),
            plan: code(&asked.plan),
            appeal: code(&asked.appeal),
            merchant_reference: asked
                .merchant_reference
                .as_ref()
                .map(MerchantReference::as_str)
                .map(owned),
            processor_reference: processors(&standing.processor_reference),
            code: processors(&standing.code),
            attention: standing.attention.iter().copied().map(Flag::word).map(owned).collect(),
            developments: standing.developments.iter().map(Development::of).collect(),
            opened_at: hand_off.opened_at.to_string(),
            settled_at: settled_at.to_string(),
            changed_at: told.entry.changed_at.to_string(),
            issued_at: now.to_string(),
            event: Place::from(&told.link),
        })
    }
}

impl Development {
    fn of(happening: &Happening) -> Self {
        Self {
            at: happening.at.to_string(),
            development: happening.what.word().to_owned(),
            amount: happening.amount.map(Amount::minor),
            currency: happening.amount.map(|amount| amount.currency().code().to_owned()),
            code: happening.code.as_ref().map(|code| code.as_str().to_owned()),
        }
    }
}

impl Head {
    /// Of a record whose chains end so.
    #[must_use]
    pub fn of(heads: &[Link], now: Timestamp) -> Self {
        Self {
            at: now.to_string(),
            head: hex::encode(chain::joint(heads)),
            chains: heads.iter().map(Place::from).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
