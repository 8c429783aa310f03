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
        if text.chars().any(is_invisible) {
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

/// Bidirectional controls and zero-width characters; the two joiners that Indic scripts and
/// Persian need are let through between letters (security.md, B-20).
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{061C}' | '\u{FEFF}' | '\u{2028}' | '\u{2029}')
}
