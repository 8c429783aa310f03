//! The proof of the whole record, read in parts.

use super::purge;
use super::select::{CHUNK, all, record, record_columns, records};
use super::trouble::Trouble;
use crate::ledger::Verified;
use crate::ledger::chain::Proof;
use rusqlite::Connection;

/// How far the record was read.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    proof: Proof,
    /// The newest run that was written down as purged when it was begun.
    purged: Option<i64>,
}

/// What reading a part came to.
pub(super) enum Step {
    /// There is more.
    Further(Reading),
    /// That was all, and it is whole.
    Whole(Verified),
}

impl Reading {
    pub(super) const fn new() -> Self {
        Self { proof: Proof::new(), purged: None }
    }
}

/// Reads the next part. Where something was purged meanwhile it begins anew: what was read is no longer
/// what is there.
pub(super) fn prove(connection: &Connection, reading: Reading) -> Result<Step, Trouble> {
    const SQL: &str = concat!(
        "SELECT ",
        record_columns!(),
        " FROM event WHERE sequence > ?1 ORDER BY sequence LIMIT ?2"
    );
    let transaction = connection.unchecked_transaction()?;
    let purged = purge::newest(connection)?;
    let mut proof = match reading.purged {
        Some(before) if before != purged => Proof::new(),
        Some(_) | None => reading.proof,
    };
    let limit = i64::try_from(CHUNK).unwrap_or(i64::MAX);
    let next = all(connection, SQL, (proof.sequence(), limit), record)?;
    for (event, _) in &next {
        if event.sequence != proof.sequence().saturating_add(1) {
            purge::pass(connection, &mut proof)?;
        }
        let (hand_off, mut earlier) = records(connection, event.reference)?;
        earlier.retain(|earlier| earlier.sequence < event.sequence);
        proof.take(event, hand_off.as_ref(), &earlier)?;
    }
    let step = if next.len() < CHUNK {
        purge::pass(connection, &mut proof)?;
        let hand_offs =
            connection.query_row("SELECT count(*) FROM hand_off", (), |row| row.get(0))?;
        Step::Whole(proof.end(hand_offs, purge::gone(connection)?)?)
    } else {
        Step::Further(Reading { proof, purged: Some(purged) })
    };
    transaction.finish()?;
    Ok(step)
}
