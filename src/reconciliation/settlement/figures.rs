//! Sums as statements write them.

use super::Decimal;
use crate::payment::Amount;
use iso_currency::Currency;

/// Whether it is below nought, and the sum without its sign.
pub(super) fn read(text: &str, decimal: Decimal, currency: Currency) -> Option<(bool, Amount)> {
    let (is_less, text) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let amount = match decimal {
        Decimal::Minor => minor(text, currency),
        Decimal::Point => Amount::parse(&plain(text, ',', '.')?, currency).ok(),
        Decimal::Comma => Amount::parse(&plain(text, '.', ',')?, currency).ok(),
    };
    amount.map(|amount| (is_less, amount))
}

fn minor(text: &str, currency: Currency) -> Option<Amount> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    Amount::new(text.parse().ok().filter(|_| is_plain)?, currency).ok()
}

/// Without the marks between thousands, which must stand where they belong, and with a full stop.
fn plain(text: &str, group: char, mark: char) -> Option<String> {
    let (whole, part) = text.split_once(mark).map_or((text, None), |(w, p)| (w, Some(p)));
    let groups: Vec<&str> = whole.split(group).collect();
    let (first, others) = groups.split_first()?;
    let fits = others.is_empty()
        || ((1..=3).contains(&first.len()) && others.iter().all(|group| group.len() == 3));
    let whole = groups.concat();
    fits.then(|| part.map_or(whole.clone(), |part| format!("{whole}.{part}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pence(text: &str, decimal: Decimal) -> Option<(bool, i64)> {
        read(text, decimal, Currency::GBP).map(|(is_less, amount)| (is_less, amount.minor()))
    }

    #[test]
    fn sums_are_read_in_each_way_and_not_in_another() {
        for (text, decimal, read) in [
            ("25.00", Decimal::Point, Some((false, 2500))),
            ("25", Decimal::Point, Some((false, 2500))),
            ("+1,234,567.89", Decimal::Point, Some((false, 123_456_789))),
            ("-25.00", Decimal::Point, Some((true, 2500))),
            ("1.234,50", Decimal::Comma, Some((false, 123_450))),
            ("25,00", Decimal::Comma, Some((false, 2500))),
            ("-2500", Decimal::Minor, Some((true, 2500))),
            ("25,00", Decimal::Point, None),
            ("1,23,456.00", Decimal::Point, None),
            ("1234,567.00", Decimal::Point, None),
            (",123.00", Decimal::Point, None),
            ("25.0", Decimal::Point, None),
            ("1.234", Decimal::Point, None),
            ("1.50", Decimal::Comma, None),
            ("25.00", Decimal::Minor, None),
            ("+-25", Decimal::Minor, None),
            ("--25.00", Decimal::Point, None),
            ("0.00", Decimal::Point, None),
            ("£25.00", Decimal::Point, None),
            ("(25.00)", Decimal::Point, None),
            ("1e3", Decimal::Minor, None),
            ("", Decimal::Point, None),
            ("", Decimal::Minor, None),
            ("-", Decimal::Comma, None),
        ] {
            assert_eq!(pence(text, decimal), read, "{text} {decimal:?}");
        }
    }

    proptest! {
        #[test]
        fn what_an_amount_writes_is_read_back(minor in 1_i64..1_000_000_000_000) {
            let amount = Amount::new(minor, Currency::GBP).unwrap();
            prop_assert_eq!(pence(&amount.decimal(), Decimal::Point), Some((false, minor)));
            let comma = amount.decimal().replace('.', ",");
            prop_assert_eq!(pence(&comma, Decimal::Comma), Some((false, minor)));
            prop_assert_eq!(pence(&minor.to_string(), Decimal::Minor), Some((false, minor)));
        }

        #[test]
        fn no_text_panics(text in ".{0,30}") {
            for decimal in Decimal::ALL {
                if let Some((_, amount)) = read(&text, *decimal, Currency::GBP) {
                    prop_assert!(amount.minor() > 0);
                }
            }
        }
    }
}
