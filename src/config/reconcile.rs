//! `[reconcile]`: how the settlement statements of a processor are laid out (docs/reconciling.md).

use super::{Checked, ConfigError, Document, Setting, Settings};
use crate::payment::amount;
use crate::reconciliation::settlement::{Decimal, Mapping, Words};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// `[reconcile]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReconcileSettings {
    /// `[reconcile.statement]`.
    pub statement: Option<StatementSettings>,
}

/// `[reconcile.statement]`: which column of a CSV file holds what.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StatementSettings {
    /// Almoner's reference.
    pub reference: Option<String>,
    /// The processor's own.
    pub processor_reference: Option<String>,
    /// The sum.
    pub amount: String,
    /// Its currency; the first of `[[currencies]]` without.
    pub currency: Option<String>,
    /// The day.
    pub date: String,
    /// What a line is; its sign says so without.
    pub kind: Option<String>,
    /// Words of that column for money that came in.
    #[serde(default)]
    pub payments: Vec<String>,
    /// For money that went back.
    #[serde(default)]
    pub refunds: Vec<String>,
    /// For lines that are passed over.
    #[serde(default)]
    pub ignored: Vec<String>,
    /// How days are written.
    #[serde(default = "date_format")]
    pub date_format: String,
    /// How sums are written.
    #[serde(default)]
    pub decimal: Checked<Decimal>,
    /// What stands between two cells.
    #[serde(default = "separator")]
    pub separator: String,
    /// In which line the names of the columns stand.
    #[serde(default = "header_line")]
    pub header_line: usize,
}

fn date_format() -> String {
    "%Y-%m-%d".to_owned()
}

fn separator() -> String {
    ",".to_owned()
}

const fn header_line() -> usize {
    1
}

impl Setting for Decimal {
    const ADVICE: &'static str = "not a way to write sums: write \"point\", \"comma\" or \"minor\"";
    fn read(text: &str) -> Option<Self> {
        Self::from_word(text)
    }
    fn write(&self) -> String {
        self.word().to_owned()
    }
}

impl Settings {
    /// How settlement statements are laid out; nothing where that is not set.
    pub fn settlement(&self, document: &Document) -> Result<Option<Mapping>, ConfigError> {
        let Some(set) = &self.reconcile.statement else { return Ok(None) };
        let wrong = |key: &str, what: &str| {
            Err(document.wrong(&format!("reconcile.statement.{key}"), what))
        };
        if set.reference.is_none() && set.processor_reference.is_none() {
            let what = "names no reference: set reference, processor_reference or both";
            return Err(document.wrong("reconcile.statement", what));
        }
        let separator = match set.separator.as_bytes() {
            [byte] if b"\t ".contains(byte) => *byte,
            [byte] if byte.is_ascii_punctuation() && *byte != b'"' => *byte,
            _ => return wrong("separator", "not one character: write \",\", \";\" or \"\\t\""),
        };
        let Some(lines_before) = set.header_line.checked_sub(1) else {
            return wrong("header_line", "not a line: the first is 1");
        };
        if !is_day_format(&set.date_format) {
            let what = "not a way to write a day: write it like \"%Y-%m-%d\" or \"%d/%m/%Y\"";
            return wrong("date_format", what);
        }
        let says = set.payments.is_empty() && set.refunds.is_empty() && set.ignored.is_empty();
        if set.kind.is_none() != says {
            let what = "goes with payments, refunds and ignored: set the column and its words, or none of them";
            return wrong("kind", what);
        }
        let code = self.currencies.first().map_or("", |currency| currency.code.as_str());
        let Ok(currency) = amount::currency(code) else {
            return Err(document.wrong("currencies[0].code", "not the code of a currency"));
        };
        Ok(Some(Mapping {
            reference: set.reference.clone(),
            processor_reference: set.processor_reference.clone(),
            amount: set.amount.clone(),
            currency: set.currency.clone(),
            otherwise: currency,
            date: set.date.clone(),
            date_format: set.date_format.clone(),
            kind: set.kind.clone().map(|column| Words {
                column,
                payments: set.payments.clone(),
                refunds: set.refunds.clone(),
                ignored: set.ignored.clone(),
            }),
            decimal: set.decimal.0,
            separator,
            lines_before,
        }))
    }
}

/// Whether a day can be written so and read back.
fn is_day_format(format: &str) -> bool {
    let day = Date::constant(2026, 11, 26);
    let written = jiff::fmt::strtime::format(format, day.at(13, 14, 15, 0));
    written.is_ok_and(|text| Date::strptime(format, text).is_ok_and(|read| read == day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_so_that_it_can_be_read_back() {
        for format in ["%Y-%m-%d", "%d/%m/%Y", "%d %b %Y", "%Y%m%d", "%Y-%m-%d %H:%M:%S"] {
            assert!(is_day_format(format), "{format}");
        }
        for format in ["", "%Y-%m", "%H:%M", "%", "YYYY-MM-DD", "%Q"] {
            assert!(!is_day_format(format), "{format}");
        }
    }

    #[test]
    fn a_layout_that_cannot_be_is_refused_by_its_key() {
        let example = include_str!("../../config/production.toml");
        for (from, to, key) in [
            ("separator = \",\"", "separator = \", \"", "reconcile.statement.separator"),
            ("separator = \",\"", "separator = \"\\n\"", "reconcile.statement.separator"),
            ("header_line = 1", "header_line = 0", "reconcile.statement.header_line"),
            (
                "date_format = \"%Y-%m-%d\"",
                "date_format = \"%H\"",
                "reconcile.statement.date_format",
            ),
            ("kind = \"Type\"", "# kind", "reconcile.statement.kind"),
            ("decimal = \"point\"", "decimal = \"dot\"", "reconcile.statement.decimal"),
        ] {
            assert!(example.contains(from), "{from}");
            let document = Document::given("almoner.toml", example.replacen(from, to, 1));
            let refused = document
                .settings()
                .and_then(|settings| settings.settlement(&document).map(|_| ()))
                .unwrap_err();
            assert_eq!(refused.key, key);
        }
        let document = Document::given("almoner.toml", example.to_owned());
        assert!(document.settings().unwrap().settlement(&document).unwrap().is_some());
    }
}
