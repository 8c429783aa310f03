//! Connections to the file: how they are opened, and what is asked of it before it is trusted.

use super::schema;
use super::trouble::Trouble;
use crate::ledger::LedgerError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The first release without the race that could corrupt a write-ahead log (security.md, FM-24).
const OLDEST_SQLITE: i32 = 3_051_003;
/// The largest file that is read through at the start: a third of a second. `almoner ledger
/// verify` reads any.
const CHECKED_BYTES: u64 = 32 << 20;
/// How many statements a connection keeps prepared: more than there are.
const STATEMENTS: usize = 48;

/// Settings of every connection. `trusted_schema` and `secure_delete` are not kept in the file; the
/// two `fullfsync` matter on macOS alone, whose `fsync` leaves the drive's cache full (security.md,
/// section 2); the log is moved by [`super::books::Books::tidy`], because SQLite on its own would not
/// tell of an error there; the log is cut back to 8 MiB once a stuck reader has let it grow (FM-23).
const PRAGMAS: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA secure_delete = ON;
    PRAGMA cell_size_check = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = 8388608;
    PRAGMA cache_size = -16384;
";

/// Where the ledger is and how long its lock is waited for.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) path: PathBuf,
    pub(super) wait: Duration,
    pub(super) role: Role,
}

/// What this process is to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The one service: it moves the log into the file.
    Service,
    /// Beside it: after an error of the disk the service leaves the log alone, and who does not
    /// know of the error must as well (security.md, FM-18).
    Guest,
}

impl Site {
    /// A connection that may write. Until [`trust`] is called it leaves the log as it is when closed.
    pub(super) fn connect_to_write(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        // The path is absolute, so that SQLite reads neither a URI nor ":memory:" in it.
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(self.wait)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        // Without this a query is planned anew each time a value is bound to it.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        leave_the_log(&connection)?;
        connection.execute_batch(PRAGMAS)?;
        Ok(connection)
    }

    /// A connection that cannot write, and leaves moving the log into the file to the writer. (A
    /// read-only file handle would not do: it cannot recover a log after a crash.)
    pub(super) fn connect_to_read(&self) -> rusqlite::Result<Connection> {
        let connection = self.connect_to_write()?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    /// An error at the start, with the file's name and what to do.
    pub(super) fn refusal(&self, trouble: Trouble) -> LedgerError {
        let path = self.path.display();
        match trouble {
            Trouble::Ledger(text) => LedgerError::Unavailable(format!(
                "{path}: {text}. It was left as it is: restore it from a backup"
            )),
            Trouble::Group(LedgerError::Unavailable(text)) => {
                LedgerError::Unavailable(format!("{path}: {text}"))
            }
            Trouble::Group(error) | Trouble::Request(error) => error,
        }
    }
}

/// Refuses a SQLite that may corrupt a file.
pub(super) fn check_version(version: i32) -> Result<(), LedgerError> {
    if version >= OLDEST_SQLITE {
        return Ok(());
    }
    Err(LedgerError::Unavailable(format!(
        "SQLite {version} may corrupt its log, {OLDEST_SQLITE} or later is needed: build with the bundled one"
    )))
}

/// Asks an existing file, changing nothing, whether it is a ledger and not newer than we. Gives
/// its schema.
pub(super) fn recognise(connection: &Connection) -> Result<i64, Trouble> {
    let application: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != schema::APPLICATION {
        let text = "not a ledger of Almoner: name another file".to_owned();
        return Err(Trouble::Group(LedgerError::Unavailable(text)));
    }
    schema::version(connection)
}

/// Asks an existing file, changing nothing, whether it is whole. A large one would take too long.
pub(super) fn examine(connection: &Connection, path: &Path) -> Result<(), Trouble> {
    if std::fs::metadata(path).is_ok_and(|found| found.len() > CHECKED_BYTES) {
        return Ok(());
    }
    let found: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(Trouble::Ledger(found)) }
}

/// From here on the connection works as the writer's: it keeps a write-ahead log, and moves it
/// into the file when it is the last to close.
pub(super) fn trust(connection: &Connection) -> Result<(), Trouble> {
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        let text = "its file system has no shared memory for a write-ahead log: use a local disk";
        return Err(Trouble::Group(LedgerError::Unavailable(text.to_owned())));
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

/// Has the connection leave the log alone when it closes.
pub(super) fn leave_the_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fm_24_an_old_sqlite_is_refused() {
        assert!(check_version(3_040_001).is_err());
        assert!(check_version(3_051_002).is_err());
        assert!(check_version(3_051_003).is_ok());
        assert!(check_version(rusqlite::version_number()).is_ok());
    }
}
