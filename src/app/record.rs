//! Opens the ledger that the settings name: the one place that knows which engine it is.

use super::{Fittings, StartError};
use crate::clock::Clock;
use crate::config::{Database, Document, Keeping, Settings};
#[cfg(feature = "postgres")]
use crate::ledger::postgres::{PostgresLedger, PostgresSettings};
use crate::ledger::sqlite::{SqliteLedger, SqliteSettings};
use crate::ledger::{Ledger, LedgerError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;

/// A ledger, whichever engine keeps it.
pub struct Record {
    /// The ledger.
    pub ledger: Arc<dyn Ledger>,
    /// Turns true when it can never be trusted again in this process (security.md, FM-18, FM-22).
    pub failed: watch::Receiver<bool>,
}

impl Record {
    /// For the service. Of a file it must be the only one; a database serves several.
    pub async fn serve(
        settings: &Settings,
        document: &Document,
        clock: &Clock,
    ) -> Result<Self, StartError> {
        match settings.keeping(document)? {
            Keeping::File(file) => {
                let ledger = SqliteLedger::open(&file, Fittings::ledger(settings))?;
                Ok(Self { failed: ledger.failed(), ledger })
            }
            Keeping::Database(database) => Ok(shared(settings, *database, clock).await?),
        }
    }

    /// To write beside the service, whether it runs or not: for the command line.
    pub async fn beside(
        settings: &Settings,
        document: &Document,
    ) -> Result<Arc<dyn Ledger>, StartError> {
        match settings.keeping(document)? {
            Keeping::File(file) => Ok(SqliteLedger::open_beside(&file)?),
            Keeping::Database(database) => {
                Ok(shared(settings, *database, &Clock::system()).await?.ledger)
            }
        }
    }

    /// To read while the service runs: for the command line. Every write is refused.
    pub async fn read(
        settings: &Settings,
        document: &Document,
    ) -> Result<Arc<dyn Ledger>, StartError> {
        match settings.keeping(document)? {
            Keeping::File(file) => Ok(Self::read_file(&file)?),
            Keeping::Database(database) => Ok(shared_to_read(settings, *database).await?),
        }
    }

    /// A file that nobody may have open, and a database that is to take its record.
    #[cfg(feature = "postgres")]
    pub async fn both(
        file: &Path,
        settings: &Settings,
        document: &Document,
    ) -> Result<(Arc<SqliteLedger>, Arc<PostgresLedger>), StartError> {
        let Keeping::Database(database) = settings.keeping(document)? else {
            let what = "there, where a database is to be copied into: name it with ledger.url";
            return Err(document.wrong("ledger.file", what).into());
        };
        if !file.exists() {
            let text = format!("{}: no such file", file.display());
            return Err(LedgerError::Unavailable(text).into());
        }
        let from = SqliteLedger::open_to_move(file, Fittings::ledger(settings))?;
        Ok((from, PostgresLedger::open(of(settings, *database, &Clock::system())).await?))
    }

    /// To remove from it what is past its time: alone where no service runs, and beside it where one does.
    pub async fn purge(
        settings: &Settings,
        document: &Document,
    ) -> Result<Arc<dyn Ledger>, StartError> {
        match settings.keeping(document)? {
            Keeping::File(file) => Ok(Self::purge_file(&file)?),
            Keeping::Database(_) => Self::beside(settings, document).await,
        }
    }

    /// The same for a SQLite file that is named without a configuration.
    pub fn purge_file(file: &Path) -> Result<Arc<dyn Ledger>, LedgerError> {
        // It must be there: nothing is created.
        drop(SqliteLedger::open_to_read(file)?);
        match SqliteLedger::open(file, SqliteSettings::default()) {
            Ok(ledger) => Ok(ledger),
            Err(LedgerError::Locked) => Ok(SqliteLedger::open_beside(file)?),
            Err(error) => Err(error),
        }
    }

    /// The SQLite file that the settings name, to be copied whole.
    pub fn file(settings: &Settings, document: &Document) -> Result<PathBuf, StartError> {
        match settings.keeping(document)? {
            Keeping::File(file) => Ok(file),
            Keeping::Database(_) => {
                let text = "a database is copied by its own tools, pg_dump and pg_restore: docs/ledgers.md";
                Err(LedgerError::Unavailable(text.to_owned()).into())
            }
        }
    }

    /// The same for a SQLite file that is named without a configuration, to read.
    pub fn read_file(file: &Path) -> Result<Arc<dyn Ledger>, LedgerError> {
        Ok(SqliteLedger::open_to_read(file)?)
    }
}

#[cfg(feature = "postgres")]
async fn shared(
    settings: &Settings,
    database: Database,
    clock: &Clock,
) -> Result<Record, LedgerError> {
    let ledger = PostgresLedger::open(of(settings, database, clock)).await?;
    Ok(Record { failed: ledger.failed(), ledger })
}

#[cfg(feature = "postgres")]
async fn shared_to_read(
    settings: &Settings,
    database: Database,
) -> Result<Arc<dyn Ledger>, LedgerError> {
    Ok(PostgresLedger::open_to_read(of(settings, database, &Clock::system())).await?)
}

#[cfg(feature = "postgres")]
fn of(settings: &Settings, database: Database, clock: &Clock) -> PostgresSettings {
    let Database { url, password, roots, asynchronous_commit, keys } = database;
    PostgresSettings {
        url,
        password,
        roots,
        asynchronous_commit,
        keys: Some(keys),
        clock: clock.clone(),
        write_wait: settings.limits.ledger_wait.timer(),
        queue: settings.limits.ledger_queue,
        connections: settings.limits.ledger_connections,
        batch: Fittings::ledger(settings).batch,
    }
}

#[cfg(not(feature = "postgres"))]
fn not_built() -> LedgerError {
    let text = "this almoner was built without PostgreSQL: build it with the feature postgres";
    LedgerError::Unavailable(text.to_owned())
}

#[cfg(not(feature = "postgres"))]
fn shared(_: &Settings, _: Database, _: &Clock) -> std::future::Ready<Result<Record, LedgerError>> {
    std::future::ready(Err(not_built()))
}

#[cfg(not(feature = "postgres"))]
fn shared_to_read(
    _: &Settings,
    _: Database,
) -> std::future::Ready<Result<Arc<dyn Ledger>, LedgerError>> {
    std::future::ready(Err(not_built()))
}
