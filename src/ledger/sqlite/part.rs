//! The record in parts, to be copied.

use super::SqliteLedger;
use super::select::{all, cell, record, record_columns};
use super::trace::traces;
use super::trouble::Trouble;
use crate::ledger::copy::{Opened, Part, Waits};
use crate::ledger::purge::Run;
use crate::ledger::row::{self, Cell, inconsistent};
use crate::ledger::{IdempotencyKey, LedgerError};
use crate::payment::Reference;
use jiff::Timestamp;
use rusqlite::{Connection, Row};

impl SqliteLedger {
    /// The events behind a place, and what belongs to the hand-offs opened among them.
    pub(in crate::ledger) async fn part(
        &self,
        after: i64,
        limit: usize,
    ) -> Result<Part, LedgerError> {
        self.read(move |connection| part(connection, after, limit)).await
    }

    /// What was purged.
    pub(in crate::ledger) async fn runs(&self) -> Result<Vec<Run>, LedgerError> {
        self.read(runs).await
    }
}

fn part(connection: &Connection, after: i64, limit: usize) -> Result<Part, Trouble> {
    const SQL: &str = concat!(
        "SELECT ",
        record_columns!(),
        " FROM event WHERE sequence > ?1 ORDER BY sequence LIMIT ?2"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let found = all(connection, SQL, (after, limit), record)?;
    let (events, hand_offs): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let mut opened = Vec::new();
    for hand_off in hand_offs.into_iter().flatten() {
        let reference = hand_off.reference;
        opened.push(Opened {
            hand_off,
            keys: keys(connection, reference)?,
            traces: traces(connection, reference)?,
            wait: wait(connection, reference)?,
        });
    }
    Ok(Part { events, opened })
}

fn runs(connection: &Connection) -> Result<Vec<Run>, Trouble> {
    const SQL: &str = "SELECT first, last, hash FROM purged ORDER BY first";
    all(connection, SQL, (), |row| {
        let number = |place, column| {
            cell(row, place).and_then(row::integer).ok_or(inconsistent("purged", column))
        };
        let hash = cell(row, 2).and_then(row::fixed).ok_or(inconsistent("purged", "hash"))?;
        Ok(Run { first: number(0, "first")?, last: number(1, "last")?, hash })
    })
}

fn keys(
    connection: &Connection,
    reference: Reference,
) -> Result<Vec<(IdempotencyKey, Timestamp)>, Trouble> {
    const SQL: &str =
        "SELECT key, fingerprint, at FROM idempotency WHERE reference = ?1 ORDER BY key";
    all(connection, SQL, [reference.as_bytes()], |row| {
        let column = |column| inconsistent("idempotency", column);
        let key = cell(row, 0).and_then(row::fixed).ok_or(column("key"))?;
        let fingerprint = cell(row, 1).and_then(row::fixed).ok_or(column("fingerprint"))?;
        let at = cell(row, 2).and_then(row::instant).ok_or(column("at"))?;
        Ok((IdempotencyKey { key, fingerprint, other: None }, at))
    })
}

fn wait(connection: &Connection, reference: Reference) -> Result<Option<Waits>, Trouble> {
    const SQL: &str = "SELECT due_at, tries, doubt_since FROM chase WHERE reference = ?1";
    let found = all(connection, SQL, [reference.as_bytes()], |row| {
        Ok(Waits {
            due_at: time(row, 0, "due_at")?,
            tries: cell(row, 1).and_then(row::integer).ok_or(inconsistent("chase", "tries"))?,
            doubt_since: time(row, 2, "doubt_since")?,
        })
    })?;
    Ok(found.into_iter().next())
}

fn time(
    row: &Row<'_>,
    place: usize,
    column: &'static str,
) -> Result<Option<Timestamp>, LedgerError> {
    match cell(row, place) {
        Some(Cell::Null) => Ok(None),
        other => other.and_then(row::instant).map(Some).ok_or(inconsistent("chase", column)),
    }
}
