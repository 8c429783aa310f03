//! A processor's settlement statement as a CSV file, read by a layout that the operator has set. Only the columns that the
//! layout names are looked at; whatever else stands in the file, names of supporters perhaps, is passed over.

use crate::payment::request::words;
use crate::payment::{Amount, ProcessorText, Reference};
use csv::{ByteRecord, ReaderBuilder};
use iso_currency::Currency;
use jiff::civil::Date;
use std::fmt;

mod figures;
mod rows;
#[cfg(test)]
mod tests;

use rows::{Columns, Row};

/// How many cells that cannot be read are told of.
const TOLD: usize = 20;

words! {
    /// Whether money came in or went back.
    Kind {
        /// It came in.
        Payment = "payment",
        /// It went back.
        Refund = "refund",
    }
}
words! {
    /// How sums are written.
    #[derive(Default)]
    Decimal {
        /// `1,234.50`.
        #[default]
        Point = "point",
        /// `1.234,50`.
        Comma = "comma",
        /// `123450`: minor units.
        Minor = "minor",
    }
}

/// Which column holds what, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Almoner's reference.
    pub reference: Option<String>,
    /// The processor's own.
    pub processor_reference: Option<String>,
    /// The sum.
    pub amount: String,
    /// Its currency.
    pub currency: Option<String>,
    /// The currency where no column says it.
    pub otherwise: Currency,
    /// The day.
    pub date: String,
    /// How it is written.
    pub date_format: String,
    /// What a line is; the sign of its sum says so without.
    pub kind: Option<Words>,
    /// How sums are written.
    pub decimal: Decimal,
    /// What stands between two cells.
    pub separator: u8,
    /// How many lines stand before that of the names.
    pub lines_before: usize,
}

/// What the words of a column mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The column.
    pub column: String,
    /// Money came in.
    pub payments: Vec<String>,
    /// Money went back.
    pub refunds: Vec<String>,
    /// Neither: fees, payouts.
    pub ignored: Vec<String>,
}

/// One line of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file.
    pub number: u64,
    /// Our reference, where it bears one.
    pub reference: Option<Reference>,
    /// The processor's, where it could be one of a hand-off.
    pub processor_reference: Option<ProcessorText>,
    /// In or back.
    pub kind: Kind,
    /// The sum.
    pub amount: Amount,
    /// The day.
    pub on: Date,
}

/// All lines of a statement that are about payments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settlement {
    /// In the order of the file.
    pub lines: Vec<Line>,
    /// How many were passed over by their word.
    pub ignored: usize,
}

/// A cell that cannot be read. What stands in it is not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCell {
    /// The line.
    pub line: u64,
    /// The name of the column.
    pub column: String,
    /// What is wrong.
    pub what: &'static str,
}

/// Why a statement cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadStatement {
    /// There is no such line.
    #[error(
        "the statement ends before line {0}, in which reconcile.statement.header_line says that the names stand"
    )]
    NoHeader(u64),
    /// A column is not there.
    #[error(
        "the statement has no column \"{0}\", or has it twice: see reconcile.statement and its separator"
    )]
    NoColumn(String),
    /// Not CSV.
    #[error("the statement is not CSV")]
    NotCsv,
    /// Cells that cannot be read.
    #[error("{}", told(.0, *.1))]
    Cells(Vec<BadCell>, usize),
}

impl fmt::Display for BadCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the statement, column \"{}\": {}", self.line, self.column, self.what)
    }
}

fn told(cells: &[BadCell], more: usize) -> String {
    let mut lines: Vec<String> = cells.iter().map(ToString::to_string).collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}

/// Reads a statement, all of it or nothing.
pub fn read(bytes: &[u8], mapping: &Mapping) -> Result<Settlement, BadStatement> {
    let (before, rest) = behind(bytes, mapping.lines_before);
    let mut reader = ReaderBuilder::new()
        .delimiter(mapping.separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(rest);
    let mut columns = None;
    let (mut settlement, mut bad, mut more) = (Settlement::default(), Vec::new(), 0_usize);
    let (mut record, mut count) = (ByteRecord::new(), Count { line: before, until: 0 });
    while reader.read_byte_record(&mut record).map_err(|_error| BadStatement::NotCsv)? {
        let number = count.line_of(&record, rest);
        let Some(columns) = &columns else {
            columns = Some(Columns::find(&record, mapping)?);
            continue;
        };
        match (Row { record: &record, number, mapping, columns }).line() {
            Ok(Some(line)) => settlement.lines.push(line),
            Ok(None) => settlement.ignored = settlement.ignored.saturating_add(1),
            Err(cell) if bad.len() < TOLD => bad.push(cell),
            Err(_) => more = more.saturating_add(1),
        }
    }
    if columns.is_none() {
        return Err(BadStatement::NoHeader(before.saturating_add(1)));
    }
    if bad.is_empty() { Ok(settlement) } else { Err(BadStatement::Cells(bad, more)) }
}

/// Counts lines: the reader itself takes the line end of two characters for the next line's.
struct Count {
    line: u64,
    until: usize,
}

impl Count {
    /// The number of the line in which a record begins, the first being 1.
    fn line_of(&mut self, record: &ByteRecord, bytes: &[u8]) -> u64 {
        let at = record.position().map_or(0, csv::Position::byte);
        let at = usize::try_from(at).unwrap_or(bytes.len());
        let ends = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let empty = bytes.get(at..).unwrap_or_default().iter().take_while(ends).count();
        let begins = at.saturating_add(empty);
        let between = bytes.get(self.until..begins).unwrap_or_default();
        let lines = between.split(|byte| *byte == b'\n').count().saturating_sub(1);
        self.until = begins;
        self.line = self.line.saturating_add(u64::try_from(lines).unwrap_or(u64::MAX));
        self.line.saturating_add(1)
    }
}

/// What stands behind the first lines, without the mark of UTF-8, and how many lines those were.
fn behind(bytes: &[u8], lines: usize) -> (u64, &[u8]) {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let starts = bytes.iter().zip(1_usize..).filter(|(byte, _)| **byte == b'\n');
    let start = match lines.checked_sub(1) {
        None => 0,
        Some(last) => starts.map(|(_, next)| next).nth(last).unwrap_or(bytes.len()),
    };
    (u64::try_from(lines).unwrap_or(u64::MAX), bytes.get(start..).unwrap_or_default())
}
