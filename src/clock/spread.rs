//! A delay moved a little, so that what began together is not done together. No random source: it is moved by bits
//! of what is delayed, so that a course of events can be played again.

use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};

/// How far a delay may be moved, in thousandths of it.
const FURTHEST: i64 = 200;

/// A delay of so many seconds, moved by a fifth of it at most: always the same for the same thing and step.
#[must_use]
pub fn spread(seconds: i64, thing: &[u8], step: u64) -> SignedDuration {
    let digest: [u8; 32] =
        Sha256::new_with_prefix(thing).chain_update(step.to_be_bytes()).finalize().into();
    let [first, second, third, fourth, ..] = digest;
    let bits = i64::from(u32::from_be_bytes([first, second, third, fourth]));
    let moved = bits.rem_euclid(2 * FURTHEST + 1).saturating_sub(FURTHEST);
    SignedDuration::from_millis(seconds.saturating_mul(moved.saturating_add(1000)))
}
