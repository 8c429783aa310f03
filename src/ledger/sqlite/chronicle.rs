//! The record by its chain, of which a file has one.

use super::SqliteLedger;
use super::purge;
use super::select::{all, cell, head, records};
use super::trouble::Trouble;
use crate::ledger::chain::Link;
use crate::ledger::row::{self, inconsistent};
use crate::ledger::{Chained, Chapter, Chronicle, Event, Leaf, LedgerError, There};
use crate::payment::Reference;
use async_trait::async_trait;
use rusqlite::Connection;

/// The name of a file's only chain.
const OURS: [u8; 16] = [0; 16];

#[async_trait]
impl Chronicle for SqliteLedger {
    async fn heads(&self) -> Result<Vec<Link>, LedgerError> {
        let (sequence, hash) = self.read(head).await?;
        let head = Link { instance: OURS, sequence, hash };
        Ok(if sequence > 0 { vec![head] } else { Vec::new() })
    }

    async fn there(&self, chain: [u8; 16], sequence: i64) -> Result<There, LedgerError> {
        if chain != OURS {
            return Ok(There::Nothing);
        }
        self.read(move |connection| there(connection, sequence)).await
    }

    async fn chained(&self, reference: Reference) -> Result<Option<Chained>, LedgerError> {
        self.read(move |connection| chained(connection, reference, |_| true)).await
    }

    async fn chapter(&self, chapter: Chapter) -> Result<Leaf, LedgerError> {
        self.read(move |connection| leaf(connection, &chapter)).await
    }
}

fn there(connection: &Connection, sequence: i64) -> Result<There, Trouble> {
    const SQL: &str = "SELECT hash FROM event WHERE sequence = ?1";
    let transaction = connection.unchecked_transaction()?;
    let found = all(connection, SQL, [sequence], |row| {
        cell(row, 0).and_then(row::fixed).ok_or(inconsistent("event", "hash"))
    })?;
    let found = match found.first() {
        Some(hash) => There::Hash(*hash),
        None => match purge::around(connection, sequence)? {
            Some(run) if run.last == sequence => There::PurgedTo(run.hash),
            Some(_) => There::Purged,
            None => There::Nothing,
        },
    };
    transaction.finish()?;
    Ok(found)
}

fn chained(
    connection: &Connection,
    reference: Reference,
    is_in: impl Fn(&Event) -> bool,
) -> Result<Option<Chained>, Trouble> {
    let (Some(hand_off), events) = records(connection, reference)? else { return Ok(None) };
    let events: Vec<_> =
        events.iter().filter(|event| is_in(event)).map(|event| (OURS, event)).collect();
    Ok(Chained::of(hand_off, &events))
}

fn leaf(connection: &Connection, chapter: &Chapter) -> Result<Leaf, Trouble> {
    const SQL: &str = "SELECT reference FROM hand_off WHERE reference > ?1 AND reference < ?2 \
        ORDER BY reference LIMIT ?3";
    let transaction = connection.unchecked_transaction()?;
    let limit = i64::try_from(chapter.limit).unwrap_or(i64::MAX);
    let looked = all(connection, SQL, (chapter.after, chapter.before, limit), |row| {
        cell(row, 0).and_then(row::reference).ok_or(inconsistent("hand_off", "reference"))
    })?;
    let is_full = looked.len() >= chapter.limit;
    let mut leaf = Leaf { next: looked.last().filter(|_| is_full).copied(), ..Leaf::default() };
    for reference in looked {
        let found = chained(connection, reference, |it| chapter.holds(&OURS, it.sequence))?;
        leaf.hand_offs.extend(found);
    }
    transaction.finish()?;
    Ok(leaf)
}
