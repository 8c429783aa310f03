//! What is written: the writer's connection and the one transaction that is open on it.

use super::connection::leave_the_log;
use super::schema;
use super::select::{self, cell, hand_off_columns};
use super::tidy::Sweeping;
use super::trouble::Trouble;
use crate::ledger::chain::{self, Hash};
use crate::ledger::row::{self, Cell, inconsistent, whole};
use crate::ledger::{Claim, Conclusion, Entry, Event, HandOff, IdempotencyKey, Opening};
use crate::payment::{Dialect, Evidence, Reference, State, judge};
use jiff::Timestamp;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, params_from_iter};

/// The writer's connection.
pub(super) struct Books {
    pub(super) connection: Connection,
    /// The chain's newest link; read again after anything was rolled back.
    head: Option<(i64, Hash)>,
    /// SQLite's count of what others wrote: the command line may write beside the service.
    seen: i64,
    /// What is left to do after a purge.
    pub(super) sweeping: Sweeping,
    /// The newest run of purged events when the file was swept, or opened.
    pub(super) swept: Option<i64>,
}

/// A new event before it has a place in the chain.
struct Draft {
    reference: Reference,
    evidence: Option<Evidence>,
    before: Option<State>,
    after: Option<State>,
    recorded_at: Timestamp,
}

impl Books {
    pub(super) const fn new(connection: Connection) -> Self {
        Self { connection, head: None, seen: 0, sweeping: Sweeping::None, swept: None }
    }

    /// Takes the file's write lock.
    pub(super) fn begin(&mut self) -> Result<(), Trouble> {
        self.execute("BEGIN IMMEDIATE")?;
        let mut statement = self.connection.prepare_cached("PRAGMA data_version")?;
        let seen = statement.query_row((), |row| row.get(0))?;
        if seen != self.seen {
            // What they wrote may have been a purge, and the file is the service's to tidy.
            (self.seen, self.head, self.sweeping) = (seen, None, Sweeping::Due);
        }
        Ok(())
    }

    /// Everything since [`Books::begin`] is on disk when this returns.
    pub(super) fn commit(&mut self) -> Result<(), Trouble> {
        self.execute("COMMIT")
    }

    /// Nothing since [`Books::begin`] was written.
    pub(super) fn roll_back(&mut self) -> Result<(), Trouble> {
        self.head = None;
        // SQLite rolls some failures back by itself.
        if self.connection.is_autocommit() { Ok(()) } else { self.execute("ROLLBACK") }
    }

    /// After an error of the disk nothing more may be moved into the file.
    pub(super) fn leave_the_log(&self) {
        // Where even this fails, the checkpoint at the end fails as well.
        leave_the_log(&self.connection).ok();
    }

    /// Writes something that changes nothing, all the way to the disk.
    pub(super) fn probe(&mut self) -> Result<(), Trouble> {
        Ok(self.connection.pragma_update(None, "user_version", schema::known())?)
    }

    /// See [`crate::ledger::Ledger::open`].
    pub(super) fn open(
        &mut self,
        hand_off: &HandOff,
        key: Option<IdempotencyKey>,
        due_at: Timestamp,
    ) -> Result<Opening, Trouble> {
        if let Some(key) = key
            && let Some(opening) = select::kept(&self.connection, key)?
        {
            return Ok(opening);
        }
        let (known, events) = select::records(&self.connection, hand_off.reference)?;
        let opening = match known {
            None => Opening::Opened(self.record_opening(hand_off, due_at, &events)?),
            Some(known)
                if known.asked == hand_off.asked && known.opened_as == hand_off.opened_as =>
            {
                Opening::Repeated(select::judged(known, &events)?)
            }
            Some(_) => return Ok(Opening::Conflicting),
        };
        for key in key.into_iter().flat_map(IdempotencyKey::each) {
            let at = hand_off.opened_at.as_microsecond();
            self.connection
                .prepare_cached("INSERT INTO idempotency VALUES (?1, ?2, ?3, ?4)")?
                .execute((key.key, key.fingerprint, hand_off.reference.as_bytes(), at))?;
        }
        Ok(opening)
    }

    /// See [`crate::ledger::Ledger::conclude`].
    pub(super) fn conclude(
        &mut self,
        reference: Reference,
        evidence: &Evidence,
        at: Timestamp,
    ) -> Result<Conclusion, Trouble> {
        let (hand_off, events) = select::records(&self.connection, reference)?;
        let mut known = select::evidence(&events);
        if known.iter().any(|known| known.id == evidence.id) {
            return Ok(Conclusion::Repeated);
        }
        let draft = |before, after| Draft {
            reference,
            evidence: Some(evidence.clone()),
            before,
            after,
            recorded_at: at,
        };
        let Some(HandOff { opened_as, asked, .. }) = hand_off else {
            self.record(draft(None, None), None)?;
            // It may turn out to be of any dialect.
            self.give(reference, evidence)?;
            return Ok(Conclusion::Parked);
        };
        let before = judge(opened_as, &asked, &known).state;
        known.push(evidence.clone());
        let after = judge(opened_as, &asked, &known);
        self.record(draft(Some(before), Some(after.state)), None)?;
        // Every other dialect signs the processor's reference.
        if asked.dialect == Dialect::Rsm2000 {
            self.give(reference, evidence)?;
        }
        if !after.state.can_still_rise(opened_as) {
            self.execute_for("DELETE FROM chase WHERE reference = ?1", reference)?;
        }
        Ok(Conclusion::Recorded { before, after })
    }

    /// See [`crate::ledger::Ledger::claim`].
    pub(super) fn claim(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: i64,
    ) -> Result<Vec<Claim>, Trouble> {
        const SQL: &str = concat!(
            "SELECT ",
            hand_off_columns!(),
            ", tries FROM chase JOIN hand_off USING (reference) WHERE due_at <= ?1 \
             ORDER BY due_at, chase.reference LIMIT ?2"
        );
        let due = select::all(&self.connection, SQL, (now.as_microsecond(), limit), |row| {
            let tries = cell(row, row::HAND_OFF.len()).and_then(row::integer);
            Ok(Claim {
                hand_off: row::hand_off(|place| cell(row, place))?,
                tries: tries
                    .and_then(|tries| u32::try_from(tries).ok())
                    .ok_or(inconsistent("chase", "tries"))?,
            })
        })?;
        let mut lease = self.connection.prepare_cached(
            "UPDATE chase SET due_at = ?2, tries = tries + 1 WHERE reference = ?1",
        )?;
        for claim in &due {
            lease.execute((claim.hand_off.reference.as_bytes(), lease_until.as_microsecond()))?;
        }
        Ok(due)
    }

    /// See [`crate::ledger::Ledger::reschedule`]. What is off the list stays off it.
    pub(super) fn reschedule(
        &mut self,
        reference: Reference,
        due_at: Option<Timestamp>,
    ) -> Result<(), Trouble> {
        const HOSTED: &str = "DELETE FROM chase WHERE reference = ?1 AND doubt_since IS NULL";
        const DOUBT: &str = "UPDATE chase SET due_at = NULL WHERE reference = ?1";
        if let Some(at) = due_at {
            self.connection
                .prepare_cached("UPDATE chase SET due_at = ?2 WHERE reference = ?1")?
                .execute((reference.as_bytes(), at.as_microsecond()))?;
            return Ok(());
        }
        self.execute_for(HOSTED, reference)?;
        self.execute_for(DOUBT, reference)
    }

    pub(super) fn execute_for(&self, sql: &str, reference: Reference) -> Result<(), Trouble> {
        self.connection.prepare_cached(sql)?.execute([reference.as_bytes()])?;
        Ok(())
    }

    fn execute(&self, sql: &str) -> Result<(), Trouble> {
        self.connection.prepare_cached(sql)?.execute(())?;
        Ok(())
    }

    /// The opening's event, with the evidence that came before it, and the wait for the outcome.
    fn record_opening(
        &mut self,
        hand_off: &HandOff,
        due_at: Timestamp,
        parked: &[Event],
    ) -> Result<Entry, Trouble> {
        let HandOff { reference, opened_at, opened_as, ref asked } = *hand_off;
        let standing = judge(opened_as, asked, &select::evidence(parked));
        let after = Some(standing.state);
        let draft =
            Draft { reference, evidence: None, before: None, after, recorded_at: opened_at };
        self.record(draft, Some(hand_off))?;
        if standing.state.can_still_rise(opened_as) {
            self.connection.prepare_cached("INSERT INTO chase VALUES (?1, ?2, 0, ?3)")?.execute(
                (
                    reference.as_bytes(),
                    due_at.as_microsecond(),
                    (opened_as == State::InDoubt).then(|| opened_at.as_microsecond()),
                ),
            )?;
        }
        Ok(Entry { hand_off: hand_off.clone(), standing, changed_at: opened_at })
    }

    /// Adds an event to the chain; an opening takes its hand-off along.
    fn record(&mut self, draft: Draft, hand_off: Option<&HandOff>) -> Result<(), Trouble> {
        const SQL: &str = "INSERT INTO event VALUES \
            (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, \
            ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27)";
        let (newest, previous) = match self.head {
            Some(head) => head,
            None => select::head(&self.connection)?,
        };
        let Draft { reference, evidence, before, after, recorded_at } = draft;
        let sequence = newest.saturating_add(1);
        let recorded_at = whole(recorded_at);
        let hash = chain::START;
        let mut event = Event { sequence, reference, evidence, before, after, recorded_at, hash };
        event.hash = chain::hash(&previous, &event, hand_off);
        let asked = hand_off.map_or([Cell::Null; row::HAND_OFF.len()], row::of_hand_off);
        let cells = row::of_event(&event).into_iter().chain(asked.into_iter().skip(row::OF_BOTH));
        if self.connection.prepare_cached(SQL)?.execute(params_from_iter(cells))? != 1 {
            return Err(inconsistent("event", "sequence").into());
        }
        self.head = Some((sequence, event.hash));
        Ok(())
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Cell::Null => ValueRef::Null,
            Cell::Integer(integer) => ValueRef::Integer(*integer),
            Cell::Text(text) => ValueRef::Text(text.as_bytes()),
            Cell::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
