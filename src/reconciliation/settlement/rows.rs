//! One line of a statement, cell by cell.

use super::figures;
use super::{BadCell, BadStatement, Kind, Line, Mapping};
use crate::payment::{ProcessorText, Reference, amount};
use csv::ByteRecord;
use jiff::civil::Date;

/// Where the columns stand.
pub(super) struct Columns {
    reference: Option<usize>,
    processor_reference: Option<usize>,
    amount: usize,
    currency: Option<usize>,
    date: usize,
    kind: Option<usize>,
}

impl Columns {
    pub(super) fn find(header: &ByteRecord, mapping: &Mapping) -> Result<Self, BadStatement> {
        let find = |name: &str| {
            let mut places =
                header.iter().zip(0..).filter(|(cell, _)| cell.trim_ascii() == name.as_bytes());
            match (places.next(), places.next()) {
                (Some((_, place)), None) => Ok(place),
                _ => Err(BadStatement::NoColumn(name.to_owned())),
            }
        };
        let may = |name: &Option<String>| name.as_deref().map(find).transpose();
        Ok(Self {
            reference: may(&mapping.reference)?,
            processor_reference: may(&mapping.processor_reference)?,
            amount: find(&mapping.amount)?,
            currency: may(&mapping.currency)?,
            date: find(&mapping.date)?,
            kind: mapping.kind.as_ref().map(|words| find(&words.column)).transpose()?,
        })
    }
}

/// What a line is by its word.
#[derive(Clone, Copy)]
enum Says {
    Ignored,
    Is(Kind),
    /// There is no column of words.
    Nothing,
}

/// A line that is being read.
pub(super) struct Row<'a> {
    pub(super) record: &'a ByteRecord,
    pub(super) number: u64,
    pub(super) mapping: &'a Mapping,
    pub(super) columns: &'a Columns,
}

impl Row<'_> {
    /// What it says; nothing where its word is one to be passed over.
    pub(super) fn line(&self) -> Result<Option<Line>, BadCell> {
        let (mapping, columns) = (self.mapping, self.columns);
        let kind = match self.says()? {
            Says::Ignored => return Ok(None),
            Says::Is(kind) => Some(kind),
            Says::Nothing => None,
        };
        let currency = match mapping.currency.as_ref().zip(columns.currency) {
            None => mapping.otherwise,
            Some((name, place)) => amount::currency(self.cell(place, name)?)
                .map_err(|_error| self.bad(name, "not the code of a currency"))?,
        };
        let sum = self.cell(columns.amount, &mapping.amount)?;
        let sum = figures::read(sum, mapping.decimal, currency);
        let (is_less, amount) = sum.ok_or_else(|| {
            let what = "not a sum in the currency's decimals, as reconcile.statement.decimal says, above nought";
            self.bad(&mapping.amount, what)
        })?;
        let kind = match (kind, is_less) {
            (Some(Kind::Payment), true) => {
                return Err(self.bad(&mapping.amount, "below nought, and its line is a payment"));
            }
            (Some(kind), _) => kind,
            (None, true) => Kind::Refund,
            (None, false) => Kind::Payment,
        };
        let day = self.cell(columns.date, &mapping.date)?;
        let on = Date::strptime(&mapping.date_format, day)
            .map_err(|_error| self.bad(&mapping.date, "not a day as date_format says"))?;
        Ok(Some(Line {
            number: self.number,
            // Whatever else takes money at this processor has references of its own.
            reference: self.may(columns.reference).and_then(Reference::parse),
            processor_reference: self
                .may(columns.processor_reference)
                .and_then(ProcessorText::heard),
            kind,
            amount,
            on,
        }))
    }

    /// What its word says it is.
    fn says(&self) -> Result<Says, BadCell> {
        let Some((words, place)) = self.mapping.kind.as_ref().zip(self.columns.kind) else {
            return Ok(Says::Nothing);
        };
        let word = self.cell(place, &words.column)?;
        let lists = [
            (&words.ignored, Says::Ignored),
            (&words.payments, Says::Is(Kind::Payment)),
            (&words.refunds, Says::Is(Kind::Refund)),
        ];
        let says = lists.into_iter().find(|(list, _)| list.iter().any(|one| one == word));
        let what = "none of the words of payments, refunds and ignored";
        says.map(|(_, says)| says).ok_or_else(|| self.bad(&words.column, what))
    }

    fn may(&self, place: Option<usize>) -> Option<&str> {
        str::from_utf8(self.record.get(place?)?.trim_ascii()).ok()
    }

    fn cell(&self, place: usize, column: &str) -> Result<&str, BadCell> {
        self.record.get(place).ok_or_else(|| self.bad(column, "the line ends before it"))?;
        self.may(Some(place)).ok_or_else(|| self.bad(column, "not UTF-8"))
    }

    fn bad(&self, column: &str, what: &'static str) -> BadCell {
        BadCell { line: self.number, column: column.to_owned(), what }
    }
}
