//! Proves the feed of a database: every event that was given a place has it still, the chains stand in it in their
//! order, every hand-off too, and no number is missing but those of what was purged. In a file the feed is the
//! chain itself.

use super::select::{all, cell};
use super::trouble::Trouble;
use crate::ledger::row::{self, inconsistent};
use crate::ledger::{Break, LedgerError};
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

/// What must not be found, each with what it is called.
const WRONG: [(&str, &str); 4] = [
    (
        "SELECT event.instance, event.sequence FROM event JOIN fed USING (instance) \
         LEFT JOIN feed ON feed.instance = event.instance AND feed.sequence = event.sequence \
         WHERE event.sequence <= fed.sequence AND feed.position IS NULL LIMIT 1",
        "an event has lost its place in the feed",
    ),
    (
        "SELECT feed.instance, feed.sequence FROM feed LEFT JOIN fed USING (instance) \
         LEFT JOIN event ON event.instance = feed.instance AND event.sequence = feed.sequence \
         WHERE event.sequence IS NULL OR fed.sequence IS NULL OR feed.sequence > fed.sequence \
         OR feed.position > (SELECT max(position) FROM feed_end) LIMIT 1",
        "a place in the feed was never given",
    ),
    (
        "SELECT instance, sequence FROM (SELECT instance, sequence, position, \
         lag(position) OVER (PARTITION BY instance ORDER BY sequence) AS before FROM feed) AS placed \
         WHERE position <= before LIMIT 1",
        "the feed is not in the chain's order",
    ),
    (
        "SELECT instance, sequence FROM (SELECT instance, sequence, feed.position, \
         lag(feed.position) OVER (PARTITION BY event.reference ORDER BY event.place) AS before \
         FROM feed JOIN event USING (instance, sequence)) AS placed WHERE position <= before LIMIT 1",
        "the feed is not in its hand-off's order",
    ),
];

/// Numbers that were given and stand nowhere.
const MISSING: &str =
    "SELECT (SELECT max(position) FROM feed_end) - (SELECT count(*) FROM feed) AS missing";

/// Of one state of the database, in which `purged` events are gone.
pub(super) async fn prove(transaction: &Transaction<'_>, purged: i64) -> Result<(), Trouble> {
    for (sql, what) in WRONG {
        let found = all(transaction, sql, &[], link).await?;
        if let Some((instance, sequence)) = found.first() {
            let found = Break::at(*sequence, what).of_chain(*instance);
            return Err(LedgerError::from(found).into());
        }
    }
    let missing = all(transaction, MISSING, &[], |row| {
        cell(row, 0).and_then(row::integer).ok_or(inconsistent("feed_end", "position"))
    });
    // What was purged before anybody asked for it never had a number.
    if missing.await?.iter().all(|missing| (0..=purged).contains(missing)) {
        return Ok(());
    }
    Err(inconsistent("feed_end", "position").into())
}

fn link(row: &Row) -> Result<([u8; 16], i64), LedgerError> {
    let column = |column| inconsistent("feed", column);
    Ok((
        cell(row, 0).and_then(row::fixed).ok_or(column("instance"))?,
        cell(row, 1).and_then(row::integer).ok_or(column("sequence"))?,
    ))
}
