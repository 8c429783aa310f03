//! A change to a mandate that is there already: signed first, sent once, and asked about by its own
//! mark for ever after.

use super::Processor;
use super::rsm::Change as RsmChange;
use crate::ledger::{HandOff, Purpose, Trace};
use crate::payment::{Amount, Bank, Contact, FieldError, Frequency, ProcessorText, Reference};
use jiff::Timestamp;
use jiff::civil::Date;

/// A mandate as it is to be, whole: the processor wants what does not change as well.
#[derive(Debug)]
pub struct Amendment {
    /// Whose it is.
    pub contact: Contact,
    /// The account to debit.
    pub bank: Bank,
    /// What is taken each time.
    pub amount: Amount,
    /// How often.
    pub frequency: Frequency,
    /// The next first collection.
    pub start: Date,
    /// No collection after it.
    pub end: Option<Date>,
}

/// A request to change a mandate. It is sent once: sending consumes it.
pub struct Change(pub(super) RsmChange);

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was made.
    Made,
    /// It was not made, and these are the reasons.
    Refused(Vec<Objection>),
    /// Nothing left us, or nothing of it ever arrived.
    NotSent,
    /// It cannot be told yet: ask again, never send again. In words, without what was sent.
    Undecided(String),
}

/// One reason against a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The processor's number of it.
    pub code: u16,
    /// The field it is about, by our name for it.
    pub field: Option<&'static str>,
    /// A sentence for whoever looks after the supporters.
    pub sentence: &'static str,
}

/// Why there is no request to send.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoChange {
    /// The processor, as it is set up, takes none.
    #[error("mandates can be changed through RSM's API alone: set up processor.rsm2000.api")]
    Impossible,
    /// Fields that the processor would not take.
    #[error("the processor would not take it")]
    Unfit(Vec<FieldError>),
}

impl Change {
    /// What the processor can be asked by.
    #[must_use]
    pub fn mark(&self) -> [u8; 32] {
        self.0.mark()
    }

    /// What it is to change.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.0.purpose()
    }
}

impl Processor {
    /// The request to change a mandate, signed and not yet sent. `theirs` is the processor's
    /// reference of it.
    pub fn amend(
        &self,
        hand_off: &HandOff,
        theirs: Option<&ProcessorText>,
        amendment: &Amendment,
        now: Timestamp,
    ) -> Result<Change, NoChange> {
        match self {
            Self::Signed(_) => Err(NoChange::Impossible),
            Self::Rsm2000(rsm) => rsm.amend(hand_off, theirs, amendment, now).map(Change),
        }
    }

    /// The request to cancel a mandate, likewise.
    pub fn cancel(&self, reference: Reference, now: Timestamp) -> Result<Change, NoChange> {
        match self {
            Self::Signed(_) => Err(NoChange::Impossible),
            Self::Rsm2000(rsm) => rsm.cancel(reference, now).map(Change),
        }
    }

    /// Sends a change, once.
    pub async fn change(&self, change: Change) -> Verdict {
        match self {
            Self::Signed(_) => Verdict::NotSent,
            Self::Rsm2000(rsm) => rsm.change(change.0).await,
        }
    }

    /// Asks what became of a change, by what was written down before it was sent.
    pub async fn ask(&self, reference: Reference, trace: &Trace, now: Timestamp) -> Verdict {
        match self {
            Self::Signed(_) => Verdict::Undecided(NoChange::Impossible.to_string()),
            Self::Rsm2000(rsm) => rsm.ask(reference, trace, now).await,
        }
    }
}
