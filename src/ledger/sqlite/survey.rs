//! The record at a glance, from SQLite.

use super::SqliteLedger;
use super::select::{all, cell, entry};
use super::trouble::Trouble;
use crate::ledger::row::{self, inconsistent};
use crate::ledger::survey::{Counted, developed};
use crate::ledger::{LedgerError, Stretch, Survey, Surveyor};
use async_trait::async_trait;
use rusqlite::Connection;

/// A hand-off's events stand side by side, so that each is grouped without sorting.
const GROUPS: &str = "WITH each AS ( \
        SELECT max(kind) AS kind, max(method) AS method, max(frequency) AS frequency, \
            max(asked_currency) AS currency, max(asked_amount) AS amount, max(asked_mode) AS mode, \
            max(CASE state_after WHEN 'handed_off' THEN 0 WHEN 'in_doubt' THEN 1 WHEN 'lapsed' THEN 2 \
                WHEN 'cancelled' THEN 3 WHEN 'declined' THEN 4 WHEN 'accepted' THEN 5 END) AS rank, \
            max(fact = 'overdue') AS overdue, \
            max(CASE source WHEN 'notice' THEN recorded_at END) AS webhook_at \
        FROM event WHERE reference >= ?1 AND reference < ?2 GROUP BY reference \
    ) SELECT kind, method, frequency, currency, rank, count(*), sum(amount), \
        sum(coalesce(overdue, 0) AND rank = 0), max(webhook_at) \
    FROM each WHERE mode = ?3 GROUP BY kind, method, frequency, currency, rank";

/// Of evidence that agrees with what was asked.
const DEVELOPMENTS: &str = "SELECT it.fact, count(*) FROM event AS it \
    JOIN event AS opening ON opening.reference = it.reference AND opening.event_id = it.reference \
    WHERE it.reference >= ?1 AND it.reference < ?2 AND opening.asked_mode = ?3 \
    AND it.fact IN ('refunded', 'charged_back', 'mandate_live', 'mandate_failed', 'mandate_cancelled', \
        'collection_paid', 'collection_unpaid') \
    AND coalesce(it.mode, opening.asked_mode) = opening.asked_mode \
    AND coalesce(it.currency, opening.asked_currency) = opening.asked_currency GROUP BY it.fact";

/// Which may not agree; the one rule says which do not (`payment/standing.rs`).
const SUSPECTS: &str = "SELECT it.reference FROM event AS it \
    JOIN event AS opening ON opening.reference = it.reference AND opening.event_id = it.reference \
    WHERE it.reference >= ?1 AND it.reference < ?2 AND opening.asked_mode = ?3 \
    AND it.source <> 'opened' GROUP BY it.reference \
    HAVING max(it.mode <> opening.asked_mode) = 1 OR max(it.currency <> opening.asked_currency) = 1 \
    OR max(it.fact IN ('accepted', 'declined', 'cancelled', 'lapsed') \
        AND it.amount IS NOT opening.asked_amount) = 1 \
    OR count(DISTINCT CASE WHEN it.fact IN ('accepted', 'declined', 'cancelled', 'lapsed') \
        THEN it.fact END) > 1 \
    OR count(DISTINCT CASE it.fact WHEN 'accepted' THEN it.processor_reference END) > 1 \
    OR (max(it.fact NOT IN ('accepted', 'declined', 'cancelled', 'lapsed', 'overdue', 'not_found', \
        'pending')) = 1 AND max(it.fact IN ('declined', 'cancelled', 'lapsed')) = 1) \
    ORDER BY it.reference DESC";

#[async_trait]
impl Surveyor for SqliteLedger {
    async fn survey(&self, stretch: Stretch) -> Result<Survey, LedgerError> {
        self.read(move |connection| survey(connection, &stretch)).await
    }
}

fn survey(connection: &Connection, stretch: &Stretch) -> Result<Survey, Trouble> {
    let transaction = connection.unchecked_transaction()?;
    let [from, until] = stretch.bounds();
    let params = || (from, until, stretch.mode.word());
    let counted = all(connection, GROUPS, params(), |row| Counted::of(|place| cell(row, place)))?;
    let developments =
        all(connection, DEVELOPMENTS, params(), |row| developed(|place| cell(row, place)))?;
    let suspects = all(connection, SUSPECTS, params(), |row| {
        cell(row, 0).and_then(row::reference).ok_or(inconsistent("event", "reference"))
    })?;
    let mut survey = Survey::of(counted, developments);
    for reference in suspects {
        if let Some(entry) = entry(connection, reference)? {
            survey.consider(entry);
        }
    }
    transaction.finish()?;
    Ok(survey)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Ledger as _;
    use crate::ledger::sqlite::SqliteSettings;

    /// However long the record is: no question reads more of it than its stretch.
    #[tokio::test]
    async fn every_question_is_answered_by_an_index_that_begins_with_the_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ledger.db");
        let ledger = SqliteLedger::open(&file, SqliteSettings::default()).unwrap();
        ledger.ready().await.unwrap();
        let connection = Connection::open(&file).unwrap();
        for sql in [GROUPS, DEVELOPMENTS, SUSPECTS] {
            let mut statement = connection.prepare(&["EXPLAIN QUERY PLAN ", sql].concat()).unwrap();
            let plan =
                statement.query_map((vec![0_u8; 16], vec![9_u8; 16], "test"), |row| row.get(3));
            let plan: Vec<String> = plan.unwrap().map(Result::unwrap).collect();
            let reads: Vec<_> = plan
                .iter()
                .filter(|step| step.starts_with("SCAN ") || step.starts_with("SEARCH "))
                .filter(|step| !step.ends_with(" each"))
                .collect();
            assert!(!reads.is_empty(), "{plan:?}");
            for step in reads {
                let bounded = ["(reference>? AND reference<?)", "(reference=? AND event_id=?)"];
                assert!(bounded.iter().any(|by| step.contains(by)), "{plan:#?}");
            }
        }
    }
}
