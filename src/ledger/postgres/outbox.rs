//! The outbox of a database, shared by the couriers of all instances.

use super::PostgresLedger;
use super::deliveries::{backlog, deliveries, told};
use super::feed::{POSITION, items, position};
use super::number::number;
use super::read::reading;
use super::select::{Placed, all, cell, event_columns, placed};
use super::trouble::Trouble;
use crate::ledger::LedgerError;
use crate::ledger::outbox::{
    Again, Answer, Attempt, Backlog, Deliveries, Delivery, Mark, Outbox, Told, Tracked,
};
use crate::ledger::row::{self, inconsistent};
use async_trait::async_trait;
use deadpool_postgres::{Client, Transaction};
use jiff::Timestamp;
use std::collections::HashMap;
use tokio_postgres::types::ToSql;
use tokio_postgres::{IsolationLevel, Row};

/// How many events become deliveries in one transaction.
const MOVE: i64 = 512;
/// How often a transaction is tried where others write to the same rows.
const TRIES: u32 = 5;

/// A subscriber's claims are made one after another, whichever instance makes them.
const PLACE: &str =
    "SELECT position FROM subscriber WHERE name = $1 AND gone_at IS NULL FOR UPDATE";
/// Without a lock: whether there is anything to do.
const NEWS: &str = "SELECT subscriber.position FROM subscriber WHERE name = $1 AND gone_at IS NULL AND \
    (position < (SELECT feed_end.position FROM feed_end) \
    OR EXISTS (SELECT 1 FROM delivery WHERE subscriber = $1 AND due_at <= $2))";
const NEWEST: &str = "SELECT max(position) FROM \
    (SELECT position FROM feed WHERE position > $1 ORDER BY position LIMIT $2) AS next";
const MAKE: &str = "INSERT INTO delivery (position, subscriber, reference, due_at, tries, since) \
    SELECT position, $1::TEXT, reference, $4::BIGINT, 0, $4::BIGINT FROM feed JOIN event USING (instance, sequence) \
    WHERE position > $2 AND position <= $3 AND state_after IS NOT NULL";
const MOVED: &str = "UPDATE subscriber SET position = $2 WHERE name = $1";
const DUE: &str = "SELECT position, tries, since FROM delivery AS due \
    WHERE subscriber = $1 AND due_at <= $2 AND NOT EXISTS (SELECT 1 FROM delivery AS earlier \
    WHERE earlier.reference = due.reference AND earlier.subscriber = due.subscriber \
    AND earlier.position < due.position AND earlier.due_at IS NOT NULL) \
    ORDER BY due_at, position LIMIT $3";
const LEASE: &str = "UPDATE delivery SET due_at = $3, tries = tries + 1 \
    WHERE subscriber = $1 AND position = ANY($2)";
const EVENTS: &str = concat!(
    "SELECT ",
    event_columns!(),
    ", position FROM feed JOIN event USING (instance, sequence) WHERE position = ANY($1)"
);

/// A transaction that may be made twice: where others were first, or the connection was stale.
macro_rules! writing {
    ($self:ident, |$client:ident| $act:expr) => {{
        let mut tries = 1_u32;
        loop {
            let act = async {
                let mut pooled = $self.pool.get().await?;
                let $client = &mut pooled;
                $act.await
            };
            match act.await {
                Err(Trouble::Race(_)) if tries < TRIES => tries = tries.saturating_add(1),
                Err(Trouble::Down(_)) if tries == 1 => tries = tries.saturating_add(1),
                done => break done.map_err(Trouble::into_error),
            }
        }
    }};
}

#[async_trait]
impl Outbox for PostgresLedger {
    async fn subscribe(&self, names: Vec<String>) -> Result<(), LedgerError> {
        const SQL: &str = "INSERT INTO subscriber (name, position) \
            SELECT name, (SELECT position FROM feed_end) FROM unnest($1::TEXT[]) AS new (name) \
            ON CONFLICT (name) DO NOTHING";
        self.must_write()?;
        number(&self.pool).await?;
        writing!(self, |client| run(client, &[(SQL, &[&names])])).map(|_| ())
    }

    async fn claim_deliveries(
        &self,
        subscriber: &str,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Delivery>, LedgerError> {
        self.must_write()?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let times = (now.as_microsecond(), lease_until.as_microsecond());
        number(&self.pool).await?;
        writing!(self, |client| claim(client, subscriber, times, limit))
    }

    async fn settle(&self, attempt: Attempt) -> Result<(), LedgerError> {
        self.must_write()?;
        writing!(self, |client| settle(client, &attempt))
    }

    async fn deliveries(&self, which: Deliveries) -> Result<Vec<Tracked>, LedgerError> {
        reading!(self, |client| deliveries(&client, &which))
    }

    async fn told(&self, after: Option<Mark>, limit: usize) -> Result<Vec<Told>, LedgerError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        reading!(self, |client| told(&client, after.as_ref(), limit))
    }

    async fn backlog(&self) -> Result<Vec<Backlog>, LedgerError> {
        reading!(self, |client| backlog(&client))
    }

    async fn tell_again(
        &self,
        subscriber: &str,
        what: Again,
        now: Timestamp,
    ) -> Result<u64, LedgerError> {
        const BACK: &str = "UPDATE subscriber SET gone_at = NULL WHERE name = $1";
        const OF: &str = "UPDATE delivery SET due_at = $2, since = $2, tries = 0, taken_at = NULL \
            WHERE subscriber = $1 AND reference = $3";
        const GIVEN_UP: &str = "UPDATE delivery SET due_at = $2, since = $2, tries = 0 \
            WHERE subscriber = $1 AND due_at IS NULL AND taken_at IS NULL";
        self.must_write()?;
        let now = now.as_microsecond();
        let back: [&(dyn ToSql + Sync); 1] = [&subscriber];
        let reference = match &what {
            Again::Of(reference) => reference.as_bytes().as_slice(),
            Again::GivenUp => &[],
        };
        let all: [&(dyn ToSql + Sync); 3] = [&subscriber, &now, &reference];
        let again = match what {
            Again::Of(_) => (OF, &all[..]),
            Again::GivenUp => (GIVEN_UP, all.get(..2).unwrap_or_default()),
        };
        writing!(self, |client| run(client, &[(BACK, &back), again]))
    }
}

impl PostgresLedger {
    /// Takes over whom a file told, and up to where.
    pub(in crate::ledger) async fn take_places(
        &self,
        places: &[(String, i64, Option<Timestamp>)],
    ) -> Result<(), LedgerError> {
        const SQL: &str = "INSERT INTO subscriber (name, position, gone_at) \
            SELECT * FROM unnest($1::TEXT[], $2::BIGINT[], $3::BIGINT[]) \
            ON CONFLICT (name) DO UPDATE SET position = excluded.position";
        let names: Vec<&str> = places.iter().map(|(name, ..)| name.as_str()).collect();
        let positions: Vec<i64> = places.iter().map(|(_, position, _)| *position).collect();
        let gone: Vec<Option<i64>> =
            places.iter().map(|(.., gone)| gone.map(Timestamp::as_microsecond)).collect();
        writing!(self, |client| run(client, &[(SQL, &[&names, &positions, &gone])])).map(|_| ())
    }
}

/// Every statement sees what was committed before it, and so what others did before we had the lock.
async fn begin(client: &mut Client) -> Result<Transaction<'_>, Trouble> {
    let builder = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
    Ok(builder.start().await?)
}

/// Statements in one transaction; how many rows the last of them changed.
async fn run(
    client: &mut Client,
    statements: &[(&str, &[&(dyn ToSql + Sync)])],
) -> Result<u64, Trouble> {
    let transaction = begin(client).await?;
    let mut changed = 0;
    for (sql, params) in statements {
        let statement = transaction.prepare_cached(sql).await?;
        changed = transaction.execute(&statement, params).await?;
    }
    transaction.commit().await?;
    Ok(changed)
}

async fn claim(
    client: &mut Client,
    subscriber: &str,
    (now, lease_until): (i64, i64),
    limit: i64,
) -> Result<Vec<Delivery>, Trouble> {
    let read = |row: &Row| position(row, 0);
    if all(&*client, NEWS, &[&subscriber, &now], read).await?.is_empty() {
        return Ok(Vec::new());
    }
    let transaction = begin(client).await?;
    let place = all(&transaction, PLACE, &[&subscriber], read).await?;
    let Some(place) = place.first().copied() else { return Ok(Vec::new()) };
    let place_and_more: [&(dyn ToSql + Sync); 2] = [&place, &MOVE];
    let newest =
        all(&transaction, NEWEST, &place_and_more, |row| Ok(cell(row, 0).and_then(row::integer)));
    if let Some(newest) = newest.await?.into_iter().flatten().next() {
        let make: [&(dyn ToSql + Sync); 4] = [&subscriber, &place, &newest, &now];
        transaction.execute(&transaction.prepare_cached(MAKE).await?, &make).await?;
        let moved: [&(dyn ToSql + Sync); 2] = [&subscriber, &newest];
        transaction.execute(&transaction.prepare_cached(MOVED).await?, &moved).await?;
    }
    let params: [&(dyn ToSql + Sync); 3] = [&subscriber, &now, &limit];
    let due = all(&transaction, DUE, &params, |row| {
        let since = cell(row, 2).and_then(row::instant).ok_or(inconsistent("delivery", "since"))?;
        Ok((position(row, 0)?, tries(row, 1)?, since))
    });
    let due: Vec<(i64, u32, Timestamp)> = due.await?;
    let positions: Vec<i64> = due.iter().map(|(position, ..)| *position).collect();
    let lease: [&(dyn ToSql + Sync); 3] = [&subscriber, &positions, &lease_until];
    transaction.execute(&transaction.prepare_cached(LEASE).await?, &lease).await?;
    let found = all(&transaction, EVENTS, &[&positions], placed_with_position).await?;
    let items = items(&transaction, found).await?;
    transaction.commit().await?;
    let mut items: HashMap<i64, _> =
        items.into_iter().map(|item| (item.cursor.position, item)).collect();
    let delivery = |(position, tries, since)| {
        let item = items.remove(&position).ok_or(inconsistent("delivery", "position"))?;
        Ok(Delivery { item, tries, since })
    };
    Ok(due.into_iter().map(delivery).collect::<Result<_, LedgerError>>()?)
}

fn placed_with_position(row: &Row) -> Result<(i64, Placed), LedgerError> {
    Ok((position(row, POSITION)?, placed(row)?))
}

async fn settle(client: &mut Client, attempt: &Attempt) -> Result<(), Trouble> {
    // Purged meanwhile, there is nothing to write down.
    const LOG: &str = "INSERT INTO attempt (position, subscriber, at, answer) \
        SELECT position, subscriber, $3::BIGINT, $4::TEXT FROM delivery \
        WHERE position = $1 AND subscriber = $2 ON CONFLICT DO NOTHING";
    const TAKEN: &str = "UPDATE delivery SET due_at = NULL, taken_at = $3 \
        WHERE position = $1 AND subscriber = $2";
    const OPEN: &str = "UPDATE delivery SET due_at = $3 \
        WHERE position = $1 AND subscriber = $2 AND due_at IS NOT NULL";
    const GONE: &str = "UPDATE subscriber SET gone_at = $2 WHERE name = $1";
    let Attempt { subscriber, position, at, answer, again } = attempt;
    let (at, again) = (at.as_microsecond(), again.map(Timestamp::as_microsecond));
    let (word, name) = (answer.word(), subscriber.as_str());
    let log: [&(dyn ToSql + Sync); 4] = [position, &name, &at, &word];
    let taken: [&(dyn ToSql + Sync); 3] = [position, &name, &at];
    let open: [&(dyn ToSql + Sync); 3] = [position, &name, &again];
    let gone: [&(dyn ToSql + Sync); 2] = [&name, &at];
    let mut statements: Vec<(&str, &[&(dyn ToSql + Sync)])> = vec![(LOG, &log)];
    match answer {
        Answer::Taken => statements.push((TAKEN, &taken)),
        Answer::Gone => statements.extend([(OPEN, &open[..]), (GONE, &gone[..])]),
        Answer::Elsewhere
        | Answer::Refused
        | Answer::Failed
        | Answer::Lost
        | Answer::Unreachable
        | Answer::Forbidden => statements.push((OPEN, &open)),
    }
    run(client, &statements).await.map(|_| ())
}

pub(super) fn tries(row: &Row, place: usize) -> Result<u32, LedgerError> {
    let tries = cell(row, place).and_then(row::integer);
    tries.and_then(|tries| u32::try_from(tries).ok()).ok_or(inconsistent("delivery", "tries"))
}
