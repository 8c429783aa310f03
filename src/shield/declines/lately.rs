//! What was concluded within the last minutes.

use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;

/// So many of the latest are remembered; where there are more, these speak for all.
const MOST: usize = 2000;

/// What became of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Accepted,
    Declined,
}

/// When each was concluded, and how.
#[derive(Debug, Default)]
pub(super) struct Lately(VecDeque<(Timestamp, Fate)>);

impl Lately {
    /// One more. How many were declined and how many accepted within this time.
    pub(super) fn count(
        &mut self,
        fate: Fate,
        now: Timestamp,
        within: SignedDuration,
    ) -> (u32, u32) {
        // After a clock was set back, some are of a time to come: they are forgotten too.
        self.0.retain(|(at, _)| now.duration_since(*at).abs() < within);
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back((now, fate));
        let of = |which: Fate| self.0.iter().filter(|(_, fate)| *fate == which).count();
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        (number(of(Fate::Declined)), number(of(Fate::Accepted)))
    }
}
