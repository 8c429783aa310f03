//! The rules of what may stand in an element (rsm-protocol.md, 7.5), and how a text is brought into
//! ASCII, the only alphabet whose signature is certain (7.3, rule 5).

use crate::payment::FieldError;
use zeroize::Zeroizing;

/// Which characters an element may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// A name or an address: transliterated, then any printable ASCII.
    Words,
    /// The name of a bank account: transliterated, then what Bacs carries. An apostrophe, which it
    /// does not, is sent as a space, as banks write such names.
    Account,
    /// A reference: letters, digits and `. _ / -`, never changed.
    Reference,
    /// The same and spaces.
    Spaced,
    /// Exactly so many digits.
    Digits(usize),
    /// Digits and `( ) + -`; spaces are for the eye and are left out.
    Phone,
    /// Never changed: another spelling would be another person's.
    Email,
}

/// One element: its own name, our name for it, its length and its alphabet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) element: &'static str,
    pub(super) field: &'static str,
    pub(super) most: usize,
    pub(super) alphabet: Alphabet,
}

/// A rule, in the order element, field, length, alphabet.
pub(super) const fn rule(
    element: &'static str,
    field: &'static str,
    most: usize,
    alphabet: Alphabet,
) -> Rule {
    Rule { element, field, most, alphabet }
}

impl Rule {
    /// The text as it is sent, empty where it may be left out.
    pub(super) fn fit(&self, text: &str) -> Result<Zeroizing<String>, FieldError> {
        let text = text.trim_matches(' ');
        if text.chars().any(char::is_control) {
            return Err(self.wrong("ctrl_char", "Enter this on one line, without tabs"));
        }
        let mut fitted = Zeroizing::new(String::with_capacity(text.len().saturating_mul(4)));
        for c in text.chars() {
            self.push(c, &mut fitted)?;
        }
        let kept = fitted.trim_end_matches(' ').len();
        fitted.truncate(kept);
        let before = kept.saturating_sub(fitted.trim_start_matches(' ').len());
        fitted.drain(..before);
        if fitted.is_empty() {
            return if text.is_empty() { Ok(fitted) } else { Err(self.malformed()) };
        }
        if !self.allows(&fitted) {
            return Err(self.malformed());
        }
        if fitted.len() > self.most {
            return Err(self.wrong("too_long", "Shorten this"));
        }
        Ok(fitted)
    }

    /// The same for an element that must be there.
    pub(super) fn need(&self, text: &str) -> Result<Zeroizing<String>, FieldError> {
        self.fit(text).and_then(|fitted| {
            if fitted.is_empty() {
                Err(self.wrong("required", "Enter this: the processor needs it"))
            } else {
                Ok(fitted)
            }
        })
    }

    /// What is wrong with this field.
    pub(super) const fn wrong(&self, reason: &'static str, advice: &'static str) -> FieldError {
        FieldError { field: self.field, reason, advice }
    }

    fn push(&self, c: char, fitted: &mut String) -> Result<(), FieldError> {
        let folds = matches!(self.alphabet, Alphabet::Words | Alphabet::Account);
        match c {
            ' ' if self.alphabet == Alphabet::Phone => {}
            '\'' | '\u{2018}' | '\u{2019}' | '\u{02BC}' if self.alphabet == Alphabet::Account => {
                fitted.push(' ');
            }
            c if c.is_ascii() => fitted.push(c),
            _ if !folds => return Err(self.malformed()),
            // An accent over the letter before it, and the joiners that shape Persian and Indic
            // letters: é without its accent is e.
            '\u{0300}'..='\u{036F}' | '\u{200C}' | '\u{200D}' => {}
            c => match deunicode::deunicode_char(c).filter(|latin| !latin.is_empty()) {
                Some(latin) => fitted.push_str(latin),
                None => return Err(self.wrong("not_latin", "Write this in Latin letters")),
            },
        }
        Ok(())
    }

    fn allows(&self, text: &str) -> bool {
        let all =
            |more: &[u8]| text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b));
        match self.alphabet {
            Alphabet::Words => text.bytes().all(|b| b == b' ' || b.is_ascii_graphic()),
            Alphabet::Account => all(b" .&/-"),
            Alphabet::Reference => all(b"._/-"),
            Alphabet::Spaced => all(b" ._/-"),
            Alphabet::Digits(count) => {
                text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
            }
            Alphabet::Phone => text.bytes().all(|b| b.is_ascii_digit() || b"()+-".contains(&b)),
            Alphabet::Email => {
                let sides = text.split_once('@');
                sides.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
                    && text.bytes().all(|b| b.is_ascii_graphic())
            }
        }
    }

    const fn malformed(&self) -> FieldError {
        let advice = match self.alphabet {
            Alphabet::Words => "Use letters, digits and ordinary punctuation",
            Alphabet::Account => "Use only letters, digits, spaces and . & / -",
            Alphabet::Reference => "Use only letters, digits and . _ / -",
            Alphabet::Spaced => "Use only letters, digits, spaces and . _ / -",
            Alphabet::Digits(8) => "Enter an account number of 8 digits, like 00733445",
            Alphabet::Digits(6) => "Enter 6 digits, like 309430",
            Alphabet::Digits(_) => "Enter digits only",
            Alphabet::Phone => "Enter a telephone number, like 01632 960 001",
            Alphabet::Email => "Enter an email address without accents, like name@example.com",
        };
        self.wrong("malformed", advice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fit(alphabet: Alphabet, most: usize, text: &str) -> Result<String, &'static str> {
        let fitted = rule("x", "field", most, alphabet).fit(text);
        fitted.map(|fitted| (*fitted).clone()).map_err(|error| error.reason)
    }

    #[test]
    fn b_21_real_names_arrive_in_ascii() {
        for (name, sent) in [
            ("Zo\u{eb} O\u{2019}Brien", "Zoe O'Brien"),
            ("Zoe\u{308} Ng", "Zoe Ng"),
            ("\u{2003}Zoe\u{a0}Ng\u{a0}", "Zoe Ng"),
            ("\u{141}ukasz", "Lukasz"),
            ("M\u{fc}ller & S\u{f6}hne", "Muller & Sohne"),
            ("\u{738b}\u{5c0f}\u{660e}", "Wang Xiao Ming"),
        ] {
            assert_eq!(fit(Alphabet::Words, 30, name).as_deref(), Ok(sent));
        }
        assert_eq!(fit(Alphabet::Account, 18, "P O\u{2019}BRIEN").as_deref(), Ok("P O BRIEN"));
    }

    #[test]
    fn what_cannot_be_sent_is_refused_and_never_lost() {
        for (alphabet, text, reason) in [
            (Alphabet::Words, "a\u{E000}b", "not_latin"),
            (Alphabet::Words, "a\u{E0041}b", "not_latin"),
            (Alphabet::Words, "a\tb", "ctrl_char"),
            (Alphabet::Words, "a\u{85}b", "ctrl_char"),
            (Alphabet::Words, "\u{301}", "malformed"),
            (Alphabet::Words, "abcdefghijk", "too_long"),
            (Alphabet::Account, "P * EX", "malformed"),
            (Alphabet::Reference, "DON 1", "malformed"),
            (Alphabet::Reference, "D\u{d6}N", "malformed"),
            (Alphabet::Email, "zo\u{eb}@a.b", "malformed"),
            (Alphabet::Email, "zoe@b", "malformed"),
            (Alphabet::Digits(6), "08-99-99", "malformed"),
            (Alphabet::Digits(8), "6637495", "malformed"),
            (Alphabet::Digits(8), "\u{ff11}2345678", "malformed"),
            (Alphabet::Phone, "0123 x4", "malformed"),
        ] {
            assert_eq!(fit(alphabet, 10, text), Err(reason), "{text:?}");
        }
        assert_eq!(
            fit(Alphabet::Phone, 20, "+44 (1632) 960-001").as_deref(),
            Ok("+44(1632)960-001")
        );
        assert_eq!(fit(Alphabet::Words, 20, "   ").as_deref(), Ok(""));
        assert_eq!(
            rule("x", "field", 5, Alphabet::Words).need(" ").unwrap_err().reason,
            "required"
        );
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_short_printable_ascii_or_an_error(text in "\\PC{0,20}|.{0,20}") {
            for alphabet in [Alphabet::Words, Alphabet::Account, Alphabet::Spaced, Alphabet::Phone] {
                if let Ok(sent) = fit(alphabet, 30, &text) {
                    prop_assert!(sent.len() <= 30 && sent.trim() == sent);
                    prop_assert!(sent.bytes().all(|b| b == b' ' || b.is_ascii_graphic()));
                }
            }
        }
    }
}
