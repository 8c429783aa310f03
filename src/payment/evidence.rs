//! Evidence: one authenticated message about a hand-off, or a tick of our own clock.

use super::amount::Amount;
use super::request::{Asked, Mode, words};
use super::standing::{Development, Outcome};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

words! {
    /// How we came to know.
    Source {
        /// The processor's answer to our request.
        Reply = "reply",
        /// The processor's webhook.
        Notice = "notice",
        /// The processor's answer to our enquiry.
        Enquiry = "enquiry",
        /// Our own clock.
        Clock = "clock",
        /// A person of the charity's, who found out by other means.
        Person = "person",
    }
}

/// Sixteen bytes that are the same for every copy of the same message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EventId(pub [u8; 16]);

impl EventId {
    /// Sixteen bytes of SHA-256 over the source and the parts, each with its length.
    #[must_use]
    pub fn of(source: Source, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new_with_prefix(source.word());
        for part in parts {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let mut id = [0; 16];
        id.copy_from_slice(digest.split_at(16).0);
        Self(id)
    }
}

/// A processor's own reference or result code: 1 to 64 of `A-Z a-z 0-9 . _ : / -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProcessorText(String);

impl ProcessorText {
    /// `None` unless the text is of that alphabet and length.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty()
            && text.len() <= 64
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:/-".contains(&b));
        fits.then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What one piece of evidence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// It settles the hand-off.
    Outcome(Outcome),
    /// It belongs to the second life.
    Development(Development),
    /// An authentic word that we do not know: kept, moves nothing.
    Unrecognised,
    /// Our clock says that the outcome should be known by now.
    Overdue,
    /// The processor says that it never heard of it: kept, moves nothing by itself.
    NotFound,
    /// The processor knows it and has not decided: kept, moves nothing.
    Pending,
}

impl Fact {
    /// The word the ledger keeps.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Outcome(outcome) => outcome.word(),
            Self::Development(development) => development.word(),
            Self::Unrecognised => "unrecognised",
            Self::Overdue => "overdue",
            Self::NotFound => "not_found",
            Self::Pending => "pending",
        }
    }

    /// The fact of exactly this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "unrecognised" => Some(Self::Unrecognised),
            "overdue" => Some(Self::Overdue),
            "not_found" => Some(Self::NotFound),
            "pending" => Some(Self::Pending),
            other => Outcome::from_word(other)
                .map(Self::Outcome)
                .or_else(|| Development::from_word(other).map(Self::Development)),
        }
    }
}

/// One authenticated message about a hand-off, or a tick of our own clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The same for every copy of the message.
    pub id: EventId,
    /// How we came to know.
    pub source: Source,
    /// What it says.
    pub fact: Fact,
    /// The sum it names. Evidence of an outcome without one is a mismatch.
    pub amount: Option<Amount>,
    /// The mode it names, where the dialect says.
    pub mode: Option<Mode>,
    /// The processor's own id.
    pub processor_reference: Option<ProcessorText>,
    /// The processor's result code.
    pub code: Option<ProcessorText>,
    /// When it happened, by the processor's clock (ours for [`Source::Clock`] and [`Source::Person`]).
    pub occurred_at: Timestamp,
}

impl Evidence {
    /// Whether the sum and the mode are those of the hand-off. A development may name another
    /// sum (a part refunded), never another currency.
    pub(super) fn agrees_with(&self, asked: &Asked) -> bool {
        let sum = match (self.fact, self.amount) {
            (Fact::Outcome(_), amount) => amount == Some(asked.amount),
            (Fact::Development(_), Some(amount)) => amount.currency() == asked.amount.currency(),
            (
                Fact::Development(_)
                | Fact::Unrecognised
                | Fact::Overdue
                | Fact::NotFound
                | Fact::Pending,
                _,
            ) => true,
        };
        sum && self.mode.is_none_or(|mode| mode == asked.mode)
    }
}
