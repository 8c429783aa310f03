//! Seals: what whoever can write to the database cannot make, for want of the install key.
//!
//! A chain's beginning is sealed, the first link of every further stretch of 1,024, and every run of events
//! that is written down as purged. So a chain that was made anew shows, but for what follows its last seal.

use super::select::{all, cell};
use super::trouble::Trouble;
use crate::keys::{Key, Keys};
use crate::ledger::chain::{Hash, Link};
use crate::ledger::purge::Run;
use crate::ledger::row::{self, inconsistent};
use crate::ledger::{Break, LedgerError};
use deadpool_postgres::{GenericClient, Transaction};
use std::collections::HashSet;
use std::sync::Arc;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// How many links share one seal.
const STRETCH: i64 = 1024;

const SEAL: &str = "INSERT INTO head (instance, sequence, hash, mark, seal) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
const LINKS: &str = "SELECT instance, sequence, hash, mark, seal FROM head";
const RUNS: &str = "SELECT instance, first, hash, mark, seal, last FROM purged";
const SEAL_RUN: &str = "UPDATE purged SET mark = $3, seal = $4 WHERE instance = $1 AND first = $2";
const SEAL_ANEW: &str =
    "UPDATE head SET mark = $3, seal = $4 WHERE instance = $1 AND sequence = $2";
const FIRST_OF_STRETCHES: &str = "SELECT instance, sequence, hash FROM event WHERE instance = $1 \
    AND sequence IN (SELECT min(sequence) FROM event WHERE instance = $1 GROUP BY sequence / 1024)";

/// What seals links: the install key, or nothing.
pub(super) type Sealer = Option<Arc<Keys>>;

/// A seal and which key made it.
pub(super) struct Seal {
    mark: [u8; 8],
    seal: [u8; 32],
}

/// What a seal was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Ours,
    /// Of a key that is not at hand.
    Anothers,
    False,
}

impl Seal {
    fn of(key: &Key, parts: &[&[u8]]) -> Self {
        Self { mark: mark(key), seal: key.sign(parts) }
    }

    /// From two columns of a row; nothing where it bears none.
    fn read(row: &Row, place: usize) -> Option<Self> {
        let mark = cell(row, place).and_then(row::fixed)?;
        Some(Self { mark, seal: cell(row, place.saturating_add(1)).and_then(row::fixed)? })
    }

    fn judge(&self, keys: &Keys, parts: &[&[u8]]) -> Found {
        let mut at_hand = std::iter::once(&keys.current).chain(&keys.next);
        match at_hand.find(|key| mark(key) == self.mark) {
            Some(key) if key.verify(parts, &self.seal) => Found::Ours,
            Some(_) => Found::False,
            None => Found::Anothers,
        }
    }
}

/// The key that seals: during a rotation the one that follows, which is still there afterwards.
fn sealing(keys: &Keys) -> &Key {
    keys.next.as_ref().unwrap_or(&keys.current)
}

/// Which key it is, saying nothing about it.
fn mark(key: &Key) -> [u8; 8] {
    let tag = key.sign(&[b"almoner-ledger-mark"]);
    tag.first_chunk().copied().unwrap_or_default()
}

/// Which stretch of a chain a link is in.
const fn stretch(sequence: i64) -> i64 {
    sequence.div_euclid(STRETCH)
}

/// Seals what a transaction that came after link `before` wrote: the first link of every new stretch.
pub(super) async fn seal_new(
    transaction: &Transaction<'_>,
    sealer: &Sealer,
    before: i64,
    links: impl Iterator<Item = Link>,
) -> Result<(), Trouble> {
    let mut links: Vec<Link> = links.collect();
    links.sort_unstable_by_key(|link| link.sequence);
    links.dedup_by_key(|link| stretch(link.sequence));
    for link in links.into_iter().filter(|link| stretch(link.sequence) > stretch(before)) {
        seal(transaction, sealer, link).await?;
    }
    Ok(())
}

/// Seals one link.
pub(super) async fn seal(
    client: &impl GenericClient,
    sealer: &Sealer,
    link: Link,
) -> Result<(), Trouble> {
    let Some(keys) = sealer else { return Ok(()) };
    let Link { instance, sequence, hash } = link;
    let Seal { mark, seal } = Seal::of(sealing(keys), &of_link(&link, &sequence.to_be_bytes()));
    let params: [&(dyn ToSql + Sync); 5] =
        [&instance.as_slice(), &sequence, &hash.as_slice(), &mark.as_slice(), &seal.as_slice()];
    client.execute(SEAL, &params).await?;
    Ok(())
}

fn of_link<'a>(link: &'a Link, sequence: &'a [u8; 8]) -> [&'a [u8]; 4] {
    [b"almoner-ledger-head", &link.instance, sequence, &link.hash]
}

/// Seals a run of events that is written down as purged.
pub(super) async fn seal_run(
    client: &impl GenericClient,
    sealer: &Sealer,
    instance: [u8; 16],
    run: &Run,
) -> Result<(), Trouble> {
    let Some(keys) = sealer else { return Ok(()) };
    let (first, last) = (run.first.to_be_bytes(), run.last.to_be_bytes());
    let Seal { mark, seal } = Seal::of(sealing(keys), &of_run(&instance, &first, &last, &run.hash));
    let params: [&(dyn ToSql + Sync); 4] =
        [&instance.as_slice(), &run.first, &mark.as_slice(), &seal.as_slice()];
    client.execute(SEAL_RUN, &params).await?;
    Ok(())
}

fn of_run<'a>(
    instance: &'a [u8; 16],
    first: &'a [u8; 8],
    last: &'a [u8; 8],
    hash: &'a Hash,
) -> [&'a [u8]; 5] {
    [b"almoner-ledger-purged", instance, first, last, hash]
}

/// Whether a run may be taken for one that Almoner wrote down. Without a key all are.
pub(super) fn is_sealed(
    sealer: &Sealer,
    instance: &[u8; 16],
    run: &Run,
    seal: Option<&Seal>,
) -> bool {
    let Some(keys) = sealer else { return true };
    let (first, last) = (run.first.to_be_bytes(), run.last.to_be_bytes());
    let parts = of_run(instance, &first, &last, &run.hash);
    seal.is_some_and(|seal| seal.judge(keys, &parts) == Found::Ours)
}

/// The seal of a run, from the columns behind those that [`super::purge`] reads of it.
pub(super) fn of_purged(row: &Row) -> Option<Seal> {
    Seal::read(row, 3)
}

/// All that was sealed, and by it what must have been.
pub(super) struct Sealed {
    pub(super) links: Vec<Link>,
    stretches: HashSet<([u8; 16], i64)>,
    is_demanded: bool,
}

impl Sealed {
    /// Every sealed link. With a key at hand each seal must be right.
    pub(super) async fn read(
        transaction: &Transaction<'_>,
        sealer: &Sealer,
    ) -> Result<Self, Trouble> {
        let links = all(transaction, LINKS, &[], |row| {
            let link = super::chains::link(row, "head")?;
            let seal = Seal::read(row, 3).ok_or_else(|| inconsistent("head", "seal"))?;
            let Some(keys) = sealer else { return Ok(link) };
            match seal.judge(keys, &of_link(&link, &link.sequence.to_be_bytes())) {
                Found::Ours => Ok(link),
                Found::Anothers => Err(of_an_unknown_key(&link).into()),
                Found::False => Err(unsealed(&link, "its seal is not ours").into()),
            }
        });
        let links = links.await?;
        // A beginning has a stretch of its own.
        let place = |link: &Link| (link.instance, stretch(link.sequence));
        let counts = |link: &&Link| link.sequence == 0 || stretch(link.sequence) > 0;
        let stretches = links.iter().filter(counts).map(place).collect();
        Ok(Self { links, stretches, is_demanded: sealer.is_some() })
    }

    /// Refuses a link whose stretch is not sealed; by another of the same stretch it is.
    pub(super) fn demand(&self, link: &Link) -> Result<(), LedgerError> {
        let place = (link.instance, stretch(link.sequence));
        if !self.is_demanded || self.stretches.contains(&place) {
            return Ok(());
        }
        Err(unsealed(link, "its seal is missing").into())
    }
}

const fn unsealed(link: &Link, what: &'static str) -> Break {
    Break::at(link.sequence, what).of_chain(link.instance)
}

fn of_an_unknown_key(link: &Link) -> Break {
    let then = "name that key as secrets.install, or as its next, and verify again; where there never was \
        such a key, the seal was forged: restore a backup that proves whole: docs/ledgers.md";
    Break { then, ..unsealed(link, "it is sealed with a key that is not configured") }
}

/// Puts the key that follows in the place of the current one: when the rotation is over the old seals
/// could not be proved any more.
pub(super) async fn renew(transaction: &Transaction<'_>, sealer: &Sealer) -> Result<(), Trouble> {
    let Some(keys) = sealer.as_ref().filter(|keys| keys.next.is_some()) else { return Ok(()) };
    let old = mark(&keys.current);
    let links = all(transaction, LINKS, &[], |row| {
        Ok((super::chains::link(row, "head")?, Seal::read(row, 3)))
    });
    for (link, seal) in links.await? {
        let sequence = link.sequence.to_be_bytes();
        let parts = of_link(&link, &sequence);
        // A false one is left to be found.
        if seal.is_some_and(|it| it.mark == old && it.judge(keys, &parts) == Found::Ours) {
            let Seal { mark, seal } = Seal::of(sealing(keys), &parts);
            let params: [&(dyn ToSql + Sync); 4] =
                [&link.instance.as_slice(), &link.sequence, &mark.as_slice(), &seal.as_slice()];
            transaction.execute(SEAL_ANEW, &params).await?;
        }
    }
    for (instance, run, seal) in runs(transaction).await? {
        let is_old = seal.as_ref().is_some_and(|seal| seal.mark == old);
        if is_old && is_sealed(sealer, &instance, &run, seal.as_ref()) {
            seal_run(transaction, sealer, instance, &run).await?;
        }
    }
    Ok(())
}

/// Once, with the schema that asks for it: seals what older Almoners left without, as it is then.
pub(super) async fn adopt(
    transaction: &Transaction<'_>,
    sealer: &Sealer,
    copied: &[u8; 16],
) -> Result<(), Trouble> {
    for (instance, run, seal) in runs(transaction).await? {
        if seal.is_none() {
            seal_run(transaction, sealer, instance, &run).await?;
        }
    }
    let begun = "SELECT instance, 0::BIGINT, genesis FROM instance WHERE instance = $1";
    for sql in [begun, FIRST_OF_STRETCHES] {
        let chain = copied.as_slice();
        let link = |row: &Row| super::chains::link(row, "instance");
        for link in all(transaction, sql, &[&chain], link).await? {
            seal(transaction, sealer, link).await?;
        }
    }
    Ok(())
}

async fn runs(
    transaction: &Transaction<'_>,
) -> Result<Vec<([u8; 16], Run, Option<Seal>)>, Trouble> {
    all(transaction, RUNS, &[], |row| {
        let column = |column| inconsistent("purged", column);
        let number = |place, name| cell(row, place).and_then(row::integer).ok_or(column(name));
        let instance = cell(row, 0).and_then(row::fixed).ok_or(column("instance"))?;
        let hash = cell(row, 2).and_then(row::fixed).ok_or(column("hash"))?;
        let run = Run { first: number(1, "first")?, last: number(5, "last")?, hash };
        Ok((instance, run, Seal::read(row, 3)))
    })
    .await
}
