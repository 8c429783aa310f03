//! Gives events their positions in the feed.

use super::feed::position;
use super::part::OF_A_FILE;
use super::select::{all, cell};
use super::trouble::Trouble;
use crate::ledger::LedgerError;
use crate::ledger::row::{self, Cell, inconsistent};
use deadpool_postgres::{Client, Pool, Transaction};
use std::collections::{HashSet, VecDeque};
use tokio_postgres::types::ToSql;
use tokio_postgres::{IsolationLevel, Row};

/// Chains with events that have no position yet: how far they have, and how long they are.
const NEWS: &str = "SELECT instance.instance, coalesce(fed.sequence, 0), instance.sequence \
    FROM instance LEFT JOIN fed ON fed.instance = instance.instance \
    WHERE instance.sequence > coalesce(fed.sequence, 0) ORDER BY instance.instance";
/// The next events of a chain, and the one before each of its hand-off, wherever that was written.
const NEXT: &str = "SELECT event.sequence, event.recorded_at, earlier.instance, earlier.sequence, \
    feed.position FROM event LEFT JOIN event AS earlier \
    ON earlier.reference = event.reference AND earlier.place = event.place - 1 \
    LEFT JOIN feed ON feed.instance = earlier.instance AND feed.sequence = earlier.sequence \
    WHERE event.instance = $1 AND event.sequence > $2 ORDER BY event.sequence LIMIT $3";
const LOCK: &str = "SELECT position FROM feed_end WHERE id = 1 FOR UPDATE";
const GIVE: &str = "INSERT INTO feed (position, instance, sequence) \
    SELECT * FROM unnest($1::BIGINT[], $2::BYTEA[], $3::BIGINT[])";
const FED: &str = "INSERT INTO fed (instance, sequence) VALUES ($1, $2) \
    ON CONFLICT (instance) DO UPDATE SET sequence = excluded.sequence";
const END: &str = "UPDATE feed_end SET position = $1 WHERE id = 1";

/// How many events one transaction numbers: a fraction of a second.
const BATCH: usize = 2048;
/// How many transactions one question waits for. Only what an older Almoner left needs more than a few.
const ROUNDS: u32 = 8;
/// How often one is tried where others write to the same rows.
const TRIES: u32 = 5;

/// An event's place: its chain, and its number there.
type Link = ([u8; 16], i64);

/// A chain and the next of its events.
struct Queue {
    instance: [u8; 16],
    /// How far it has positions.
    fed: i64,
    /// Whether there is more than was read.
    is_cut: bool,
    /// How long it is at the least.
    tip: i64,
    next: VecDeque<Next>,
}

/// An event that has no position yet.
struct Next {
    sequence: i64,
    recorded_at: i64,
    /// The event before it of the same hand-off, where that has no position either.
    after: Option<Link>,
}

/// Gives positions to all events whose commit was answered before.
pub(super) async fn number(pool: &Pool) -> Result<(), LedgerError> {
    let (mut rounds, mut tries, mut again) = (0_u32, 0_u32, true);
    while rounds < ROUNDS {
        let numbered = async { attempt(&mut pool.get().await?).await };
        match numbered.await {
            Ok(true) => rounds = rounds.saturating_add(1),
            Ok(false) => break,
            Err(Trouble::Race(_)) if tries < TRIES => tries = tries.saturating_add(1),
            // Twice is once.
            Err(Trouble::Down(_)) if again => again = false,
            Err(trouble) => return Err(trouble.into_error()),
        }
    }
    Ok(())
}

/// Whether there may be more.
async fn attempt(client: &mut Client) -> Result<bool, Trouble> {
    // Without a lock: most who ask find nothing new.
    if all(&*client, NEWS, &[], |_| Ok(())).await?.is_empty() {
        return Ok(false);
    }
    // Every statement sees what was committed before it, and so what was numbered before we had the lock.
    let builder = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
    let transaction = builder.start().await?;
    let given = all(&transaction, LOCK, &[], |row| position(row, 0)).await?;
    let given = given.first().copied().ok_or(inconsistent("feed_end", "position"))?;
    let mut queues = queues(&transaction).await?;
    let order = order(&mut queues);
    let is_cut = queues.iter().any(|queue| queue.is_cut || !queue.next.is_empty());
    let positions: Vec<i64> = (given.saturating_add(1)..).take(order.len()).collect();
    let instances: Vec<&[u8]> = order.iter().map(|(instance, _)| instance.as_slice()).collect();
    let sequences: Vec<i64> = order.iter().map(|(_, sequence)| *sequence).collect();
    execute(&transaction, GIVE, &[&positions, &instances, &sequences]).await?;
    for queue in &queues {
        execute(&transaction, FED, &[&queue.instance.as_slice(), &queue.fed]).await?;
    }
    if let Some(last) = positions.last() {
        execute(&transaction, END, &[last]).await?;
    }
    transaction.commit().await?;
    Ok(is_cut)
}

async fn queues(transaction: &Transaction<'_>) -> Result<Vec<Queue>, Trouble> {
    let mut queues = all(transaction, NEWS, &[], |row| {
        let number = |place, column| {
            cell(row, place).and_then(row::integer).ok_or(inconsistent("fed", column))
        };
        Ok(Queue {
            instance: cell(row, 0).and_then(row::fixed).ok_or(inconsistent("fed", "instance"))?,
            fed: number(1, "sequence")?,
            is_cut: false,
            tip: number(2, "sequence")?,
            next: VecDeque::new(),
        })
    })
    .await?;
    let each = BATCH.checked_div(queues.len()).unwrap_or(BATCH).max(1);
    let limit = i64::try_from(each).unwrap_or(i64::MAX);
    for queue in &mut queues {
        let params: [&(dyn ToSql + Sync); 3] = [&queue.instance.as_slice(), &queue.fed, &limit];
        queue.next = all(transaction, NEXT, &params, next).await?.into();
        queue.is_cut = queue.next.len() >= each;
    }
    Ok(queues)
}

fn next(row: &Row) -> Result<Next, LedgerError> {
    let number = |place, column| {
        cell(row, place).and_then(row::integer).ok_or(inconsistent("event", column))
    };
    let earlier = cell(row, 2).and_then(row::fixed).zip(cell(row, 3).and_then(row::integer));
    let is_numbered = cell(row, 4).is_some_and(|cell| cell != Cell::Null);
    Ok(Next {
        sequence: number(0, "sequence")?,
        recorded_at: number(1, "recorded_at")?,
        after: earlier.filter(|_| !is_numbered),
    })
}

/// The events that can have a position now, in their order: the oldest first, but none before one that it
/// follows. Two chains never wait for each other: what follows was committed later.
fn order(queues: &mut [Queue]) -> Vec<Link> {
    let (mut order, mut numbered) = (Vec::new(), HashSet::new());
    loop {
        let ready = |queue: &&mut Queue| {
            queue
                .next
                .front()
                .is_some_and(|next| next.after.is_none_or(|it| numbered.contains(&it)))
        };
        let oldest = |queue: &&mut Queue| queue.next.front().map(|next| next.recorded_at);
        let Some(queue) = queues.iter_mut().filter(ready).min_by_key(oldest) else { break };
        let Some(next) = queue.next.pop_front() else { break };
        queue.fed = next.sequence;
        order.push((queue.instance, next.sequence));
        numbered.insert((queue.instance, next.sequence));
    }
    // What was purged at the end of a chain needs no position.
    for queue in queues.iter_mut().filter(|queue| !queue.is_cut && queue.next.is_empty()) {
        queue.fed = queue.fed.max(queue.tip);
    }
    order
}

/// Events that were copied from a file keep their places: cursors of before the move go on.
pub(super) async fn keep(
    transaction: &Transaction<'_>,
    sequences: &[i64],
    newest: i64,
) -> Result<(), Trouble> {
    all(transaction, LOCK, &[], |_| Ok(())).await?;
    let name = OF_A_FILE.as_slice();
    let instances = vec![name; sequences.len()];
    execute(transaction, GIVE, &[&sequences, &instances, &sequences]).await?;
    execute(transaction, FED, &[&name, &newest]).await?;
    execute(transaction, END, &[&newest]).await
}

async fn execute(
    transaction: &Transaction<'_>,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<(), Trouble> {
    let statement = transaction.prepare_cached(sql).await?;
    transaction.execute(&statement, params).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: [u8; 16] = [1; 16];
    const TWO: [u8; 16] = [2; 16];

    fn queue(instance: [u8; 16], next: &[(i64, Option<Link>)]) -> Queue {
        let of = |(sequence, (recorded_at, after)): (i64, &(i64, Option<Link>))| Next {
            sequence,
            recorded_at: *recorded_at,
            after: *after,
        };
        let next: VecDeque<Next> = (1..).zip(next).map(of).collect();
        let tip = i64::try_from(next.len()).unwrap();
        Queue { instance, fed: 0, is_cut: false, tip, next }
    }

    #[test]
    fn the_oldest_first_by_either_chain_s_clock() {
        let mut queues =
            [queue(ONE, &[(10, None), (40, None)]), queue(TWO, &[(20, None), (30, None)])];
        assert_eq!(order(&mut queues), [(ONE, 1), (TWO, 1), (TWO, 2), (ONE, 2)]);
        assert_eq!(queues.map(|queue| queue.fed), [2, 2]);
    }

    /// A clock that is behind does not bring an answer before its question.
    #[test]
    fn nothing_comes_before_what_it_follows() {
        let mut queues = [queue(ONE, &[(90, None)]), queue(TWO, &[(10, Some((ONE, 1)))])];
        assert_eq!(order(&mut queues), [(ONE, 1), (TWO, 1)]);
    }

    /// What it follows was not read, because it was committed a moment later than the question: next time.
    #[test]
    fn what_follows_something_unread_waits_and_so_does_its_chain() {
        let mut queues =
            [queue(ONE, &[(10, None)]), queue(TWO, &[(10, Some((ONE, 2))), (20, None)])];
        assert_eq!(order(&mut queues), [(ONE, 1)]);
        assert_eq!(queues.map(|queue| queue.fed), [1, 0]);
    }

    #[test]
    fn a_chain_whose_last_events_were_purged_is_done() {
        let mut purged = [Queue { tip: 7, ..queue(ONE, &[(10, None)]) }];
        assert_eq!(order(&mut purged), [(ONE, 1)]);
        assert_eq!(purged.map(|queue| queue.fed), [7]);
        let mut cut = [Queue { tip: 7, is_cut: true, ..queue(ONE, &[(10, None)]) }];
        order(&mut cut);
        assert_eq!(cut.map(|queue| queue.fed), [1]);
    }
}
