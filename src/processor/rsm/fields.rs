//! The contact fields of RSM's hosted pages: lengths and character sets (rsm-protocol.md, 2.1),
//! enforced at our own door with an error by the field.

use super::charset::Charset;
use crate::payment::{Contact, FieldError, Private};
use zeroize::Zeroizing;

/// A field that is ready to be posted.
pub(super) type Field = (&'static str, Zeroizing<String>);

/// What a field takes.
struct Rule {
    /// RSM's name of it.
    name: &'static str,
    /// Ours.
    field: &'static str,
    least: usize,
    most: usize,
    allowed: fn(char) -> bool,
    advice: &'static str,
}

const NAMES: &str =
    "Use letters, hyphens and apostrophes only, 40 at the most, for example Mary-Ann";
const LINES: &str =
    "Use letters, figures, spaces and . , : ' - _ @ $ only, at least 2 and at most 100 of them";
const PLACES: &str = "Use letters, figures, spaces and . , ' - only, 40 at the most";

const TITLE: Rule = Rule {
    name: "title",
    field: "title",
    least: 2,
    most: 10,
    allowed: letter,
    advice: "Choose a title from the list",
};
const FIRST: Rule = Rule {
    name: "firstname",
    field: "first_name",
    least: 1,
    most: 40,
    allowed: in_name,
    advice: NAMES,
};
const LAST: Rule = Rule { name: "surname", field: "last_name", ..FIRST };
const LINE1: Rule =
    Rule { name: "address1", field: "line1", least: 2, most: 100, allowed: in_line, advice: LINES };
const LINE2: Rule = Rule { name: "address2", field: "line2", least: 1, ..LINE1 };
const LINE3: Rule = Rule { name: "address3", field: "line3", ..LINE2 };
const TOWN: Rule =
    Rule { name: "town", field: "town", least: 2, most: 40, allowed: in_place, advice: PLACES };
const COUNTY: Rule = Rule { name: "county", field: "county", least: 1, ..TOWN };
const POSTCODE: Rule = Rule {
    name: "postcode",
    field: "postcode",
    least: 5,
    most: 10,
    allowed: |c| c.is_ascii_alphanumeric() || c == ' ' || c == '-',
    advice: "Enter a postcode of 5 to 10 letters and figures, like SW1A 1AA",
};
const EMAIL: Rule = Rule {
    name: "email",
    field: "email",
    least: 6,
    most: 50,
    allowed: |c| c.is_ascii_alphanumeric() || "._-@".contains(c),
    advice: "Enter another email address: one without + or other signs, 50 characters at the most",
};

/// Which fields a page takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// Two lines of an address, and a country.
    Card,
    /// Three lines of an address, and no country.
    Debit,
}

/// The contact fields as RSM takes them, or everything that it would not take.
pub(super) fn contact(
    page: Page,
    contact: &Contact,
    charset: Charset,
) -> Result<Vec<Field>, Vec<FieldError>> {
    let (mut fields, mut errors) = (Vec::new(), Vec::new());
    let mut take = |rule: &Rule, text: Option<&Private>| {
        let Some(text) = text else { return };
        match write(rule, text.reveal(), charset) {
            Ok(text) => fields.push((rule.name, text)),
            Err(error) => errors.push(error),
        }
    };
    take(&TITLE, Some(&contact.title));
    take(&FIRST, Some(&contact.first_name));
    take(&LAST, Some(&contact.last_name));
    take(&LINE1, Some(&contact.line1));
    match (page, &contact.line2, &contact.line3) {
        (Page::Card, Some(line2), Some(line3)) => {
            let both = [line2.reveal(), ", ", line3.reveal()];
            let mut joined =
                Zeroizing::new(String::with_capacity(both.iter().map(|it| it.len()).sum()));
            for part in both {
                joined.push_str(part);
            }
            take(&LINE2, Some(&Private::new(&joined)));
        }
        (Page::Card, line2, line3) => take(&LINE2, line2.as_ref().or(line3.as_ref())),
        (Page::Debit, line2, line3) => {
            take(&LINE2, line2.as_ref());
            take(&LINE3, line3.as_ref());
        }
    }
    take(&TOWN, Some(&contact.town));
    take(&COUNTY, contact.county.as_ref());
    take(&POSTCODE, Some(&contact.postcode));
    take(&EMAIL, Some(&contact.email));
    if page == Page::Card {
        match country(contact.country.reveal()) {
            Some(code) => fields.push(("country", Zeroizing::new(code.to_owned()))),
            None => errors.push(FieldError {
                field: "country",
                reason: "unknown",
                advice: "Choose a country from the list",
            }),
        }
    }
    if errors.is_empty() { Ok(fields) } else { Err(errors) }
}

fn write(rule: &Rule, text: &str, charset: Charset) -> Result<Zeroizing<String>, FieldError> {
    let wrong = |reason| FieldError { field: rule.field, reason, advice: rule.advice };
    // A title is written with a full stop at times, which RSM's list does not have.
    let text = if rule.field == "title" { text.trim_end_matches('.') } else { text };
    let written = charset.write(text, rule.allowed).ok_or_else(|| wrong("processor_charset"))?;
    let length = written.chars().count();
    if !(rule.least..=rule.most).contains(&length) {
        return Err(wrong("processor_length"));
    }
    if rule.field == "email" && !is_email(&written) {
        return Err(wrong("processor_charset"));
    }
    Ok(written)
}

/// ISO 3166-1 alpha-3; the Channel Islands and the Isle of Man are sent as GBR (rsm-protocol.md, 2.1).
fn country(alpha2: &str) -> Option<&'static str> {
    let code = if ["GG", "JE", "IM"].contains(&alpha2) { "GB" } else { alpha2 };
    rust_iso3166::from_alpha2(code).map(|country| country.alpha3)
}

fn letter(c: char) -> bool {
    c.is_alphabetic()
}

fn in_name(c: char) -> bool {
    c.is_alphabetic() || c == '-' || c == '\''
}

fn in_line(c: char) -> bool {
    c.is_ascii_alphanumeric() || " ._-@$':,".contains(c)
}

fn in_place(c: char) -> bool {
    c.is_alphanumeric() || " -.,'".contains(c)
}

/// RSM's own pattern: letters and figures with single signs between them, and a last part of two
/// to six letters (rsm-protocol.md, 2.1).
fn is_email(text: &str) -> bool {
    let words = |text: &str, signs: &[char]| {
        text.split(signs)
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    let Some((local, domain)) = text.split_once('@') else { return false };
    let Some((_, last)) = domain.rsplit_once('.') else { return false };
    words(local, &['_', '.', '-'])
        && words(domain, &['.', '-'])
        && (2..=6).contains(&last.len())
        && last.bytes().all(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests;
