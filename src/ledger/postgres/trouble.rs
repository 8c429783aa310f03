//! What may go wrong, sorted by what can be done about it.

use crate::ledger::LedgerError;
use deadpool_postgres::{HookError, PoolError, TimeoutType};
use std::error::Error as _;
use tokio_postgres::Error;

/// A failure.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// Another writer was first: the same transaction once more may succeed (security.md, FM-28).
    Race(LedgerError),
    /// What was asked for cannot be done: it was not done, and never will be.
    Refused(LedgerError),
    /// The connection or the server: another connection may do better.
    Down(LedgerError),
}

impl Trouble {
    /// What to tell a caller.
    pub(super) fn into_error(self) -> LedgerError {
        match self {
            Self::Race(error) | Self::Refused(error) | Self::Down(error) => error,
        }
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        Self::Refused(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let unavailable = LedgerError::Unavailable(told(&error));
        let Some(refusal) = error.as_db_error() else { return Self::Down(unavailable) };
        let code = refusal.code().code();
        // A request's mark is its own: no other writer makes the same one.
        let of_a_mark = refusal.table() == Some("trace");
        // The event of a position was purged meanwhile.
        let of_the_feed = refusal.table() == Some("feed");
        match (code, code.get(..2)) {
            ("40003", _) => Self::Down(unavailable),
            ("23503", _) if of_the_feed => Self::Race(LedgerError::Busy),
            ("23505", _) if of_a_mark => Self::Refused(unavailable),
            // Of the codes in full the last two: the lock or the statement took too long.
            (_, Some("40")) | ("23505" | "55P03" | "57014", _) => Self::Race(LedgerError::Busy),
            (_, Some("22" | "23")) => Self::Refused(unavailable),
            _ => Self::Down(unavailable),
        }
    }
}

impl From<PoolError> for Trouble {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => {
                let what = format!("the database: {}{}", told(&error), advice(&error));
                Self::Down(LedgerError::Unavailable(what))
            }
            PoolError::Timeout(TimeoutType::Wait) => Self::Down(LedgerError::Busy),
            PoolError::PostCreateHook(HookError::Message(why)) => {
                Self::Down(LedgerError::Unavailable(why.into_owned()))
            }
            error @ (PoolError::Timeout(_)
            | PoolError::Closed
            | PoolError::NoRuntimeSpecified
            | PoolError::PostCreateHook(_)) => {
                Self::Down(LedgerError::Unavailable(error.to_string()))
            }
        }
    }
}

/// Whether a COMMIT that ended so was certainly undone. Anything else may have come to pass.
pub(super) fn was_undone(error: &Error) -> bool {
    let code = error.as_db_error().map(|refusal| refusal.code().code());
    code.is_some_and(|code| code != "40003" && matches!(code.get(..2), Some("23" | "25" | "40")))
}

/// What to do where no connection can be made.
fn advice(error: &Error) -> &'static str {
    match error.as_db_error().map(|refusal| refusal.code().code()) {
        Some("28P01" | "28000") => {
            "; look at the user in ledger.url, at secrets.ledger_password and at pg_hba.conf"
        }
        Some("3D000") => "; create this database, or name another in ledger.url",
        Some("53300") => "; it has no connection left: lower limits.ledger_connections",
        Some(_) => "; look at ledger.url",
        None => {
            "; look at host and port in ledger.url, at ledger.ca_file, and whether it runs with TLS"
        }
    }
}

/// PostgreSQL's words, without the detail, which repeats a row's content.
pub(super) fn told(error: &Error) -> String {
    if let Some(refusal) = error.as_db_error() {
        return format!("{} ({})", refusal.message(), refusal.code().code());
    }
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
