//! The record at a glance, from a database.

use super::PostgresLedger;
use super::read::reading;
use super::select::{all, cell, events, hand_offs, judged};
use super::trouble::Trouble;
use crate::ledger::row::{self, inconsistent};
use crate::ledger::survey::{Counted, developed};
use crate::ledger::{LedgerError, Stretch, Survey, Surveyor};
use crate::payment::Reference;
use async_trait::async_trait;
use deadpool_postgres::Client;
use tokio_postgres::IsolationLevel;
use tokio_postgres::types::ToSql;

/// Both tables are read by the same stretch of their indexes.
const GROUPS: &str = "WITH each AS ( \
        SELECT reference, max(CASE state_after WHEN 'handed_off' THEN 0 WHEN 'in_doubt' THEN 1 \
                WHEN 'lapsed' THEN 2 WHEN 'cancelled' THEN 3 WHEN 'declined' THEN 4 \
                WHEN 'accepted' THEN 5 END) AS rank, \
            max(CASE fact WHEN 'overdue' THEN 1 ELSE 0 END) AS overdue, \
            max(CASE source WHEN 'notice' THEN recorded_at END) AS webhook_at \
        FROM event WHERE reference >= $1 AND reference < $2 GROUP BY reference \
    ) SELECT kind, method, frequency, currency, CAST(rank AS BIGINT), count(*), \
        CAST(sum(amount) AS BIGINT), \
        CAST(sum(CASE WHEN overdue = 1 AND rank = 0 THEN 1 ELSE 0 END) AS BIGINT), max(webhook_at) \
    FROM hand_off JOIN each USING (reference) \
    WHERE hand_off.reference >= $1 AND hand_off.reference < $2 AND mode = $3 \
    GROUP BY kind, method, frequency, currency, rank";

/// Of evidence that agrees with what was asked.
const DEVELOPMENTS: &str = "SELECT it.fact, count(*) FROM event AS it \
    JOIN hand_off AS opening ON opening.reference = it.reference \
    WHERE it.reference >= $1 AND it.reference < $2 AND opening.mode = $3 \
    AND it.fact IN ('refunded', 'charged_back', 'mandate_live', 'mandate_failed', 'mandate_cancelled', \
        'collection_paid', 'collection_unpaid') \
    AND coalesce(it.mode, opening.mode) = opening.mode \
    AND coalesce(it.currency, opening.currency) = opening.currency GROUP BY it.fact";

/// Which may not agree; the one rule says which do not (`payment/standing.rs`).
const SUSPECTS: &str = "SELECT it.reference FROM event AS it \
    JOIN hand_off AS opening ON opening.reference = it.reference \
    WHERE it.reference >= $1 AND it.reference < $2 AND opening.mode = $3 \
    AND it.source <> 'opened' GROUP BY it.reference \
    HAVING count(CASE WHEN it.mode <> opening.mode OR it.currency <> opening.currency \
        OR (it.fact IN ('accepted', 'declined', 'cancelled', 'lapsed') \
            AND (it.amount IS NULL OR it.amount <> opening.amount)) THEN 1 END) > 0 \
    OR count(DISTINCT CASE WHEN it.fact IN ('accepted', 'declined', 'cancelled', 'lapsed') \
        THEN it.fact END) > 1 \
    OR count(DISTINCT CASE it.fact WHEN 'accepted' THEN it.processor_reference END) > 1 \
    OR (count(CASE WHEN it.fact NOT IN ('accepted', 'declined', 'cancelled', 'lapsed', 'overdue', \
            'not_found', 'pending') THEN 1 END) > 0 \
        AND count(CASE WHEN it.fact IN ('declined', 'cancelled', 'lapsed') THEN 1 END) > 0) \
    ORDER BY it.reference DESC";

/// How many suspects are looked at in one question.
const CHUNK: usize = 256;

#[async_trait]
impl Surveyor for PostgresLedger {
    async fn survey(&self, stretch: Stretch) -> Result<Survey, LedgerError> {
        reading!(self, |client| survey(client, &stretch))
    }
}

async fn survey(mut client: Client, stretch: &Stretch) -> Result<Survey, Trouble> {
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    let [from, until] = stretch.bounds();
    let mode = stretch.mode.word();
    let params: [&(dyn ToSql + Sync); 3] = [&from.as_slice(), &until.as_slice(), &mode];
    let counted =
        all(&transaction, GROUPS, &params, |row| Counted::of(|place| cell(row, place))).await?;
    let developments =
        all(&transaction, DEVELOPMENTS, &params, |row| developed(|place| cell(row, place))).await?;
    let suspects: Vec<Reference> = all(&transaction, SUSPECTS, &params, |row| {
        cell(row, 0).and_then(row::reference).ok_or(inconsistent("event", "reference"))
    })
    .await?;
    let mut survey = Survey::of(counted, developments);
    for chunk in suspects.chunks(CHUNK) {
        let bytes = super::purge::bytes(chunk);
        let mut hand_offs = hand_offs(&transaction, &bytes).await?;
        let mut events = events(&transaction, &bytes).await?;
        for reference in chunk {
            let Some(hand_off) = hand_offs.remove(reference) else { continue };
            let placed = events.remove(reference).unwrap_or_default();
            survey.consider(judged(hand_off, &placed)?);
        }
    }
    transaction.rollback().await?;
    Ok(survey)
}
