//! The schema and its growth: ordered SQL, each step one transaction, counted in `user_version`.

use super::trouble::Trouble;
use crate::ledger::LedgerError;
use rusqlite::{Connection, TransactionBehavior};

/// What `application_id` says: "Almn".
pub(super) const APPLICATION: i64 = 0x416C_6D6E;

const STEPS: [&str; 7] = [
    include_str!("../migrations/sqlite/0001.sql"),
    include_str!("../migrations/sqlite/0002.sql"),
    include_str!("../migrations/sqlite/0003.sql"),
    include_str!("../migrations/sqlite/0004.sql"),
    include_str!("../migrations/sqlite/0005.sql"),
    include_str!("../migrations/sqlite/0006.sql"),
    include_str!("../migrations/sqlite/0007.sql"),
];

/// The schema that this Almoner writes.
pub(super) fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// The file's schema; [`LedgerError::Newer`] where we do not know it.
pub(super) fn version(connection: &Connection) -> Result<i64, Trouble> {
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = known();
    if found > known { Err(LedgerError::Newer { found, known }.into()) } else { Ok(found) }
}

/// Takes the missing steps. A crash leaves the schema before or after a step, never between
/// (security.md, FM-14).
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Trouble> {
    let version = usize::try_from(version(connection)?).unwrap_or(0);
    for (step, next) in STEPS.iter().zip(1_i64..).skip(version) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", next)?;
        transaction.commit()?;
    }
    Ok(())
}
