//! The file beside the service that has it: for the command line.

use super::connection::{self, Role, Site};
use super::health::Health;
use super::trouble::Trouble;
use super::{SqliteLedger, SqliteSettings, file, opening, readers, writer};
use crate::ledger::LedgerError;
use std::path::Path;
use std::sync::Arc;

impl SqliteLedger {
    /// Opens the file to read it while the service has it: for the command line. Every write is
    /// refused.
    pub fn open_to_read(path: &Path) -> Result<Arc<Self>, LedgerError> {
        connection::check_version(rusqlite::version_number())?;
        let settings = SqliteSettings { readers: 1, ..SqliteSettings::default() };
        let site = Site { path: file::real(path)?, wait: settings.write_wait, role: Role::Guest };
        opening::must_exist(&site)?;
        site.connect_to_read()
            .map_err(Trouble::from)
            .and_then(|connection| opening::check_schema(&connection))
            .map_err(|trouble| site.refusal(trouble))?;
        let health = Arc::new(Health::of(vec![site.path.clone()])?);
        let readers = readers::start(&site, &settings, &health)?;
        Ok(Arc::new(Self { health, readers, writer: None, _lock: None }))
    }

    /// Opens the file to write in it beside the service that has it: for the command line. It must be
    /// there and of our schema; nothing is created, grown or repaired, and the log stays when this closes.
    pub fn open_beside(path: &Path) -> Result<Arc<Self>, LedgerError> {
        connection::check_version(rusqlite::version_number())?;
        let settings = SqliteSettings { readers: 1, ..SqliteSettings::default() };
        let site = Site { path: file::real(path)?, wait: settings.write_wait, role: Role::Guest };
        opening::must_exist(&site)?;
        let books = opening::join(&site).map_err(|trouble| site.refusal(trouble))?;
        let paths = vec![site.path.clone(), file::beside(&site.path, "-wal")];
        let health = Arc::new(Health::of(paths)?);
        let writer = writer::start(&site, &settings, &health, books)?;
        let readers = readers::start(&site, &settings, &health)?;
        Ok(Arc::new(Self { health, readers, writer: Some(writer), _lock: None }))
    }
}
