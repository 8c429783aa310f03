//! What is in doubt, by an index of its own: the many hosted pages beside it are never looked at.

use super::select::{all, cell, entry};
use super::trouble::Trouble;
use crate::ledger::row::{self, Cell, inconsistent};
use crate::ledger::{Doubt, Doubts, ENOUGH_TRIES, PATIENCE};
use rusqlite::Connection;

/// The oldest first.
pub(super) fn oldest(connection: &Connection, limit: usize) -> Result<Vec<Doubt>, Trouble> {
    const SQL: &str = "SELECT reference, tries, due_at FROM chase INDEXED BY chase_doubt \
        WHERE doubt_since IS NOT NULL ORDER BY doubt_since, reference LIMIT ?1";
    let transaction = connection.unchecked_transaction()?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = all(connection, SQL, [limit], |row| {
        let read = |place| cell(row, place);
        let tries = read(1).and_then(row::integer).and_then(|tries| u32::try_from(tries).ok());
        Ok((
            read(0).and_then(row::reference).ok_or(inconsistent("chase", "reference"))?,
            tries.ok_or(inconsistent("chase", "tries"))?,
            match read(2) {
                Some(Cell::Null) => None,
                due_at => {
                    Some(due_at.and_then(row::instant).ok_or(inconsistent("chase", "due_at"))?)
                }
            },
        ))
    })?;
    let mut found = Vec::new();
    for (reference, tries, due_at) in rows {
        let entry = entry(connection, reference)?.ok_or(inconsistent("hand_off", "reference"))?;
        found.push(Doubt { entry, tries, due_at });
    }
    transaction.finish()?;
    Ok(found)
}

/// How many, and how old.
pub(super) fn count(connection: &Connection) -> Result<Doubts, Trouble> {
    const SQL: &str = "SELECT count(*), min(doubt_since), \
        sum(due_at IS NULL OR (tries >= ?1 AND due_at - doubt_since > ?2)), sum(EXISTS ( \
            SELECT 1 FROM event WHERE event.reference = chase.reference AND fact = 'overdue' \
        )) FROM chase INDEXED BY chase_doubt WHERE doubt_since IS NOT NULL";
    let patience = i64::try_from(PATIENCE.as_micros()).unwrap_or(i64::MAX);
    let found = all(connection, SQL, (ENOUGH_TRIES, patience), |row| {
        let number = |place| -> Option<u64> {
            cell(row, place).and_then(row::integer).and_then(|number| u64::try_from(number).ok())
        };
        Ok(Doubts {
            count: number(0).unwrap_or(0),
            oldest: cell(row, 1).and_then(row::instant),
            given_up: number(2).unwrap_or(0),
            overdue: number(3).unwrap_or(0),
        })
    })?;
    Ok(found.into_iter().next().unwrap_or_default())
}
