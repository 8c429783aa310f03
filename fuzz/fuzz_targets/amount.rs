//! Whatever is typed as a sum: read exactly where it is written as one, and to the penny. The first
//! byte chooses the currency, of no, two and three decimals.
#![no_main]

use almoner::payment::Amount;
use iso_currency::Currency;
use libfuzzer_sys::fuzz_target;

/// The greatest sum has fewer digits than this, decimals included.
const DIGITS: usize = 16;

fuzz_target!(|input: &[u8]| {
    let Some((choice, text)) = input.split_first() else { return };
    let Ok(text) = str::from_utf8(text) else { return };
    let (currency, decimals) = match choice % 3 {
        0 => (Currency::JPY, 0),
        1 => (Currency::GBP, 2),
        _ => (Currency::KWD, 3),
    };
    let read = Amount::parse(text, currency).ok();
    assert_eq!(read.map(Amount::minor), minor(text, decimals), "{text:?}");
    if let Some(amount) = read {
        assert_eq!(Amount::parse(&amount.decimal(), currency), Ok(amount));
    }
});

/// What it is, by this target's own hand.
fn minor(text: &str, decimals: usize) -> Option<i64> {
    let (whole, part) = match text.find('.') {
        Some(_) if decimals == 0 => return None,
        Some(dot) => (&text[..dot], text[dot + 1..].to_owned()),
        None => (text, "0".repeat(decimals)),
    };
    let digits = format!("{whole}{part}");
    let written = !whole.is_empty() && part.len() == decimals;
    if !written || !digits.chars().all(|c| matches!(c, '0'..='9')) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    (1..DIGITS).contains(&digits.len()).then(|| digits.parse().unwrap())
}
