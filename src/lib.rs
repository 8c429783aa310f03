//! Almoner hands a supporter's donation or membership over to the charity's payment processor and
//! keeps only the outcome.

pub mod cli;
pub mod clock;
pub mod ledger;
#[cfg(feature = "mock-rsm")]
pub mod mock_rsm;
pub mod payment;
pub mod processor;
