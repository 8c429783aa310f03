//! The one way out of the file: rows that are past their time go, and the runs of events that they
//! leave behind in the chain are written down, in one transaction.

use super::books::Books;
use super::select::{all, cell};
use super::tidy::Sweeping;
use super::trouble::Trouble;
use crate::ledger::LedgerError;
use crate::ledger::chain::{Hash, Proof};
use crate::ledger::purge::{Last, Past, Purged, Run};
use crate::ledger::row::{self, inconsistent};
use crate::payment::Reference;
use rusqlite::{Connection, Row};

/// A look at what is past its time.
struct Found {
    hand_offs: Vec<Reference>,
    parked: Vec<Reference>,
    next: Option<Reference>,
}

/// Nothing is awaited of a hand-off that has no row in `chase`, where every doubt stays until its outcome.
fn look(connection: &Connection, past: Past) -> Result<Found, Trouble> {
    const SQL: &str = "SELECT reference, \
        (SELECT max(recorded_at) FROM event WHERE event.reference = hand_off.reference), \
        (SELECT max(at) FROM trace WHERE trace.reference = hand_off.reference), \
        EXISTS (SELECT 1 FROM chase WHERE chase.reference = hand_off.reference) \
        FROM hand_off WHERE reference > ?1 AND reference < ?2 ORDER BY reference LIMIT ?3";
    let before = past.before.as_microsecond();
    let limit = i64::try_from(past.limit).unwrap_or(i64::MAX);
    let looked = all(connection, SQL, (past.start(), past.bound(), limit), last)?;
    let is_full = looked.len() >= past.limit;
    let goes_on = is_full && past.only.is_none();
    let next = looked.last().filter(|_| goes_on).map(|last| last.reference);
    let over = looked
        .into_iter()
        .filter(|last| !last.is_awaited && last.at < before && past.means(last.reference));
    let hand_offs = over.map(|last| last.reference).collect();
    let are_meant = next.is_none() && past.only.is_none();
    let parked = if are_meant { parked(connection, before)? } else { Vec::new() };
    Ok(Found { hand_offs, parked, next })
}

fn last(row: &Row<'_>) -> Result<Last, LedgerError> {
    let is_awaited = cell(row, 3).and_then(row::integer) != Some(0);
    Ok(Last { is_awaited, ..Last::of(|place| cell(row, place))? })
}

/// References of which nothing but parked events is known, all of them recorded before.
fn parked(connection: &Connection, before: i64) -> Result<Vec<Reference>, Trouble> {
    const SQL: &str = "SELECT reference FROM event INDEXED BY event_parked \
        WHERE source <> 'opened' AND state_after IS NULL \
        AND NOT EXISTS (SELECT 1 FROM hand_off WHERE hand_off.reference = event.reference) \
        GROUP BY reference HAVING max(recorded_at) < ?1";
    all(connection, SQL, [before], |row| {
        cell(row, 0).and_then(row::reference).ok_or(inconsistent("event", "reference"))
    })
}

/// Where the events of a reference stand in the chain.
fn places(connection: &Connection, reference: Reference) -> Result<Vec<(i64, Hash)>, Trouble> {
    const SQL: &str = "SELECT sequence, hash FROM event WHERE reference = ?1";
    all(connection, SQL, [reference.as_bytes()], |row| {
        let read = |place| cell(row, place);
        Ok((
            read(0).and_then(row::integer).ok_or(inconsistent("event", "sequence"))?,
            read(1).and_then(row::fixed).ok_or(inconsistent("event", "hash"))?,
        ))
    })
}

fn count(connection: &Connection, found: &Found) -> Result<(Purged, Vec<(i64, Hash)>), Trouble> {
    let mut events = Vec::new();
    for reference in &found.hand_offs {
        events.extend(places(connection, *reference)?);
    }
    let of_hand_offs = events.len();
    for reference in &found.parked {
        events.extend(places(connection, *reference)?);
    }
    let number = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let purged = Purged {
        hand_offs: number(found.hand_offs.len()),
        events: number(of_hand_offs),
        parked: number(events.len().saturating_sub(of_hand_offs)),
        next: found.next,
    };
    Ok((purged, events))
}

/// See [`crate::ledger::Ledger::purgeable`].
pub(super) fn purgeable(connection: &Connection, past: Past) -> Result<Purged, Trouble> {
    let transaction = connection.unchecked_transaction()?;
    let (purged, _) = count(connection, &look(connection, past)?)?;
    transaction.finish()?;
    Ok(purged)
}

impl Books {
    /// See [`crate::ledger::Ledger::purge`].
    pub(super) fn purge(&mut self, past: Past) -> Result<Purged, Trouble> {
        const OF_A_HAND_OFF: [&str; 4] = [
            "DELETE FROM given WHERE reference = ?1",
            "DELETE FROM trace WHERE reference = ?1",
            "DELETE FROM idempotency WHERE reference = ?1",
            "DELETE FROM event WHERE reference = ?1",
        ];
        let found = look(&self.connection, past)?;
        let (purged, events) = count(&self.connection, &found)?;
        // Even where nothing went now: a purge that was cut short may have left its log.
        if purged.next.is_none() {
            self.sweeping = Sweeping::Due;
        }
        if events.is_empty() {
            return Ok(purged);
        }
        let begun_at = past.before.as_microsecond();
        self.connection.prepare_cached("INSERT INTO purge VALUES (1, ?1)")?.execute([begun_at])?;
        for reference in &found.hand_offs {
            for sql in OF_A_HAND_OFF {
                self.execute_for(sql, *reference)?;
            }
        }
        for reference in &found.parked {
            self.execute_for("DELETE FROM given WHERE reference = ?1", *reference)?;
            self.execute_for("DELETE FROM event WHERE reference = ?1", *reference)?;
        }
        for run in Run::of(events) {
            leave(&self.connection, run)?;
        }
        self.connection.prepare_cached("DELETE FROM purge")?.execute(())?;
        Ok(purged)
    }
}

/// Writes a run down, as one with those that it touches.
fn leave(connection: &Connection, run: Run) -> Result<(), Trouble> {
    const BEFORE: &str = "SELECT id, first, last, hash FROM purged WHERE last = ?1";
    const AFTER: &str = "SELECT id, first, last, hash FROM purged WHERE first = ?1";
    let Run { mut first, mut last, mut hash } = run;
    let id = newest(connection)?.saturating_add(1);
    let mut remove = connection.prepare_cached("DELETE FROM purged WHERE id = ?1")?;
    for (id, before) in all(connection, BEFORE, [first.saturating_sub(1)], purged_run)? {
        remove.execute([id])?;
        first = before.first;
    }
    for (id, after) in all(connection, AFTER, [last.saturating_add(1)], purged_run)? {
        remove.execute([id])?;
        (last, hash) = (after.last, after.hash);
    }
    let mut insert = connection.prepare_cached("INSERT INTO purged VALUES (?1, ?2, ?3, ?4)")?;
    insert.execute((id, first, last, hash))?;
    Ok(())
}

fn purged_run(row: &Row<'_>) -> Result<(i64, Run), LedgerError> {
    let number = |place, column| {
        cell(row, place).and_then(row::integer).ok_or(inconsistent("purged", column))
    };
    let hash = cell(row, 3).and_then(row::fixed).ok_or(inconsistent("purged", "hash"))?;
    Ok((number(0, "id")?, Run { first: number(1, "first")?, last: number(2, "last")?, hash }))
}

/// Grows with every run that is written down.
pub(super) fn newest(connection: &Connection) -> Result<i64, Trouble> {
    let mut statement = connection.prepare_cached("SELECT coalesce(max(id), 0) FROM purged")?;
    Ok(statement.query_row((), |row| row.get(0))?)
}

/// The last run in the chain, where nothing may stand behind it.
pub(super) fn end(connection: &Connection) -> Result<Option<Run>, Trouble> {
    const SQL: &str = "SELECT id, first, last, hash FROM purged ORDER BY last DESC LIMIT 1";
    Ok(all(connection, SQL, (), purged_run)?.pop().map(|(_, run)| run))
}

/// The run that an event of this place went with.
pub(super) fn around(connection: &Connection, sequence: i64) -> Result<Option<Run>, Trouble> {
    const SQL: &str = "SELECT id, first, last, hash FROM purged WHERE first <= ?1 AND last >= ?1";
    Ok(all(connection, SQL, [sequence], purged_run)?.pop().map(|(_, run)| run))
}

/// Has a proof pass the run that begins behind what it has read, if there is one.
pub(super) fn pass(connection: &Connection, proof: &mut Proof) -> Result<(), Trouble> {
    const SQL: &str = "SELECT id, first, last, hash FROM purged WHERE first = ?1";
    let next = proof.sequence().saturating_add(1);
    for (_, run) in all(connection, SQL, [next], purged_run)? {
        proof.pass(&run);
    }
    Ok(())
}

/// How many events went, by what was written down of them.
pub(super) fn gone(connection: &Connection) -> Result<i64, Trouble> {
    let sql = "SELECT coalesce(sum(last - first + 1), 0) FROM purged";
    Ok(connection.query_row(sql, (), |row| row.get(0))?)
}
