//! A chain for every writer, and how they are joined.
//!
//! One chain for all would have every writer wait for every other. So whoever starts to write begins a chain of
//! its own, under sixteen bytes drawn by lot: a name that is configured could be given to two. Its first link
//! follows a beginning that covers the newest link of every other chain, as far as no later beginning covers it
//! already: whoever changes one row must change every chain that began since. What is sealed: [`super::seals`].

use super::seals::{self, Sealer};
use super::select::{all, cell};
use super::trouble::{Trouble, was_undone};
use crate::ledger::LedgerError;
use crate::ledger::chain::{self, Hash, Link};
use crate::ledger::row::{self, inconsistent};
use deadpool_postgres::{Client, GenericClient, Transaction};
use jiff::Timestamp;
use tokio_postgres::IsolationLevel;

const TIPS: &str = "SELECT instance, sequence, hash FROM instance WHERE NOT EXISTS (\
    SELECT 1 FROM joined WHERE joined.other = instance.instance \
    AND joined.sequence = instance.sequence) ORDER BY instance";
const BEGIN: &str = "INSERT INTO instance (instance, begun_at, genesis, written, sequence, hash) \
    VALUES ($1, $2, $3, 0, 0, $3)";
const JOIN: &str = "INSERT INTO joined (instance, other, sequence, hash) VALUES ($1, $2, $3, $4)";
const GROW: &str = "UPDATE instance SET written = $2, sequence = $3, hash = $4 \
    WHERE instance = $1 AND written + 1 = $2";
/// Waits until a transaction that may still be under way has ended (security.md, FM-26).
const LOOK: &str = "SELECT written, sequence, hash FROM instance WHERE instance = $1 FOR UPDATE";

/// A writer's chain as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) instance: [u8; 16],
    /// How many transactions it took.
    pub(super) written: i64,
    /// Its newest link.
    pub(super) head: (i64, Hash),
}

impl Chain {
    /// Begins a chain of its own, in a transaction of its own.
    pub(super) async fn begin(
        client: &mut Client,
        at: Timestamp,
        sealer: &Sealer,
    ) -> Result<Self, Trouble> {
        let instance = drawn()?;
        let transaction = client
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead)
            .start()
            .await?;
        let others = all(&transaction, TIPS, &[], |row| link(row, "instance")).await?;
        let at = at.as_microsecond();
        let genesis = chain::beginning(&instance, at, &others);
        let bytes = instance.as_slice();
        transaction.execute(BEGIN, &[&bytes, &at, &genesis.as_slice()]).await?;
        for other in &others {
            let (name, hash) = (other.instance.as_slice(), other.hash.as_slice());
            transaction.execute(JOIN, &[&bytes, &name, &other.sequence, &hash]).await?;
        }
        let begun = Self { instance, written: 0, head: (0, genesis) };
        seals::seal(&transaction, sealer, Link { instance, sequence: 0, hash: genesis }).await?;
        seals::renew(&transaction, sealer).await?;
        // Where this is not answered, a beginning may stand there that nothing follows: that is no harm.
        transaction.commit().await?;
        Ok(begun)
    }

    /// As it is in the database; nothing where it is not there.
    pub(super) async fn look(
        client: &mut Client,
        instance: [u8; 16],
    ) -> Result<Option<Self>, Trouble> {
        let transaction = client.transaction().await?;
        let name = instance.as_slice();
        let found = all(&transaction, LOOK, &[&name], |row| Self::of(instance, row)).await?;
        transaction.rollback().await?;
        Ok(found.into_iter().next())
    }

    /// From a row of its count, its newest place and hash.
    pub(super) fn of(instance: [u8; 16], row: &tokio_postgres::Row) -> Result<Self, LedgerError> {
        let column = |column| inconsistent("instance", column);
        let written = cell(row, 0).and_then(row::integer).ok_or(column("written"))?;
        let sequence = cell(row, 1).and_then(row::integer).ok_or(column("sequence"))?;
        let hash = cell(row, 2).and_then(row::fixed).ok_or(column("hash"))?;
        Ok(Self { instance, written, head: (sequence, hash) })
    }

    /// The chain after a transaction that ends with this link.
    pub(super) const fn grown(&self, head: (i64, Hash)) -> Self {
        Self { instance: self.instance, written: self.written.saturating_add(1), head }
    }

    /// Makes it so in the database, within the transaction that wrote the links.
    pub(super) async fn store(&self, transaction: &Transaction<'_>) -> Result<(), Trouble> {
        let (sequence, hash) = self.head;
        let statement = transaction.prepare_cached(GROW).await?;
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&self.instance.as_slice(), &self.written, &sequence, &hash.as_slice()];
        if transaction.execute(&statement, &params).await? != 1 {
            return Err(Trouble::Race(LedgerError::Busy));
        }
        Ok(())
    }
}

/// Whether the transaction of a COMMIT that ended so may have come to pass.
pub(super) fn may_have_come_to_pass(error: &tokio_postgres::Error) -> bool {
    !was_undone(error)
}

/// A link of a chain, from a row that names the instance, the sequence and the hash.
pub(super) fn link(row: &tokio_postgres::Row, table: &'static str) -> Result<Link, LedgerError> {
    let read = |place| cell(row, place);
    Ok(Link {
        instance: read(0).and_then(row::fixed).ok_or(inconsistent(table, "instance"))?,
        sequence: read(1).and_then(row::integer).ok_or(inconsistent(table, "sequence"))?,
        hash: read(2).and_then(row::fixed).ok_or(inconsistent(table, "hash"))?,
    })
}

fn drawn() -> Result<[u8; 16], LedgerError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| LedgerError::Unavailable(error.to_string()))?;
    Ok(bytes)
}

/// The same as a trait bound would say: statements run on clients and on transactions.
pub(super) async fn tips(client: &impl GenericClient) -> Result<Vec<Link>, Trouble> {
    const SQL: &str = "SELECT instance, sequence, hash FROM instance ORDER BY instance";
    all(client, SQL, &[], |row| link(row, "instance")).await
}
