//! What the processor reports of the second life: mandates and collections.

use crate::payment::{Amount, Evidence, ProcessorText, Reference};
use jiff::civil::Date;

/// A first and a last day, both included, in the processor's own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
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
    /// The day a collection is due, or a mandate was changed.
    pub on: Option<Date>,
    /// The state of the mandate or collection in the processor's own word.
    pub word: &'static str,
    /// That the mandate was lodged; none of a collection.
    pub lodged: Option<Evidence>,
    /// What became of it since.
    pub development: Option<Evidence>,
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
