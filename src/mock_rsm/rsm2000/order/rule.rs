//! RSM's limits and character sets for contact details (rsm-protocol.md, 2.1).

use super::{CardError, Entrance, error};

/// What a field must be.
pub(super) struct Rule {
    pub(super) field: &'static str,
    /// Fewest and most characters.
    pub(super) length: (usize, usize),
    pub(super) allowed: fn(char) -> bool,
    pub(super) needed: &'static [Entrance],
    pub(super) error: CardError,
}

const WIDGET: &[Entrance] = &[Entrance::Widget];
const NAMES: &[Entrance] = &[Entrance::Widget, Entrance::Debit];
const DEBIT: &[Entrance] = &[Entrance::Debit];

pub(super) const RULES: [Rule; 12] = [
    rule("title", (2, 10), is_letter, WIDGET, error(2001, "Title missing or malformed")),
    rule("firstname", (1, 40), is_of_name, NAMES, error(2002, "First name missing or malformed")),
    rule("surname", (1, 40), is_of_name, NAMES, error(2003, "Surname missing or malformed")),
    rule("address1", (2, 100), is_of_address, WIDGET, error(2004, "Address missing or malformed")),
    rule("address2", (0, 100), is_of_address, &[], error(2005, "Address line 2 malformed")),
    rule("address3", (0, 100), is_of_address, &[], error(2006, "Address line 3 malformed")),
    rule("town", (2, 40), is_of_town, WIDGET, error(2007, "Town missing or malformed")),
    rule("county", (0, 40), is_of_town, &[], error(2008, "County malformed")),
    rule("postcode", (5, 10), is_of_postcode, WIDGET, error(2009, "Postcode missing or malformed")),
    rule("country", (3, 3), is_capital, WIDGET, error(2010, "Country missing or malformed")),
    rule("email", (6, 50), is_visible, WIDGET, error(2011, "E-mail address missing or malformed")),
    rule("accountholder", (1, 50), is_printable, DEBIT, error(2012, "Account holder missing")),
];

const fn rule(
    field: &'static str,
    length: (usize, usize),
    allowed: fn(char) -> bool,
    needed: &'static [Entrance],
    error: CardError,
) -> Rule {
    Rule { field, length, allowed, needed, error }
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || (matches!(c, 'À'..='ÿ') && c.is_alphabetic())
}

const fn is_capital(c: char) -> bool {
    c.is_ascii_uppercase()
}

const fn is_visible(c: char) -> bool {
    c.is_ascii_graphic()
}

fn is_printable(c: char) -> bool {
    !c.is_control()
}

fn is_of_name(c: char) -> bool {
    is_letter(c) || matches!(c, '-' | '\'')
}

const fn is_of_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '_' | '-' | '@' | '$' | '\'' | ':' | ',')
}

fn is_of_town(c: char) -> bool {
    is_letter(c) || c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | ',' | '\'')
}

const fn is_of_postcode(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ' ' | '-')
}

/// Words of letters and digits joined by single `_ . -`, at a domain joined by `. -` that ends in 2
/// to 6 letters. No `+` (rsm-protocol.md, 2.1).
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let words = |text: &str, joints: &[char]| {
        text.split(joints)
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    let Some((_, last)) = domain.rsplit_once('.') else { return false };
    let ends = (2..=6).contains(&last.len()) && last.bytes().all(|byte| byte.is_ascii_alphabetic());
    ends && words(local, &['_', '.', '-']) && words(domain, &['.', '-'])
}
