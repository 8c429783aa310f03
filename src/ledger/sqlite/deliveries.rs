//! What a file keeps of deliveries, as it is looked at.

use super::outbox::{instant, number};
use super::select::{all, cell};
use super::trouble::Trouble;
use crate::ledger::LedgerError;
use crate::ledger::outbox::{Answer, Backlog, Deliveries, Mark, Told, Tracked};
use crate::ledger::row::{self, Cell, inconsistent};
use crate::payment::Reference;
use rusqlite::{Connection, Row};

pub(super) fn deliveries(
    connection: &Connection,
    which: &Deliveries,
) -> Result<Vec<Tracked>, Trouble> {
    const SQL: &str = "SELECT position, subscriber, reference, tries, due_at, taken_at, \
        (SELECT max(at) FROM attempt WHERE attempt.position = delivery.position \
        AND attempt.subscriber = delivery.subscriber) AS at, \
        (SELECT answer FROM attempt WHERE attempt.position = delivery.position \
        AND attempt.subscriber = delivery.subscriber ORDER BY at DESC LIMIT 1) \
        FROM delivery WHERE (?1 IS NULL OR subscriber = ?1) AND (?2 IS NULL OR reference = ?2) \
        AND (?3 = 0 OR taken_at IS NULL OR due_at IS NOT NULL) ORDER BY position DESC, subscriber LIMIT ?4";
    let limit = i64::try_from(which.limit).unwrap_or(i64::MAX);
    let reference = which.reference.as_ref().map(|reference| reference.as_bytes().as_slice());
    let params = (which.subscriber.as_deref(), reference, i64::from(which.open), limit);
    all(connection, SQL, params, |row| {
        let maybe = |place, column| match cell(row, place) {
            Some(Cell::Null) => Ok(None),
            _ => instant(row, place, column).map(Some),
        };
        let last = maybe(6, "at")?.map(|at| {
            let answer = answer(row, 7);
            Ok::<_, LedgerError>((at, answer?))
        });
        let tries = u32::try_from(number(row, 3, "tries")?);
        Ok(Tracked {
            position: number(row, 0, "position")?,
            subscriber: word(row, 1, "subscriber")?,
            reference: of(row, 2)?,
            tries: tries.map_err(|_error| inconsistent("delivery", "tries"))?,
            due_at: maybe(4, "due_at")?,
            taken_at: maybe(5, "taken_at")?,
            last: last.transpose()?,
        })
    })
}

/// The log behind a mark, by its index.
pub(super) fn told(
    connection: &Connection,
    after: Option<&Mark>,
    limit: i64,
) -> Result<Vec<Told>, Trouble> {
    const SQL: &str = "SELECT at, attempt.position, attempt.subscriber, reference, answer \
        FROM attempt JOIN delivery USING (position, subscriber) \
        WHERE (at, attempt.position, attempt.subscriber) > (?1, ?2, ?3) \
        ORDER BY at, attempt.position, attempt.subscriber LIMIT ?4";
    let (at, position, subscriber) = after.map_or((i64::MIN, 0, ""), |mark| {
        (mark.at.as_microsecond(), mark.position, mark.subscriber.as_str())
    });
    all(connection, SQL, (at, position, subscriber, limit), |row| {
        let mark = Mark {
            at: instant(row, 0, "at")?,
            position: number(row, 1, "position")?,
            subscriber: word(row, 2, "subscriber")?,
        };
        Ok(Told { mark, reference: of(row, 3)?, answer: answer(row, 4)? })
    })
}

/// The oldest that is open is a delivery, or stands behind the subscriber's place.
pub(super) fn backlog(connection: &Connection) -> Result<Vec<Backlog>, Trouble> {
    const SQL: &str = "SELECT name, gone_at, (SELECT recorded_at FROM event WHERE sequence = coalesce(\
        (SELECT min(delivery.position) FROM delivery WHERE delivery.subscriber = name AND due_at IS NOT NULL), \
        (SELECT sequence FROM event WHERE sequence > subscriber.position AND state_after IS NOT NULL \
        ORDER BY sequence LIMIT 1))) FROM subscriber ORDER BY name";
    all(connection, SQL, (), |row| {
        let maybe = |place, column| match cell(row, place) {
            Some(Cell::Null) => Ok(None),
            _ => instant(row, place, column).map(Some),
        };
        Ok(Backlog {
            subscriber: word(row, 0, "name")?,
            gone: maybe(1, "gone_at")?.is_some(),
            oldest: maybe(2, "recorded_at")?,
        })
    })
}

fn word(row: &Row<'_>, place: usize, column: &'static str) -> Result<String, LedgerError> {
    match cell(row, place) {
        Some(Cell::Text(text)) => Ok(text.to_owned()),
        Some(Cell::Null | Cell::Integer(_) | Cell::Bytes(_)) | None => {
            Err(inconsistent("delivery", column))
        }
    }
}

fn answer(row: &Row<'_>, place: usize) -> Result<Answer, LedgerError> {
    let word = word(row, place, "answer")?;
    Answer::from_word(&word).ok_or(inconsistent("attempt", "answer"))
}

fn of(row: &Row<'_>, place: usize) -> Result<Reference, LedgerError> {
    cell(row, place).and_then(row::reference).ok_or(inconsistent("delivery", "reference"))
}
