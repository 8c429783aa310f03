//! What may go wrong, sorted by how far it reaches.

use crate::ledger::LedgerError;
use rusqlite::ErrorCode;

/// A failure inside a transaction.
#[derive(Debug)]
pub(super) enum Trouble {
    /// This request alone: the others of its transaction can be served without it.
    Request(LedgerError),
    /// Everything in the same transaction; the next may succeed.
    Group(LedgerError),
    /// The disk or the file can no longer be trusted: nothing may be written from here on
    /// (security.md, FM-18).
    Ledger(String),
}

impl Trouble {
    /// What to tell a caller.
    pub(super) fn into_error(self) -> LedgerError {
        match self {
            Self::Request(error) | Self::Group(error) => error,
            Self::Ledger(text) => LedgerError::Unavailable(text),
        }
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        Self::Request(error)
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        let is =
            |codes: &[ErrorCode]| error.sqlite_error_code().is_some_and(|c| codes.contains(&c));
        if is(&[ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked]) {
            Self::Group(LedgerError::Busy)
        } else if is(&[ErrorCode::ConstraintViolation, ErrorCode::TypeMismatch, ErrorCode::TooBig])
        {
            Self::Request(LedgerError::Unavailable(error.to_string()))
        } else if is(&[
            ErrorCode::SystemIoFailure,
            ErrorCode::DatabaseCorrupt,
            ErrorCode::NotADatabase,
        ]) {
            Self::Ledger(error.to_string())
        } else {
            Self::Group(LedgerError::Unavailable(error.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn trouble(code: i32) -> Trouble {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None).into()
    }

    #[test]
    fn fm_18_an_error_of_the_disk_or_the_file_reaches_furthest() {
        for code in [
            ffi::SQLITE_IOERR_FSYNC,
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_CORRUPT_INDEX,
            ffi::SQLITE_NOTADB,
        ] {
            assert!(matches!(trouble(code), Trouble::Ledger(_)), "{code}");
        }
    }

    #[test]
    fn fm_15_fm_19_fm_20_what_passes_by_itself_reaches_its_transaction_only() {
        assert!(matches!(trouble(ffi::SQLITE_BUSY), Trouble::Group(LedgerError::Busy)));
        for code in [ffi::SQLITE_FULL, ffi::SQLITE_READONLY, ffi::SQLITE_CANTOPEN] {
            assert!(matches!(trouble(code), Trouble::Group(LedgerError::Unavailable(_))), "{code}");
        }
    }

    #[test]
    fn a_refused_row_is_the_trouble_of_its_writer_alone() {
        assert!(matches!(trouble(ffi::SQLITE_CONSTRAINT_CHECK), Trouble::Request(_)));
    }
}
