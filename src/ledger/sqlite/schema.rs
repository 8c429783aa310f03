//! The schema and its growth: ordered SQL, each step one transaction, counted in `user_version`.

use super::trouble::Trouble;
use crate::ledger::LedgerError;
use rusqlite::{Connection, TransactionBehavior};
use std::collections::BTreeSet;

/// What `application_id` says: "Almn".
pub(super) const APPLICATION: i64 = 0x416C_6D6E;

const STEPS: [&str; 8] = [
    include_str!("../migrations/sqlite/0001.sql"),
    include_str!("../migrations/sqlite/0002.sql"),
    include_str!("../migrations/sqlite/0003.sql"),
    include_str!("../migrations/sqlite/0004.sql"),
    include_str!("../migrations/sqlite/0005.sql"),
    include_str!("../migrations/sqlite/0006.sql"),
    include_str!("../migrations/sqlite/0007.sql"),
    include_str!("../migrations/sqlite/0008.sql"),
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

/// That every table, index, trigger and view is one that the steps make: another trigger could have writes do nothing.
/// One of ours that is gone takes a guard away and no proof; SQLite's own tables of statistics say nothing of them.
pub(super) fn check_no_others(connection: &Connection) -> Result<(), Trouble> {
    let mut fresh = Connection::open_in_memory()?;
    migrate(&mut fresh)?;
    let ours = made(&fresh)?;
    match made(connection)?.difference(&ours).next() {
        None => Ok(()),
        Some((name, _)) => {
            let shown: String = name.chars().filter(char::is_ascii_graphic).take(64).collect();
            Err(Trouble::Ledger(format!("somebody put {shown} into it, or changed it")))
        }
    }
}

/// What a file's schema holds, each by its name and its words.
fn made(connection: &Connection) -> Result<BTreeSet<(String, Option<String>)>, Trouble> {
    const SQL: &str = "SELECT name, sql FROM sqlite_schema WHERE substr(name, 1, 7) <> 'sqlite_'";
    let mut statement = connection.prepare(SQL)?;
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
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
