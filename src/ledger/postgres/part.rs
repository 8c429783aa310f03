//! The record of a file, taken in part by part as one more chain, and read back to be compared.

use super::PostgresLedger;
use super::chains::Chain;
use super::draft::Drafts;
use super::number;
use super::purge;
use super::read::reading;
use super::seals::{self, Sealer};
use super::select::{Placed, all, cell, event_columns, events, hand_offs, placed};
use super::trouble::Trouble;
use crate::ledger::chain::{Hash, Link, START};
use crate::ledger::copy::{Opened, Part, Waits};
use crate::ledger::purge::Run;
use crate::ledger::row::{self, Cell, inconsistent};
use crate::ledger::{IdempotencyKey, LedgerError, Purpose, Report, Trace};
use crate::payment::Reference;
use deadpool_postgres::{Client, GenericClient};
use jiff::Timestamp;
use std::collections::HashMap;
use tokio_postgres::Row;

/// The name of the chain of a file: nobody draws it by lot.
pub(super) const OF_A_FILE: [u8; 16] = [0; 16];

const OTHERS: &str = "SELECT count(*) FROM instance WHERE instance <> $1 AND sequence > 0";
const BEGIN: &str = "INSERT INTO instance (instance, begun_at, genesis, written, sequence, hash) \
    VALUES ($1, 0, $2, 0, 0, $2) ON CONFLICT DO NOTHING";
const PURGED: &str = "INSERT INTO purged (instance, first, last, hash) VALUES ($1, $2, $3, $4) \
    ON CONFLICT DO NOTHING";
const WAITS: &str = "INSERT INTO chase (reference, due_at, tries, doubt_since) \
    SELECT * FROM unnest($1::BYTEA[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[])";

impl PostgresLedger {
    /// Begins a copy, or finds how far one came: the newest event that was copied, and its hash.
    /// A database that holds another record gives a hash that fits nowhere.
    pub(in crate::ledger) async fn begin_copy(
        &self,
        runs: &[Run],
    ) -> Result<(i64, Hash), LedgerError> {
        self.must_write()?;
        begin(&self.pool.get().await.map_err(down)?, &self.sealer, runs)
            .await
            .map_err(Trouble::into_error)
    }

    /// Takes the next part in, whole or not at all.
    pub(in crate::ledger) async fn take(&self, part: Part) -> Result<(), LedgerError> {
        let mut client = self.pool.get().await.map_err(down)?;
        take(&mut client, &self.sealer, part).await.map_err(Trouble::into_error)
    }

    /// What is in no part; where the newest events were purged, the chain ends behind them.
    pub(in crate::ledger) async fn end_copy(
        &self,
        progress: &[(Report, Timestamp)],
        head: (i64, Hash),
    ) -> Result<(), LedgerError> {
        let mut client = self.pool.get().await.map_err(down)?;
        end(&mut client, progress, head).await.map_err(Trouble::into_error)
    }

    /// The same part again, as it was taken in.
    pub(in crate::ledger) async fn part(
        &self,
        after: i64,
        limit: usize,
    ) -> Result<Part, LedgerError> {
        reading!(self, |client| part(&client, after, limit))
    }
}

fn down(error: deadpool_postgres::PoolError) -> LedgerError {
    Trouble::from(error).into_error()
}

async fn begin(client: &Client, sealer: &Sealer, runs: &[Run]) -> Result<(i64, Hash), Trouble> {
    let name = OF_A_FILE.as_slice();
    let others: i64 = client.query_one(OTHERS, &[&name]).await?.try_get(0)?;
    if others > 0 {
        return Ok((0, [u8::MAX; 32]));
    }
    client.execute(BEGIN, &[&name, &START.as_slice()]).await?;
    let beginning = Link { instance: OF_A_FILE, sequence: 0, hash: START };
    seals::seal(client, sealer, beginning).await?;
    for run in runs {
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&name, &run.first, &run.last, &run.hash.as_slice()];
        client.execute(PURGED, &params).await?;
        seals::seal_run(client, sealer, OF_A_FILE, run).await?;
    }
    let found = chain(client).await?;
    Ok(found.head)
}

async fn chain(client: &impl GenericClient) -> Result<Chain, Trouble> {
    const SQL: &str = "SELECT written, sequence, hash FROM instance WHERE instance = $1 FOR UPDATE";
    let name = OF_A_FILE.as_slice();
    let found = all(client, SQL, &[&name], |row| Chain::of(OF_A_FILE, row)).await?;
    found.into_iter().next().ok_or(inconsistent("instance", "instance").into())
}

async fn take(client: &mut Client, sealer: &Sealer, part: Part) -> Result<(), Trouble> {
    let transaction = client.transaction().await?;
    let before = chain(&transaction).await?;
    let Some(last) = part.events.last() else { return Ok(()) };
    let grown = before.grown((last.sequence, last.hash));
    let references: Vec<&[u8]> =
        part.events.iter().map(|event| event.reference.as_bytes().as_slice()).collect();
    let known = events(&transaction, &references).await?;
    let mut places: HashMap<Reference, i64> = known
        .iter()
        .filter_map(|(reference, placed)| Some((*reference, placed.last()?.place)))
        .collect();
    let mut drafts = Drafts::after(OF_A_FILE, grown.head);
    for event in part.events {
        let place = places.entry(event.reference).or_default();
        *place = place.saturating_add(1);
        drafts.events.push(Placed { instance: OF_A_FILE, place: *place, event });
    }
    let (mut waiting, mut due, mut tries, mut since) = (vec![], vec![], vec![], vec![]);
    for Opened { hand_off, keys, traces, wait } in part.opened {
        let reference = hand_off.reference;
        drafts.keys.extend(keys.into_iter().map(|(key, at)| (key, reference, at)));
        drafts.traces.extend(traces.into_iter().map(|trace| (reference, trace)));
        if let Some(wait) = wait {
            waiting.push(reference.as_bytes().to_vec());
            due.push(wait.due_at.map(Timestamp::as_microsecond));
            tries.push(wait.tries);
            since.push(wait.doubt_since.map(Timestamp::as_microsecond));
        }
        drafts.hand_offs.insert(reference, hand_off);
    }
    let sequences: Vec<i64> = drafts.events.iter().map(|placed| placed.event.sequence).collect();
    drafts.write(&transaction).await?;
    number::keep(&transaction, &sequences, grown.head.0).await?;
    transaction.execute(WAITS, &[&waiting, &due, &tries, &since]).await?;
    grown.store(&transaction).await?;
    seals::seal_new(&transaction, sealer, before.head.0, drafts.links()).await?;
    transaction.commit().await?;
    Ok(())
}

async fn end(
    client: &mut Client,
    progress: &[(Report, Timestamp)],
    head: (i64, Hash),
) -> Result<(), Trouble> {
    let transaction = client.transaction().await?;
    let before = chain(&transaction).await?;
    let mut drafts = Drafts::after(OF_A_FILE, head);
    for (report, until) in progress {
        drafts.advance(*report, *until);
    }
    drafts.write(&transaction).await?;
    number::keep(&transaction, &[], head.0).await?;
    before.grown(head).store(&transaction).await?;
    transaction.commit().await?;
    Ok(())
}

async fn part(client: &Client, after: i64, limit: usize) -> Result<Part, Trouble> {
    const SQL: &str = concat!(
        "SELECT ",
        event_columns!(),
        " FROM event WHERE instance = $1 AND sequence > $2 ORDER BY sequence LIMIT $3"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let found = all(client, SQL, &[&OF_A_FILE.as_slice(), &after, &limit], placed).await?;
    let events: Vec<_> = found.into_iter().map(|placed| placed.event).collect();
    let openings = events.iter().filter(|event| event.evidence.is_none());
    let references: Vec<Reference> = openings.map(|event| event.reference).collect();
    let bytes = purge::bytes(&references);
    let mut hand_offs = hand_offs(client, &bytes).await?;
    let mut keys = keys(client, &bytes).await?;
    let mut traces = traces(client, &bytes).await?;
    let mut waits = waits(client, &bytes).await?;
    let opened = |reference: &Reference| {
        Ok(Opened {
            hand_off: hand_offs.remove(reference).ok_or(inconsistent("hand_off", "reference"))?,
            keys: keys.remove(reference).unwrap_or_default(),
            traces: traces.remove(reference).unwrap_or_default(),
            wait: waits.remove(reference),
        })
    };
    let opened = references.iter().map(opened).collect::<Result<_, LedgerError>>()?;
    Ok(Part { events, opened })
}

type Sorted<T> = HashMap<Reference, Vec<T>>;

fn sorted<T>(found: Vec<(Reference, T)>) -> Sorted<T> {
    let mut sorted: Sorted<T> = HashMap::new();
    for (reference, one) in found {
        sorted.entry(reference).or_default().push(one);
    }
    sorted
}

async fn keys(
    client: &Client,
    references: &[&[u8]],
) -> Result<Sorted<(IdempotencyKey, Timestamp)>, Trouble> {
    const SQL: &str = "SELECT reference, key, fingerprint, at FROM idempotency \
        WHERE reference = ANY($1) ORDER BY key";
    let found = all(client, SQL, &[&references], |row| {
        let column = |column| inconsistent("idempotency", column);
        let key = cell(row, 1).and_then(row::fixed).ok_or(column("key"))?;
        let fingerprint = cell(row, 2).and_then(row::fixed).ok_or(column("fingerprint"))?;
        let at = cell(row, 3).and_then(row::instant).ok_or(column("at"))?;
        Ok((reference(row, "idempotency")?, (IdempotencyKey { key, fingerprint, other: None }, at)))
    })
    .await?;
    Ok(sorted(found))
}

async fn traces(client: &Client, references: &[&[u8]]) -> Result<Sorted<Trace>, Trouble> {
    const SQL: &str = "SELECT reference, mark, purpose, at FROM trace \
        WHERE reference = ANY($1) ORDER BY at, mark";
    let found = all(client, SQL, &[&references], |row| {
        let column = |column| inconsistent("trace", column);
        let purpose = match cell(row, 2) {
            Some(Cell::Text(word)) => Purpose::from_word(word),
            Some(Cell::Null | Cell::Integer(_) | Cell::Bytes(_)) | None => None,
        };
        let mark = cell(row, 1).and_then(row::fixed).ok_or(column("mark"))?;
        let at = cell(row, 3).and_then(row::instant).ok_or(column("at"))?;
        Ok((
            reference(row, "trace")?,
            Trace { mark, purpose: purpose.ok_or(column("purpose"))?, at },
        ))
    })
    .await?;
    Ok(sorted(found))
}

async fn waits(
    client: &Client,
    references: &[&[u8]],
) -> Result<HashMap<Reference, Waits>, Trouble> {
    const SQL: &str =
        "SELECT reference, due_at, tries, doubt_since FROM chase WHERE reference = ANY($1)";
    let found = all(client, SQL, &[&references], |row| {
        let tries = cell(row, 2).and_then(row::integer).ok_or(inconsistent("chase", "tries"))?;
        let (due_at, doubt_since) = (time(row, 1, "due_at")?, time(row, 3, "doubt_since")?);
        Ok((reference(row, "chase")?, Waits { due_at, tries, doubt_since }))
    })
    .await?;
    Ok(found.into_iter().collect())
}

fn reference(row: &Row, table: &'static str) -> Result<Reference, LedgerError> {
    cell(row, 0).and_then(row::reference).ok_or(inconsistent(table, "reference"))
}

fn time(row: &Row, place: usize, column: &'static str) -> Result<Option<Timestamp>, LedgerError> {
    match cell(row, place) {
        Some(Cell::Null) => Ok(None),
        other => other.and_then(row::instant).map(Some).ok_or(inconsistent("chase", column)),
    }
}
