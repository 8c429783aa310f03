//! The feed of one file: an event's position is its place in the one chain.

use super::select::{all, cell, evidence, head, record, record_columns, records};
use super::trouble::Trouble;
use crate::ledger::row::{self, inconsistent};
use crate::ledger::{Cursor, Event, Item};
use rusqlite::Connection;

/// See [`crate::ledger::Ledger::feed`].
pub(super) fn page(
    connection: &Connection,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Option<Vec<Item>>, Trouble> {
    const SQL: &str = concat!(
        "SELECT ",
        record_columns!(),
        " FROM event WHERE sequence > ?1 AND state_after IS NOT NULL ORDER BY sequence LIMIT ?2"
    );
    let transaction = connection.unchecked_transaction()?;
    if let Some(cursor) = after
        && !stands(&transaction, cursor)?
    {
        return Ok(None);
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let start = after.map_or(0, |cursor| cursor.position);
    let found = all(&transaction, SQL, (start, limit), record)?;
    let mut items = Vec::new();
    for (event, _) in found {
        items.push(item(&transaction, event)?);
    }
    transaction.finish()?;
    Ok(Some(items))
}

/// An event, and its hand-off as it stood then.
pub(super) fn item(connection: &Connection, event: Event) -> Result<Item, Trouble> {
    let (hand_off, mut history) = records(connection, event.reference)?;
    let hand_off = hand_off.ok_or(inconsistent("hand_off", "reference"))?;
    history.retain(|earlier| earlier.sequence <= event.sequence);
    Ok(Item::of(event.sequence, event, hand_off, &evidence(&history)))
}

/// See [`crate::ledger::Ledger::feed_end`].
pub(super) fn end(connection: &Connection) -> Result<Option<Cursor>, Trouble> {
    const SQL: &str = "SELECT sequence, hash FROM event ORDER BY sequence DESC LIMIT 1";
    let found = all(connection, SQL, (), |row| {
        let read = |place| cell(row, place);
        let position = read(0).and_then(row::integer).ok_or(inconsistent("event", "sequence"))?;
        let hash = read(1).and_then(row::fixed).ok_or(inconsistent("event", "hash"))?;
        Ok(Cursor::of(position, &hash))
    })?;
    Ok(found.into_iter().next())
}

/// Whether a cursor is of this record: by the event there, where it was not purged.
fn stands(connection: &Connection, cursor: Cursor) -> Result<bool, Trouble> {
    const SQL: &str = "SELECT hash FROM event WHERE sequence = ?1";
    let found = all(connection, SQL, [cursor.position], |row| {
        cell(row, 0).and_then(row::fixed).ok_or(inconsistent("event", "hash"))
    })?;
    match found.first() {
        Some(hash) => Ok(cursor.is_of(hash)),
        None => Ok(cursor.position <= head(connection)?.0),
    }
}
