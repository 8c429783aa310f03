//! What is in doubt: every hand-off that may have been sent and of which no outcome is known.

use super::Entry;
use jiff::{SignedDuration, Timestamp};

/// After how long a person should look.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(72);
/// How many questions must have been asked by then, so that neither a wrong clock nor a service that
/// stood still gives a doubt up.
pub const ENOUGH_TRIES: u32 = 6;

/// A hand-off in doubt, as the chaser and a person see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The hand-off and what is known of it.
    pub entry: Entry,
    /// How often it was claimed.
    pub tries: u32,
    /// When it is asked about next; `None` where nobody can be asked.
    pub due_at: Option<Timestamp>,
}

impl Doubt {
    /// Whether a person must find out: nobody can be asked, or enough was asked for long enough. In the
    /// latter case the questions go on, once a day.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        is_given_up(self.entry.hand_off.opened_at, self.tries, self.due_at)
    }
}

/// The same, told by what the chaser knows. The time of the next question tells it, and not that of
/// now: what a wrong clock made of it is undone by the next question.
pub(crate) fn is_given_up(opened_at: Timestamp, tries: u32, due_at: Option<Timestamp>) -> bool {
    due_at.is_none_or(|due| tries >= ENOUGH_TRIES && due.duration_since(opened_at) > PATIENCE)
}

/// All that is in doubt, at a glance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    /// How many.
    pub count: u64,
    /// Of these, how many are flagged as overdue.
    pub overdue: u64,
    /// Of these, how many a person must find out about ([`Doubt::is_given_up`]).
    pub given_up: u64,
    /// When the oldest was opened.
    pub oldest: Option<Timestamp>,
}
