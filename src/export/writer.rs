//! Rows to bytes: CSV (RFC 4180) for spreadsheets, JSON Lines for programs; hashed and added up on the way.

use super::row::{COLUMNS, Cell, cells};
use super::{NotExported, Totals};
use crate::ledger::Chained;
use crate::payment::request::words;
use csv::Terminator;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::io::{BufWriter, Write};

words! {
    /// How the rows are written.
    Format {
        /// A line of names, then one for each row.
        Csv = "csv",
        /// An object a line.
        Jsonl = "jsonl",
    }
}

/// Writes rows.
pub struct Writer<W: Write> {
    out: Out<W>,
    totals: Totals,
}

enum Out<W: Write> {
    Csv(Box<csv::Writer<Hashing<W>>>),
    Jsonl(BufWriter<Hashing<W>>),
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// How many bytes.
    pub bytes: u64,
    /// Their SHA-256.
    pub sha256: [u8; 32],
    /// What the rows come to.
    pub totals: Totals,
}

impl<W: Write> Writer<W> {
    /// Begins a file.
    pub fn begin(format: Format, to: W) -> Result<Self, NotExported> {
        let to = Hashing { to, hash: Sha256::new(), bytes: 0 };
        let out = match format {
            Format::Csv => {
                let mut writer =
                    csv::WriterBuilder::new().terminator(Terminator::CRLF).from_writer(to);
                writer.write_record(COLUMNS).map_err(std::io::Error::from)?;
                Out::Csv(Box::new(writer))
            }
            Format::Jsonl => Out::Jsonl(BufWriter::new(to)),
        };
        Ok(Self { out, totals: Totals::default() })
    }

    /// Adds a row.
    pub fn write(&mut self, told: &Chained) -> Result<(), NotExported> {
        let cells = cells(told);
        match &mut self.out {
            Out::Csv(writer) => {
                let row = cells.iter().map(Cell::shown);
                writer.write_record(row).map_err(std::io::Error::from)?;
            }
            Out::Jsonl(writer) => {
                let names = COLUMNS.iter().map(|name| (*name).to_owned());
                let row: Map<String, Value> = names.zip(cells.map(Cell::value)).collect();
                writeln!(writer, "{}", Value::Object(row))?;
            }
        }
        let amount = told.entry.hand_off.asked.amount;
        let state = told.entry.standing.state;
        self.totals.add(amount.currency(), state, amount.minor().unsigned_abs())
    }

    /// Ends it, and gives back where it was written to.
    pub fn finish(self) -> Result<(W, Written), std::io::Error> {
        let mut hashing = match self.out {
            Out::Csv(writer) => writer.into_inner().map_err(csv::IntoInnerError::into_error)?,
            Out::Jsonl(writer) => {
                writer.into_inner().map_err(std::io::IntoInnerError::into_error)?
            }
        };
        hashing.to.flush()?;
        let Hashing { to, hash, bytes } = hashing;
        Ok((to, Written { bytes, sha256: hash.finalize().into(), totals: self.totals }))
    }
}

struct Hashing<W> {
    to: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.to.write(bytes)?;
        let (taken, _) = bytes.split_at_checked(written).unwrap_or((bytes, &[]));
        self.hash.update(taken);
        self.bytes = self.bytes.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}
