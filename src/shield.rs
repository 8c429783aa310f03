//! What keeps card testers out: how much may come from one network, and the pause of a form at which nearly
//! all cards are declined (docs/shield.md). All of it in memory of a fixed size; nothing is stored.

mod declines;
mod networks;

pub use declines::{DeclineTerms, Declines, Gate, Paused};
pub use networks::Networks;
