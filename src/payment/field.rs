//! What holds for every field that a supporter fills in, whatever it is for.

/// What is wrong with a field: a name and a reason, never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name in forms and JSON.
    pub field: &'static str,
    /// A stable word for programs and logs.
    pub reason: &'static str,
    /// What the supporter should do.
    pub advice: &'static str,
}

/// One field's rule: an empty text is `missing`, or fine where that is empty; at most `most` characters.
pub(super) struct Rule {
    pub(super) field: &'static str,
    pub(super) most: usize,
    pub(super) missing: &'static str,
}

impl Rule {
    /// A field's text without spaces around it: `None` where it is empty and may be.
    pub(super) fn sound<'a>(&self, text: &'a str) -> Result<Option<&'a str>, FieldError> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return if self.missing.is_empty() {
                Ok(None)
            } else {
                Err(self.wrong("required", self.missing))
            };
        }
        if text.chars().count() > self.most {
            return Err(self.wrong("too_long", "Shorten this"));
        }
        if text.chars().any(char::is_control) {
            let advice = "Enter this on one line, without control characters";
            return Err(self.wrong("ctrl_char", advice));
        }
        if holds_invisible(text) {
            let advice = "Type this again: it holds invisible characters";
            return Err(self.wrong("bidi", advice));
        }
        Ok(Some(text))
    }

    /// What is wrong with this field.
    pub(super) const fn wrong(&self, reason: &'static str, advice: &'static str) -> FieldError {
        FieldError { field: self.field, reason, advice }
    }
}

/// Whether a text holds what cannot be seen. The two joiners that Persian, Indic scripts and emoji need
/// may stand directly after a character of those (security.md, B-20).
fn holds_invisible(text: &str) -> bool {
    let before = std::iter::once(None).chain(text.chars().map(Some));
    before.zip(text.chars()).any(|(before, c)| match c {
        '\u{200C}' | '\u{200D}' => !before.is_some_and(may_be_joined),
        _ => is_invisible(c),
    })
}

/// From Arabic on, but for the accented Latin and Greek letters and the punctuation further up.
const fn may_be_joined(c: char) -> bool {
    c >= '\u{600}' && !matches!(c, '\u{1E00}'..='\u{206F}')
}

/// Bidirectional controls and zero-width characters.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{061C}' | '\u{FEFF}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(text: &str) -> Result<Option<&str>, &'static str> {
        Rule { field: "first_name", most: 40, missing: "" }
            .sound(text)
            .map_err(|error| error.reason)
    }

    #[test]
    fn b_20_joiners_stand_only_in_scripts_that_need_them() {
        // Persian, Bengali and Sinhala; an emoji of several.
        for name in [
            "\u{645}\u{6CC}\u{200C}\u{62E}\u{648}\u{627}\u{647}",
            "\u{9B0}\u{200D}\u{9CD}\u{9AF}",
            "\u{DC1}\u{DCA}\u{200D}\u{DBB}\u{DD3}",
            "\u{1F469}\u{200D}\u{1F33E}",
        ] {
            assert_eq!(sound(name), Ok(Some(name)), "{name}");
        }
        for name in [
            "P\u{200D}at",
            "Pat\u{200C}",
            "\u{200C}Pat",
            "\u{E9}\u{200D}",
            "1\u{200C}2",
            " \u{200D}",
            "\u{645}\u{200C}\u{200C}\u{62E}",
            "\u{200D}",
            "\u{1EC5}\u{200D}n",
            "D\u{2019}\u{200C}Arcy",
        ] {
            assert_eq!(sound(name), Err("bidi"), "{name:?}");
        }
    }

    #[test]
    fn a_text_is_sound_without_the_spaces_around_it() {
        assert_eq!(sound("  Pat  Example "), Ok(Some("Pat  Example")));
        assert_eq!(sound("   "), Ok(None));
        assert_eq!(sound(&"a".repeat(41)), Err("too_long"));
        assert_eq!(sound("a\tb"), Err("ctrl_char"));
    }
}
