//! What is read: on any connection, inside or outside a transaction.

use super::trouble::Trouble;
use crate::ledger::row::{self, Cell, inconsistent};
use crate::ledger::{Entry, Event, HandOff, LedgerError};
use crate::payment::{Evidence, Reference, judge};
use bytes::BytesMut;
use deadpool_postgres::GenericClient;
use std::collections::HashMap;
use std::error::Error;
use tokio_postgres::Row;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

macro_rules! hand_off_columns {
    () => {
        "hand_off.reference, opened_at, opened_as, kind, method, dialect, mode, amount, currency, \
         frequency, plan, appeal, gift_aid, merchant_reference"
    };
}
pub(super) use hand_off_columns;

macro_rules! event_columns {
    () => {
        "instance, place, sequence, reference, event_id, source, fact, amount, currency, mode, \
         processor_reference, code, occurred_at, state_before, state_after, recorded_at, hash"
    };
}
pub(super) use event_columns;

/// An event and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// Whose chain it is in.
    pub(super) instance: [u8; 16],
    /// Its place among the events of its reference, from 1.
    pub(super) place: i64,
    pub(super) event: Event,
}

/// A column's value, or nothing where it is of no type that we write.
pub(super) fn cell(row: &Row, place: usize) -> Option<Cell<'_>> {
    let kind = row.columns().get(place)?.type_();
    Some(match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(place).ok()?.map_or(Cell::Null, Cell::Integer),
        Type::TEXT => row.try_get::<_, Option<&str>>(place).ok()?.map_or(Cell::Null, Cell::Text),
        Type::BYTEA => row.try_get::<_, Option<&[u8]>>(place).ok()?.map_or(Cell::Null, Cell::Bytes),
        _ => return None,
    })
}

impl ToSql for Cell<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(integer) => integer.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

/// Every row of a query, parsed.
pub(super) async fn all<T>(
    client: &impl GenericClient,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
    parse: impl Fn(&Row) -> Result<T, LedgerError>,
) -> Result<Vec<T>, Trouble> {
    let statement = client.prepare_cached(sql).await?;
    let rows = client.query(&statement, params).await?;
    Ok(rows.iter().map(parse).collect::<Result<_, _>>()?)
}

pub(super) fn placed(row: &Row) -> Result<Placed, LedgerError> {
    let read = |place| cell(row, place);
    Ok(Placed {
        instance: read(0).and_then(row::fixed).ok_or(inconsistent("event", "instance"))?,
        place: read(1).and_then(row::integer).ok_or(inconsistent("event", "place"))?,
        event: row::event(|place| cell(row, place.saturating_add(2)))?,
    })
}

/// The hand-offs of some references, as far as there are any.
pub(super) async fn hand_offs(
    client: &impl GenericClient,
    references: &[&[u8]],
) -> Result<HashMap<Reference, HandOff>, Trouble> {
    const SQL: &str =
        concat!("SELECT ", hand_off_columns!(), " FROM hand_off WHERE reference = ANY($1)");
    let found = all(client, SQL, &[&references], |row| row::hand_off(|i| cell(row, i))).await?;
    Ok(found.into_iter().map(|hand_off| (hand_off.reference, hand_off)).collect())
}

/// The same, kept from being purged until the transaction ends: what was decided with them in sight
/// must not come to stand alone.
pub(super) async fn hand_offs_held(
    client: &impl GenericClient,
    references: &[&[u8]],
) -> Result<HashMap<Reference, HandOff>, Trouble> {
    const SQL: &str = concat!(
        "SELECT ",
        hand_off_columns!(),
        " FROM hand_off WHERE reference = ANY($1) FOR KEY SHARE"
    );
    let found = all(client, SQL, &[&references], |row| row::hand_off(|i| cell(row, i))).await?;
    Ok(found.into_iter().map(|hand_off| (hand_off.reference, hand_off)).collect())
}

/// Keeps the events of some references from being purged until the transaction ends.
pub(super) async fn hold_events(
    client: &impl GenericClient,
    references: &[&[u8]],
) -> Result<(), Trouble> {
    const SQL: &str = "SELECT sequence FROM event WHERE reference = ANY($1) FOR KEY SHARE";
    all(client, SQL, &[&references], |_| Ok(())).await.map(|_| ())
}

/// All events of some references, oldest first.
pub(super) async fn events(
    client: &impl GenericClient,
    references: &[&[u8]],
) -> Result<HashMap<Reference, Vec<Placed>>, Trouble> {
    const SQL: &str = concat!("SELECT ", event_columns!(), " FROM event WHERE reference = ANY($1)");
    let mut found = all(client, SQL, &[&references], placed).await?;
    found.sort_unstable_by_key(|placed| placed.place);
    let mut sorted: HashMap<_, Vec<_>> = HashMap::new();
    for placed in found {
        sorted.entry(placed.event.reference).or_default().push(placed);
    }
    Ok(sorted)
}

/// What the events say, without what surrounds it.
pub(super) fn evidence(events: &[Placed]) -> Vec<Evidence> {
    events.iter().filter_map(|placed| placed.event.evidence.clone()).collect()
}

/// A hand-off and where it stands by all events of its reference.
pub(super) fn judged(hand_off: HandOff, events: &[Placed]) -> Result<Entry, LedgerError> {
    // There is always one: the opening.
    let newest = events.last().ok_or_else(|| inconsistent("event", "reference"))?;
    let standing = judge(hand_off.opened_as, &hand_off.asked, &evidence(events));
    Ok(Entry { hand_off, standing, changed_at: newest.event.recorded_at })
}

/// A hand-off and where it stands. The events are read last: where it is
/// there, so is its opening.
pub(super) async fn entry(
    client: &impl GenericClient,
    reference: Reference,
) -> Result<Option<Entry>, Trouble> {
    let references: [&[u8]; 1] = [reference.as_bytes()];
    let Some(hand_off) = hand_offs(client, &references).await?.remove(&reference) else {
        return Ok(None);
    };
    let events = events(client, &references).await?.remove(&reference).unwrap_or_default();
    Ok(Some(judged(hand_off, &events)?))
}

/// What idempotency keys stand for: fingerprint and reference.
pub(super) async fn kept(
    client: &impl GenericClient,
    keys: &[&[u8]],
) -> Result<HashMap<[u8; 32], ([u8; 32], Reference)>, Trouble> {
    const SQL: &str = "SELECT key, fingerprint, reference FROM idempotency WHERE key = ANY($1)";
    let found = all(client, SQL, &[&keys], |row| {
        let read = |place| cell(row, place);
        let column = |column| inconsistent("idempotency", column);
        let key = read(0).and_then(row::fixed).ok_or(column("key"))?;
        let fingerprint = read(1).and_then(row::fixed).ok_or(column("fingerprint"))?;
        let reference = read(2).and_then(row::reference).ok_or(column("reference"))?;
        Ok((key, (fingerprint, reference)))
    })
    .await?;
    Ok(found.into_iter().collect())
}
