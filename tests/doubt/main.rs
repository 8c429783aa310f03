//! What becomes of a doubt: the chaser over a real ledger, a clock set by hand, and a processor whose
//! every answer is ours. Nothing here waits for anything but the disk.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::arithmetic_side_effects, reason = "numbers of the tests' own")]

mod answers;
mod chasers;
mod clocks;
mod house;
mod schedule;
