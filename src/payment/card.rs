//! The card that a payment is to be taken from: held only while a request lives, passed to the
//! processor once, wiped. Nothing of it is ever kept, logged or shown back (security.md, P-2).

use super::donor::Private;
use super::field::{FieldError, Rule};
use super::request::{looks_like_card_number, luhn};
use jiff::civil::Date;
use zeroize::Zeroizing;

/// The longest text of figures that is looked at, with the spaces people put between them.
const TYPED_CHARACTERS: usize = 40;

/// The longest name that is taken.
const NAME_CHARACTERS: usize = 60;

/// No card is made for longer than this many years.
const MOST_YEARS: i16 = 20;

/// A card as it is typed (gateway.md, section 3, `card`).
#[derive(Debug)]
pub struct Card {
    /// 12 to 19 figures that pass the Luhn check.
    pub number: Private,
    /// `MM/YY`.
    pub expiry: Private,
    /// The security code: 3 or 4 figures.
    pub cvc: Private,
    /// The name on the card, as it was typed.
    pub holder: Private,
}

impl Card {
    /// The names of the fields on a form, in its order.
    pub const FIELDS: [&'static str; 4] = ["card_number", "card_expiry", "card_cvc", "card_holder"];

    /// Checks every field that `text` gives by name (an absent one is empty) and says all that is
    /// wrong. A card is good until the end of the month it names; `today` is London's day.
    pub fn check<'a>(text: impl Fn(&str) -> &'a str, today: Date) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let [number, expiry, cvc, holder] = Self::FIELDS;
        let mut kept =
            |value: Result<Private, FieldError>| value.map_err(|error| errors.push(error)).ok();
        let number = kept(number_of(number, text(number)));
        let expiry = kept(expiry_of(expiry, text(expiry), today));
        let cvc = kept(cvc_of(cvc, text(cvc)));
        let holder = kept(holder_of(holder, text(holder)));
        match (number, expiry, cvc, holder) {
            (Some(number), Some(expiry), Some(cvc), Some(holder)) => {
                Ok(Self { number, expiry, cvc, holder })
            }
            (_, _, _, _) => Err(errors),
        }
    }
}

fn number_of(field: &'static str, text: &str) -> Result<Private, FieldError> {
    let rule = Rule { field, most: TYPED_CHARACTERS, missing: "Enter the card number" };
    let figures = figures(required(&rule, text)?);
    let digits = |figures: &str| -> Zeroizing<Vec<u32>> {
        Zeroizing::new(figures.bytes().map(|byte| u32::from(byte.saturating_sub(b'0'))).collect())
    };
    match figures {
        Some(figures) if (12..=19).contains(&figures.len()) && luhn(&digits(&figures)) => {
            Ok(Private::new(&figures))
        }
        Some(figures) if (12..=19).contains(&figures.len()) => {
            let advice = "Check the card number: a figure is wrong, or two have changed places";
            Err(rule.wrong("luhn", advice))
        }
        Some(_) | None => {
            Err(rule.wrong("malformed", "Enter the 12 to 19 figures on the front of the card"))
        }
    }
}

fn expiry_of(field: &'static str, text: &str, today: Date) -> Result<Private, FieldError> {
    let rule = Rule { field, most: TYPED_CHARACTERS, missing: "Enter the card's expiry date" };
    let text = required(&rule, text)?;
    let advice = "Enter the expiry date as month and year, like 09/29";
    let wrong = || rule.wrong("malformed", advice);
    let (month, year) = month_and_year(text).ok_or_else(wrong)?;
    let ends = Date::new(year, month, 1).map_err(|_no_such_month| wrong())?.last_of_month();
    if ends < today {
        return Err(rule.wrong("expired", "Use another card: this one has expired"));
    }
    if year > today.year().saturating_add(MOST_YEARS) {
        let advice = "Check the expiry date: it is too far ahead";
        return Err(rule.wrong("too_far", advice));
    }
    let year = year.rem_euclid(100);
    let mut written = Zeroizing::new(String::with_capacity(5));
    for (place, number) in [i16::from(month), year].into_iter().enumerate() {
        if place > 0 {
            written.push('/');
        }
        written.extend([number.div_euclid(10), number.rem_euclid(10)].map(digit));
    }
    Ok(Private::new(&written))
}

/// `MM/YY` or `MM/YYYY`, with spaces, a hyphen or nothing in place of the stroke.
fn month_and_year(text: &str) -> Option<(i8, i16)> {
    let mut figures = Zeroizing::new(String::with_capacity(TYPED_CHARACTERS));
    let mut parted = None;
    for c in text.chars() {
        match c {
            '0'..='9' => figures.push(c),
            '/' | ' ' | '-' | '.' | '\u{A0}' => parted = parted.or(Some(figures.len())),
            _ => return None,
        }
    }
    // Four figures together are a month and a year of two; one that stands apart is a month too.
    let at = match (parted, figures.len()) {
        (Some(at @ 1..=2), _) => at,
        (None, 4 | 6) => 2,
        _ => return None,
    };
    let (month, year) = figures.split_at_checked(at)?;
    let month = month.parse().ok()?;
    match year.len() {
        2 => Some((month, year.parse::<i16>().ok()?.checked_add(2000)?)),
        4 => Some((month, year.parse().ok().filter(|year| (2000..2100).contains(year))?)),
        _ => None,
    }
}

/// The figure of a number below ten.
fn digit(number: i16) -> char {
    u32::try_from(number).ok().and_then(|number| char::from_digit(number, 10)).unwrap_or('0')
}

fn cvc_of(field: &'static str, text: &str) -> Result<Private, FieldError> {
    let rule = Rule { field, most: TYPED_CHARACTERS, missing: "Enter the security code" };
    let text = required(&rule, text)?;
    if (3..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Private::new(text));
    }
    let advice = "Enter the security code: the last 3 figures on the back of the card, or the 4 on the front of an American Express";
    Err(rule.wrong("malformed", advice))
}

fn holder_of(field: &'static str, text: &str) -> Result<Private, FieldError> {
    let rule = Rule { field, most: NAME_CHARACTERS, missing: "Enter the name on the card" };
    let text = required(&rule, text)?;
    if text.chars().any(char::is_alphabetic) && !looks_like_card_number(text) {
        Ok(Private::new(text))
    } else {
        Err(rule.wrong("malformed", "Enter the name as it stands on the card"))
    }
}

/// A text that must be there.
fn required<'a>(rule: &Rule, text: &'a str) -> Result<&'a str, FieldError> {
    rule.sound(text)?.ok_or_else(|| rule.wrong("required", rule.missing))
}

/// The figures of a text of figures, with spaces and dashes between them or not.
fn figures(text: &str) -> Option<Zeroizing<String>> {
    let mut figures = Zeroizing::new(String::with_capacity(TYPED_CHARACTERS));
    for c in text.chars() {
        match c {
            '0'..='9' => figures.push(c),
            ' '
            | '\u{A0}'
            | '\u{2009}'
            | '\u{202F}'
            | '-'
            | '\u{2010}'..='\u{2014}'
            | '\u{2212}' => {}
            _ => return None,
        }
    }
    Some(figures)
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "numbers of the tests' own")]
mod tests;
