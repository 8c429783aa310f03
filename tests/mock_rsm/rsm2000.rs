//! RSM as it really speaks: the hosted pages, the call-backs and DDCM, driven by a client written
//! from the specification alone.

mod cards;
pub(crate) mod client;
mod collections;
mod control;
mod debits;
mod envelope;
mod faults;
mod lives;
mod mandates;
mod reports;
mod statements;
