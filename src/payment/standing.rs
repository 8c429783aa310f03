//! The one rule: how evidence about a hand-off becomes its standing (gateway.md, section 4).
//!
//! A standing is a fold over a *set* of evidence, so neither order nor repeats can matter.

use super::amount::Amount;
use super::evidence::{EventId, Evidence, Fact, ProcessorText, Source};
use super::request::{Asked, words};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

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
/// The flags raised, in the order of their words.
pub type Attention = BTreeSet<Flag>;

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
    pub developments: Vec<Happening>,
}

/// One development of the second life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When, by the processor's clock.
    pub at: Timestamp,
    /// What.
    pub what: Development,
    /// The sum, where it names one.
    pub amount: Option<Amount>,
    /// The bank's reason, where it gives one (for Direct Debit the Bacs reason code).
    pub code: Option<ProcessorText>,
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
    /// who turned back, try another card under the same reference; an API call is answered once.
    #[must_use]
    pub const fn can_still_rise(self, opened_as: Self) -> bool {
        match opened_as {
            Self::InDoubt => !self.is_concluded(),
            Self::HandedOff | Self::Lapsed | Self::Cancelled | Self::Declined | Self::Accepted => {
                !matches!(self, Self::Accepted)
            }
        }
    }

    /// Whether an outcome is known.
    #[must_use]
    pub const fn is_concluded(self) -> bool {
        !matches!(self, Self::HandedOff | Self::InDoubt)
    }
}

impl Development {
    /// Whether it can only befall what was accepted.
    const fn shows_acceptance(self) -> bool {
        !matches!(self, Self::MandateFailed | Self::MandateCancelled)
    }

    /// Whether it says what became of a mandate, and not of money.
    #[must_use]
    pub const fn is_of_mandate(self) -> bool {
        match self {
            Self::MandateLive | Self::MandateFailed | Self::MandateCancelled => true,
            Self::Refunded | Self::ChargedBack | Self::CollectionPaid | Self::CollectionUnpaid => {
                false
            }
        }
    }
}

impl Standing {
    /// Where a hand-off stands about which nothing is known yet.
    #[must_use]
    pub const fn of(opened_as: State) -> Self {
        Self {
            state: opened_as,
            attention: Attention::new(),
            processor_reference: None,
            code: None,
            developments: Vec::new(),
        }
    }

    /// Whether nothing was taken, and nothing that was heard says otherwise.
    #[must_use]
    pub fn is_not_taken(&self) -> bool {
        self.state.is_concluded() && self.state != State::Accepted && !self.is_disputed()
    }

    /// Whether what was heard does not agree.
    #[must_use]
    pub fn is_disputed(&self) -> bool {
        self.attention.contains(&Flag::Mismatch) || self.attention.contains(&Flag::Contradiction)
    }

    /// The newest that is known of the mandate.
    #[must_use]
    pub fn mandate(&self) -> Option<&Happening> {
        self.developments.iter().rev().find(|happening| happening.what.is_of_mandate())
    }
}

impl Happening {
    fn of(((at, what, _), item): ((Timestamp, Development, EventId), &Evidence)) -> Self {
        Self { at, what, amount: item.amount, code: item.code.clone() }
    }
}

/// The one transition function: from how a hand-off was opened and all that is known about it,
/// in any order and with any repeats, to where it stands.
#[must_use]
pub fn judge(opened_as: State, asked: &Asked, evidence: &[Evidence]) -> Standing {
    let mut attention = Attention::new();
    let mut outcomes: Vec<(Outcome, &Evidence)> = Vec::new();
    let mut developments = BTreeMap::new();
    let (mut overdue, mut unclear) = (false, false);
    for item in evidence {
        if !item.agrees_with(asked) {
            attention.insert(Flag::Mismatch);
            continue;
        }
        match item.fact {
            Fact::Outcome(outcome) => outcomes.push((outcome, item)),
            Fact::Development(development) => {
                unclear |= development.shows_acceptance();
                developments.insert((item.occurred_at, development, item.id), item);
            }
            Fact::Overdue => overdue = true,
            Fact::Unrecognised => unclear = true,
            Fact::NotFound | Fact::Pending => {}
        }
    }
    let decisive =
        outcomes.iter().max_by_key(|(outcome, item)| (*outcome, item.occurred_at, item.id));
    let state = decisive.map_or(opened_as, |(outcome, _)| State::of(*outcome));
    // Beside "not taken" stands a word that we do not know, or what befalls only what was taken.
    let not_taken = state.is_concluded() && state != State::Accepted;
    if contradicts(opened_as, &outcomes) || (not_taken && unclear) {
        attention.insert(Flag::Contradiction);
    }
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
        developments: developments.into_iter().map(Happening::of).collect(),
    }
}

/// A weaker outcome that the processor dates after a stronger one, an acceptance of what had
/// lapsed, an acceptance of a call that was not taken (a supporter was told so, and has perhaps tried
/// again), two acceptances under different processor references, or a word of the processor's other
/// than what a person found: someone must look.
fn contradicts(opened_as: State, outcomes: &[(Outcome, &Evidence)]) -> bool {
    outcomes.iter().any(|(strong, first)| {
        outcomes.iter().any(|(weak, second)| {
            let fell = weak < strong && second.occurred_at > first.occurred_at;
            let revived = *strong == Outcome::Accepted
                && (*weak == Outcome::Lapsed
                    || (opened_as == State::InDoubt && *weak != Outcome::Accepted));
            let doubled = *strong == Outcome::Accepted
                && *weak == Outcome::Accepted
                && first.processor_reference.is_some()
                && second.processor_reference.is_some()
                && first.processor_reference != second.processor_reference;
            let person = |item: &Evidence| item.source == Source::Person;
            // That something lapsed is no word about what became of it, and a person may know better.
            let differs = weak < strong
                && person(first) != person(second)
                && !(person(first) && *weak == Outcome::Lapsed);
            fell || revived || doubled || differs
        })
    })
}

#[cfg(test)]
mod tests;
