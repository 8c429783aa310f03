//! What is done to the file between transactions: a log that has grown is moved into it, and what a
//! purge left between its rows is swept out.

use super::books::Books;
use super::purge;
use super::trouble::Trouble;
use std::time::Duration;

/// How many pages the log may hold (of 4 KiB each) before it is moved into the file.
const LOG_PAGES: i64 = 1000;
/// A file of no more pages than this (128 MiB) is written anew after a purge, in a second or two.
/// SQLite wipes what it deletes, but not the copies of it that once moved from page to page.
const SWEPT_PAGES: i64 = 32_768;

/// What is left to do after a purge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sweeping {
    /// Nothing.
    None,
    /// Another process wrote, perhaps a purge, or a purge has removed all that was old.
    Due,
    /// The log still holds what was purged: it is cut to nothing as soon as nobody reads in it.
    Log,
}

impl Books {
    /// Moves a log that has grown into the file. A reader that is behind is not waited for. `wait` is how
    /// long everything else waits for the lock.
    pub(super) fn tidy(&mut self, wait: Duration) -> Result<(), Trouble> {
        if self.sweeping != Sweeping::None {
            self.sweep(SWEPT_PAGES, wait)?;
        }
        if self.ask("PRAGMA wal_checkpoint(NOOP)", 1)? >= LOG_PAGES {
            self.ask("PRAGMA wal_checkpoint(PASSIVE)", 1)?;
        }
        Ok(())
    }

    /// After a purge: writes a file of up to so many pages anew, and cuts the log to nothing.
    pub(super) fn sweep(&mut self, most: i64, wait: Duration) -> Result<(), Trouble> {
        if self.sweeping == Sweeping::Due {
            self.sweeping = Sweeping::Log;
            let purged = purge::newest(&self.connection)?;
            let is_news = self.swept.replace(purged).is_some_and(|before| before != purged);
            let is_small = self.ask("PRAGMA page_count", 0)? <= most;
            if is_news && is_small {
                // Not tried again where it fails, as for want of space: the rows are gone.
                self.connection.execute_batch("VACUUM")?;
            }
        }
        self.connection.busy_timeout(Duration::ZERO)?;
        let is_busy = self.ask("PRAGMA wal_checkpoint(TRUNCATE)", 0);
        self.connection.busy_timeout(wait)?;
        if is_busy? == 0 {
            self.sweeping = Sweeping::None;
        }
        Ok(())
    }

    fn ask(&self, sql: &str, column: usize) -> rusqlite::Result<i64> {
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.query_row((), |row| row.get(column))
    }
}
