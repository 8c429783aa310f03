//! What is in doubt: every hand-off that may have been sent and of which no outcome is known.

use super::Entry;
use jiff::Timestamp;

/// A hand-off in doubt, as the chaser and a person see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The hand-off and what is known of it.
    pub entry: Entry,
    /// How often it was claimed.
    pub tries: u32,
    /// When it is asked about next; `None` where nobody is asked any more and a person must find out.
    pub due_at: Option<Timestamp>,
}

/// All that is in doubt, at a glance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    /// How many.
    pub count: u64,
    /// Of these, how many are flagged as overdue.
    pub overdue: u64,
    /// Of these, how many nobody is asked about any more.
    pub given_up: u64,
    /// When the oldest was opened.
    pub oldest: Option<Timestamp>,
}
