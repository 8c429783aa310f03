//! Single values of a request: dates, sums and the texts of a mandate.

use super::code::Code;
use super::document::Node;
use crate::mock_rsm::rsm2000::settings::{Feature, Rsm2000Settings};
use crate::payment::Private;
use jiff::civil::Date;

/// Why a date is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoDate {
    /// Not of the shape `DD/MM/YY` or `DD/MM/YYYY`.
    Malformed,
    /// A day that does not exist.
    Impossible,
}

/// Whether a vendor wants a text of every mandate.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needed {
    Never,
    Always,
    WithAddressChecking,
    WithConfirmations,
}

struct Text {
    element: &'static str,
    most: usize,
    allowed: fn(char) -> bool,
    malformed: Code,
    missing: Code,
    needed: Needed,
}

const TEXTS: [Text; 12] = [
    text("tradingName", 50, is_name, (2021, 0), Needed::Never),
    text("contactName", 50, is_name, (2031, 0), Needed::Never),
    text("address1", 30, is_name, (2041, 2042), Needed::WithAddressChecking),
    text("address2", 30, is_name, (2051, 0), Needed::Never),
    text("address3", 30, is_name, (2061, 0), Needed::Never),
    text("town", 30, is_name, (2071, 2072), Needed::WithAddressChecking),
    text("postcode", 12, is_name, (2081, 2082), Needed::WithAddressChecking),
    text("phone", 20, is_phone, (2091, 0), Needed::Never),
    text("email", 50, is_email, (2101, 2102), Needed::WithConfirmations),
    text("clientRef", 50, is_reference, (2111, 2113), Needed::Always),
    text("accountName", 50, is_name, (2121, 2122), Needed::Always),
    text("paymentRef", 30, is_reference, (2311, 0), Needed::Never),
];

/// Everything wrong with the texts of a new or amended mandate.
pub(super) fn check_texts(record: &Node, settings: &Rsm2000Settings) -> Vec<Code> {
    let mut codes = Vec::new();
    for rule in &TEXTS {
        let value = record.text_of(rule.element);
        let wanted = match rule.needed {
            Needed::Never => false,
            Needed::Always => true,
            Needed::WithAddressChecking => settings.has(Feature::AddressChecking),
            Needed::WithConfirmations => settings.has(Feature::EmailMandatory),
        };
        if value.is_empty() {
            codes.extend(wanted.then_some(rule.missing));
        } else if value.chars().count() > rule.most || !value.chars().all(rule.allowed) {
            codes.push(rule.malformed);
        }
    }
    let email = record.text_of("email");
    if !email.is_empty() && !email.contains('@') {
        codes.push(2102);
    }
    codes.extend(digits(record.text_of("accountNumber"), 8, [2132, 2133, 2134]));
    codes.extend(digits(record.text_of("sortCode"), 6, [2142, 2143, 2144]));
    codes
}

/// The clientRef alone, for an order that needs nothing else.
pub(super) fn check_client_ref(record: &Node) -> Vec<Code> {
    let value = record.text_of("clientRef");
    let fits = value.chars().count() <= 50 && value.chars().all(is_reference);
    match value {
        "" => vec![2113],
        _ if !fits => vec![2111],
        _fine => Vec::new(),
    }
}

/// Names, address and bank details, held so that they cannot be printed.
pub(super) fn person(record: &Node) -> Vec<(&'static str, Private)> {
    const ELEMENTS: [&str; 11] = [
        "tradingName",
        "contactName",
        "address1",
        "address2",
        "address3",
        "town",
        "postcode",
        "phone",
        "email",
        "accountName",
        "accountNumber",
    ];
    let given = ELEMENTS.into_iter().chain(["sortCode"]);
    given.map(|element| (element, Private::new(record.text_of(element)))).collect()
}

/// `DD/MM/YY` or `DD/MM/YYYY`.
pub(super) fn date(text: &str) -> Result<Date, NoDate> {
    let parts: Vec<&str> = text.split('/').collect();
    let [day, month, year] = parts.as_slice() else { return Err(NoDate::Malformed) };
    let number = |text: &str, lengths: &[usize]| {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        (plain && lengths.contains(&text.len())).then(|| text.parse::<i16>().ok()).flatten()
    };
    let small = |text| number(text, &[1, 2]).and_then(|number| i8::try_from(number).ok());
    let (day, month) = small(day).zip(small(month)).ok_or(NoDate::Malformed)?;
    let year = number(year, &[2, 4]).ok_or(NoDate::Malformed)?;
    let year = if year < 100 { year.saturating_add(2000) } else { year };
    Date::new(year, month, day).map_err(|_no_such_day| NoDate::Impossible)
}

/// Months of a frequency: `1`, `3`, `6`, `12` or RSM's words.
pub(super) fn months(text: &str) -> Result<i32, Code> {
    if text.len() > 20 || !text.chars().all(is_name) {
        return Err(2181);
    }
    match text.to_ascii_lowercase().as_str() {
        "1" | "monthly" => Ok(1),
        "3" | "quarterly" => Ok(3),
        "6" | "half yearly" | "6 monthly" => Ok(6),
        "12" | "yearly" | "annually" => Ok(12),
        _other => Err(2186),
    }
}

/// Codes for missing, of the wrong length and of the wrong characters.
fn digits(text: &str, length: usize, codes: [Code; 3]) -> Option<Code> {
    let [missing, wrong_length, wrong_characters] = codes;
    if text.is_empty() {
        Some(missing)
    } else if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        Some(wrong_characters)
    } else {
        (text.len() != length).then_some(wrong_length)
    }
}

const fn text(
    element: &'static str,
    most: usize,
    allowed: fn(char) -> bool,
    (malformed, missing): (Code, Code),
    needed: Needed,
) -> Text {
    Text { element, most, allowed, malformed, missing, needed }
}

/// What the manual calls alphanumeric, and the marks that names and addresses need.
const fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | ',' | '&' | '/' | '-' | '\'' | '(' | ')')
}

const fn is_reference(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '/')
}

const fn is_phone(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '(' | ')' | '+' | '-')
}

const fn is_email(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_frequencies() {
        let day = jiff::civil::date(2026, 3, 2);
        assert_eq!((date("02/03/2026"), date("2/3/26")), (Ok(day), Ok(day)));
        assert_eq!(date("31/02/2026"), Err(NoDate::Impossible));
        for bad in ["", "2026-03-02", "02/03", "02/03/026", "a/b/c", "+1/03/2026", "02/03/2026/1"] {
            assert_eq!(date(bad), Err(NoDate::Malformed), "{bad}");
        }
        for (text, expected) in [
            ("1", Ok(1)),
            ("Annually", Ok(12)),
            ("6 Monthly", Ok(6)),
            ("2", Err(2186)),
            ("é", Err(2181)),
        ] {
            assert_eq!(months(text), expected, "{text}");
        }
    }
}
