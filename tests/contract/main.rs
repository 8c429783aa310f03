//! The Direct Debit client against a processor: the same cases against the mock, over real TLS, and
//! against RSM's demo where an operator's own test account is named by the environment
//! (`docs/rsm.md`, "Trying your test account"). What a case needs of the account it says itself; where
//! the account may not, it is skipped with a line that says so. Against the mock nothing is skipped.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test says what is wrong by failing"
)]

mod account;
mod batches;
mod cards;
mod collections;
mod earlier;
mod environment;
mod life;
mod lodging;
mod mandates;
mod pretend;
mod reports;
mod senders;
mod statements;
