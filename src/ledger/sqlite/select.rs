//! What is read: from any connection, inside or outside a transaction.

use super::purge;
use super::trouble::Trouble;
use crate::ledger::chain::{Hash, START};
use crate::ledger::row::{self, Cell, inconsistent};
use crate::ledger::{Entry, Event, HandOff, IdempotencyKey, LedgerError, Opening};
use crate::payment::{Evidence, Reference, judge};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Params, Row};

/// How many rows one transaction reads before others have their turn; a reader that stays long
/// would keep the log from being moved into the file (security.md, FM-23).
pub(super) const CHUNK: usize = 256;

macro_rules! hand_off_columns {
    () => {
        "hand_off.reference, opened_at, opened_as, kind, method, dialect, mode, amount, currency, \
         frequency, plan, appeal, gift_aid, merchant_reference"
    };
}
pub(super) use hand_off_columns;

macro_rules! event_columns {
    () => {
        "sequence, reference, event_id, source, fact, amount, currency, mode, \
         processor_reference, code, occurred_at, state_before, state_after, recorded_at, hash"
    };
}

/// An event's columns, and those of the hand-off that an opening holds as well.
macro_rules! record_columns {
    () => {
        "sequence, reference, event_id, source, fact, amount, currency, mode, \
         processor_reference, code, occurred_at, state_before, state_after, recorded_at, hash, \
         reference, recorded_at, opened_as, kind, method, dialect, asked_mode, asked_amount, \
         asked_currency, frequency, plan, appeal, gift_aid, merchant_reference"
    };
}
pub(super) use record_columns;

/// A row of [`record_columns`]: the event, and the hand-off that it opens. Beside another event there is none.
pub(super) fn record(row: &Row<'_>) -> Result<(Event, Option<HandOff>), LedgerError> {
    let asked = |place: usize| cell(row, row::EVENT.len().saturating_add(place));
    let event = row::event(|place| cell(row, place))?;
    if event.evidence.is_none() {
        return Ok((event, Some(row::hand_off(asked)?)));
    }
    for (place, column) in row::HAND_OFF.iter().enumerate().skip(row::OF_BOTH) {
        if asked(place) != Some(Cell::Null) {
            return Err(inconsistent("event", column));
        }
    }
    Ok((event, None))
}

/// A column's value, or nothing where it is of no type that we write.
pub(super) fn cell<'row>(row: &'row Row<'_>, place: usize) -> Option<Cell<'row>> {
    match row.get_ref(place).ok()? {
        ValueRef::Null => Some(Cell::Null),
        ValueRef::Integer(integer) => Some(Cell::Integer(integer)),
        ValueRef::Text(text) => str::from_utf8(text).ok().map(Cell::Text),
        ValueRef::Blob(bytes) => Some(Cell::Bytes(bytes)),
        ValueRef::Real(_) => None,
    }
}

/// Every row of a query, parsed.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    parse: impl Fn(&Row<'_>) -> Result<T, LedgerError>,
) -> Result<Vec<T>, Trouble> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(parse(row)?);
    }
    Ok(found)
}

/// All events of one reference, oldest first.
pub(super) fn events(connection: &Connection, reference: Reference) -> Result<Vec<Event>, Trouble> {
    records(connection, reference).map(|(_, events)| events)
}

/// The hand-off of a reference, if it was opened, and all its events, oldest first: they stand side by side.
pub(super) fn records(
    connection: &Connection,
    reference: Reference,
) -> Result<(Option<HandOff>, Vec<Event>), Trouble> {
    const SQL: &str = concat!("SELECT ", record_columns!(), " FROM event WHERE reference = ?1");
    let found = all(connection, SQL, [reference.as_bytes()], record)?;
    let (mut events, opened): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    // They come in the order of their ids, and SQLite's own sorter costs more than the rest.
    events.sort_unstable_by_key(|event| event.sequence);
    Ok((opened.into_iter().flatten().next(), events))
}

/// What the events say, without what surrounds it.
pub(super) fn evidence(events: &[Event]) -> Vec<Evidence> {
    events.iter().filter_map(|event| event.evidence.clone()).collect()
}

/// A hand-off and where it stands.
pub(super) fn entry(
    connection: &Connection,
    reference: Reference,
) -> Result<Option<Entry>, Trouble> {
    let (hand_off, events) = records(connection, reference)?;
    hand_off.map(|hand_off| judged(hand_off, &events)).transpose()
}

pub(super) fn judged(hand_off: HandOff, events: &[Event]) -> Result<Entry, Trouble> {
    // There is always one: the opening.
    let newest = events.last().ok_or_else(|| inconsistent("event", "reference"))?;
    let standing = judge(hand_off.opened_as, &hand_off.asked, &evidence(events));
    Ok(Entry { hand_off, standing, changed_at: newest.recorded_at })
}

/// The newest `limit` hand-offs before a reference, newest first.
pub(super) fn page(
    connection: &Connection,
    before: Option<Reference>,
    limit: usize,
) -> Result<Vec<Entry>, Trouble> {
    const SQL: &str =
        "SELECT reference FROM hand_off WHERE reference < ?1 ORDER BY reference DESC LIMIT ?2";
    let transaction = connection.unchecked_transaction()?;
    // No UUIDv7 is as great as this.
    let before = before.map_or([u8::MAX; 16], |reference| *reference.as_bytes());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let references = all(connection, SQL, (before, limit), |row| {
        cell(row, 0).and_then(row::reference).ok_or(inconsistent("hand_off", "reference"))
    })?;
    let mut found = Vec::new();
    for reference in references {
        found.extend(entry(connection, reference)?);
    }
    transaction.finish()?;
    Ok(found)
}

/// Events without a hand-off, oldest first.
pub(super) fn parked(connection: &Connection, limit: usize) -> Result<Vec<Event>, Trouble> {
    const SQL: &str = concat!(
        "SELECT ",
        event_columns!(),
        " FROM event INDEXED BY event_parked WHERE source <> 'opened' AND state_after IS NULL \
         AND NOT EXISTS (SELECT 1 FROM hand_off WHERE hand_off.reference = event.reference) \
         ORDER BY sequence LIMIT ?1"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    all(connection, SQL, [limit], |row| row::event(|i| cell(row, i)))
}

/// What a key that was used before stands for.
pub(super) fn kept(
    connection: &Connection,
    key: IdempotencyKey,
) -> Result<Option<Opening>, Trouble> {
    for key in key.each() {
        let Some((fingerprint, reference)) = kept_under(connection, &key)? else { continue };
        if fingerprint != key.fingerprint {
            return Ok(Some(Opening::Conflicting));
        }
        let known = entry(connection, reference)?.ok_or(inconsistent("hand_off", "reference"))?;
        return Ok(Some(Opening::Repeated(known)));
    }
    Ok(None)
}

fn kept_under(
    connection: &Connection,
    key: &IdempotencyKey,
) -> Result<Option<([u8; 32], Reference)>, Trouble> {
    const SQL: &str = "SELECT fingerprint, reference FROM idempotency WHERE key = ?1";
    let found = all(connection, SQL, [&key.key], |row| {
        let read = |place| cell(row, place);
        Ok((
            read(0).and_then(row::fixed).ok_or(inconsistent("idempotency", "fingerprint"))?,
            read(1).and_then(row::reference).ok_or(inconsistent("idempotency", "reference"))?,
        ))
    })?;
    Ok(found.into_iter().next())
}

/// The newest event's place and hash, though it was purged.
pub(super) fn head(connection: &Connection) -> Result<(i64, Hash), Trouble> {
    const SQL: &str = "SELECT sequence, hash FROM event ORDER BY sequence DESC LIMIT 1";
    let found = all(connection, SQL, (), |row| {
        let read = |place| cell(row, place);
        Ok((
            read(0).and_then(row::integer).ok_or(inconsistent("event", "sequence"))?,
            read(1).and_then(row::fixed).ok_or(inconsistent("event", "hash"))?,
        ))
    })?;
    let newest = found.into_iter().next().unwrap_or((0, START));
    let purged = purge::end(connection)?.filter(|run| run.last > newest.0);
    Ok(purged.map_or(newest, |run| (run.last, run.hash)))
}
