//! Opens the ledger that the settings name: the one place that knows which engine it is.

use super::{Fittings, StartError};
use crate::config::Settings;
use crate::ledger::sqlite::SqliteLedger;
use crate::ledger::{Ledger, LedgerError};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// A ledger, whichever engine keeps it.
pub struct Record {
    /// The ledger.
    pub ledger: Arc<dyn Ledger>,
    /// Turns true when it can never be trusted again in this process (security.md, FM-18, FM-22).
    pub failed: watch::Receiver<bool>,
}

#[expect(clippy::unused_async, reason = "an engine on another machine is connected to")]
impl Record {
    /// For the service, which may be the only one.
    pub async fn serve(settings: &Settings) -> Result<Self, StartError> {
        let ledger = SqliteLedger::open(&settings.ledger.file, Fittings::ledger(settings))?;
        Ok(Self { failed: ledger.failed(), ledger })
    }

    /// To write beside the service, whether it runs or not: for the command line.
    pub async fn beside(settings: &Settings) -> Result<Arc<dyn Ledger>, StartError> {
        Ok(SqliteLedger::open_beside(&settings.ledger.file)?)
    }

    /// To read while the service runs: for the command line. Every write is refused.
    pub async fn read(settings: &Settings) -> Result<Arc<dyn Ledger>, StartError> {
        Ok(Self::read_file(&settings.ledger.file)?)
    }

    /// The same for a SQLite file that is named without a configuration.
    pub fn read_file(file: &Path) -> Result<Arc<dyn Ledger>, LedgerError> {
        Ok(SqliteLedger::open_to_read(file)?)
    }
}
