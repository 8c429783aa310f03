//! Why the ledger could not serve.

use super::Break;
#[cfg(doc)]
use super::{Conclusion, Opening};

/// Why the ledger could not serve. Nothing was written; where an error of the disk ended a commit,
/// a restart may still find it, and the same call again is then [`Opening::Repeated`] or
/// [`Conclusion::Repeated`].
#[derive(Clone, Debug, thiserror::Error)]
pub enum LedgerError {
    /// Too many callers wait already, or the wait was too long.
    #[error("the ledger is busy")]
    Busy,
    /// The database refused. The text is SQLite's or PostgreSQL's own and holds no row's content.
    #[error("the ledger cannot be used: {0}")]
    Unavailable(String),
    /// A row cannot be what we wrote: the column is named.
    #[error("the ledger's {table}.{column} holds what Almoner never writes")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The chain does not hold at this event.
    #[error("{0}")]
    Broken(Break),
    /// The file was written by a newer Almoner.
    #[error("the ledger has schema {found}, this Almoner knows {known}: use the newer Almoner")]
    Newer {
        /// The file's schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// Another process has it open for writing.
    #[error("another process has the ledger open")]
    Locked,
}
