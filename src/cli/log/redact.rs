//! The last resort between a line of the log and whoever reads it: what looks like a card, a bank
//! account or an e-mail address is blotted out, whatever let it get here (security.md, G-R1).

use crate::payment::Reference;
use crate::payment::request::luhn;
use regex::Regex;
use serde_json::{Map, Value};

/// What stands where something was blotted out.
pub const REDACTED: &str = "[redacted]";

/// Tokens of our own that are made of figures and letters: a hand-off's reference, the id of a
/// refusal, a hash, a day. They are looked past, so that none is ever taken for a card.
const OURS: &str = r"(?-u:\b)(?:[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9])(?-u:\b)";
/// 13 figures or more, each perhaps after a space or a dash.
const FIGURES: &str = r"[0-9](?:[ -]?[0-9]){12,}";
const EMAIL: &str =
    r#"[^ \t\r\n@"'<>(),;:=&]*(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"#;
/// A sort code before an account number, or a sort code as it is printed.
const BANK: &str = r"(?-u:\b)(?:[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[^0-9A-Za-z]{1,4}[0-9]{8}|[0-9]{2}-[0-9]{2}-[0-9]{2})(?-u:\b)";
/// `cvc=123`, `"card_number": "..."`, in the middle of a text.
const NAMED: &str = r#"(?-u:\b)(?i-u:pan|card[a-z_]*|cvc[0-9]?|cvv[0-9]?|cv2|sort_?code|account_?number)["']?[ ]?[=:][ ]?["']?[A-Za-z0-9+/%. -]+"#;

/// How many figures a card number has.
const LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;

/// What a text looked like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A card number.
    Card,
    /// A field that is named like a card's or an account's.
    Named,
    /// A sort code and account number.
    Bank,
    /// An e-mail address.
    Email,
    /// A line that is no JSON object, and cannot be looked through.
    Unreadable,
}

impl Kind {
    /// Its word in the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Named => "named",
            Self::Bank => "bank",
            Self::Email => "email",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Looks through lines. Made once.
#[derive(Debug)]
pub struct Redactor {
    ours: Regex,
    figures: Regex,
    named: Regex,
    others: [(Kind, Regex); 2],
}

impl Redactor {
    /// With all its rules.
    ///
    /// # Errors
    /// None: the rules are fixed, and a test reads them.
    pub fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            ours: Regex::new(OURS)?,
            figures: Regex::new(FIGURES)?,
            named: Regex::new(NAMED)?,
            others: [(Kind::Bank, Regex::new(BANK)?), (Kind::Email, Regex::new(EMAIL)?)],
        })
    }

    /// Blots out whatever must not be in a line of the log. Empty where nothing was.
    pub fn blot(&self, line: &mut Map<String, Value>) -> Vec<Kind> {
        let mut found = Vec::new();
        self.blot_fields(line, &mut found);
        found.sort_unstable();
        found.dedup();
        found
    }

    fn blot_fields(&self, fields: &mut Map<String, Value>, found: &mut Vec<Kind>) {
        for (name, value) in fields {
            if is_private(name) {
                *value = REDACTED.into();
                found.push(Kind::Named);
            } else {
                self.blot_value(value, found);
            }
        }
    }

    fn blot_value(&self, value: &mut Value, found: &mut Vec<Kind>) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => {
                if self.clean(&number.to_string(), found).is_some() {
                    *value = REDACTED.into();
                }
            }
            Value::String(text) => {
                if let Some(clean) = self.clean(text, found) {
                    *text = clean;
                }
            }
            Value::Array(values) => {
                for value in values {
                    self.blot_value(value, found);
                }
            }
            Value::Object(fields) => self.blot_fields(fields, found),
        }
    }

    /// The text without what must not be in it; `None` where it may stay as it is.
    fn clean(&self, text: &str, found: &mut Vec<Kind>) -> Option<String> {
        let mut clean = self.look(text, found)?;
        // Behind what was blotted out a word may begin that began none before: `4929420573595709cvc=123`.
        while let Some(cleaner) = self.look(&clean, found) {
            clean = cleaner;
        }
        Some(clean)
    }

    /// One look at a text.
    fn look(&self, text: &str, found: &mut Vec<Kind>) -> Option<String> {
        // What is ours is as long as it was, and nothing that a rule looks for.
        let ours = |token: &regex::Captures<'_>| {
            let token = token.get(0).map_or("", |token| token.as_str());
            let is_ours = token.len() != 26 || Reference::parse(token).is_some();
            if is_ours { "x".repeat(token.len()) } else { token.to_owned() }
        };
        let masked = self.ours.replace_all(text, ours);
        let figures = self.figures.find_iter(&masked).filter(|run| holds_card(run.as_str()));
        let mut hits: Vec<_> = figures.map(|run| (run.range(), Kind::Card)).collect();
        // What was taken for a field's value may be another field's name: `card: of cvc=123`.
        let after = |hit: &regex::Match<'_>| hit.start().saturating_add(1);
        let next = |hit: &regex::Match<'_>| self.named.find_at(&masked, after(hit));
        let named = std::iter::successors(self.named.find(&masked), next);
        hits.extend(named.map(|hit| (hit.range(), Kind::Named)));
        for (kind, rule) in &self.others {
            hits.extend(rule.find_iter(&masked).map(|hit| (hit.range(), *kind)));
        }
        if hits.is_empty() {
            return None;
        }
        hits.sort_unstable_by_key(|(range, _)| range.start);
        let (mut clean, mut from) = (String::new(), 0);
        for (range, kind) in hits {
            found.push(kind);
            if range.start >= from {
                clean.push_str(text.get(from..range.start).unwrap_or_default());
                clean.push_str(REDACTED);
            }
            from = from.max(range.end);
        }
        clean.push_str(text.get(from..).unwrap_or_default());
        Some(clean)
    }
}

/// Whether a field's name says that its value is none of the log's.
fn is_private(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let parts = ["cvc", "cvv", "cv2", "card", "sort_code", "sortcode", "account_number", "iban"];
    parts.iter().any(|part| name.contains(part))
        || name.split(['_', '-', '.']).any(|it| it == "pan")
}

/// Whether groups of figures beside one another, as many as make a card's length, pass as a card
/// number; or any figures of a group that is longer than a card number can be.
fn holds_card(run: &str) -> bool {
    let groups: Vec<&[u8]> = run.split([' ', '-']).map(str::as_bytes).collect();
    let from = |first: usize| {
        let mut figures = Vec::new();
        groups.iter().skip(first).any(|group| {
            figures.extend_from_slice(group);
            is_card(&figures)
        })
    };
    let too_long = |group: &&&[u8]| group.len() > *LENGTHS.end();
    let inside =
        |group: &&[u8]| LENGTHS.into_iter().any(|length| group.windows(length).any(is_card));
    (0..groups.len()).any(from) || groups.iter().filter(too_long).any(inside)
}

fn is_card(figures: &[u8]) -> bool {
    LENGTHS.contains(&figures.len()) && passes_luhn(figures)
}

fn passes_luhn(figures: &[u8]) -> bool {
    let digits: Option<Vec<u32>> =
        figures.iter().map(|figure| char::from(*figure).to_digit(10)).collect();
    digits.is_some_and(|digits| luhn(&digits))
}

#[cfg(test)]
mod tests;
