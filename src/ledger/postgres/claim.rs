//! Leases: what is due goes to one chaser alone, whichever instance it runs in (security.md, FM-84).

use super::select::{all, cell, hand_off_columns};
use super::trouble::Trouble;
use crate::ledger::row::{self, inconsistent};
use crate::ledger::{Claim, LedgerError};
use deadpool_postgres::Pool;
use jiff::Timestamp;

/// What another chaser is just taking is passed over, not waited for.
const DUE: &str = concat!(
    "SELECT ",
    hand_off_columns!(),
    ", tries FROM chase JOIN hand_off USING (reference) WHERE due_at <= $1 \
     ORDER BY due_at, chase.reference LIMIT $2 FOR UPDATE OF chase SKIP LOCKED"
);
const LEASE: &str =
    "UPDATE chase SET due_at = $2, tries = tries + 1 WHERE reference = ANY($1::BYTEA[])";

/// How often it is tried where others write to the same rows.
const TRIES: u32 = 5;

/// See [`crate::ledger::Ledger::claim`]. Where the commit is not answered, a lease may stand until its
/// end: then it is due again.
pub(super) async fn claim(
    pool: &Pool,
    now: Timestamp,
    lease_until: Timestamp,
    limit: usize,
) -> Result<Vec<Claim>, LedgerError> {
    let mut tries = 1_u32;
    loop {
        match attempt(pool, now, lease_until, limit).await {
            Err(Trouble::Race(_)) if tries < TRIES => tries = tries.saturating_add(1),
            done => return done.map_err(Trouble::into_error),
        }
    }
}

async fn attempt(
    pool: &Pool,
    now: Timestamp,
    lease_until: Timestamp,
    limit: usize,
) -> Result<Vec<Claim>, Trouble> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut client = pool.get().await?;
    let transaction = client.transaction().await?;
    let due = all(&transaction, DUE, &[&now.as_microsecond(), &limit], |row| {
        let tries = cell(row, row::HAND_OFF.len()).and_then(row::integer);
        Ok(Claim {
            hand_off: row::hand_off(|place| cell(row, place))?,
            tries: tries
                .and_then(|tries| u32::try_from(tries).ok())
                .ok_or(inconsistent("chase", "tries"))?,
        })
    })
    .await?;
    if due.is_empty() {
        transaction.rollback().await?;
        return Ok(due);
    }
    let references: Vec<&[u8]> =
        due.iter().map(|claim| claim.hand_off.reference.as_bytes().as_slice()).collect();
    let statement = transaction.prepare_cached(LEASE).await?;
    transaction.execute(&statement, &[&references, &lease_until.as_microsecond()]).await?;
    transaction.commit().await?;
    Ok(due)
}
