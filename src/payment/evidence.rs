//! Evidence: one authenticated message about a hand-off, or a tick of our own clock.

use super::amount::Amount;
use super::request::{Asked, Mode, holds_card_number, words};
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

    /// What a processor said, as [`ProcessorText::parse`] has it; nothing where it may be a card number: none is
    /// ever kept, whoever says it (security.md, INV-8).
    #[must_use]
    pub fn heard(text: &str) -> Option<Self> {
        Self::parse(text).filter(|_| !holds_card_number(text))
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
    #[must_use]
    pub fn agrees_with(&self, asked: &Asked) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::{Dialect, Frequency, Kind, Method};
    use iso_currency::Currency::{EUR, GBP};

    #[test]
    fn fm_44_what_agrees_with_a_hand_off() {
        let asked = Asked {
            kind: Kind::Donate,
            method: Method::Card,
            dialect: Dialect::Signed,
            mode: Mode::Test,
            amount: Amount::new(2500, GBP).unwrap(),
            frequency: Frequency::Once,
            plan: None,
            appeal: None,
            gift_aid: false,
            merchant_reference: None,
        };
        let agrees = |fact, amount, mode| {
            let evidence = Evidence {
                id: EventId([0; 16]),
                source: Source::Notice,
                fact,
                amount,
                mode,
                processor_reference: None,
                code: None,
                occurred_at: Timestamp::UNIX_EPOCH,
            };
            evidence.agrees_with(&asked)
        };
        let taken = Fact::Outcome(Outcome::Accepted);
        let refunded = Fact::Development(Development::Refunded);
        let (sum, part) = (Some(asked.amount), Amount::new(100, GBP).ok());
        let elsewhere = Amount::new(2500, EUR).ok();
        for (fact, amount, agreed) in [
            (taken, sum, true),
            (taken, part, false),
            (taken, elsewhere, false),
            (taken, None, false),
            (refunded, sum, true),
            (refunded, part, true),
            (refunded, elsewhere, false),
            (refunded, None, true),
            (Fact::NotFound, None, true),
        ] {
            for mode in [None, Some(Mode::Test)] {
                assert_eq!(agrees(fact, amount, mode), agreed, "{fact:?} {amount:?}");
            }
            assert!(!agrees(fact, amount, Some(Mode::Live)), "{fact:?} {amount:?}");
        }
    }

    #[test]
    fn every_fact_is_kept_by_a_word_of_its_own() {
        let outcomes = Outcome::ALL.iter().copied().map(Fact::Outcome);
        let developments = Development::ALL.iter().copied().map(Fact::Development);
        let others = [Fact::Unrecognised, Fact::Overdue, Fact::NotFound, Fact::Pending];
        let all: Vec<Fact> = outcomes.chain(developments).chain(others).collect();
        for fact in &all {
            assert_eq!(Fact::from_word(fact.word()), Some(*fact), "{fact:?}");
        }
        for word in ["", "Accepted", "handed_off", "unknown"] {
            assert_eq!(Fact::from_word(word), None, "{word}");
        }
    }

    #[test]
    fn a_processors_text_is_short_and_of_its_alphabet() {
        for good in ["a", "AZaz09._:/-", &"x".repeat(64)] {
            assert_eq!(ProcessorText::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a b", "a,b", "é", "a\n", &"x".repeat(65)] {
            assert_eq!(ProcessorText::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_id_is_of_the_source_and_of_each_part() {
        let id = |source, parts: &[&[u8]]| EventId::of(source, parts);
        let one = id(Source::Notice, &[b"ab", b"c"]);
        assert_eq!(one, id(Source::Notice, &[b"ab", b"c"]));
        for other in [
            id(Source::Reply, &[b"ab", b"c"]),
            id(Source::Notice, &[b"a", b"bc"]),
            id(Source::Notice, &[b"abc"]),
            id(Source::Notice, &[b"ab", b"d"]),
        ] {
            assert_ne!(one, other);
        }
    }
}
