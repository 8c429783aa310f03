//! Proves the whole record: every chain, how they are joined, their seals, and the rows behind them.

use super::chains::{Sealer, link, mark, sealed, tips};
use super::purge;
use super::select::{self, Placed, all, cell, event_columns, placed};
use super::trouble::Trouble;
use crate::ledger::chain::{self, Hash, Link, Proof};
use crate::ledger::purge::Run;
use crate::ledger::row::{self, inconsistent};
use crate::ledger::{LedgerError, Verified};
use deadpool_postgres::{Client, Transaction};
use std::collections::{BTreeMap, HashMap};
use tokio_postgres::IsolationLevel;

/// How many events are read at once.
const CHUNK: i64 = 1024;

/// A chain's beginning.
struct Beginning {
    begun_at: i64,
    genesis: Hash,
}

/// Reads everything in one state of the database.
pub(super) async fn prove(mut client: Client, sealer: &Sealer) -> Result<Verified, Trouble> {
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    let heads = tips(&transaction).await?;
    let mut beginnings = beginnings(&transaction).await?;
    let mut joined = joined(&transaction).await?;
    let mut links = Links::default();
    for link in seals(&transaction, sealer).await?.iter().chain(joined.values().flatten()) {
        links.want(link)?;
    }
    let mut sum = Proof::after(chain::joint(&heads)).found();
    for head in &heads {
        let beginning = beginnings.remove(&head.instance).ok_or(missing())?;
        let others = joined.remove(&head.instance).unwrap_or_default();
        let genesis = chain::beginning(&head.instance, beginning.begun_at, &others);
        if genesis != beginning.genesis {
            return Err(broken(0, "a chain's beginning is not what was recorded").into());
        }
        links.see(Link { sequence: 0, hash: genesis, ..*head });
        let proof = follow(&transaction, head, Proof::after(genesis), &mut links).await?;
        if (proof.sequence(), proof.found().head) != (head.sequence, head.hash) {
            return Err(broken(head.sequence, "the chain's newest event is missing").into());
        }
        sum = purge::with(sum, proof.found());
    }
    links.end()?;
    let counted: i64 =
        transaction.query_one("SELECT count(*) FROM hand_off", &[]).await?.try_get(0)?;
    transaction.rollback().await?;
    if counted != sum.hand_offs {
        return Err(broken(sum.events.saturating_add(1), "a hand-off has no opening").into());
    }
    Ok(sum)
}

/// Follows one chain from its first event to its last.
async fn follow(
    transaction: &Transaction<'_>,
    head: &Link,
    mut proof: Proof,
    links: &mut Links,
) -> Result<Proof, Trouble> {
    const SQL: &str = concat!(
        "SELECT ",
        event_columns!(),
        " FROM event WHERE instance = $1 AND sequence > $2 ORDER BY sequence LIMIT $3"
    );
    let mut runs = purge::runs(transaction, &head.instance).await?;
    loop {
        let name = head.instance.as_slice();
        let next = all(transaction, SQL, &[&name, &proof.sequence(), &CHUNK], placed).await?;
        if next.is_empty() {
            pass(&mut proof, head, &mut runs, links);
            if let Some(run) = runs.into_values().next() {
                let what = "what is written down as purged is not what is missing";
                return Err(broken(run.first, what).into());
            }
            return Ok(proof);
        }
        let mut references: Vec<&[u8]> =
            next.iter().map(|it| it.event.reference.as_bytes().as_slice()).collect();
        references.sort_unstable();
        references.dedup();
        let events = select::events(transaction, &references).await?;
        let hand_offs = select::hand_offs(transaction, &references).await?;
        for Placed { place, event, .. } in &next {
            let all = events.get(&event.reference).map_or(&[][..], Vec::as_slice);
            let earlier: Vec<_> = all
                .iter()
                .filter(|other| other.place < *place)
                .map(|other| other.event.clone())
                .collect();
            pass(&mut proof, head, &mut runs, links);
            proof.take(event, hand_offs.get(&event.reference), &earlier)?;
            links.see(Link { instance: head.instance, sequence: event.sequence, hash: event.hash });
        }
    }
}

/// Passes the runs that were purged behind what has been read.
fn pass(proof: &mut Proof, head: &Link, runs: &mut BTreeMap<i64, Run>, links: &mut Links) {
    while let Some(run) = runs.remove(&proof.sequence().saturating_add(1)) {
        proof.pass(&run);
        links.forget(head.instance, &run);
        links.see(Link { instance: head.instance, sequence: run.last, hash: run.hash });
    }
}

/// Links that beginnings and seals speak of and that were not found yet.
#[derive(Default)]
struct Links(HashMap<([u8; 16], i64), Hash>);

impl Links {
    fn want(&mut self, link: &Link) -> Result<(), LedgerError> {
        match self.0.insert((link.instance, link.sequence), link.hash) {
            Some(other) if other != link.hash => Err(gone(link.sequence)),
            Some(_) | None => Ok(()),
        }
    }

    fn see(&mut self, link: Link) {
        let place = (link.instance, link.sequence);
        if self.0.get(&place) == Some(&link.hash) {
            self.0.remove(&place);
        }
    }

    /// Of a run that was purged only the last link is still known.
    fn forget(&mut self, instance: [u8; 16], run: &Run) {
        let gone = |(of, sequence): &([u8; 16], i64)| {
            *of == instance && (run.first..run.last).contains(sequence)
        };
        self.0.retain(|place, _| !gone(place));
    }

    fn end(self) -> Result<(), LedgerError> {
        match self.0.keys().next() {
            Some((_, sequence)) => Err(gone(*sequence)),
            None => Ok(()),
        }
    }
}

const fn gone(sequence: i64) -> LedgerError {
    broken(sequence, "a link that was covered or sealed is gone")
}

async fn beginnings(
    transaction: &Transaction<'_>,
) -> Result<HashMap<[u8; 16], Beginning>, Trouble> {
    const SQL: &str = "SELECT instance, begun_at, genesis FROM instance";
    let found = all(transaction, SQL, &[], |row| {
        let column = |column| inconsistent("instance", column);
        let instance = cell(row, 0).and_then(row::fixed).ok_or(column("instance"))?;
        let begun_at = cell(row, 1).and_then(row::integer).ok_or(column("begun_at"))?;
        let genesis = cell(row, 2).and_then(row::fixed).ok_or(column("genesis"))?;
        Ok((instance, Beginning { begun_at, genesis }))
    });
    Ok(found.await?.into_iter().collect())
}

/// What every beginning covers, by its chain.
async fn joined(transaction: &Transaction<'_>) -> Result<HashMap<[u8; 16], Vec<Link>>, Trouble> {
    const SQL: &str = "SELECT other, sequence, hash, instance FROM joined ORDER BY instance, other";
    let found = all(transaction, SQL, &[], |row| {
        let column = || inconsistent("joined", "instance");
        Ok((cell(row, 3).and_then(row::fixed).ok_or_else(column)?, link(row, "joined")?))
    });
    let mut by_chain: HashMap<_, Vec<_>> = HashMap::new();
    for (instance, link) in found.await? {
        by_chain.entry(instance).or_default().push(link);
    }
    Ok(by_chain)
}

/// The sealed links. A seal by a key that is at hand must be right.
async fn seals(transaction: &Transaction<'_>, sealer: &Sealer) -> Result<Vec<Link>, Trouble> {
    const SQL: &str = "SELECT instance, sequence, hash, mark, seal FROM head";
    let keys: Vec<_> = sealer
        .iter()
        .flat_map(|keys| std::iter::once(&keys.current).chain(&keys.next))
        .map(|key| (mark(key), key))
        .collect();
    all(transaction, SQL, &[], |row| {
        let link = link(row, "head")?;
        let by: [u8; 8] =
            cell(row, 3).and_then(row::fixed).ok_or_else(|| inconsistent("head", "mark"))?;
        let seal: [u8; 32] =
            cell(row, 4).and_then(row::fixed).ok_or_else(|| inconsistent("head", "seal"))?;
        let key = keys.iter().find(|(mark, _)| *mark == by);
        let true_seal = key
            .is_none_or(|(_, key)| sealed(key, &link.instance, (link.sequence, link.hash)) == seal);
        if true_seal { Ok(link) } else { Err(broken(link.sequence, "its seal is not ours")) }
    })
    .await
}

const fn broken(sequence: i64, what: &'static str) -> LedgerError {
    LedgerError::Broken { sequence, what }
}

const fn missing() -> LedgerError {
    inconsistent("instance", "instance")
}
