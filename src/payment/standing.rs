//! The one rule: how evidence about a hand-off becomes its standing (gateway.md, section 4).
//!
//! A standing is a fold over a *set* of evidence, so neither order nor repeats can matter.

use super::amount::Amount;
use super::request::{Asked, Mode, words};
use jiff::Timestamp;
use std::collections::BTreeSet;

words! {
    /// What became of a hand-off, from the weakest to the strongest evidence.
    Outcome {
        /// Nothing came of it in time.
        Lapsed = "lapsed",
        /// The supporter gave up.
        Cancelled = "cancelled",
        /// The processor refused.
        Declined = "declined",
        /// The card was authorised, or the mandate lodged.
        Accepted = "accepted",
    }
}
words! {
    /// The state shown to the world.
    State {
        /// Given to the supporter's browser; nothing is known yet.
        HandedOff = "handed_off",
        /// Perhaps sent: we cannot tell. Where every API payment starts, so that a crash is a doubt.
        InDoubt = "in_doubt",
        /// See [`Outcome::Lapsed`].
        Lapsed = "lapsed",
        /// See [`Outcome::Cancelled`].
        Cancelled = "cancelled",
        /// See [`Outcome::Declined`].
        Declined = "declined",
        /// See [`Outcome::Accepted`].
        Accepted = "accepted",
    }
}
words! {
    /// What happened after acceptance: a second life, never a state.
    Development {
        /// Money given back.
        Refunded = "refunded",
        /// Money taken back by the supporter's bank.
        ChargedBack = "charged_back",
        /// The mandate went live at the bank.
        MandateLive = "mandate_live",
        /// The bank refused the mandate.
        MandateFailed = "mandate_failed",
        /// The mandate was cancelled.
        MandateCancelled = "mandate_cancelled",
        /// A debit was paid.
        CollectionPaid = "collection_paid",
        /// A debit was returned unpaid.
        CollectionUnpaid = "collection_unpaid",
    }
}
words! {
    /// What a person must look at.
    Flag {
        /// Authentic evidence names another amount, currency or mode.
        Mismatch = "mismatch",
        /// Authentic evidence disagrees with itself.
        Contradiction = "contradiction",
        /// A doubt is older than its limit.
        DoubtOverdue = "doubt_overdue",
        /// A hosted page was never finished.
        HandOffOverdue = "hand_off_overdue",
    }
}
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
    }
}

/// The flags raised, in the order of their words.
pub type Attention = BTreeSet<Flag>;

/// Sixteen bytes that are the same for every copy of the same message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EventId(pub [u8; 16]);

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
    /// Our clock says that the hosted page should have been finished.
    Overdue,
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
        }
    }

    /// The fact of exactly this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "unrecognised" => Some(Self::Unrecognised),
            "overdue" => Some(Self::Overdue),
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
    /// When it happened, by the processor's clock (ours for [`Source::Clock`]).
    pub occurred_at: Timestamp,
}

impl Evidence {
    /// Whether the sum and the mode are those of the hand-off. A development may name another
    /// sum (a part refunded), never another currency.
    fn agrees_with(&self, asked: &Asked) -> bool {
        let sum = match (self.fact, self.amount) {
            (Fact::Outcome(_), amount) => amount == Some(asked.amount),
            (Fact::Development(_), Some(amount)) => amount.currency() == asked.amount.currency(),
            (Fact::Development(_) | Fact::Unrecognised | Fact::Overdue, _) => true,
        };
        sum && self.mode.is_none_or(|mode| mode == asked.mode)
    }
}

/// Where a hand-off stands, and the evidence that decided it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The state shown to the world.
    pub state: State,
    /// What a person must look at.
    pub attention: Attention,
    /// The processor's id, from the deciding evidence.
    pub processor_reference: Option<ProcessorText>,
    /// The processor's code, from the deciding evidence.
    pub code: Option<ProcessorText>,
    /// The second life, by the processor's time.
    pub developments: Vec<(Timestamp, Development)>,
}

impl State {
    /// The state an outcome leads to.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Lapsed => Self::Lapsed,
            Outcome::Cancelled => Self::Cancelled,
            Outcome::Declined => Self::Declined,
            Outcome::Accepted => Self::Accepted,
        }
    }

    /// Whether a stronger outcome may still come: a hosted page lets a supporter who was declined, or
    /// who turned back, try another card under the same reference.
    #[must_use]
    pub const fn can_still_rise(self) -> bool {
        !matches!(self, Self::Accepted)
    }

    /// Whether an outcome is known.
    #[must_use]
    pub const fn is_concluded(self) -> bool {
        !matches!(self, Self::HandedOff | Self::InDoubt)
    }
}

/// The one transition function: from how a hand-off was opened and all that is known about it,
/// in any order and with any repeats, to where it stands.
#[must_use]
pub fn judge(opened_as: State, asked: &Asked, evidence: &[Evidence]) -> Standing {
    let mut attention = Attention::new();
    let mut outcomes: Vec<(Outcome, &Evidence)> = Vec::new();
    let mut developments = BTreeSet::new();
    let mut overdue = false;
    for item in evidence {
        if !item.agrees_with(asked) {
            attention.insert(Flag::Mismatch);
            continue;
        }
        match item.fact {
            Fact::Outcome(outcome) => outcomes.push((outcome, item)),
            Fact::Development(development) => {
                developments.insert((item.occurred_at, development, item.id));
            }
            Fact::Overdue => overdue = true,
            Fact::Unrecognised => {}
        }
    }
    if contradicts(&outcomes) {
        attention.insert(Flag::Contradiction);
    }
    let decisive =
        outcomes.iter().max_by_key(|(outcome, item)| (*outcome, item.occurred_at, item.id));
    let state = decisive.map_or(opened_as, |(outcome, _)| State::of(*outcome));
    if overdue && !state.is_concluded() {
        attention.insert(if opened_as == State::InDoubt {
            Flag::DoubtOverdue
        } else {
            Flag::HandOffOverdue
        });
    }
    Standing {
        state,
        attention,
        processor_reference: decisive.and_then(|(_, item)| item.processor_reference.clone()),
        code: decisive.and_then(|(_, item)| item.code.clone()),
        developments: developments
            .into_iter()
            .map(|(at, development, _)| (at, development))
            .collect(),
    }
}

/// A weaker outcome that the processor dates after a stronger one, an acceptance of what had
/// lapsed, or two acceptances under different processor references: someone must look.
fn contradicts(outcomes: &[(Outcome, &Evidence)]) -> bool {
    outcomes.iter().any(|(strong, first)| {
        outcomes.iter().any(|(weak, second)| {
            let fell = weak < strong && second.occurred_at > first.occurred_at;
            let revived = *strong == Outcome::Accepted && *weak == Outcome::Lapsed;
            let doubled = *strong == Outcome::Accepted
                && *weak == Outcome::Accepted
                && first.processor_reference.is_some()
                && second.processor_reference.is_some()
                && first.processor_reference != second.processor_reference;
            fell || revived || doubled
        })
    })
}

#[cfg(test)]
mod tests;
