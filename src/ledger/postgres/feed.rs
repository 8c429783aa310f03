//! The feed of a database: what the chains of all instances hold, in one order.
//!
//! A writer numbers nothing: every writer would wait for every other. Whoever asks for what is new gives positions
//! to the events that have none, in the transaction that locks the last position given. An event comes after the
//! one before it of the same hand-off, whichever instance wrote that, and after the one before it in its chain.

use super::PostgresLedger;
use super::number::number;
use super::read::reading;
use super::select::{Placed, all, cell, event_columns, events, evidence, hand_offs, placed};
use super::trouble::Trouble;
use crate::ledger::chain::Hash;
use crate::ledger::row::{self, inconsistent};
use crate::ledger::{Cursor, Item, LedgerError};
use deadpool_postgres::{Client, GenericClient, Transaction};
use tokio_postgres::types::ToSql;
use tokio_postgres::{IsolationLevel, Row};

/// The column of a position that follows those of an event.
pub(super) const POSITION: usize = 17;

impl PostgresLedger {
    /// See [`crate::ledger::Ledger::feed`]. Who only reads sees what others gave a position.
    pub(super) async fn find_feed(
        &self,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Option<Vec<Item>>, LedgerError> {
        if self.writer.is_some() {
            number(&self.pool).await?;
        }
        reading!(self, |client| page(client, after, limit))
    }

    /// See [`crate::ledger::Ledger::feed_end`].
    pub(super) async fn find_feed_end(&self) -> Result<Option<Cursor>, LedgerError> {
        if self.writer.is_some() {
            number(&self.pool).await?;
        }
        reading!(self, |client| end(&client))
    }
}

/// All of one state of the database.
async fn page(
    mut client: Client,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Option<Vec<Item>>, Trouble> {
    const SQL: &str = concat!(
        "SELECT ",
        event_columns!(),
        ", position FROM feed JOIN event USING (instance, sequence) \
         WHERE position > $1 AND state_after IS NOT NULL ORDER BY position LIMIT $2"
    );
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    if let Some(cursor) = after
        && !stands(&transaction, cursor).await?
    {
        return Ok(None);
    }
    let start = after.map_or(0, |cursor| cursor.position);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let params: [&(dyn ToSql + Sync); 2] = [&start, &limit];
    let found = all(&transaction, SQL, &params, |row| Ok((position(row, POSITION)?, placed(row)?)));
    let found: Vec<(i64, Placed)> = found.await?;
    let items = items(&transaction, found).await?;
    transaction.rollback().await?;
    Ok(Some(items))
}

/// Events by their positions, and their hand-offs as they stood then.
pub(super) async fn items(
    transaction: &Transaction<'_>,
    found: Vec<(i64, Placed)>,
) -> Result<Vec<Item>, Trouble> {
    let mut references: Vec<&[u8]> =
        found.iter().map(|(_, placed)| placed.event.reference.as_bytes().as_slice()).collect();
    references.sort_unstable();
    references.dedup();
    let hand_offs = hand_offs(transaction, &references).await?;
    let histories = events(transaction, &references).await?;
    let item = |(position, Placed { place, event, .. }): &(i64, Placed)| {
        let hand_off =
            hand_offs.get(&event.reference).ok_or(inconsistent("hand_off", "reference"))?;
        let history = histories.get(&event.reference).map_or(&[][..], Vec::as_slice);
        // They come in the order of their places.
        let known = history.partition_point(|earlier| earlier.place <= *place);
        let known = evidence(history.get(..known).unwrap_or_default());
        Ok(Item::of(*position, event.clone(), hand_off.clone(), &known))
    };
    Ok(found.iter().map(item).collect::<Result<_, LedgerError>>()?)
}

async fn end(client: &impl GenericClient) -> Result<Option<Cursor>, Trouble> {
    const SQL: &str = "SELECT position, hash FROM feed JOIN event USING (instance, sequence) \
        ORDER BY position DESC LIMIT 1";
    let found = all(client, SQL, &[], |row| Ok(Cursor::of(position(row, 0)?, &hash(row, 1)?)));
    Ok(found.await?.pop())
}

/// Whether a cursor is of this record: by the event there, where it was not purged.
async fn stands(client: &impl GenericClient, cursor: Cursor) -> Result<bool, Trouble> {
    const THERE: &str =
        "SELECT hash FROM feed JOIN event USING (instance, sequence) WHERE position = $1";
    const END: &str = "SELECT position FROM feed_end";
    let found = all(client, THERE, &[&cursor.position], |row| hash(row, 0)).await?;
    if let Some(hash) = found.first() {
        return Ok(cursor.is_of(hash));
    }
    let given = all(client, END, &[], |row| position(row, 0)).await?;
    Ok(given.first().is_some_and(|given| cursor.position <= *given))
}

pub(super) fn position(row: &Row, place: usize) -> Result<i64, LedgerError> {
    cell(row, place).and_then(row::integer).ok_or(inconsistent("feed", "position"))
}

fn hash(row: &Row, place: usize) -> Result<Hash, LedgerError> {
    cell(row, place).and_then(row::fixed).ok_or(inconsistent("event", "hash"))
}
