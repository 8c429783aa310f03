//! The bank account that a Direct Debit is to be taken from: held only while a request lives, passed
//! to the processor, wiped.

use super::donor::Private;
use super::field::{FieldError, Rule};
use zeroize::Zeroizing;

/// The longest account name that the processor takes (rsm-protocol.md, 7.5); Bacs itself carries 18.
const NAME_CHARACTERS: usize = 50;

/// The longest text of figures that is looked at, with the spaces people put between them.
const TYPED_CHARACTERS: usize = 30;

/// The account to debit (gateway.md, section 3, `bank`).
#[derive(Debug)]
pub struct Bank {
    /// The name on the account, as it was typed.
    pub account_name: Private,
    /// Six figures.
    pub sort_code: Private,
    /// Eight figures; a shorter number has zeros in front.
    pub account_number: Private,
}

impl Bank {
    /// The names of the fields, in the order of a form.
    pub const FIELDS: [&'static str; 3] = ["account_name", "sort_code", "account_number"];

    /// The fields as the processor receives them.
    #[must_use]
    pub const fn fields(&self) -> [(&'static str, &Private); 3] {
        let [account_name, sort_code, account_number] = Self::FIELDS;
        [
            (account_name, &self.account_name),
            (sort_code, &self.sort_code),
            (account_number, &self.account_number),
        ]
    }

    /// Checks every field that `text` gives by name (an absent one is empty) and says all that is wrong.
    pub fn check<'a>(text: impl Fn(&str) -> &'a str) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let [account_name, sort_code, account_number] = Self::FIELDS;
        let account_name = kept(name(account_name, text(account_name)), &mut errors);
        let sort_code = kept(sort_code_of(sort_code, text(sort_code)), &mut errors);
        let account_number = kept(number(account_number, text(account_number)), &mut errors);
        match (account_name, sort_code, account_number) {
            (Some(account_name), Some(sort_code), Some(account_number)) => {
                Ok(Self { account_name, sort_code, account_number })
            }
            (_, _, _) => Err(errors),
        }
    }
}

/// The value of a field that is right; the error of one that is not is put to the others.
fn kept(value: Result<Private, FieldError>, errors: &mut Vec<FieldError>) -> Option<Private> {
    value.map_err(|error| errors.push(error)).ok()
}

/// What a bank may call an account. Accents are kept: the encoder writes them as Bacs can carry them,
/// which must not be longer than the processor takes.
fn name(field: &'static str, text: &str) -> Result<Private, FieldError> {
    let missing = "Enter the name on the account";
    let rule = Rule { field, most: NAME_CHARACTERS, missing };
    let text = required(&rule, text)?;
    let plain = || text.chars().flat_map(|c| deunicode::deunicode_char(c).unwrap_or("?").chars());
    if plain().count() > NAME_CHARACTERS {
        return Err(rule.wrong("too_long", "Shorten this"));
    }
    let known = |c: char| c.is_ascii_alphanumeric() || " .&/-'".contains(c);
    let typed = |c: char| c.is_ascii() || is_latin(c) || c == '\u{2019}';
    if text.chars().all(typed) && text.chars().any(is_latin) && plain().all(known) {
        Ok(Private::new(text))
    } else {
        let advice = "Enter the name on the account as your bank writes it, in letters of the Latin \
                      alphabet, figures, spaces and . & / - '";
        Err(rule.wrong("malformed", advice))
    }
}

fn sort_code_of(field: &'static str, text: &str) -> Result<Private, FieldError> {
    let missing = "Enter the sort code";
    let rule = Rule { field, most: TYPED_CHARACTERS, missing };
    let figures = figures(required(&rule, text)?);
    match figures {
        Some(figures) if figures.len() == 6 => Ok(Private::new(&figures)),
        Some(_) | None => {
            Err(rule.wrong("malformed", "Enter a sort code of 6 figures, like 30-94-30"))
        }
    }
}

fn number(field: &'static str, text: &str) -> Result<Private, FieldError> {
    let missing = "Enter the account number";
    let rule = Rule { field, most: TYPED_CHARACTERS, missing };
    let figures = figures(required(&rule, text)?);
    match figures {
        Some(figures) if (6..=8).contains(&figures.len()) => {
            let mut whole = Zeroizing::new(String::with_capacity(8));
            whole.extend(std::iter::repeat_n('0', 8_usize.saturating_sub(figures.len())));
            whole.push_str(&figures);
            Ok(Private::new(&whole))
        }
        Some(_) | None => {
            Err(rule.wrong("malformed", "Enter an account number of 6 to 8 figures, like 00733445"))
        }
    }
}

/// A text that must be there.
fn required<'a>(rule: &Rule, text: &'a str) -> Result<&'a str, FieldError> {
    rule.sound(text)?.ok_or_else(|| rule.wrong("required", rule.missing))
}

/// The figures of a text of figures, with spaces and hyphens between them or not.
fn figures(text: &str) -> Option<Zeroizing<String>> {
    let mut figures = Zeroizing::new(String::with_capacity(TYPED_CHARACTERS));
    for c in text.chars() {
        match c {
            '0'..='9' => figures.push(c),
            ' ' | '\u{A0}' | '-' | '\u{2010}'..='\u{2014}' | '\u{2212}' => {}
            _ => return None,
        }
    }
    Some(figures)
}

/// A letter that European languages write, with its accents or before them.
const fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic()
        || matches!(c, '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' | '\u{300}'..='\u{36F}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn with(changed: &str, value: &str) -> Result<Bank, Vec<FieldError>> {
        Bank::check(|field| match field {
            name if name == changed => value,
            "account_name" => "P EXAMPLE",
            "sort_code" => "08-99-99",
            "account_number" => "66374958",
            _ => "",
        })
    }

    fn reason(changed: &str, value: &str) -> (&'static str, &'static str) {
        let errors = with(changed, value).unwrap_err();
        assert_eq!(errors.iter().map(|e| e.field).collect::<Vec<_>>(), [changed], "{value}");
        assert!(!errors[0].advice.is_empty());
        (errors[0].reason, errors[0].advice)
    }

    #[test]
    fn as_people_type_them() {
        for sort_code in
            ["089999", "08-99-99", " 08 99 99 ", "08\u{2013}99\u{2013}99", "08\u{A0}99 99"]
        {
            assert_eq!(with("sort_code", sort_code).unwrap().sort_code.reveal(), "089999");
        }
        for (typed, whole) in [
            ("66374958", "66374958"),
            ("6637 4958", "66374958"),
            ("123456", "00123456"),
            ("1234567", "01234567"),
        ] {
            assert_eq!(with("account_number", typed).unwrap().account_number.reveal(), whole);
        }
        for name in [
            "P Example",
            "O'Brien & Sons",
            "D\u{2019}Arcy",
            "Łukasz Żółć",
            "Nguye\u{302}\u{303}n",
            "A/C 12 J. Smith-Jones",
            "Æ",
        ] {
            assert_eq!(with("account_name", name).unwrap().account_name.reveal(), name);
        }
    }

    #[test]
    fn what_no_bank_has_is_refused() {
        for sort_code in
            ["12345", "1234567", "12-34-5O", "12.34.56", "１２３４５６", "--", "12/34/56"]
        {
            assert_eq!(reason("sort_code", sort_code).0, "malformed", "{sort_code}");
        }
        for number in ["12345", "123456789", "1234567A", "GB33BUKB20201555555555", "-1e7"] {
            assert_eq!(reason("account_number", number).0, "malformed", "{number}");
        }
        for name in
            ["王", "Pat, Esq", "<b>Pat</b>", "12 34", "Pat\"", "Пат", "..", "£", "a\u{1C0}b", "a?"]
        {
            assert_eq!(reason("account_name", name).0, "malformed", "{name}");
        }
        for field in Bank::FIELDS {
            assert_eq!(reason(field, "  ").0, "required");
            assert_eq!(reason(field, "1\0").0, "ctrl_char");
            assert_eq!(reason(field, "1\u{202E}2").0, "bidi");
            assert_eq!(reason(field, &"1".repeat(51)).0, "too_long");
        }
        assert_eq!(reason("account_name", &"æ".repeat(26)).0, "too_long", "52 letters for Bacs");
        assert!(with("account_name", &"a".repeat(50)).is_ok());
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once_and_nothing_is_printed() {
        assert_eq!(Bank::check(|_| "").unwrap_err().len(), 3);
        let bank = with("account_name", "Canary").unwrap();
        assert_eq!(bank.fields().map(|(name, _)| name), Bank::FIELDS);
        assert_eq!(
            bank.fields().map(|(_, value)| value.reveal()),
            ["Canary", "089999", "66374958"]
        );
        let printed = format!("{bank:?} {:?}", with("account_number", "99999canary").unwrap_err());
        for private in ["Canary", "canary", "089999", "66374958", "99999"] {
            assert!(!printed.contains(private), "{printed}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_has_the_right_shape(text in "[0-9 -]{0,14}|.*") {
            if let Ok(bank) = with("sort_code", &text) {
                prop_assert!(bank.sort_code.reveal().len() == 6);
            }
            if let Ok(bank) = with("account_number", &text) {
                prop_assert!(bank.account_number.reveal().len() == 8);
                prop_assert!(bank.account_number.reveal().bytes().all(|b| b.is_ascii_digit()));
            }
            if let Ok(bank) = with("account_name", &text) {
                prop_assert!(deunicode::deunicode(bank.account_name.reveal()).len() <= 50);
            }
        }
    }
}
