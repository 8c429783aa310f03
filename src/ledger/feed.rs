//! The feed: everything that became of hand-offs, in one order that is the same whoever asks and whenever.
//!
//! Every event of the record has a position, parked ones too, and none is ever given twice. What is parked is
//! not shown: the opening that it counts from is, with the state that it leads to.

use super::chain::Hash;
use super::{Entry, Event, HandOff};
use crate::payment::{Evidence, judge};
use std::fmt;

/// A place in the feed. The mark is the beginning of the hash of the event there: it tells a place in this
/// record from one in a record that was lost, and restored from an older backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its number, from 1.
    pub position: i64,
    /// The first bytes of the event's hash.
    pub mark: [u8; 8],
}

/// An event, and its hand-off as it stood when the event was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where it stands in the feed.
    pub cursor: Cursor,
    /// What was recorded.
    pub event: Event,
    /// The hand-off, this event and all before it counted, and none after it.
    pub entry: Entry,
}

impl Cursor {
    pub(super) fn of(position: i64, hash: &Hash) -> Self {
        Self { position, mark: mark(hash) }
    }

    /// Whether the event with this hash is the one there.
    pub(super) fn is_of(&self, hash: &Hash) -> bool {
        self.mark == mark(hash)
    }

    /// A cursor in its one spelling, as [`fmt::Display`] writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (position, marked) = text.split_once('-')?;
        let mut mark = [0; 8];
        hex::decode_to_slice(marked, &mut mark).ok()?;
        let cursor = Self { position: position.parse().ok()?, mark };
        (cursor.position > 0 && cursor.to_string() == text).then_some(cursor)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}-{}", self.position, hex::encode(self.mark))
    }
}

impl Item {
    /// `known` is the evidence of the hand-off up to this event.
    pub(super) fn of(position: i64, event: Event, hand_off: HandOff, known: &[Evidence]) -> Self {
        let standing = judge(hand_off.opened_as, &hand_off.asked, known);
        let entry = Entry { hand_off, standing, changed_at: event.recorded_at };
        Self { cursor: Cursor::of(position, &event.hash), event, entry }
    }
}

fn mark(hash: &Hash) -> [u8; 8] {
    hash.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_has_one_spelling() {
        let cursor = Cursor::of(412, &[0xA5; 32]);
        assert_eq!(cursor.to_string(), "412-a5a5a5a5a5a5a5a5");
        assert_eq!(Cursor::parse("412-a5a5a5a5a5a5a5a5"), Some(cursor));
        for nonsense in [
            "",
            "412",
            "412-",
            "0-a5a5a5a5a5a5a5a5",
            "-1-a5a5a5a5a5a5a5a5",
            "+412-a5a5a5a5a5a5a5a5",
            "0412-a5a5a5a5a5a5a5a5",
            "412-A5A5A5A5A5A5A5A5",
            "412-a5a5a5a5a5a5a5",
            "412-a5a5a5a5a5a5a5a5a5",
            " 412-a5a5a5a5a5a5a5a5",
            "9223372036854775808-a5a5a5a5a5a5a5a5",
        ] {
            assert_eq!(Cursor::parse(nonsense), None, "{nonsense}");
        }
    }
}
