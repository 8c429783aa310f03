//! What a transaction is to write, table by table, and how it is written: one statement a table,
//! sent one after another without waiting for the answers between.

use super::select::Placed;
use super::trouble::Trouble;
use crate::ledger::chain::{self, Hash, Link};
use crate::ledger::row::{self, Cell, whole};
use crate::ledger::{Event, HandOff, IdempotencyKey, Report, Trace};
use crate::payment::{Evidence, Reference, State};
use deadpool_postgres::{GenericClient, Transaction};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use std::collections::BTreeMap;
use tokio_postgres::types::ToSql;

const HAND_OFFS: &str = "INSERT INTO hand_off (reference, opened_at, opened_as, kind, method, dialect, \
    mode, amount, currency, frequency, plan, appeal, gift_aid, merchant_reference) \
    SELECT * FROM unnest($1::BYTEA[], $2::BIGINT[], $3::TEXT[], $4::TEXT[], $5::TEXT[], $6::TEXT[], \
    $7::TEXT[], $8::BIGINT[], $9::TEXT[], $10::TEXT[], $11::TEXT[], $12::TEXT[], $13::BIGINT[], \
    $14::TEXT[])";
const EVENTS: &str = "INSERT INTO event (instance, place, sequence, reference, event_id, source, fact, \
    amount, currency, mode, processor_reference, code, occurred_at, state_before, state_after, \
    recorded_at, hash) SELECT * FROM unnest($1::BYTEA[], $2::BIGINT[], $3::BIGINT[], $4::BYTEA[], \
    $5::BYTEA[], $6::TEXT[], $7::TEXT[], $8::BIGINT[], $9::TEXT[], $10::TEXT[], $11::TEXT[], \
    $12::TEXT[], $13::BIGINT[], $14::TEXT[], $15::TEXT[], $16::BIGINT[], $17::BYTEA[])";
const BEGINNINGS: &str = "INSERT INTO chase (reference, due_at, tries, doubt_since) \
    SELECT reference, due_at, 0, doubt_since \
    FROM unnest($1::BYTEA[], $2::BIGINT[], $3::BIGINT[]) AS new (reference, due_at, doubt_since)";
const GIVEN_UP: &str =
    "DELETE FROM chase WHERE reference = ANY($1::BYTEA[]) AND doubt_since IS NULL";
const CHANGES: &str = "UPDATE chase SET due_at = new.due_at \
    FROM unnest($1::BYTEA[], $2::BIGINT[]) AS new (reference, due_at) \
    WHERE chase.reference = new.reference";
const ENDS: &str = "DELETE FROM chase WHERE reference = ANY($1::BYTEA[])";
const KEYS: &str = "INSERT INTO idempotency (key, fingerprint, reference, at) \
    SELECT * FROM unnest($1::BYTEA[], $2::BYTEA[], $3::BYTEA[], $4::BIGINT[])";
const TRACES: &str = "INSERT INTO trace (reference, mark, purpose, at) \
    SELECT * FROM unnest($1::BYTEA[], $2::BYTEA[], $3::TEXT[], $4::BIGINT[])";
const PROGRESS: &str = "INSERT INTO progress (report, until) \
    SELECT * FROM unnest($1::TEXT[], $2::BIGINT[]) \
    ON CONFLICT (report) DO UPDATE SET until = CASE WHEN progress.until > excluded.until + 86400000000 \
        THEN excluded.until ELSE greatest(progress.until, excluded.until) END";

/// A new event before it has a place in the chain.
pub(super) struct Draft {
    pub(super) reference: Reference,
    pub(super) evidence: Option<Evidence>,
    pub(super) before: Option<State>,
    pub(super) after: Option<State>,
    pub(super) recorded_at: Timestamp,
}

/// What becomes of a hand-off's place on the work list.
enum Wait {
    Begins { due_at: Option<Timestamp>, doubt_since: Option<Timestamp> },
    Changes { due_at: Option<Timestamp>, given_up: bool },
    Ends,
}

/// Everything that one transaction writes.
pub(super) struct Drafts {
    instance: [u8; 16],
    /// The chain's newest link, these included.
    pub(super) head: (i64, Hash),
    pub(super) hand_offs: BTreeMap<Reference, HandOff>,
    pub(super) events: Vec<Placed>,
    waits: BTreeMap<Reference, Wait>,
    pub(super) keys: Vec<(IdempotencyKey, Reference, Timestamp)>,
    pub(super) traces: Vec<(Reference, Trace)>,
    progress: BTreeMap<&'static str, i64>,
    /// Something must be written even if nothing changes.
    pub(super) must_write: bool,
}

impl Drafts {
    pub(super) const fn after(instance: [u8; 16], head: (i64, Hash)) -> Self {
        Self {
            instance,
            head,
            hand_offs: BTreeMap::new(),
            events: Vec::new(),
            waits: BTreeMap::new(),
            keys: Vec::new(),
            traces: Vec::new(),
            progress: BTreeMap::new(),
            must_write: false,
        }
    }

    /// Whether nothing is to be written: all that was asked for was there before.
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.waits.is_empty()
            && self.keys.is_empty()
            && self.traces.is_empty()
            && self.progress.is_empty()
            && !self.must_write
    }

    /// Adds an event to the chain; an opening takes its hand-off along.
    pub(super) fn record(
        &mut self,
        draft: Draft,
        place: i64,
        hand_off: Option<&HandOff>,
    ) -> Placed {
        let Draft { reference, evidence, before, after, recorded_at } = draft;
        let (newest, previous) = self.head;
        let sequence = newest.saturating_add(1);
        let recorded_at = whole(recorded_at);
        let hash = chain::START;
        let mut event = Event { sequence, reference, evidence, before, after, recorded_at, hash };
        event.hash = chain::hash(&previous, &event, hand_off);
        self.head = (sequence, event.hash);
        if let Some(hand_off) = hand_off {
            self.hand_offs.insert(reference, hand_off.clone());
        }
        let placed = Placed { instance: self.instance, place, event };
        self.events.push(placed.clone());
        placed
    }

    /// The links that are added to the chain.
    pub(super) fn links(&self) -> impl Iterator<Item = Link> {
        self.events.iter().map(|Placed { instance, event, .. }| Link {
            instance: *instance,
            sequence: event.sequence,
            hash: event.hash,
        })
    }

    /// The wait for an outcome begins.
    pub(super) fn wait(&mut self, hand_off: &HandOff, due_at: Timestamp) {
        let in_doubt = hand_off.opened_as == State::InDoubt;
        let doubt_since = in_doubt.then_some(hand_off.opened_at);
        let begins = Wait::Begins { due_at: Some(due_at), doubt_since };
        self.waits.insert(hand_off.reference, begins);
    }

    /// The wait is over.
    pub(super) fn end(&mut self, reference: Reference) {
        // One that begins with this transaction never stands in the table.
        if !matches!(self.waits.remove(&reference), Some(Wait::Begins { .. })) {
            self.waits.insert(reference, Wait::Ends);
        }
    }

    /// See [`crate::ledger::Ledger::reschedule`]. What is off the list stays off it.
    pub(super) fn reschedule(&mut self, reference: Reference, due_at: Option<Timestamp>) {
        let wait = match (self.waits.remove(&reference), due_at) {
            (Some(Wait::Begins { doubt_since: None, .. }), None) => return,
            (Some(Wait::Begins { doubt_since, .. }), due_at) => {
                Wait::Begins { due_at, doubt_since }
            }
            (Some(Wait::Ends), _) => Wait::Ends,
            (Some(Wait::Changes { given_up, .. }), due_at) => {
                Wait::Changes { due_at, given_up: given_up || due_at.is_none() }
            }
            (None, due_at) => Wait::Changes { due_at, given_up: due_at.is_none() },
        };
        self.waits.insert(reference, wait);
    }

    pub(super) fn advance(&mut self, report: Report, until: Timestamp) {
        let until = until.as_microsecond();
        let known = self.progress.entry(report.word()).or_insert(until);
        *known = until.max(*known);
    }

    /// Writes it all. Rows go in the order of their references, so that two writers seldom wait for
    /// each other crosswise.
    pub(super) async fn write(&mut self, transaction: &Transaction<'_>) -> Result<(), Trouble> {
        self.events.sort_unstable_by_key(|placed| (placed.event.reference, placed.place));
        let mut batches = vec![
            batch(HAND_OFFS, self.hand_offs.values().map(|it| row::of_hand_off(it).to_vec())),
            batch(EVENTS, self.events.iter().map(of_placed)),
            batch(BEGINNINGS, self.waits.iter().filter_map(beginning)),
            batch(GIVEN_UP, self.waits.iter().filter_map(given_up)),
            batch(CHANGES, self.waits.iter().filter_map(change)),
            batch(ENDS, self.waits.iter().filter_map(end)),
            batch(KEYS, self.keys.iter().map(of_key)),
            batch(TRACES, self.traces.iter().map(of_trace)),
            batch(PROGRESS, self.progress.iter().map(of_progress)),
        ];
        batches.retain(|batch| !batch.columns.is_empty());
        let mut statements = Vec::new();
        for batch in &batches {
            statements.push(transaction.prepare_cached(batch.sql).await?);
        }
        let params: Vec<Vec<&(dyn ToSql + Sync)>> =
            batches.iter().map(|batch| batch.columns.iter().map(parameter).collect()).collect();
        let sent = statements.iter().zip(&params);
        try_join_all(sent.map(|(statement, params)| transaction.execute(statement, params)))
            .await?;
        Ok(())
    }
}

fn beginning<'a>((reference, wait): (&'a Reference, &Wait)) -> Option<Vec<Cell<'a>>> {
    let Wait::Begins { due_at, doubt_since } = wait else { return None };
    Some(vec![Cell::Bytes(reference.as_bytes()), time(*due_at), time(*doubt_since)])
}

fn given_up<'a>((reference, wait): (&'a Reference, &Wait)) -> Option<Vec<Cell<'a>>> {
    let given_up = matches!(wait, Wait::Changes { given_up: true, .. });
    given_up.then(|| vec![Cell::Bytes(reference.as_bytes())])
}

fn change<'a>((reference, wait): (&'a Reference, &Wait)) -> Option<Vec<Cell<'a>>> {
    let Wait::Changes { due_at, .. } = wait else { return None };
    Some(vec![Cell::Bytes(reference.as_bytes()), time(*due_at)])
}

fn end<'a>((reference, wait): (&'a Reference, &Wait)) -> Option<Vec<Cell<'a>>> {
    matches!(wait, Wait::Ends).then(|| vec![Cell::Bytes(reference.as_bytes())])
}

fn time<'a>(at: Option<Timestamp>) -> Cell<'a> {
    at.map_or(Cell::Null, |at| Cell::Integer(at.as_microsecond()))
}

fn parameter<'a>(column: &'a Vec<Cell<'_>>) -> &'a (dyn ToSql + Sync) {
    column
}

/// A statement and the columns of its rows.
struct Batch<'a> {
    sql: &'static str,
    columns: Vec<Vec<Cell<'a>>>,
}

fn batch<'a>(sql: &'static str, rows: impl Iterator<Item = Vec<Cell<'a>>>) -> Batch<'a> {
    let mut columns: Vec<Vec<Cell<'a>>> = Vec::new();
    for row in rows {
        columns.resize_with(row.len(), Vec::new);
        for (column, cell) in columns.iter_mut().zip(row) {
            column.push(cell);
        }
    }
    Batch { sql, columns }
}

pub(super) fn of_placed(placed: &Placed) -> Vec<Cell<'_>> {
    let mut cells = vec![Cell::Bytes(&placed.instance), Cell::Integer(placed.place)];
    cells.extend(row::of_event(&placed.event));
    cells
}

fn of_key((key, reference, at): &(IdempotencyKey, Reference, Timestamp)) -> Vec<Cell<'_>> {
    let at = Cell::Integer(at.as_microsecond());
    vec![
        Cell::Bytes(&key.key),
        Cell::Bytes(&key.fingerprint),
        Cell::Bytes(reference.as_bytes()),
        at,
    ]
}

fn of_trace((reference, trace): &(Reference, Trace)) -> Vec<Cell<'_>> {
    let at = Cell::Integer(trace.at.as_microsecond());
    let purpose = Cell::Text(trace.purpose.word());
    vec![Cell::Bytes(reference.as_bytes()), Cell::Bytes(&trace.mark), purpose, at]
}

fn of_progress<'a>((report, until): (&'a &'static str, &'a i64)) -> Vec<Cell<'a>> {
    vec![Cell::Text(report), Cell::Integer(*until)]
}
