//! Where the ledger is kept.

use crate::config::{ConfigError, Document, Settings};
use crate::keys::{Key, Keys, why_unread};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Where hand-offs and outcomes are kept.
pub enum Keeping {
    /// In a SQLite file, for one service.
    File(PathBuf),
    /// In a database, which several services may share.
    Database(Box<Database>),
}

/// A database that speaks PostgreSQL's protocol. It holds a password and cannot be printed.
pub struct Database {
    /// `postgresql://user@host:port/database`.
    pub url: String,
    /// The user's password.
    pub password: Zeroizing<Vec<u8>>,
    /// PEM of the only authorities trusted for its server.
    pub roots: Vec<u8>,
    /// Whether it is put up with where it forgets.
    pub asynchronous_commit: bool,
    /// What seals the record.
    pub keys: Keys,
}

impl Settings {
    /// The file or the database: exactly one is named.
    pub fn keeping(&self, document: &Document) -> Result<Keeping, ConfigError> {
        let settings = &self.ledger;
        let url = match (&settings.file, &settings.url) {
            (Some(file), None) => return Ok(Keeping::File(file.clone())),
            (None, Some(url)) => url,
            (Some(_), Some(_)) => {
                let what = "beside ledger.url: a ledger is kept in one place, remove one of them";
                return Err(document.wrong("ledger.file", what));
            }
            (None, None) => {
                let what = "names no place: set file, or url, ca_file and secrets.ledger_password";
                return Err(document.wrong("ledger", what));
            }
        };
        let Some(ca_file) = &settings.ca_file else {
            let what = "not there: a database is only reached over TLS, name its authority's file";
            return Err(document.wrong("ledger.ca_file", what));
        };
        let roots = std::fs::read(ca_file).map_err(|error| {
            let what =
                format!("{} cannot be read ({})", ca_file.display(), why_unread(error.kind()));
            document.wrong("ledger.ca_file", &what)
        })?;
        Ok(Keeping::Database(Box::new(Database {
            url: url.clone(),
            password: self.password(document, "ledger_password")?,
            roots,
            asynchronous_commit: settings.asynchronous_commit,
            keys: self.keys(document, "install", Key::new)?,
        })))
    }
}
