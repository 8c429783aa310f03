//! What the processor can be asked by, whose its references are, and how far its reports were read.

use super::books::Books;
use super::select::{all, cell};
use super::trouble::Trouble;
use crate::ledger::row::{self, inconsistent};
use crate::ledger::{HandOff, IdempotencyKey, Opening, Report, Trace};
use crate::payment::{Evidence, ProcessorText, Reference};
use jiff::Timestamp;
use rusqlite::Connection;

pub(super) const ANOTHERS: &str = "SELECT EXISTS (SELECT 1 FROM given \
    WHERE processor_reference = ?1 AND reference <> ?2)";

impl Books {
    /// See [`crate::ledger::Ledger::open_to_send`].
    pub(super) fn open_to_send(
        &mut self,
        hand_off: &HandOff,
        key: Option<IdempotencyKey>,
        due_at: Timestamp,
        trace: Trace,
    ) -> Result<(Opening, bool), Trouble> {
        let opening = self.open(hand_off, key, due_at)?;
        let opened = matches!(opening, Opening::Opened(_));
        if opened {
            self.send(hand_off.reference, trace)?;
        }
        Ok((opening, opened))
    }

    /// See [`crate::ledger::Ledger::send`].
    pub(super) fn send(&mut self, reference: Reference, trace: Trace) -> Result<(), Trouble> {
        self.connection.prepare_cached("INSERT INTO trace VALUES (?1, ?2, ?3, ?4)")?.execute((
            reference.as_bytes(),
            trace.mark,
            trace.purpose.word(),
            trace.at.as_microsecond(),
        ))?;
        Ok(())
    }

    /// Whose the processor's reference is, for who asks by [`is_anothers`].
    pub(super) fn give(&self, reference: Reference, evidence: &Evidence) -> Result<(), Trouble> {
        const SQL: &str = "INSERT INTO given VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        if let Some(theirs) = &evidence.processor_reference {
            self.connection
                .prepare_cached(SQL)?
                .execute((theirs.as_str(), reference.as_bytes()))?;
        }
        Ok(())
    }

    /// See [`crate::ledger::Ledger::advance`].
    pub(super) fn advance(&mut self, report: Report, until: Timestamp) -> Result<(), Trouble> {
        const SQL: &str = "INSERT INTO progress VALUES (?1, ?2) ON CONFLICT DO UPDATE SET until = \
            CASE WHEN until > excluded.until + 86400000000 THEN excluded.until ELSE max(until, excluded.until) END";
        self.connection.prepare_cached(SQL)?.execute((report.word(), until.as_microsecond()))?;
        Ok(())
    }
}

/// Oldest first.
pub(super) fn traces(connection: &Connection, reference: Reference) -> Result<Vec<Trace>, Trouble> {
    const SQL: &str = "SELECT mark, purpose, at FROM trace WHERE reference = ?1 ORDER BY at, mark";
    all(connection, SQL, [reference.as_bytes()], |row| row::trace(|place| cell(row, place)))
}

pub(super) fn is_anothers(
    connection: &Connection,
    text: &ProcessorText,
    reference: Reference,
) -> Result<bool, Trouble> {
    let mut statement = connection.prepare_cached(ANOTHERS)?;
    Ok(statement.query_row((text.as_str(), reference.as_bytes()), |row| row.get(0))?)
}

pub(super) fn progress(
    connection: &Connection,
    report: Report,
) -> Result<Option<Timestamp>, Trouble> {
    const SQL: &str = "SELECT until FROM progress WHERE report = ?1";
    let found = all(connection, SQL, [report.word()], |row| {
        cell(row, 0).and_then(row::instant).ok_or(inconsistent("progress", "until"))
    })?;
    Ok(found.into_iter().next())
}
