//! What is only read. A connection that has gone since it was last used is no reason to fail: the
//! same is asked once more over another.

use super::PostgresLedger;
use super::select::{self, all, cell, event_columns, events, hand_off_columns, judged, placed};
use super::trouble::Trouble;
use super::{prove, purge};
use crate::ledger::row::{self, inconsistent};
use crate::ledger::{
    Entry, Event, IdempotencyKey, LedgerError, Opening, Page, Past, Purged, Report, Trace, Verified,
};
use crate::payment::{ProcessorText, Reference};
use deadpool_postgres::Client;
use jiff::Timestamp;
use tokio_postgres::IsolationLevel;

/// How many hand-offs are read at once where only some of them are listed.
const CHUNK: usize = 256;

/// Reads with a pooled connection, and once more where that one was stale.
macro_rules! reading {
    ($self:ident, |$client:ident| $read:expr) => {{
        let mut again = true;
        loop {
            let read = async {
                let $client = $self.pool.get().await?;
                $read.await
            };
            match read.await {
                Ok(found) => break Ok(found),
                Err(Trouble::Down(_)) if again => again = false,
                Err(trouble) => break Err(trouble.into_error()),
            }
        }
    }};
}
pub(super) use reading;

impl PostgresLedger {
    pub(super) async fn find_entry(
        &self,
        reference: Reference,
    ) -> Result<Option<Entry>, LedgerError> {
        reading!(self, |client| select::entry(&client, reference))
    }

    pub(super) async fn find_events(
        &self,
        reference: Reference,
    ) -> Result<Vec<Event>, LedgerError> {
        let references: [&[u8]; 1] = [reference.as_bytes()];
        let found: Result<_, LedgerError> = reading!(self, |client| events(&client, &references));
        let found = found?.remove(&reference).unwrap_or_default();
        Ok(found.into_iter().map(|placed| placed.event).collect())
    }

    pub(super) async fn find_kept(
        &self,
        key: IdempotencyKey,
    ) -> Result<Option<Opening>, LedgerError> {
        reading!(self, |client| kept(&client, key))
    }

    pub(super) async fn find_traces(
        &self,
        reference: Reference,
    ) -> Result<Vec<Trace>, LedgerError> {
        const SQL: &str =
            "SELECT mark, purpose, at FROM trace WHERE reference = $1 ORDER BY at, mark";
        let reference = reference.as_bytes().as_slice();
        reading!(self, |client| all(&client, SQL, &[&reference], |row| row::trace(|place| cell(
            row, place
        ))))
    }

    pub(super) async fn find_another(
        &self,
        text: &ProcessorText,
        reference: Reference,
    ) -> Result<bool, LedgerError> {
        const SQL: &str = "SELECT sequence FROM event \
            WHERE processor_reference = $1 AND reference <> $2 LIMIT 1";
        let (text, reference) = (text.as_str(), reference.as_bytes().as_slice());
        let found: Result<Vec<()>, LedgerError> =
            reading!(self, |client| all(&client, SQL, &[&text, &reference], |_| Ok(())));
        Ok(!found?.is_empty())
    }

    pub(super) async fn find_progress(
        &self,
        report: Report,
    ) -> Result<Option<Timestamp>, LedgerError> {
        const SQL: &str = "SELECT until FROM progress WHERE report = $1";
        let report = report.word();
        let found: Result<Vec<Timestamp>, LedgerError> =
            reading!(self, |client| all(&client, SQL, &[&report], |row| {
                cell(row, 0).and_then(row::instant).ok_or(inconsistent("progress", "until"))
            }));
        Ok(found?.into_iter().next())
    }

    pub(super) async fn find_purgeable(&self, past: Past) -> Result<Purged, LedgerError> {
        reading!(self, |client| purge::purgeable(client, past))
    }

    pub(super) async fn find_whole(&self) -> Result<Verified, LedgerError> {
        reading!(self, |client| prove::prove(client, &self.sealer))
    }

    pub(super) async fn find_parked(&self, limit: usize) -> Result<Vec<Event>, LedgerError> {
        const SQL: &str = concat!(
            "SELECT ",
            event_columns!(),
            " FROM event WHERE source <> 'opened' AND state_after IS NULL AND NOT EXISTS \
             (SELECT 1 FROM hand_off WHERE hand_off.reference = event.reference) \
             ORDER BY (SELECT begun_at FROM instance WHERE instance.instance = event.instance), \
             instance, sequence LIMIT $1"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found: Result<Vec<_>, LedgerError> =
            reading!(self, |client| all(&client, SQL, &[&limit], placed));
        Ok(found?.into_iter().map(|placed| placed.event).collect())
    }

    pub(super) async fn find_page(&self, page: Page) -> Result<Vec<Entry>, LedgerError> {
        let mut found = Vec::new();
        let mut before = page.before;
        let all = page.state.is_none() && !page.attention;
        let chunk = if all { page.limit.min(CHUNK) } else { CHUNK };
        while found.len() < page.limit {
            let entries: Result<Vec<Entry>, LedgerError> =
                reading!(self, |client| chunk_of(client, before, chunk));
            let entries = entries?;
            let Some(oldest) = entries.last() else { break };
            before = Some(oldest.hand_off.reference);
            found.extend(entries.into_iter().filter(|entry| {
                page.state.is_none_or(|state| state == entry.standing.state)
                    && !(page.attention && entry.standing.attention.is_empty())
            }));
        }
        found.truncate(page.limit);
        Ok(found)
    }
}

/// The newest `limit` hand-offs before a reference, newest first, all of one state of the database.
async fn chunk_of(
    mut client: Client,
    before: Option<Reference>,
    limit: usize,
) -> Result<Vec<Entry>, Trouble> {
    const SQL: &str = concat!(
        "SELECT ",
        hand_off_columns!(),
        " FROM hand_off WHERE reference < $1 ORDER BY reference DESC LIMIT $2"
    );
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    // No UUIDv7 is as great as this.
    let before = before.map_or([u8::MAX; 16], |reference| *reference.as_bytes());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&before.as_slice(), &limit];
    let rows = all(&transaction, SQL, &params, |row| row::hand_off(|i| cell(row, i))).await?;
    let references: Vec<&[u8]> =
        rows.iter().map(|hand_off| hand_off.reference.as_bytes().as_slice()).collect();
    let mut events = events(&transaction, &references).await?;
    transaction.rollback().await?;
    let judge = |hand_off: crate::ledger::HandOff| {
        let events = events.remove(&hand_off.reference).unwrap_or_default();
        judged(hand_off, &events)
    };
    Ok(rows.into_iter().map(judge).collect::<Result<_, _>>()?)
}

/// What a key that was used before stands for.
async fn kept(client: &Client, key: IdempotencyKey) -> Result<Option<Opening>, Trouble> {
    let each: Vec<_> = key.each().collect();
    let keys: Vec<_> = each.iter().map(|key| key.key.as_slice()).collect();
    let found = select::kept(client, &keys).await?;
    let known = each.iter().find_map(|key| Some((found.get(&key.key)?, key.fingerprint)));
    let Some(((kept, reference), fingerprint)) = known else { return Ok(None) };
    if *kept != fingerprint {
        return Ok(Some(Opening::Conflicting));
    }
    let known = select::entry(client, *reference).await?;
    known.map(Opening::Repeated).map(Some).ok_or(inconsistent("hand_off", "reference").into())
}
