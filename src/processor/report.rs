//! What the processor reports of the second life: mandates and collections.

use super::Processor;
use crate::payment::request::words;
use crate::payment::{Amount, Development, Evidence, Fact, Frequency, ProcessorText, Reference};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A first and a last day, both included, in the processor's own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

words! {
    /// What became of a collection's money, as far as the processor says today.
    Money {
        /// Paid, and it can still come back.
        Paid = "paid",
        /// Returned unpaid.
        Unpaid = "unpaid",
        /// Taken back under the Direct Debit Guarantee.
        Reclaimed = "reclaimed",
    }
}

/// One row about one mandate or one collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose it is, where it bears a reference of ours.
    pub reference: Option<Reference>,
    /// The processor's reference of the mandate.
    pub processor_reference: Option<ProcessorText>,
    /// The sum of a collection, or of every one under a mandate.
    pub amount: Option<Amount>,
    /// How often is collected under a mandate; none of a collection.
    pub frequency: Option<Frequency>,
    /// The day a collection is due, or a mandate was changed.
    pub on: Option<Date>,
    /// The state of the mandate or collection in the processor's own word.
    pub word: &'static str,
    /// What became of a collection's money; none of a mandate.
    pub money: Option<Money>,
    /// That the mandate was lodged; none of a collection.
    pub lodged: Option<Evidence>,
    /// What became of it since.
    pub development: Option<Evidence>,
}

impl Row {
    /// What it says became of a mandate or a collection.
    #[must_use]
    pub fn says(&self) -> Option<Development> {
        match self.development.as_ref()?.fact {
            Fact::Development(what) => Some(what),
            Fact::Outcome(_)
            | Fact::Unrecognised
            | Fact::Overdue
            | Fact::NotFound
            | Fact::Pending => None,
        }
    }

    /// One row a mandate, of which a report may hold the whole history: the live one, else the
    /// newest (rsm-protocol.md, 7.6).
    #[must_use]
    pub fn current(rows: &[Self]) -> Vec<&Self> {
        let rank = |row: &Self| (row.says() == Some(Development::MandateLive), row.on);
        let mut chosen: Vec<&Self> = Vec::new();
        let mut places = BTreeMap::new();
        for row in rows {
            let name = (row.reference, row.processor_reference.as_ref());
            if name == (None, None) {
                chosen.push(row);
                continue;
            }
            let place = *places.entry(name).or_insert(chosen.len());
            match chosen.get_mut(place) {
                Some(known) if rank(row) > rank(known) => *known = row,
                Some(_) => {}
                None => chosen.push(row),
            }
        }
        chosen
    }
}

/// A report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reported {
    /// Its rows, in the processor's order.
    pub rows: Vec<Row>,
    /// How many cells could not be read.
    pub unreadable: usize,
    /// Whether there are as many rows as the processor says.
    pub is_whole: bool,
}

/// The statement of one day's collections, in minor units, which may be below nought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// What each collection came to; nothing where a line does not say.
    pub collected: Vec<Option<i64>>,
    /// What they come to together, as the statement says.
    pub collected_total: Option<i64>,
    /// How many there are, as it says.
    pub items: Option<u64>,
    /// What each sum came to that was taken back.
    pub reclaimed: Vec<Option<i64>>,
    /// What they come to together, as it says.
    pub reclaimed_total: Option<i64>,
}

/// Why there is no report: a word for the log and the reader of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoReport {
    /// The processor has none.
    #[error("this dialect has no reports: set up processor.rsm2000.api")]
    Impossible,
    /// It is longer than may be read at once: a shorter period has a shorter one.
    #[error("the report of a single day is longer than limits.upstream_report_bytes: raise it")]
    TooLong,
    /// It did not answer as agreed.
    #[error("{0}")]
    Unanswered(String),
}

impl Processor {
    /// The statement of a day's collections; `None` where there is none (yet).
    pub async fn statement(
        &self,
        day: Date,
        now: Timestamp,
    ) -> Result<Option<Statement>, NoReport> {
        match self {
            Self::Signed(_) => Err(NoReport::Impossible),
            Self::Rsm2000(rsm) => rsm.statement(day, now).await,
        }
    }

    /// A statement that was saved as it came: its signature is verified as if it came now.
    pub fn saved_statement(&self, saved: &[u8], now: Timestamp) -> Result<Statement, NoReport> {
        match self {
            Self::Signed(_) => Err(NoReport::Impossible),
            Self::Rsm2000(rsm) => rsm.saved_statement(saved, now),
        }
    }
}
