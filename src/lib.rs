//! Almoner hands a supporter's donation or membership over to the charity's payment processor and
//! keeps only the outcome.
//!
//! Five storeys; a room uses rooms below it, never beside or above. `tests/tidy.rs` holds them to it.
//!
//! | storey | rooms |
//! | --- | --- |
//! | 5 the whole | [`cli`] a file a command, [`app`] assembles, starts and stops, [`config`] the settings |
//! | 4 the world | [`http`] routes, pages and what each request passes, [`tls`] the only way in, [`sandbox`] what the kernel leaves us |
//! | 3 what we do | [`handoff`] how a payment begins, [`resolution`] how it ends, [`announcement`] how the charity's systems are told, [`care`] what supporter care does to a mandate, [`reconciliation`] our record against the processor's reports and statements, [`export`] the record for the charity's books, [`receipt`] what is shown to whoever was not there |
//! | 2 whom we ask, what we keep | [`processor`] the payment processor, [`ledger`] the record, [`shield`] what keeps card testers out |
//! | 1 what things are | [`payment`] and the one state rule, [`keys`], [`clock`], [`spans`] what traces may tell, [`way_out`] how anybody is called |
//!
//! A room apart is [`mock_rsm`], the mock processor: the service never imports it.
//!
//! - Where does a card pass? Nowhere: on the processor's own page; or, where an operator chose so,
//!   `payment/card.rs`. Contact data: `payment/donor.rs`.
//!   Bank details: `payment/bank.rs`, where Direct Debits are set up here.
//! - Who can look into the process? Nobody: `app/process.rs`. Where are the keys? `keys/guarded.rs`.
//! - Whose certificate is shown? A file's, or one that an authority gives: `tls/acme.rs`.
//! - What is stored? `ledger/migrations`. What decides an outcome? `payment/standing.rs`.
//! - What if the answer is lost? `handoff/call.rs` leaves a doubt, `resolution/chase.rs` asks.

pub mod announcement;
pub mod app;
pub mod care;
pub mod cli;
pub mod clock;
pub mod config;
pub mod export;
pub mod handoff;
pub mod http;
pub mod keys;
pub mod ledger;
#[cfg(feature = "mock-rsm")]
pub mod mock_rsm;
pub mod payment;
pub mod processor;
pub mod receipt;
pub mod reconciliation;
pub mod resolution;
pub mod sandbox;
pub mod shield;
pub mod spans;
pub mod tls;
pub mod way_out;
