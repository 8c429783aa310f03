//! The binary as an operator uses it: real processes, signals, files and exit codes.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

mod audit;
mod cards;
mod check;
mod clocks;
mod closed;
mod console;
mod crash;
mod demo;
mod disk;
mod environment;
mod failing;
mod finance;
mod fire;
mod guarded;
mod hearer;
mod keys;
mod ledger;
mod mistyped;
mod newcomer;
mod panics;
mod place;
mod prove;
mod receipts;
mod rsm;
mod sandbox;
mod secrets;
mod serve;
#[path = "../postgres/server.rs"]
mod server;
mod sinks;
mod sockets;
mod tail;
mod told;
mod trouble;
mod watch;
mod zero_to_live;
