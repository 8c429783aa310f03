//! The one way out: rows that are past their time go, and the runs of events that they leave behind in
//! the chains are written down, in one transaction. Other instances write meanwhile: what is to go is
//! locked, and then looked at once more.

use super::chains::link;
use super::seals::{self, Seal, Sealer};
use super::select::{all, cell};
use super::trouble::Trouble;
use crate::ledger::chain::{Hash, Link};
use crate::ledger::purge::{Last, Past, Purged, Run};
use crate::ledger::row::{self, inconsistent};
use crate::ledger::{Break, LedgerError, Verified};
use crate::payment::Reference;
use deadpool_postgres::{Client, Pool, Transaction};
use std::collections::BTreeMap;
use tokio_postgres::{IsolationLevel, Row};

/// Nothing is awaited of a hand-off that has no row in `chase`, where every doubt stays until its outcome.
macro_rules! look {
    ($which:literal) => {
        concat!(
            "SELECT reference, \
             (SELECT max(recorded_at) FROM event WHERE event.reference = hand_off.reference), \
             (SELECT max(at) FROM trace WHERE trace.reference = hand_off.reference), \
             (SELECT due_at FROM chase WHERE chase.reference = hand_off.reference), \
             (SELECT tries FROM chase WHERE chase.reference = hand_off.reference) \
             FROM hand_off WHERE ",
            $which
        )
    };
}
const LOOK: &str = look!("reference > $1 AND reference < $2 ORDER BY reference LIMIT $3");
const LOOK_AGAIN: &str = look!("reference = ANY($1) ORDER BY reference");
const LOCK: &str =
    "SELECT reference FROM hand_off WHERE reference = ANY($1) ORDER BY reference FOR UPDATE";
/// References of which nothing but parked events is known, all of them recorded before.
const PARKED: &str = "SELECT reference FROM event \
    WHERE source <> 'opened' AND state_after IS NULL AND reference = ANY(coalesce($2, ARRAY[reference])) \
    AND NOT EXISTS (SELECT 1 FROM hand_off WHERE hand_off.reference = event.reference) \
    GROUP BY reference HAVING max(recorded_at) < $1 ORDER BY reference";
const LOCK_PARKED: &str =
    "SELECT sequence FROM event WHERE reference = ANY($1) ORDER BY reference, place FOR UPDATE";
const PLACES: &str = "SELECT instance, sequence, hash FROM event WHERE reference = ANY($1)";
const REMOVALS: [&str; 4] = [
    "DELETE FROM trace WHERE reference = ANY($1)",
    "DELETE FROM idempotency WHERE reference = ANY($1)",
    "DELETE FROM event WHERE reference = ANY($1)",
    "DELETE FROM hand_off WHERE reference = ANY($1)",
];
const RUN_BEFORE: &str = "SELECT first, last, hash, mark, seal FROM purged \
    WHERE instance = $1 AND last = $2 FOR UPDATE";
const RUN_AFTER: &str = "SELECT first, last, hash, mark, seal FROM purged \
    WHERE instance = $1 AND first = $2 FOR UPDATE";
const JOINED: &str = "DELETE FROM purged WHERE instance = $1 AND first = $2";
const LEAVE: &str = "INSERT INTO purged (instance, first, last, hash) VALUES ($1, $2, $3, $4)";

/// How often a step is tried where others write to the same rows.
const TRIES: u32 = 5;

/// What is to go.
struct Found {
    hand_offs: Vec<Reference>,
    parked: Vec<Reference>,
    next: Option<Reference>,
}

/// See [`crate::ledger::Ledger::purge`].
pub(super) async fn purge(pool: &Pool, sealer: &Sealer, past: Past) -> Result<Purged, LedgerError> {
    let mut tries = 1_u32;
    loop {
        match remove(pool, sealer, past).await {
            Err(Trouble::Race(_)) if tries < TRIES => tries = tries.saturating_add(1),
            done => return done.map_err(Trouble::into_error),
        }
    }
}

/// See [`crate::ledger::Ledger::purgeable`].
pub(super) async fn purgeable(mut client: Client, past: Past) -> Result<Purged, Trouble> {
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    let found = look(&transaction, past).await?;
    let (purged, _) = count(&transaction, &found).await?;
    transaction.rollback().await?;
    Ok(purged)
}

async fn remove(pool: &Pool, sealer: &Sealer, past: Past) -> Result<Purged, Trouble> {
    let mut client = pool.get().await?;
    // Every statement sees what was committed before it: what waited for a lock is looked at anew.
    let builder = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
    let transaction = builder.start().await?;
    let found = look(&transaction, past).await?;
    let found = hold(&transaction, past, found).await?;
    let (purged, events) = count(&transaction, &found).await?;
    if events.is_empty() {
        transaction.rollback().await?;
        return Ok(purged);
    }
    let all: Vec<Reference> = found.hand_offs.iter().chain(&found.parked).copied().collect();
    for sql in REMOVALS {
        transaction.execute(sql, &[&bytes(&all)]).await?;
    }
    let mut chains: BTreeMap<[u8; 16], Vec<(i64, Hash)>> = BTreeMap::new();
    for Link { instance, sequence, hash } in events {
        chains.entry(instance).or_default().push((sequence, hash));
    }
    for (instance, events) in chains {
        for run in Run::of(events) {
            leave(&transaction, sealer, instance, run).await?;
        }
    }
    transaction.commit().await?;
    Ok(purged)
}

async fn look(transaction: &Transaction<'_>, past: Past) -> Result<Found, Trouble> {
    let limit = i64::try_from(past.limit).unwrap_or(i64::MAX);
    let (start, bound) = (past.start(), past.bound());
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
        [&start.as_slice(), &bound.as_slice(), &limit];
    let looked = all(transaction, LOOK, &params, last).await?;
    let is_full = looked.len() >= past.limit;
    let goes_on = is_full && past.only.is_none();
    let next = looked.last().filter(|_| goes_on).map(|last| last.reference);
    let are_meant = next.is_none() && past.only.is_none();
    let parked = if are_meant { parked(transaction, past, None).await? } else { Vec::new() };
    Ok(Found { hand_offs: over(looked, past), parked, next })
}

/// Locks what was found, and leaves out what changed before it was locked.
async fn hold(transaction: &Transaction<'_>, past: Past, found: Found) -> Result<Found, Trouble> {
    let wanted = bytes(&found.hand_offs);
    transaction.query(LOCK, &[&wanted]).await?;
    let looked = all(transaction, LOOK_AGAIN, &[&wanted], last).await?;
    let wanted = bytes(&found.parked);
    transaction.query(LOCK_PARKED, &[&wanted]).await?;
    let parked = parked(transaction, past, Some(wanted)).await?;
    Ok(Found { hand_offs: over(looked, past), parked, next: found.next })
}

fn over(looked: Vec<Last>, past: Past) -> Vec<Reference> {
    let before = past.before.as_microsecond();
    let over = looked
        .into_iter()
        .filter(|last| !last.is_awaited && last.at < before && past.means(last.reference));
    over.map(|last| last.reference).collect()
}

async fn parked(
    transaction: &Transaction<'_>,
    past: Past,
    which: Option<Vec<&[u8]>>,
) -> Result<Vec<Reference>, Trouble> {
    let before = past.before.as_microsecond();
    all(transaction, PARKED, &[&before, &which], |row| {
        cell(row, 0).and_then(row::reference).ok_or(inconsistent("event", "reference"))
    })
    .await
}

fn last(row: &Row) -> Result<Last, LedgerError> {
    let is_awaited = cell(row, 4).and_then(row::integer).is_some();
    Ok(Last { is_awaited, ..Last::of(|place| cell(row, place))? })
}

async fn count(
    transaction: &Transaction<'_>,
    found: &Found,
) -> Result<(Purged, Vec<Link>), Trouble> {
    let place = |row: &Row| link(row, "event");
    let mut events = all(transaction, PLACES, &[&bytes(&found.hand_offs)], place).await?;
    let parked = all(transaction, PLACES, &[&bytes(&found.parked)], place).await?;
    let number = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let purged = Purged {
        hand_offs: number(found.hand_offs.len()),
        events: number(events.len()),
        parked: number(parked.len()),
        next: found.next,
    };
    events.extend(parked);
    Ok((purged, events))
}

/// Writes a run down, as one with those that it touches; with one that is not sealed it would lend it
/// its seal.
async fn leave(
    transaction: &Transaction<'_>,
    sealer: &Sealer,
    instance: [u8; 16],
    mut run: Run,
) -> Result<(), Trouble> {
    let name = instance.as_slice();
    let is_sealed =
        |(run, seal): &(Run, Option<Seal>)| seals::is_sealed(sealer, &instance, run, seal.as_ref());
    let before = run.first.saturating_sub(1);
    let found = all(transaction, RUN_BEFORE, &[&name, &before], purged_run).await?;
    for (before, _) in found.into_iter().filter(is_sealed) {
        transaction.execute(JOINED, &[&name, &before.first]).await?;
        run.first = before.first;
    }
    let after = run.last.saturating_add(1);
    let found = all(transaction, RUN_AFTER, &[&name, &after], purged_run).await?;
    for (after, _) in found.into_iter().filter(is_sealed) {
        transaction.execute(JOINED, &[&name, &after.first]).await?;
        (run.last, run.hash) = (after.last, after.hash);
    }
    transaction.execute(LEAVE, &[&name, &run.first, &run.last, &run.hash.as_slice()]).await?;
    seals::seal_run(transaction, sealer, instance, &run).await
}

fn purged_run(row: &Row) -> Result<(Run, Option<Seal>), LedgerError> {
    let number = |place, column| {
        cell(row, place).and_then(row::integer).ok_or(inconsistent("purged", column))
    };
    let hash = cell(row, 2).and_then(row::fixed).ok_or(inconsistent("purged", "hash"))?;
    let run = Run { first: number(0, "first")?, last: number(1, "last")?, hash };
    Ok((run, seals::of_purged(row)))
}

/// The runs that went from a chain, by their first place. With a key at hand each must be sealed.
pub(super) async fn runs(
    transaction: &Transaction<'_>,
    sealer: &Sealer,
    instance: &[u8; 16],
) -> Result<BTreeMap<i64, Run>, Trouble> {
    const SQL: &str = "SELECT first, last, hash, mark, seal FROM purged WHERE instance = $1";
    let found = all(transaction, SQL, &[&instance.as_slice()], purged_run).await?;
    let mut runs = BTreeMap::new();
    for (run, seal) in found {
        if !seals::is_sealed(sealer, instance, &run, seal.as_ref()) {
            let what = "the events from here on are written down as purged, and it is not sealed";
            let found = Break::at(run.first, what).of_chain(*instance);
            return Err(LedgerError::from(found).into());
        }
        runs.insert(run.first, run);
    }
    Ok(runs)
}

/// The sum of what several chains were found to be.
pub(super) fn with(sum: Verified, chain: Verified) -> Verified {
    Verified {
        events: sum.events.saturating_add(chain.events),
        hand_offs: sum.hand_offs.saturating_add(chain.hand_offs),
        purged: sum.purged.saturating_add(chain.purged),
        newest: sum.newest.max(chain.newest),
        head: sum.head,
    }
}

/// As a statement takes them.
pub(super) fn bytes(references: &[Reference]) -> Vec<&[u8]> {
    references.iter().map(|reference| reference.as_bytes().as_slice()).collect()
}
