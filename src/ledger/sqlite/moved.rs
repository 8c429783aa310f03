//! A record that was moved into a database: its file says where to, and is served no more.

#[cfg(feature = "postgres")]
use super::books::Books;
use super::connection::{Role, Site};
use super::select::{all, cell};
use super::trouble::Trouble;
use super::{SqliteLedger, SqliteSettings, file, opening};
use crate::ledger::LedgerError;
use crate::ledger::row::{Cell, inconsistent};
use rusqlite::Connection;
use std::path::Path;

impl SqliteLedger {
    /// Whether a service may have the file: [`LedgerError::Unavailable`] says where its record went.
    pub fn stays(path: &Path) -> Result<(), LedgerError> {
        let wait = SqliteSettings::default().write_wait;
        let site = Site { path: file::real(path)?, wait, role: Role::Guest };
        let looked = site.connect_to_read().map_err(Trouble::from).and_then(|connection| {
            opening::check_schema(&connection)?;
            refuse_moved(&connection)
        });
        looked.map_err(|trouble| site.refusal(trouble))
    }

    /// Where the record went, if it did.
    #[cfg(feature = "postgres")]
    pub(in crate::ledger) async fn moved_to(&self) -> Result<Option<String>, LedgerError> {
        self.read(place).await
    }

    /// Writes down that the record goes on there. From then on no service takes the file.
    #[cfg(feature = "postgres")]
    pub(in crate::ledger) async fn move_to(&self, place: String) -> Result<(), LedgerError> {
        self.write(move |books| books.move_to(&place)).await
    }
}

#[cfg(feature = "postgres")]
impl Books {
    fn move_to(&self, place: &str) -> Result<(), Trouble> {
        const SQL: &str = "INSERT INTO moved VALUES (1, ?1) \
            ON CONFLICT DO UPDATE SET place = excluded.place";
        self.connection.prepare_cached(SQL)?.execute([place])?;
        Ok(())
    }
}

/// Two ledgers of one record would each take payments that the other does not know of.
pub(super) fn refuse_moved(connection: &Connection) -> Result<(), Trouble> {
    let Some(place) = place(connection)? else { return Ok(()) };
    let text = format!(
        "its record was moved to {place} and goes on there: name that database with ledger.url, or another \
         file with ledger.file (docs/ledgers.md). This one can still be read, proved and backed up"
    );
    Err(Trouble::Group(LedgerError::Unavailable(text)))
}

fn place(connection: &Connection) -> Result<Option<String>, Trouble> {
    let found = all(connection, "SELECT place FROM moved", (), |row| match cell(row, 0) {
        Some(Cell::Text(place)) => Ok(place.to_owned()),
        Some(Cell::Null | Cell::Integer(_) | Cell::Bytes(_)) | None => {
            Err(inconsistent("moved", "place"))
        }
    })?;
    Ok(found.into_iter().next())
}
