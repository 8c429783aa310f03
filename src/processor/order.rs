//! An order: a request that pays or sets something up, signed and not yet sent.

use super::{rsm, signed};
use crate::ledger::HandOff;
#[cfg(feature = "card-api")]
use crate::payment::Card;
use crate::payment::{
    Bank, Contact, EventId, Evidence, Fact, FieldError, Outcome, ProcessorText, Source,
};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use url::Url;

/// For so long a hand-off without a mark may still be about to be marked and sent; after it the
/// sending is forbidden, so that one without a mark was surely never sent.
pub const UNMARKED: SignedDuration = SignedDuration::from_mins(1);

/// What a supporter pays with.
#[derive(Debug)]
pub enum Instruction {
    /// An account that their bank is told to let us debit.
    Debit(Debit),
    /// A card.
    #[cfg(feature = "card-api")]
    Card(Card),
}

/// What a supporter instructs their bank to do.
#[derive(Debug)]
pub struct Debit {
    /// The account to debit.
    pub bank: Bank,
    /// The first collection.
    pub start: Date,
}

/// All that an order is made of.
pub struct Wanted<'a> {
    /// What was asked for.
    pub hand_off: &'a HandOff,
    /// Who asked.
    pub contact: &'a Contact,
    /// What they pay with.
    pub instruction: &'a Instruction,
    /// Where the processor may send a supporter back to whose bank wanted to see them.
    pub return_url: &'a str,
}

/// A request to do what was asked for. It is sent once: sending consumes it.
pub struct Order(pub(super) Dialects);

/// An order of each dialect.
pub(super) enum Dialects {
    Signed(signed::Order),
    Rsm2000(rsm::Order),
}

/// How the processor answered an order.
#[derive(Debug)]
pub enum Reply {
    /// It decided. Where it refused, the fields that are to blame.
    Decided(Evidence, Vec<FieldError>),
    /// The supporter's bank wants to see them first: their browser is to go there. Until a webhook or
    /// an enquiry says what came of it, it is a doubt like any other.
    Pending {
        /// Where to, on the processor's own origin.
        redirect: Url,
    },
    /// Nothing was sent, or what was sent did nothing for no fault of the supporter's; the word
    /// says why.
    NotSent(&'static str),
    /// It may have been done: it is asked about, and never sent again. The word says why.
    Lost(&'static str),
    /// The same, and the processor knows the reference: it is a doubt that no later "never heard of it"
    /// ends.
    Known(&'static str),
}

impl Order {
    /// What the processor can be asked by, and what proves that this very request was made.
    #[must_use]
    pub fn mark(&self) -> [u8; 32] {
        match &self.0 {
            Dialects::Signed(order) => order.mark(),
            Dialects::Rsm2000(order) => order.mark(),
        }
    }
}

/// Evidence about the whole of what was asked for. Its id is what it says: a reply that was lost
/// and the same answer to an enquiry are two messages with one meaning.
pub(super) fn outcome(
    hand_off: &HandOff,
    outcome: Outcome,
    code: &str,
    now: Timestamp,
) -> Evidence {
    let reference = hand_off.reference.as_bytes();
    Evidence {
        id: EventId::of(Source::Reply, &[reference, outcome.word().as_bytes(), code.as_bytes()]),
        source: Source::Enquiry,
        fact: Fact::Outcome(outcome),
        amount: Some(hand_off.asked.amount),
        mode: None,
        processor_reference: None,
        code: ProcessorText::heard(code),
        occurred_at: now,
    }
}
