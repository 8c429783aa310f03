//! The record as a file for the charity's books: a row for each hand-off, as many as there are, and beside it a summary
//! that says what they come to and can be signed.
//!
//! It is the record of one moment: of every chain what stood in it when the export began. The record is read in parts,
//! so that nothing is held up and memory holds one part.

use crate::clock::london;
use crate::ledger::chain::Link;
use crate::ledger::{Chained, Chapter, Ledger, LedgerError};
use crate::payment::Mode;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use std::io::Write;
use std::sync::Arc;

pub mod row;
pub mod summary;
pub mod totals;
mod writer;

pub use summary::{Differs, Summary};
pub use totals::{Total, Totals};
pub use writer::{Format, Writer, Written};

/// How many hand-offs are read at once.
const PART: usize = 256;
/// How many days the reference of a hand-off may be older than its opening: a form's is made with the form.
const EARLIER_DAYS: i64 = 4;
/// How many days it may be younger: clocks differ.
const LATER_DAYS: i64 = 2;

/// The days of London on which hand-offs were opened, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// The first; from the beginning without.
    pub from: Option<Date>,
    /// The last; to the end without.
    pub to: Option<Date>,
}

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum NotExported {
    /// The record cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] std::io::Error),
    /// More money than there is.
    #[error("the sums are greater than can be counted: export a shorter period")]
    TooMuch,
}

/// What is read of the record, part by part.
pub struct Reading {
    ledger: Arc<dyn Ledger>,
    days: Days,
    mode: Mode,
    chapter: Chapter,
    done: bool,
}

impl Reading {
    /// Notes how the record ends now; what comes after is not in the export.
    pub async fn begin(
        ledger: Arc<dyn Ledger>,
        days: Days,
        mode: Mode,
    ) -> Result<Self, LedgerError> {
        let chapter = Chapter {
            heads: ledger.heads().await?.into(),
            after: days.from.map_or([0; 16], |day| first_of(day, -EARLIER_DAYS)),
            before: days.to.map_or([u8::MAX; 16], |day| first_of(day, LATER_DAYS)),
            limit: PART,
        };
        Ok(Self { ledger, days, mode, chapter, done: false })
    }

    /// How the record ended.
    #[must_use]
    pub fn heads(&self) -> &[Link] {
        &self.chapter.heads
    }

    /// The next hand-offs, oldest first, perhaps none of a part; nothing at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<Chained>>, LedgerError> {
        if self.done {
            return Ok(None);
        }
        let mut leaf = self.ledger.chapter(self.chapter.clone()).await?;
        match leaf.next {
            Some(last) => self.chapter.after = *last.as_bytes(),
            None => self.done = true,
        }
        leaf.hand_offs.retain(|told| {
            let hand_off = &told.entry.hand_off;
            hand_off.asked.mode == self.mode && self.days.hold(hand_off.opened_at)
        });
        Ok(Some(leaf.hand_offs))
    }

    /// Writes all that is left of it; `told` hears of every part.
    pub async fn write<W: Write>(
        &mut self,
        format: Format,
        to: W,
        mut told: impl FnMut(&[Chained]),
    ) -> Result<(W, Written), NotExported> {
        let mut writer = Writer::begin(format, to)?;
        while let Some(part) = self.next().await? {
            for row in &part {
                writer.write(row)?;
            }
            told(&part);
        }
        Ok(writer.finish()?)
    }
}

impl Days {
    fn hold(&self, at: Timestamp) -> bool {
        let day = london::date(at);
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// Sixteen bytes that no reference has, between those of the days before and after.
fn first_of(day: Date, days: i64) -> [u8; 16] {
    let day = day.checked_add(days.days()).unwrap_or(day);
    let millis = london::time(day.into()).as_millisecond().max(0).to_be_bytes();
    let mut bound = [0; 16];
    for (to, from) in bound.iter_mut().zip(millis.into_iter().skip(2)) {
        *to = from;
    }
    bound
}

#[cfg(test)]
mod tests;
