//! What a database keeps of deliveries, as it is looked at.

use super::feed::position;
use super::outbox::tries;
use super::select::{all, cell};
use super::trouble::Trouble;
use crate::ledger::LedgerError;
use crate::ledger::outbox::{Answer, Backlog, Deliveries, Mark, Told, Tracked};
use crate::ledger::row::{self, Cell, inconsistent};
use crate::payment::Reference;
use deadpool_postgres::Client;
use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

pub(super) async fn deliveries(
    client: &Client,
    which: &Deliveries,
) -> Result<Vec<Tracked>, Trouble> {
    const SQL: &str = "SELECT position, subscriber, reference, tries, due_at, taken_at, \
        (SELECT max(at) FROM attempt WHERE attempt.position = delivery.position \
        AND attempt.subscriber = delivery.subscriber), \
        (SELECT answer FROM attempt WHERE attempt.position = delivery.position \
        AND attempt.subscriber = delivery.subscriber ORDER BY at DESC LIMIT 1) \
        FROM delivery WHERE ($1::TEXT IS NULL OR subscriber = $1) \
        AND ($2::BYTEA IS NULL OR reference = $2) \
        AND (NOT $3 OR taken_at IS NULL OR due_at IS NOT NULL) \
        ORDER BY position DESC, subscriber LIMIT $4";
    let limit = i64::try_from(which.limit).unwrap_or(i64::MAX);
    let reference = which.reference.as_ref().map(|reference| reference.as_bytes().as_slice());
    let subscriber = which.subscriber.as_deref();
    let params: [&(dyn ToSql + Sync); 4] = [&subscriber, &reference, &which.open, &limit];
    all(client, SQL, &params, tracked).await
}

fn tracked(row: &Row) -> Result<Tracked, LedgerError> {
    let last = maybe(row, 6, "at")?.map(|at| Ok::<_, LedgerError>((at, answer(row, 7)?)));
    Ok(Tracked {
        position: position(row, 0)?,
        subscriber: word(row, 1, "subscriber")?,
        reference: of(row, 2)?,
        tries: tries(row, 3)?,
        due_at: maybe(row, 4, "due_at")?,
        taken_at: maybe(row, 5, "taken_at")?,
        last: last.transpose()?,
    })
}

/// The log behind a mark, by its index.
pub(super) async fn told(
    client: &Client,
    after: Option<&Mark>,
    limit: i64,
) -> Result<Vec<Told>, Trouble> {
    const SQL: &str = "SELECT at, position, subscriber, reference, answer \
        FROM attempt JOIN delivery USING (position, subscriber) \
        WHERE (at, position, subscriber) > ($1::BIGINT, $2::BIGINT, $3::TEXT) \
        ORDER BY at, position, subscriber LIMIT $4";
    let (at, place, subscriber) = after.map_or((i64::MIN, 0, ""), |mark| {
        (mark.at.as_microsecond(), mark.position, mark.subscriber.as_str())
    });
    let params: [&(dyn ToSql + Sync); 4] = [&at, &place, &subscriber, &limit];
    let parse = |row: &Row| {
        let at = maybe(row, 0, "at")?.ok_or(inconsistent("attempt", "at"))?;
        let mark =
            Mark { at, position: position(row, 1)?, subscriber: word(row, 2, "subscriber")? };
        Ok(Told { mark, reference: of(row, 3)?, answer: answer(row, 4)? })
    };
    all(client, SQL, &params, parse).await
}

/// The oldest that is open is a delivery, or stands behind the subscriber's place.
pub(super) async fn backlog(client: &Client) -> Result<Vec<Backlog>, Trouble> {
    const SQL: &str = "SELECT name, gone_at, (SELECT recorded_at \
        FROM feed JOIN event USING (instance, sequence) WHERE feed.position = coalesce(\
        (SELECT min(delivery.position) FROM delivery WHERE delivery.subscriber = name AND due_at IS NOT NULL), \
        (SELECT next.position FROM feed AS next JOIN event USING (instance, sequence) \
        WHERE next.position > subscriber.position AND state_after IS NOT NULL \
        ORDER BY next.position LIMIT 1))) FROM subscriber ORDER BY name";
    let parse = |row: &Row| {
        Ok(Backlog {
            subscriber: word(row, 0, "name")?,
            gone: maybe(row, 1, "gone_at")?.is_some(),
            oldest: maybe(row, 2, "recorded_at")?,
        })
    };
    all(client, SQL, &[], parse).await
}

fn maybe(row: &Row, place: usize, column: &'static str) -> Result<Option<Timestamp>, LedgerError> {
    match cell(row, place) {
        Some(Cell::Null) => Ok(None),
        other => other.and_then(row::instant).map(Some).ok_or(inconsistent("delivery", column)),
    }
}

fn word(row: &Row, place: usize, column: &'static str) -> Result<String, LedgerError> {
    match cell(row, place) {
        Some(Cell::Text(text)) => Ok(text.to_owned()),
        Some(Cell::Null | Cell::Integer(_) | Cell::Bytes(_)) | None => {
            Err(inconsistent("delivery", column))
        }
    }
}

fn answer(row: &Row, place: usize) -> Result<Answer, LedgerError> {
    let word = word(row, place, "answer")?;
    Answer::from_word(&word).ok_or(inconsistent("attempt", "answer"))
}

fn of(row: &Row, place: usize) -> Result<Reference, LedgerError> {
    cell(row, place).and_then(row::reference).ok_or(inconsistent("delivery", "reference"))
}
