//! The record by its chains.

use super::PostgresLedger;
use super::chains::tips;
use super::read::reading;
use super::select::{all, cell, events, hand_offs};
use super::trouble::Trouble;
use crate::ledger::chain::{Hash, Link};
use crate::ledger::row::{self, inconsistent};
use crate::ledger::{Chained, Chapter, Chronicle, Event, Leaf, LedgerError, There};
use crate::payment::Reference;
use async_trait::async_trait;
use deadpool_postgres::{Client, Transaction};
use tokio_postgres::types::ToSql;
use tokio_postgres::{IsolationLevel, Row};

#[async_trait]
impl Chronicle for PostgresLedger {
    async fn heads(&self) -> Result<Vec<Link>, LedgerError> {
        let tips: Result<Vec<Link>, LedgerError> = reading!(self, |client| tips(&client));
        Ok(tips?.into_iter().filter(|head| head.sequence > 0).collect())
    }

    async fn there(&self, chain: [u8; 16], sequence: i64) -> Result<There, LedgerError> {
        reading!(self, |client| there(client, chain, sequence))
    }

    async fn chained(&self, reference: Reference) -> Result<Option<Chained>, LedgerError> {
        let found: Result<Vec<Chained>, LedgerError> =
            reading!(self, |client| one(client, reference));
        Ok(found?.pop())
    }

    async fn chapter(&self, chapter: Chapter) -> Result<Leaf, LedgerError> {
        reading!(self, |client| leaf(client, &chapter))
    }
}

/// All that is read in it is of one state of the database.
async fn snapshot(client: &mut Client) -> Result<Transaction<'_>, Trouble> {
    let builder = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
    Ok(builder.read_only(true).start().await?)
}

async fn there(mut client: Client, chain: [u8; 16], sequence: i64) -> Result<There, Trouble> {
    const EVENT: &str = "SELECT hash, sequence FROM event WHERE instance = $1 AND sequence = $2";
    const RUN: &str = "SELECT hash, last FROM purged \
        WHERE instance = $1 AND first <= $2 AND last >= $2";
    let transaction = snapshot(&mut client).await?;
    let mut found = There::Nothing;
    for (sql, table) in [(EVENT, "event"), (RUN, "purged")] {
        let params: [&(dyn ToSql + Sync); 2] = [&chain.as_slice(), &sequence];
        let rows = all(&transaction, sql, &params, |row| link(row, table)).await?;
        if let Some((hash, last)) = rows.into_iter().next() {
            found = match (table, last == sequence) {
                ("event", _) => There::Hash(hash),
                (_, true) => There::PurgedTo(hash),
                (_, false) => There::Purged,
            };
            break;
        }
    }
    transaction.rollback().await?;
    Ok(found)
}

fn link(row: &Row, table: &'static str) -> Result<(Hash, i64), LedgerError> {
    let hash = cell(row, 0).and_then(row::fixed).ok_or(inconsistent(table, "hash"))?;
    Ok((hash, cell(row, 1).and_then(row::integer).ok_or(inconsistent(table, "sequence"))?))
}

async fn one(mut client: Client, reference: Reference) -> Result<Vec<Chained>, Trouble> {
    let transaction = snapshot(&mut client).await?;
    let found = chained(&transaction, &[reference], |_, _| true).await?;
    transaction.rollback().await?;
    Ok(found)
}

async fn leaf(mut client: Client, chapter: &Chapter) -> Result<Leaf, Trouble> {
    const SQL: &str = "SELECT reference FROM hand_off WHERE reference > $1 AND reference < $2 \
        ORDER BY reference LIMIT $3";
    let transaction = snapshot(&mut client).await?;
    let limit = i64::try_from(chapter.limit).unwrap_or(i64::MAX);
    let params: [&(dyn ToSql + Sync); 3] =
        [&chapter.after.as_slice(), &chapter.before.as_slice(), &limit];
    let looked = all(&transaction, SQL, &params, |row| {
        cell(row, 0).and_then(row::reference).ok_or(inconsistent("hand_off", "reference"))
    })
    .await?;
    let is_in = |chain: &[u8; 16], event: &Event| chapter.holds(chain, event.sequence);
    let hand_offs = chained(&transaction, &looked, is_in).await?;
    transaction.rollback().await?;
    let is_full = looked.len() >= chapter.limit;
    Ok(Leaf { hand_offs, next: looked.last().filter(|_| is_full).copied() })
}

/// These hand-offs in this order, by those of their events that are meant.
async fn chained(
    transaction: &Transaction<'_>,
    references: &[Reference],
    is_in: impl Fn(&[u8; 16], &Event) -> bool + Send,
) -> Result<Vec<Chained>, Trouble> {
    let bytes = super::purge::bytes(references);
    let mut hand_offs = hand_offs(transaction, &bytes).await?;
    let mut events = events(transaction, &bytes).await?;
    let mut found = Vec::new();
    for reference in references {
        let Some(hand_off) = hand_offs.remove(reference) else { continue };
        let placed = events.remove(reference).unwrap_or_default();
        let told: Vec<_> = placed
            .iter()
            .filter(|placed| is_in(&placed.instance, &placed.event))
            .map(|placed| (placed.instance, &placed.event))
            .collect();
        found.extend(Chained::of(hand_off, &told));
    }
    Ok(found)
}
