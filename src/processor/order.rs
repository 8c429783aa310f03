//! An order: a request that sets something up, signed and not yet sent.

use super::rsm::Order as RsmOrder;
use crate::payment::{Bank, Evidence, FieldError};
use jiff::civil::Date;

/// What a supporter instructs their bank to do.
#[derive(Debug)]
pub struct Instruction {
    /// The account to debit.
    pub bank: Bank,
    /// The first collection.
    pub start: Date,
}

/// A request to set up what was asked for. It is sent once: sending consumes it.
pub struct Order(pub(super) RsmOrder);

/// How the processor answered an order.
#[derive(Debug)]
pub enum Reply {
    /// It decided. Where it refused, the fields that are to blame.
    Decided(Evidence, Vec<FieldError>),
    /// Nothing was sent, or what was sent did nothing for no fault of the supporter's; the word
    /// says why.
    NotSent(&'static str),
    /// It may have been done: it is asked about, and never sent again. The word says why.
    Lost(&'static str),
}

impl Order {
    /// What the processor can be asked by.
    #[must_use]
    pub fn mark(&self) -> [u8; 32] {
        self.0.mark()
    }
}
