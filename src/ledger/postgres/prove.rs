//! Proves the whole record: every chain, how they are joined, their seals, and the rows behind them.

use super::chains::{link, tips};
use super::purge;
use super::seals::{Sealed, Sealer};
use super::select::{self, Placed, all, cell, event_columns, placed};
use super::trouble::Trouble;
use crate::ledger::chain::{self, Hash, Link, Proof};
use crate::ledger::purge::Run;
use crate::ledger::row::{self, inconsistent};
use crate::ledger::{Break, LedgerError, Verified};
use deadpool_postgres::{Client, Transaction};
use std::collections::{BTreeMap, HashMap};
use tokio_postgres::IsolationLevel;
use tokio_postgres::types::ToSql;

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
    let seals = Sealed::read(&transaction, sealer).await?;
    for link in seals.links.iter().chain(joined.values().flatten()) {
        links.want(link)?;
    }
    let mut sum = Proof::after(chain::joint(&heads)).found();
    for head in &heads {
        let beginning = beginnings.remove(&head.instance).ok_or(missing())?;
        let others = joined.remove(&head.instance).unwrap_or_default();
        let genesis = chain::beginning(&head.instance, beginning.begun_at, &others);
        let first = Link { sequence: 0, hash: genesis, ..*head };
        if genesis != beginning.genesis {
            return Err(broken(&first, "a chain's beginning is not what was recorded").into());
        }
        seals.demand(&first)?;
        links.see(first);
        let runs = purge::runs(&transaction, sealer, &head.instance).await?;
        let reader = Reader { transaction: &transaction, sealed: &seals, head };
        let proof = reader.follow(Proof::after(genesis), runs, &mut links).await?;
        if (proof.sequence(), proof.found().head) != (head.sequence, head.hash) {
            return Err(broken(head, "the chain's newest event is missing").into());
        }
        sum = purge::with(sum, proof.found());
    }
    links.end()?;
    let counted: i64 =
        transaction.query_one("SELECT count(*) FROM hand_off", &[]).await?.try_get(0)?;
    super::fed::prove(&transaction, sum.purged).await?;
    transaction.rollback().await?;
    if counted != sum.hand_offs {
        let after = sum.events.saturating_add(1);
        return Err(LedgerError::from(Break::at(after, "a hand-off has no opening")).into());
    }
    Ok(sum)
}

/// What reads one chain.
struct Reader<'a> {
    transaction: &'a Transaction<'a>,
    sealed: &'a Sealed,
    head: &'a Link,
}

impl Reader<'_> {
    /// Follows the chain from its first event to its last.
    async fn follow(
        &self,
        mut proof: Proof,
        mut runs: BTreeMap<i64, Run>,
        links: &mut Links,
    ) -> Result<Proof, Trouble> {
        const SQL: &str = concat!(
            "SELECT ",
            event_columns!(),
            " FROM event WHERE instance = $1 AND sequence > $2 ORDER BY sequence LIMIT $3"
        );
        let instance = self.head.instance;
        loop {
            let params: [&(dyn ToSql + Sync); 3] =
                [&instance.as_slice(), &proof.sequence(), &CHUNK];
            let next = all(self.transaction, SQL, &params, placed).await?;
            if next.is_empty() {
                self.pass(&mut proof, &mut runs, links);
                let Some(run) = runs.into_values().next() else { return Ok(proof) };
                let what = "what is written down as purged is not what is missing";
                return Err(broken(&Link { sequence: run.first, ..*self.head }, what).into());
            }
            self.take(&mut proof, &next, &mut runs, links).await?;
        }
    }

    /// Takes the next events.
    async fn take(
        &self,
        proof: &mut Proof,
        next: &[Placed],
        runs: &mut BTreeMap<i64, Run>,
        links: &mut Links,
    ) -> Result<(), Trouble> {
        let mut references: Vec<&[u8]> =
            next.iter().map(|it| it.event.reference.as_bytes().as_slice()).collect();
        references.sort_unstable();
        references.dedup();
        let events = select::events(self.transaction, &references).await?;
        let hand_offs = select::hand_offs(self.transaction, &references).await?;
        for Placed { instance, place, event } in next {
            let all = events.get(&event.reference).map_or(&[][..], Vec::as_slice);
            let earlier: Vec<_> = all
                .iter()
                .filter(|other| other.place < *place)
                .map(|other| other.event.clone())
                .collect();
            self.pass(proof, runs, links);
            let hand_off = hand_offs.get(&event.reference);
            proof.take(event, hand_off, &earlier).map_err(|error| in_chain(error, *instance))?;
            let link = Link { instance: *instance, sequence: event.sequence, hash: event.hash };
            // The beginning's seal stands for the first stretch.
            self.sealed.demand(&link)?;
            links.see(link);
        }
        Ok(())
    }

    /// Passes the runs that were purged behind what has been read.
    fn pass(&self, proof: &mut Proof, runs: &mut BTreeMap<i64, Run>, links: &mut Links) {
        let instance = self.head.instance;
        while let Some(run) = runs.remove(&proof.sequence().saturating_add(1)) {
            proof.pass(&run);
            links.forget(instance, &run);
            links.see(Link { instance, sequence: run.last, hash: run.hash });
        }
    }
}

fn in_chain(error: LedgerError, chain: [u8; 16]) -> LedgerError {
    if let LedgerError::Broken(found) = error { found.of_chain(chain).into() } else { error }
}

/// Links that beginnings and seals speak of and that were not found yet.
#[derive(Default)]
struct Links(HashMap<([u8; 16], i64), Hash>);

impl Links {
    fn want(&mut self, link: &Link) -> Result<(), LedgerError> {
        match self.0.insert((link.instance, link.sequence), link.hash) {
            Some(other) if other != link.hash => Err(gone(link.instance, link.sequence)),
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
            Some((instance, sequence)) => Err(gone(*instance, *sequence)),
            None => Ok(()),
        }
    }
}

fn gone(instance: [u8; 16], sequence: i64) -> LedgerError {
    Break::at(sequence, "a link that was covered or sealed is gone").of_chain(instance).into()
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

fn broken(link: &Link, what: &'static str) -> LedgerError {
    Break::at(link.sequence, what).of_chain(link.instance).into()
}

const fn missing() -> LedgerError {
    inconsistent("instance", "instance")
}
