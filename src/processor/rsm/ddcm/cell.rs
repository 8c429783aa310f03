//! One cell of a report, from RSM's text to a value (rsm-protocol.md, 7.5 to 7.7 and 9.2).

use super::failure::Doubt;
use super::reply::Element;
use crate::payment::{Amount, Frequency};
use iso_currency::Currency;
use jiff::civil::{Date, DateTime};

/// Pence, which in a statement may be nought or less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pence(pub i64);

impl Pence {
    /// As a sum that can be asked for; `None` for nought and less.
    #[must_use]
    pub fn amount(self) -> Option<Amount> {
        Amount::new(self.0, Currency::GBP).ok()
    }
}

/// A word of a closed list, as a report states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated<T> {
    /// This word.
    Is(T),
    /// The column is empty, or the charity has taken it out of its reports.
    Nothing,
    /// A word that we do not know.
    Unknown,
}

/// Bacs' code of a reason: `0` to `9` or `A` to `R` without `J`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BacsCode(char);

impl BacsCode {
    /// The code.
    #[must_use]
    pub const fn letter(self) -> char {
        self.0
    }

    #[cfg(test)]
    pub(super) const fn of(c: char) -> Self {
        Self(c)
    }

    fn parse(c: char) -> Option<Self> {
        (c.is_ascii_digit() || (('A'..='R').contains(&c) && c != 'J')).then_some(Self(c))
    }
}

/// Why a mandate failed or a collection came back. Its text is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The bank's reason.
    Bacs(BacsCode),
    /// Some text of RSM's own, without a code.
    Other,
}

impl<T> Stated<T> {
    /// The word, if it is one that we know.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Is(word) => Some(word),
            Self::Nothing | Self::Unknown => None,
        }
    }
}

/// One row while it is read, and the columns that could not be.
pub(super) struct Cells<'d> {
    row: Element<'d>,
    unreadable: Vec<&'static str>,
}

impl<'d> Cells<'d> {
    pub(super) const fn of(row: Element<'d>) -> Self {
        Self { row, unreadable: Vec::new() }
    }

    /// The columns that held what they cannot hold.
    pub(super) fn unreadable(self) -> Vec<&'static str> {
        self.unreadable
    }

    /// The text of a column; `None` where it is empty or absent. A column that is doubled or holds
    /// elements is unreadable.
    pub(super) fn text(&mut self, column: &'static str) -> Option<&'d str> {
        if let Ok(text) = self.row.value(column) {
            return Some(text.trim()).filter(|text| !text.is_empty());
        }
        self.unreadable.push(column);
        None
    }

    /// A reference or another short text, kept as it is.
    pub(super) fn reference(&mut self, column: &'static str) -> Option<String> {
        self.read(column, |text| {
            let short = text.len() <= LONGEST && !text.chars().any(char::is_control);
            short.then(|| text.to_owned())
        })
    }

    /// A date, with or without a time. The zero date that databases print is none.
    pub(super) fn date(&mut self, column: &'static str) -> Option<Date> {
        self.time(column).map(DateTime::date)
    }

    /// A time, midnight where there is only a date.
    pub(super) fn time(&mut self, column: &'static str) -> Option<DateTime> {
        if self.text(column).is_some_and(|text| text.starts_with("0000-00-00")) {
            return None;
        }
        self.read(column, time)
    }

    /// Pounds, of whatever sign.
    pub(super) fn pence(&mut self, column: &'static str) -> Option<Pence> {
        self.read(column, pence)
    }

    /// Pounds above nought; nought is as good as nothing.
    pub(super) fn amount(&mut self, column: &'static str) -> Option<Amount> {
        match self.pence(column)? {
            Pence(0) => None,
            pence => {
                let amount = pence.amount();
                if amount.is_none() {
                    self.unreadable.push(column);
                }
                amount
            }
        }
    }

    pub(super) fn count(&mut self, column: &'static str) -> Option<u64> {
        self.read(column, |text| {
            text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
        })
    }

    pub(super) fn reason(&mut self, column: &'static str) -> Option<Reason> {
        self.text(column).map(reason)
    }

    /// A word of a closed list.
    pub(super) fn word<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Stated<T> {
        match self.text(column).map(read) {
            None => Stated::Nothing,
            Some(None) => Stated::Unknown,
            Some(Some(word)) => Stated::Is(word),
        }
    }

    fn read<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&'d str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(column)?;
        let value = read(text);
        if value.is_none() {
            self.unreadable.push(column);
        }
        value
    }
}

/// The longest text that is kept of a report, in bytes.
const LONGEST: usize = 100;

/// The number in an element, or in the `amount` within it.
pub(super) fn money(element: Element<'_>, name: &'static str) -> Result<Option<Pence>, Doubt> {
    let Some(element) = element.one(name)? else { return Ok(None) };
    let text = match element.one("amount")? {
        Some(amount) => amount.text(name)?,
        None => element.text(name)?,
    };
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { pence(text).map(Some).ok_or(Doubt::Element(name)) }
}

/// `<code>: <text>`, of which the code is kept.
fn reason(text: &str) -> Reason {
    let mut start = text.chars();
    match (start.next().and_then(BacsCode::parse), start.next()) {
        (Some(code), Some(':')) => Reason::Bacs(code),
        _ => Reason::Other,
    }
}

/// Digits, or the words that production data hold.
pub(super) fn frequency(text: &str) -> Option<Frequency> {
    match text.to_ascii_lowercase().replace('-', " ").as_str() {
        "1" | "monthly" => Some(Frequency::Monthly),
        "3" | "quarterly" | "3 monthly" => Some(Frequency::Quarterly),
        "6" | "half yearly" | "6 monthly" => Some(Frequency::HalfYearly),
        "12" | "yearly" | "annually" | "12 monthly" => Some(Frequency::Yearly),
        _ => None,
    }
}

fn time(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00:00"));
    let plain = date.len() == 10 && (5..=8).contains(&time.len());
    plain.then(|| format!("{date}T{time}").parse().ok()).flatten()
}

/// `101`, `15.00`, `15.5` as PHP prints it, and a minus in statements.
fn pence(text: &str) -> Option<Pence> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (pounds, part) = digits.split_once('.').unwrap_or((digits, "00"));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !plain(pounds) || !plain(part) || part.len() > 2 {
        return None;
    }
    let tens = if part.len() == 1 { 10 } else { 1 };
    let pounds = pounds.parse::<i64>().ok()?.checked_mul(100)?;
    let pence = pounds.checked_add(part.parse::<i64>().ok()?.checked_mul(tens)?)?;
    pence.checked_mul(sign).map(Pence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn money_as_it_is_printed() {
        for (text, expected) in [
            ("101", Some(10_100)),
            ("15.00", Some(1500)),
            ("15.5", Some(1550)),
            ("0.00", Some(0)),
            ("-2.05", Some(-205)),
        ] {
            assert_eq!(pence(text), expected.map(Pence), "{text}");
        }
        for wrong in ["", ".", "1.", ".5", "1.234", "1,000.00", "\u{a3}1", "1e2", "--1", "+1", "1 "]
        {
            assert_eq!(pence(wrong), None, "{wrong}");
        }
        assert_eq!(pence("99999999999999999999"), None);
        assert_eq!(pence("92233720368547758.08"), None);
    }

    #[test]
    fn a_reason_keeps_its_code_alone() {
        for (text, code) in [("0: Refer to Payer", '0'), ("2:", '2'), ("R: reinstated", 'R')] {
            assert_eq!(reason(text), Reason::Bacs(BacsCode(code)));
        }
        for text in ["First collection within 5 working days", "J: no", "S: no", "0", "", "a: b"] {
            assert_eq!(reason(text), Reason::Other, "{text}");
        }
    }

    #[test]
    fn dates_and_frequencies_as_they_are_printed() {
        assert_eq!(time("2026-03-02").unwrap().to_string(), "2026-03-02T00:00:00");
        assert_eq!(time("2026-03-02 13:45:10").unwrap().to_string(), "2026-03-02T13:45:10");
        for wrong in ["02/03/2026", "2026-02-30", "2026-3-2", "2026-03-02 25:00:00", "2026-03-02 "]
        {
            assert_eq!(time(wrong), None, "{wrong}");
        }
        for (text, expected) in [
            ("1", Some(Frequency::Monthly)),
            ("Annually", Some(Frequency::Yearly)),
            ("6 Monthly", Some(Frequency::HalfYearly)),
            ("half-yearly", Some(Frequency::HalfYearly)),
            ("2", None),
        ] {
            assert_eq!(frequency(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,30}") {
            time(&text);
            reason(&text);
            frequency(&text);
            if let Some(Pence(value)) = pence(&text) {
                prop_assert!(value < 0 || !text.starts_with('-') || value == 0);
            }
        }
    }
}
