//! The side file: what an export holds, how the record ended then, and whether a file is what it says.

use super::row::COLUMNS;
use super::{Days, Format, Total, Totals, Written};
use crate::keys::signed::Statement;
use crate::ledger::Place;
use crate::ledger::chain::{self, Link};
use crate::payment::{Mode, State, amount};
use csv::StringRecord;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::io::{BufRead as _, BufReader, ErrorKind, Read};

/// The most bytes that are read for one row: no row of ours is nearly as long, and none that is made up fills the memory.
const LONGEST_ROW: usize = 65_536;

/// What a file of rows holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// When it was made.
    pub made_at: String,
    /// The Almoner that made it.
    pub version: String,
    /// The first day of London on which hand-offs were opened; from the beginning without.
    pub from: Option<String>,
    /// The last.
    pub to: Option<String>,
    /// Real money, or the test system.
    pub mode: String,
    /// `csv` or `jsonl`.
    pub format: String,
    /// How many hand-offs.
    pub rows: u64,
    /// How long the file is.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// What the rows come to, by currency and state.
    pub totals: Vec<Total>,
    /// The record's head then, as `almoner ledger verify` tells it.
    pub head: String,
    /// The newest link of each of its chains.
    pub chains: Vec<Place>,
}

impl Statement for Summary {
    const NAME: &'static str = "export";
    const LABEL: &'static str = "almoner-export-v1";
}

/// How a file is not what its summary says.
#[derive(Debug, thiserror::Error)]
pub enum Differs {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] std::io::Error),
    /// A format of another Almoner's.
    #[error("its summary names a format that is not known here")]
    Format,
    /// Other bytes.
    #[error("it is not the file that was exported: its SHA-256 is another than its summary's")]
    Bytes,
    /// Not rows of ours.
    #[error("line {0} is no row of an export")]
    Row(u64),
    /// Other sums.
    #[error("its rows do not come to what its summary says")]
    Totals,
}

impl Summary {
    /// Of what was written.
    #[must_use]
    pub fn of(
        written: &Written,
        (days, mode, format): (Days, Mode, Format),
        heads: &[Link],
        now: Timestamp,
    ) -> Self {
        Self {
            made_at: now.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            from: days.from.map(|day| day.to_string()),
            to: days.to.map(|day| day.to_string()),
            mode: mode.word().to_owned(),
            format: format.word().to_owned(),
            rows: written.totals.rows(),
            bytes: written.bytes,
            sha256: hex::encode(written.sha256),
            totals: written.totals.told(),
            head: hex::encode(chain::joint(heads)),
            chains: heads.iter().map(Place::from).collect(),
        }
    }

    /// Reads the file through: its bytes must be those that were written, and its rows must come to these totals. One that is
    /// longer than it says is not read to its end.
    pub fn check(&self, file: impl Read) -> Result<(), Differs> {
        let format = Format::from_word(&self.format).ok_or(Differs::Format)?;
        let mut file =
            Hashing { from: file.take(self.bytes.saturating_add(1)), hash: Sha256::new() };
        let totals = match format {
            Format::Csv => of_csv(&mut file),
            Format::Jsonl => of_lines(&mut file),
        };
        // What is behind a row that cannot be read belongs to the file too.
        std::io::copy(&mut file, &mut std::io::sink())?;
        let sha256 = hex::encode(file.hash.finalize());
        if sha256 != self.sha256 {
            return Err(Differs::Bytes);
        }
        let totals = totals?;
        if totals.rows() != self.rows || totals.told() != self.totals {
            return Err(Differs::Totals);
        }
        Ok(())
    }
}

/// The rows of a CSV file, added up.
fn of_csv(file: impl Read) -> Result<Totals, Differs> {
    let mut reader = csv::Reader::from_reader(Rows { from: file, since: 0 });
    if reader.headers().map_err(|_error| Differs::Row(1))? != COLUMNS[..] {
        return Err(Differs::Row(1));
    }
    let (mut totals, mut row, mut number) = (Totals::default(), StringRecord::new(), 2_u64);
    while reader.read_record(&mut row).map_err(|_error| Differs::Row(number))? {
        reader.get_mut().since = 0;
        let cell = |name: &str| {
            let place = COLUMNS.iter().position(|column| *column == name)?;
            row.get(place).map(ToOwned::to_owned)
        };
        add(&mut totals, cell).ok_or(Differs::Row(number))?;
        number = number.saturating_add(1);
    }
    Ok(totals)
}

/// The same of JSON Lines.
fn of_lines(file: impl Read) -> Result<Totals, Differs> {
    let mut reader = BufReader::new(Rows { from: file, since: 0 });
    let (mut totals, mut line, mut number) = (Totals::default(), String::new(), 1_u64);
    while reader.read_line(&mut line).map_err(|_error| Differs::Row(number))? > 0 {
        reader.get_mut().since = 0;
        let row: Value = serde_json::from_str(&line).map_err(|_error| Differs::Row(number))?;
        let cell = |name: &str| match row.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        add(&mut totals, cell).ok_or(Differs::Row(number))?;
        line.clear();
        number = number.saturating_add(1);
    }
    Ok(totals)
}

fn add(totals: &mut Totals, cell: impl Fn(&str) -> Option<String>) -> Option<()> {
    let currency = amount::currency(&cell("currency")?).ok()?;
    let state = State::from_word(&cell("state")?)?;
    totals.add(currency, state, cell("amount_minor")?.parse().ok()?).ok()
}

/// Gives up where one row goes on and on.
struct Rows<R> {
    from: R,
    since: usize,
}

impl<R: Read> Read for Rows<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(into)?;
        self.since = self.since.saturating_add(read);
        if self.since > LONGEST_ROW { Err(ErrorKind::InvalidData.into()) } else { Ok(read) }
    }
}

struct Hashing<R> {
    from: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(into)?;
        let (taken, _) = into.split_at_checked(read).unwrap_or((&[], &[]));
        self.hash.update(taken);
        Ok(read)
    }
}
