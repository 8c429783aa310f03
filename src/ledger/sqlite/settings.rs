//! The limits of the ledger in one file.

use std::time::Duration;

/// The limits of a [`super::SqliteLedger`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqliteSettings {
    /// How long a request may wait before it is taken up (security.md, section 5 H: 5 s).
    pub write_wait: Duration,
    /// How many requests may wait to write, and as many to read.
    pub queue: usize,
    /// How many threads read.
    pub readers: usize,
    /// How many writes share one transaction at the most.
    pub batch: usize,
}

impl Default for SqliteSettings {
    fn default() -> Self {
        Self { write_wait: Duration::from_secs(5), queue: 1024, readers: 2, batch: 256 }
    }
}
