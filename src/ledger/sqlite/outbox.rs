//! The outbox of a file.

use super::SqliteLedger;
use super::books::Books;
use super::deliveries::{backlog, deliveries, told};
use super::feed::item;
use super::select::{all, cell, head, record, record_columns};
use super::trouble::Trouble;
use crate::ledger::LedgerError;
use crate::ledger::outbox::{
    Again, Answer, Attempt, Backlog, Deliveries, Delivery, Mark, Outbox, Told, Tracked,
};
use crate::ledger::row::{self, inconsistent};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, Row};

/// How many events become deliveries in one transaction.
const MOVE: i64 = 512;

#[async_trait]
impl Outbox for SqliteLedger {
    async fn subscribe(&self, names: Vec<String>) -> Result<(), LedgerError> {
        self.write(move |books| names.iter().try_for_each(|name| books.subscribe(name))).await
    }

    async fn claim_deliveries(
        &self,
        subscriber: &str,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Delivery>, LedgerError> {
        let subscriber = subscriber.to_owned();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.write(move |books| books.claim_deliveries(&subscriber, (now, lease_until), limit))
            .await
    }

    async fn settle(&self, attempt: Attempt) -> Result<(), LedgerError> {
        self.write(move |books| books.settle(&attempt)).await
    }

    async fn deliveries(&self, which: Deliveries) -> Result<Vec<Tracked>, LedgerError> {
        self.read(move |connection| deliveries(connection, &which)).await
    }

    async fn told(&self, after: Option<Mark>, limit: usize) -> Result<Vec<Told>, LedgerError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(move |connection| told(connection, after.as_ref(), limit)).await
    }

    async fn backlog(&self) -> Result<Vec<Backlog>, LedgerError> {
        self.read(backlog).await
    }

    async fn tell_again(
        &self,
        subscriber: &str,
        what: Again,
        now: Timestamp,
    ) -> Result<u64, LedgerError> {
        let subscriber = subscriber.to_owned();
        self.write(move |books| books.tell_again(&subscriber, &what, now)).await
    }
}

impl SqliteLedger {
    /// Whom the file tells, and up to where all was taken or given up.
    #[cfg(feature = "postgres")]
    pub(in crate::ledger) async fn places(
        &self,
    ) -> Result<Vec<(String, i64, Option<Timestamp>)>, LedgerError> {
        self.read(places).await
    }
}

impl Books {
    fn subscribe(&self, name: &str) -> Result<(), Trouble> {
        const SQL: &str = "INSERT INTO subscriber VALUES (?1, ?2, NULL) ON CONFLICT DO NOTHING";
        let (end, _) = head(&self.connection)?;
        self.connection.prepare_cached(SQL)?.execute((name, end))?;
        Ok(())
    }

    fn claim_deliveries(
        &self,
        subscriber: &str,
        (now, lease_until): (Timestamp, Timestamp),
        limit: i64,
    ) -> Result<Vec<Delivery>, Trouble> {
        const PLACE: &str = "SELECT position FROM subscriber WHERE name = ?1 AND gone_at IS NULL";
        const LEASE: &str = "UPDATE delivery SET due_at = ?3, tries = tries + 1 \
            WHERE position = ?1 AND subscriber = ?2";
        let place = all(&self.connection, PLACE, [subscriber], |row| number(row, 0, "position"))?;
        let Some(place) = place.first() else { return Ok(Vec::new()) };
        self.move_on(subscriber, *place, now)?;
        let due = due(&self.connection, subscriber, now, limit)?;
        let mut lease = self.connection.prepare_cached(LEASE)?;
        for delivery in &due {
            let position = delivery.item.cursor.position;
            lease.execute((position, subscriber, lease_until.as_microsecond()))?;
        }
        Ok(due)
    }

    /// Makes deliveries of what stands behind a subscriber's place.
    fn move_on(&self, subscriber: &str, place: i64, now: Timestamp) -> Result<(), Trouble> {
        const NEWEST: &str = "SELECT max(sequence) FROM (SELECT sequence FROM event \
            WHERE sequence > ?1 ORDER BY sequence LIMIT ?2)";
        const MAKE: &str = "INSERT INTO delivery SELECT sequence, ?1, reference, ?4, 0, ?4, NULL \
            FROM event WHERE sequence > ?2 AND sequence <= ?3 AND state_after IS NOT NULL \
            ORDER BY sequence";
        const PLACE: &str = "UPDATE subscriber SET position = ?2 WHERE name = ?1";
        let newest = all(&self.connection, NEWEST, (place, MOVE), |row| {
            Ok(cell(row, 0).and_then(row::integer))
        })?;
        let Some(newest) = newest.into_iter().flatten().next() else { return Ok(()) };
        let make = (subscriber, place, newest, now.as_microsecond());
        self.connection.prepare_cached(MAKE)?.execute(make)?;
        self.connection.prepare_cached(PLACE)?.execute((subscriber, newest))?;
        Ok(())
    }

    fn settle(&self, attempt: &Attempt) -> Result<(), Trouble> {
        // Purged meanwhile, there is nothing to write down.
        const LOG: &str = "INSERT INTO attempt SELECT position, subscriber, ?3, ?4 FROM delivery \
            WHERE position = ?1 AND subscriber = ?2 ON CONFLICT DO NOTHING";
        const TAKEN: &str = "UPDATE delivery SET due_at = NULL, taken_at = ?3 \
            WHERE position = ?1 AND subscriber = ?2";
        const OPEN: &str = "UPDATE delivery SET due_at = ?3 \
            WHERE position = ?1 AND subscriber = ?2 AND due_at IS NOT NULL";
        const GONE: &str = "UPDATE subscriber SET gone_at = ?2 WHERE name = ?1";
        let Attempt { subscriber, position, at, answer, again } = attempt;
        let (at, again) = (at.as_microsecond(), again.map(Timestamp::as_microsecond));
        let run = |sql| self.connection.prepare_cached(sql);
        run(LOG)?.execute((position, subscriber, at, answer.word()))?;
        match answer {
            Answer::Taken => run(TAKEN)?.execute((position, subscriber, at))?,
            Answer::Elsewhere
            | Answer::Refused
            | Answer::Gone
            | Answer::Failed
            | Answer::Lost
            | Answer::Unreachable
            | Answer::Forbidden => run(OPEN)?.execute((position, subscriber, again))?,
        };
        if *answer == Answer::Gone {
            run(GONE)?.execute((subscriber, at))?;
        }
        Ok(())
    }

    fn tell_again(&self, subscriber: &str, what: &Again, now: Timestamp) -> Result<u64, Trouble> {
        const BACK: &str = "UPDATE subscriber SET gone_at = NULL WHERE name = ?1";
        const OF: &str = "UPDATE delivery SET due_at = ?2, since = ?2, tries = 0, taken_at = NULL \
            WHERE subscriber = ?1 AND reference = ?3";
        const GIVEN_UP: &str = "UPDATE delivery SET due_at = ?2, since = ?2, tries = 0 \
            WHERE subscriber = ?1 AND due_at IS NULL AND taken_at IS NULL";
        let now = now.as_microsecond();
        self.connection.prepare_cached(BACK)?.execute([subscriber])?;
        let changed = match what {
            Again::Of(reference) => self.connection.prepare_cached(OF)?.execute((
                subscriber,
                now,
                reference.as_bytes(),
            ))?,
            Again::GivenUp => {
                self.connection.prepare_cached(GIVEN_UP)?.execute((subscriber, now))?
            }
        };
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }
}

/// What is due of one subscriber, but for what follows something that is open.
fn due(
    connection: &Connection,
    subscriber: &str,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Delivery>, Trouble> {
    const SQL: &str = "SELECT position, tries, since FROM delivery AS due \
        WHERE subscriber = ?1 AND due_at <= ?2 AND NOT EXISTS (SELECT 1 FROM delivery AS earlier \
        WHERE earlier.reference = due.reference AND earlier.subscriber = due.subscriber \
        AND earlier.position < due.position AND earlier.due_at IS NOT NULL) \
        ORDER BY due_at, position LIMIT ?3";
    const EVENT: &str = concat!("SELECT ", record_columns!(), " FROM event WHERE sequence = ?1");
    let found = all(connection, SQL, (subscriber, now.as_microsecond(), limit), |row| {
        let tries = number(row, 1, "tries")?;
        let tries = u32::try_from(tries).map_err(|_error| inconsistent("delivery", "tries"))?;
        Ok((number(row, 0, "position")?, tries, instant(row, 2, "since")?))
    })?;
    let mut due = Vec::new();
    for (position, tries, since) in found {
        let event = all(connection, EVENT, [position], record)?;
        let (event, _) = event.into_iter().next().ok_or(inconsistent("delivery", "position"))?;
        due.push(Delivery { item: item(connection, event)?, tries, since });
    }
    Ok(due)
}

#[cfg(feature = "postgres")]
fn places(connection: &Connection) -> Result<Vec<(String, i64, Option<Timestamp>)>, Trouble> {
    const SQL: &str = "SELECT name, coalesce((SELECT min(position) - 1 FROM delivery \
        WHERE subscriber = name AND due_at IS NOT NULL), position), gone_at \
        FROM subscriber ORDER BY name";
    all(connection, SQL, (), |row| {
        let Some(row::Cell::Text(name)) = cell(row, 0) else {
            return Err(inconsistent("subscriber", "name"));
        };
        let gone = cell(row, 2).filter(|cell| *cell != row::Cell::Null);
        let gone = gone.map(|gone| row::instant(gone).ok_or(inconsistent("subscriber", "gone_at")));
        Ok((name.to_owned(), number(row, 1, "position")?, gone.transpose()?))
    })
}

pub(super) fn number(
    row: &Row<'_>,
    place: usize,
    column: &'static str,
) -> Result<i64, LedgerError> {
    cell(row, place).and_then(row::integer).ok_or(inconsistent("delivery", column))
}

pub(super) fn instant(
    row: &Row<'_>,
    place: usize,
    column: &'static str,
) -> Result<Timestamp, LedgerError> {
    cell(row, place).and_then(row::instant).ok_or(inconsistent("delivery", column))
}
