//! Rows and what they mean, for every engine. A row is input too: whatever Almoner never writes
//! is an inconsistency that names its column.

use super::{Event, HandOff, LedgerError, Purpose, Trace};
use crate::payment::{
    Amount, Asked, Code, Dialect, EventId, Evidence, Fact, Frequency, Kind, MerchantReference,
    Method, Mode, ProcessorText, Reference, Source, State, amount,
};
use iso_currency::Currency;
use jiff::Timestamp;

/// One value of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// The columns of `hand_off`, in the order in which they are written, read and hashed.
pub(super) const HAND_OFF: [&str; 14] = [
    "reference",
    "opened_at",
    "opened_as",
    "kind",
    "method",
    "dialect",
    "mode",
    "amount",
    "currency",
    "frequency",
    "plan",
    "appeal",
    "gift_aid",
    "merchant_reference",
];

/// So many of them an opening's event holds anyway: its reference, and the time at which it was recorded.
pub(super) const OF_BOTH: usize = 2;

/// The columns of `event`, likewise.
pub(super) const EVENT: [&str; 15] = [
    "sequence",
    "reference",
    "event_id",
    "source",
    "fact",
    "amount",
    "currency",
    "mode",
    "processor_reference",
    "code",
    "occurred_at",
    "state_before",
    "state_after",
    "recorded_at",
    "hash",
];

/// The word in `event.source` for the opening of a hand-off.
const OPENED: &str = "opened";

/// The row of a hand-off.
pub(super) fn of_hand_off(hand_off: &HandOff) -> [Cell<'_>; HAND_OFF.len()] {
    let HandOff { reference, opened_at, opened_as, asked } = hand_off;
    [
        Cell::Bytes(reference.as_bytes()),
        Cell::Integer(opened_at.as_microsecond()),
        Cell::Text(opened_as.word()),
        Cell::Text(asked.kind.word()),
        Cell::Text(asked.method.word()),
        Cell::Text(asked.dialect.word()),
        Cell::Text(asked.mode.word()),
        Cell::Integer(asked.amount.minor()),
        Cell::Text(asked.amount.currency().code()),
        Cell::Text(asked.frequency.word()),
        text_or_null(asked.plan.as_ref().map(Code::as_str)),
        text_or_null(asked.appeal.as_ref().map(Code::as_str)),
        Cell::Integer(i64::from(asked.gift_aid)),
        text_or_null(asked.merchant_reference.as_ref().map(MerchantReference::as_str)),
    ]
}

/// The row of an event.
pub(super) fn of_event(event: &Event) -> [Cell<'_>; EVENT.len()] {
    let evidence = event.evidence.as_ref();
    let amount = evidence.and_then(|evidence| evidence.amount);
    let mode = evidence.and_then(|evidence| evidence.mode);
    [
        Cell::Integer(event.sequence),
        Cell::Bytes(event.reference.as_bytes()),
        Cell::Bytes(evidence.map_or(event.reference.as_bytes(), |evidence| &evidence.id.0)),
        Cell::Text(evidence.map_or(OPENED, |evidence| evidence.source.word())),
        text_or_null(evidence.map(|evidence| evidence.fact.word())),
        amount.map_or(Cell::Null, |amount| Cell::Integer(amount.minor())),
        text_or_null(amount.map(|amount| amount.currency().code())),
        text_or_null(mode.map(Mode::word)),
        text_or_null(
            evidence.and_then(|it| it.processor_reference.as_ref()).map(ProcessorText::as_str),
        ),
        text_or_null(evidence.and_then(|it| it.code.as_ref()).map(ProcessorText::as_str)),
        evidence.map_or(Cell::Null, |it| Cell::Integer(it.occurred_at.as_microsecond())),
        text_or_null(event.before.map(State::word)),
        text_or_null(event.after.map(State::word)),
        Cell::Integer(event.recorded_at.as_microsecond()),
        Cell::Bytes(&event.hash),
    ]
}

/// The hand-off of a row; `cell` gives the value of a column by its place in [`HAND_OFF`], or
/// nothing where the value is of no type that we write.
pub(super) fn hand_off<'a>(
    cell: impl Fn(usize) -> Option<Cell<'a>>,
) -> Result<HandOff, LedgerError> {
    let mut row = Row::of("hand_off", &HAND_OFF, cell);
    Ok(HandOff {
        reference: row.read(reference)?,
        opened_at: row.read(instant)?,
        opened_as: row
            .read(|cell| word(State::from_word)(cell).filter(|state| !state.is_concluded()))?,
        asked: Asked {
            kind: row.read(word(Kind::from_word))?,
            method: row.read(word(Method::from_word))?,
            dialect: row.read(word(Dialect::from_word))?,
            mode: row.read(word(Mode::from_word))?,
            amount: {
                let minor = row.read(integer)?;
                sum("hand_off", minor, row.read(currency)?)?
            },
            frequency: row.read(word(Frequency::from_word))?,
            plan: row.read(nullable(Filled::AtTimes, word(Code::parse)))?,
            appeal: row.read(nullable(Filled::AtTimes, word(Code::parse)))?,
            gift_aid: row.read(|cell| match cell {
                Cell::Integer(0) => Some(false),
                Cell::Integer(1) => Some(true),
                Cell::Integer(_) | Cell::Null | Cell::Text(_) | Cell::Bytes(_) => None,
            })?,
            merchant_reference: row
                .read(nullable(Filled::AtTimes, word(MerchantReference::parse)))?,
        },
    })
}

/// The event of a row; `cell` as for [`hand_off`], by the places of [`EVENT`].
pub(super) fn event<'a>(cell: impl Fn(usize) -> Option<Cell<'a>>) -> Result<Event, LedgerError> {
    let mut row = Row::of("event", &EVENT, cell);
    let sequence = row.read(|cell| integer(cell).filter(|sequence| *sequence > 0))?;
    let about = row.read(reference)?;
    let id = row.read(fixed::<16>)?;
    // Outside: whether there is a source at all. Inside: `None` for an opening.
    let source = row.read(word(|word| match word {
        OPENED => Some(None),
        other => Source::from_word(other).map(Some),
    }))?;
    let is_opening = source.is_none();
    if is_opening != (id == *about.as_bytes()) {
        return Err(inconsistent("event", "event_id"));
    }
    let (always, at_times) =
        if is_opening { (Filled::Never, Filled::Never) } else { (Filled::Always, Filled::AtTimes) };
    let fact = row.read(nullable(always, word(Fact::from_word)))?;
    let minor = row.read(nullable(at_times, integer))?;
    let currency = row.read(nullable(Filled::with(minor.as_ref()), currency))?;
    let amount =
        minor.zip(currency).map(|(minor, currency)| sum("event", minor, currency)).transpose()?;
    let mode = row.read(nullable(at_times, word(Mode::from_word)))?;
    let processor_reference = row.read(nullable(at_times, word(ProcessorText::parse)))?;
    let code = row.read(nullable(at_times, word(ProcessorText::parse)))?;
    let occurred_at = row.read(nullable(always, instant))?;
    let before = row.read(nullable(at_times, word(State::from_word)))?;
    let after = if is_opening { Filled::Always } else { Filled::with(before.as_ref()) };
    let after = row.read(nullable(after, word(State::from_word)))?;
    let recorded_at = row.read(instant)?;
    let hash = row.read(fixed::<32>)?;
    let evidence = match (source, fact, occurred_at) {
        (Some(source), Some(fact), Some(occurred_at)) => Some(Evidence {
            id: EventId(id),
            source,
            fact,
            amount,
            mode,
            processor_reference,
            code,
            occurred_at,
        }),
        (Some(_) | None, Some(_) | None, Some(_) | None) => None,
    };
    Ok(Event { sequence, reference: about, evidence, before, after, recorded_at, hash })
}

/// What to say of a column that holds what we never write.
pub(super) const fn inconsistent(table: &'static str, column: &'static str) -> LedgerError {
    LedgerError::Inconsistent { table, column }
}

/// A time as the ledger keeps it: whole microseconds.
pub(super) fn whole(at: Timestamp) -> Timestamp {
    instant(Cell::Integer(at.as_microsecond())).unwrap_or(at)
}

/// A row read from its first column to its last.
struct Row<F> {
    table: &'static str,
    columns: std::iter::Enumerate<std::slice::Iter<'static, &'static str>>,
    cell: F,
}

impl<'a, F: Fn(usize) -> Option<Cell<'a>>> Row<F> {
    fn of(table: &'static str, columns: &'static [&'static str], cell: F) -> Self {
        Self { table, columns: columns.iter().enumerate(), cell }
    }

    fn read<T>(&mut self, parse: impl FnOnce(Cell<'a>) -> Option<T>) -> Result<T, LedgerError> {
        let (place, column) = self.columns.next().unwrap_or((usize::MAX, &"(none)"));
        (self.cell)(place).and_then(parse).ok_or_else(|| inconsistent(self.table, column))
    }
}

fn text_or_null(text: Option<&str>) -> Cell<'_> {
    text.map_or(Cell::Null, Cell::Text)
}

/// What a hand-off can be asked by: the columns `mark`, `purpose` and `at` of `trace`.
pub(super) fn trace<'a>(cell: impl Fn(usize) -> Option<Cell<'a>>) -> Result<Trace, LedgerError> {
    let purpose = cell(1).and_then(|cell| match cell {
        Cell::Text(word) => Purpose::from_word(word),
        Cell::Null | Cell::Integer(_) | Cell::Bytes(_) => None,
    });
    Ok(Trace {
        mark: cell(0).and_then(fixed).ok_or(inconsistent("trace", "mark"))?,
        purpose: purpose.ok_or(inconsistent("trace", "purpose"))?,
        at: cell(2).and_then(instant).ok_or(inconsistent("trace", "at"))?,
    })
}

pub(super) fn integer(cell: Cell<'_>) -> Option<i64> {
    if let Cell::Integer(integer) = cell { Some(integer) } else { None }
}

pub(super) fn instant(cell: Cell<'_>) -> Option<Timestamp> {
    // Not `from_microsecond`: that one ends a second before time does.
    let micros = integer(cell)?;
    let nanos = micros.rem_euclid(1_000_000).saturating_mul(1000);
    Timestamp::new(micros.div_euclid(1_000_000), i32::try_from(nanos).ok()?).ok()
}

pub(super) fn fixed<const N: usize>(cell: Cell<'_>) -> Option<[u8; N]> {
    if let Cell::Bytes(bytes) = cell { bytes.try_into().ok() } else { None }
}

pub(super) fn reference(cell: Cell<'_>) -> Option<Reference> {
    Reference::from_bytes(&fixed::<16>(cell)?)
}

fn sum(table: &'static str, minor: i64, currency: Currency) -> Result<Amount, LedgerError> {
    Amount::new(minor, currency).ok().ok_or(inconsistent(table, "amount"))
}

pub(super) fn currency(cell: Cell<'_>) -> Option<Currency> {
    word(|code| amount::currency(code).ok())(cell)
}

pub(super) fn word<T>(parse: impl Fn(&str) -> Option<T>) -> impl Fn(Cell<'_>) -> Option<T> {
    move |cell| if let Cell::Text(text) = cell { parse(text) } else { None }
}

/// When a column that may be NULL is not.
#[derive(Clone, Copy)]
enum Filled {
    Always,
    AtTimes,
    Never,
}

impl Filled {
    /// Exactly when another column is.
    const fn with<T>(other: Option<&T>) -> Self {
        if other.is_some() { Self::Always } else { Self::Never }
    }
}

/// Outside: whether it can be read. Inside: whether it is not NULL.
fn nullable<'a, T>(
    filled: Filled,
    parse: impl Fn(Cell<'a>) -> Option<T>,
) -> impl Fn(Cell<'a>) -> Option<Option<T>> {
    move |cell| match (filled, cell) {
        (Filled::Never | Filled::AtTimes, Cell::Null) => Some(None),
        (Filled::Never, _) | (Filled::Always, Cell::Null) => None,
        (Filled::Always | Filled::AtTimes, filled) => parse(filled).map(Some),
    }
}

#[cfg(test)]
pub(super) mod tests;
