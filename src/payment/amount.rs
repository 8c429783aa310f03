//! Money: whole minor units and an ISO 4217 code, checked once at the door.

use iso_currency::Currency;

/// A positive sum of money in minor units (pence for GBP). Zero does not exist here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    value: i64,
    currency: Currency,
}

/// Why a sum was refused. The texts name what to do and never repeat the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not digits with, at most, a full stop and exactly the currency's decimals.
    #[error("Enter an amount in figures, for example 10 or 12.50")]
    Malformed,
    /// Nought, or more than 18 digits of minor units.
    #[error("Enter an amount above nought that can be charged")]
    OutOfRange,
    /// Not an ISO 4217 code of a currency that can be paid with.
    #[error("Use the three capital letters of a currency that is offered here")]
    UnknownCurrency,
}

/// The most digits of minor units accepted anywhere: far above any limit, far below `i64::MAX`.
const MOST_DIGITS: usize = 15;

impl Amount {
    /// `minor` units of `currency`.
    pub fn new(minor: i64, currency: Currency) -> Result<Self, AmountError> {
        let digits = minor.checked_ilog10().ok_or(AmountError::OutOfRange)?;
        if usize::try_from(digits).is_ok_and(|digits| digits < MOST_DIGITS) {
            Ok(Self { value: minor, currency })
        } else {
            Err(AmountError::OutOfRange)
        }
    }

    /// Reads what a supporter types: `10` or `10.50` with exactly the currency's decimals.
    /// Signs, separators of thousands, exponents, spaces and non-ASCII digits are refused
    /// (security.md, table C).
    pub fn parse(text: &str, currency: Currency) -> Result<Self, AmountError> {
        let exponent = exponent(currency)?;
        let (whole, part) = text.split_once('.').map_or((text, None), |(w, p)| (w, Some(p)));
        if whole.is_empty() || part.is_some_and(|part| part.len() != exponent || exponent == 0) {
            return Err(AmountError::Malformed);
        }
        let padding = if part.is_some() { 0 } else { exponent };
        let digits = whole
            .bytes()
            .chain(part.unwrap_or_default().bytes())
            .chain(std::iter::repeat_n(b'0', padding));
        let mut value: i64 = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return Err(AmountError::Malformed);
            }
            value = value
                .checked_mul(10)
                .and_then(|value| value.checked_add(i64::from(digit.saturating_sub(b'0'))))
                .ok_or(AmountError::OutOfRange)?;
        }
        Self::new(value, currency)
    }

    /// Minor units, always above nought.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.value
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Digits with the currency's decimals and no symbol, as [`Amount::parse`] reads them.
    #[must_use]
    pub fn decimal(self) -> String {
        decimal(self.value.unsigned_abs(), self.currency)
    }

    /// As a person reads it: `£25`, `£12.50`, `£10,000`, `1,234 JPY`.
    #[must_use]
    pub fn display(self) -> String {
        display(self.value.unsigned_abs(), self.currency)
    }
}

/// A sum, which may be nought, as [`Amount::display`] writes one.
#[must_use]
pub fn display(minor: u64, currency: Currency) -> String {
    let decimal = decimal(minor, currency);
    let (whole, part) = decimal.split_once('.').unwrap_or((&decimal, ""));
    let grouped = group(whole);
    let full = if part.is_empty() { grouped.clone() } else { format!("{grouped}.{part}") };
    let short = if part == "00" { &grouped } else { &full };
    let signs = [(Currency::GBP, '£'), (Currency::EUR, '€'), (Currency::USD, '$')];
    let sign = signs.into_iter().find(|(signed, _)| *signed == currency);
    sign.map_or_else(|| format!("{full} {}", currency.code()), |(_, sign)| format!("{sign}{short}"))
}

/// A sum, which may be nought, as [`Amount::decimal`] writes one.
#[must_use]
pub fn decimal(minor: u64, currency: Currency) -> String {
    let exponent = exponent(currency).unwrap_or(0);
    let digits = format!("{minor:0width$}", width = exponent.saturating_add(1));
    let (whole, part) = digits.split_at(digits.len().saturating_sub(exponent));
    if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
}

/// Digits with a comma before each group of three.
fn group(digits: &str) -> String {
    let mut grouped = String::new();
    for (left, digit) in (0..digits.len()).rev().zip(digits.chars()) {
        grouped.push(digit);
        if left > 0 && left % 3 == 0 {
            grouped.push(',');
        }
    }
    grouped
}

/// The currency of an exact ISO 4217 code that money can be paid in.
pub fn currency(code: &str) -> Result<Currency, AmountError> {
    let currency = Currency::from_code(code).ok_or(AmountError::UnknownCurrency)?;
    exponent(currency).map(|_| currency)
}

/// Decimals of a currency (0 for JPY, 2 for GBP, 3 for KWD).
fn exponent(currency: Currency) -> Result<usize, AmountError> {
    currency.exponent().map(usize::from).ok_or(AmountError::UnknownCurrency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_supporters_type() {
        for (text, minor) in
            [("10", 1000), ("10.00", 1000), ("0.01", 1), ("007.50", 750), ("999999.99", 99_999_999)]
        {
            assert_eq!(Amount::parse(text, Currency::GBP).map(Amount::minor), Ok(minor), "{text}");
        }
        assert_eq!(Amount::parse("1000", Currency::JPY).map(Amount::minor), Ok(1000));
        assert_eq!(Amount::parse("1.234", Currency::KWD).map(Amount::minor), Ok(1234));
    }

    #[test]
    fn refuses_whatever_is_written_otherwise() {
        for (text, currency) in [
            ("", Currency::GBP),
            (".50", Currency::GBP),
            ("10.", Currency::GBP),
            ("10.5", Currency::GBP),
            ("10.500", Currency::GBP),
            ("10.5.0", Currency::GBP),
            ("1,000", Currency::GBP),
            ("+10", Currency::GBP),
            ("-10", Currency::GBP),
            ("1e3", Currency::GBP),
            (" 10", Currency::GBP),
            ("１０", Currency::GBP),
            ("10.", Currency::JPY),
            ("10.0", Currency::JPY),
            ("1.23", Currency::KWD),
        ] {
            assert_eq!(Amount::parse(text, currency), Err(AmountError::Malformed), "{text}");
        }
        for text in ["0", "0.00", "10000000000000", "9223372036854775807", "99999999999999999999"] {
            assert_eq!(Amount::parse(text, Currency::GBP), Err(AmountError::OutOfRange), "{text}");
        }
    }

    #[test]
    fn the_greatest_sum_has_fifteen_digits() {
        let read = |minor| Amount::new(minor, Currency::GBP).map(Amount::minor);
        assert_eq!(read(999_999_999_999_999), Ok(999_999_999_999_999));
        for minor in [1_000_000_000_000_000, 10_000_000_000_000_000, i64::MAX, 0, -1, i64::MIN] {
            assert_eq!(read(minor), Err(AmountError::OutOfRange), "{minor}");
        }
    }

    #[test]
    fn is_shown_as_people_write_it() {
        for (minor, currency, shown) in [
            (2500, Currency::GBP, "£25"),
            (1250, Currency::GBP, "£12.50"),
            (99_999, Currency::GBP, "£999.99"),
            (100_000, Currency::GBP, "£1,000"),
            (1_000_000, Currency::EUR, "€10,000"),
            (123_456_789, Currency::USD, "$1,234,567.89"),
            (1234, Currency::JPY, "1,234 JPY"),
            (1_234_500, Currency::KWD, "1,234.500 KWD"),
        ] {
            assert_eq!(Amount::new(minor, currency).unwrap().display(), shown);
        }
    }

    #[test]
    fn knows_only_real_currencies() {
        for code in ["gbp", "GBP ", "XXX", "826", ""] {
            assert_eq!(currency(code), Err(AmountError::UnknownCurrency), "{code}");
        }
        assert_eq!(currency("GBP"), Ok(Currency::GBP));
    }

    proptest! {
        #[test]
        fn c_15_what_is_written_is_read_back(minor in 1_i64..1_000_000_000_000, which in 0_usize..3) {
            let currency = [Currency::GBP, Currency::JPY, Currency::KWD][which];
            let amount = Amount::new(minor, currency).unwrap();
            prop_assert_eq!(Amount::parse(&amount.decimal(), currency), Ok(amount));
        }

        #[test]
        fn no_text_panics_or_wraps(text in ".{0,40}") {
            if let Ok(amount) = Amount::parse(&text, Currency::GBP) {
                prop_assert!(text.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
                prop_assert!(amount.minor() > 0);
            }
        }
    }
}
