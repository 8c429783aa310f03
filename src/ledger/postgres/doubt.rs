//! What is in doubt, by an index of its own: the many hosted pages beside it are never looked at.

use super::PostgresLedger;
use super::read::reading;
use super::select::{all, cell, events, hand_offs, judged};
use super::trouble::Trouble;
use crate::ledger::row::{self, Cell, inconsistent};
use crate::ledger::{Doubt, Doubts, ENOUGH_TRIES, LedgerError, PATIENCE};
use deadpool_postgres::Client;
use tokio_postgres::IsolationLevel;

impl PostgresLedger {
    pub(super) async fn find_doubts(&self, limit: usize) -> Result<Vec<Doubt>, LedgerError> {
        reading!(self, |client| oldest(client, limit))
    }

    pub(super) async fn find_doubts_count(&self) -> Result<Doubts, LedgerError> {
        const SQL: &str = "SELECT count(*), min(doubt_since), \
            count(CASE WHEN due_at IS NULL OR (tries >= $1 AND due_at - doubt_since > $2) \
                THEN 1 END), count(CASE WHEN EXISTS ( \
                SELECT 1 FROM event WHERE event.reference = chase.reference AND fact = 'overdue' \
            ) THEN 1 END) FROM chase WHERE doubt_since IS NOT NULL";
        let tries = i64::from(ENOUGH_TRIES);
        let patience = i64::try_from(PATIENCE.as_micros()).unwrap_or(i64::MAX);
        let found: Result<Vec<Doubts>, LedgerError> =
            reading!(self, |client| all(&client, SQL, &[&tries, &patience], |row| {
                let number = |place| -> Option<u64> {
                    let number = cell(row, place).and_then(row::integer)?;
                    u64::try_from(number).ok()
                };
                Ok(Doubts {
                    count: number(0).unwrap_or(0),
                    oldest: cell(row, 1).and_then(row::instant),
                    given_up: number(2).unwrap_or(0),
                    overdue: number(3).unwrap_or(0),
                })
            }));
        Ok(found?.into_iter().next().unwrap_or_default())
    }
}

/// The oldest first, all of one state of the database.
async fn oldest(mut client: Client, limit: usize) -> Result<Vec<Doubt>, Trouble> {
    const SQL: &str = "SELECT reference, tries, due_at FROM chase \
        WHERE doubt_since IS NOT NULL ORDER BY doubt_since, reference LIMIT $1";
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = all(&transaction, SQL, &[&limit], |row| {
        let read = |place| cell(row, place);
        let tries = read(1).and_then(row::integer).and_then(|tries| u32::try_from(tries).ok());
        let due_at = match read(2) {
            Some(Cell::Null) => None,
            due_at => Some(due_at.and_then(row::instant).ok_or(inconsistent("chase", "due_at"))?),
        };
        let reference = read(0).and_then(row::reference);
        let reference = reference.ok_or(inconsistent("chase", "reference"))?;
        Ok((reference, tries.ok_or(inconsistent("chase", "tries"))?, due_at))
    })
    .await?;
    let references: Vec<&[u8]> =
        rows.iter().map(|(reference, ..)| reference.as_bytes().as_slice()).collect();
    let mut hand_offs = hand_offs(&transaction, &references).await?;
    let mut events = events(&transaction, &references).await?;
    transaction.rollback().await?;
    let doubt = |(reference, tries, due_at)| {
        let hand_off = hand_offs.remove(&reference).ok_or(inconsistent("hand_off", "reference"))?;
        let entry = judged(hand_off, &events.remove(&reference).unwrap_or_default())?;
        Ok(Doubt { entry, tries, due_at })
    };
    Ok(rows.into_iter().map(doubt).collect::<Result<_, LedgerError>>()?)
}
