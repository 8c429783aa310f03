//! What characters a field of RSM's takes, and how a supporter's text is brought into them with
//! nothing lost unsaid (rsm-protocol.md, 2.1).

use crate::payment::request::words;
use zeroize::Zeroizing;

words! {
    /// The character set that the hosted pages read a form in. RSM does not say which
    /// (rsm-protocol.md, 2.1), so it is a setting.
    Charset {
        /// ASCII alone, which reads the same in all of them.
        Ascii = "ascii",
        /// ISO 8859-1.
        Latin1 = "iso-8859-1",
        /// UTF-8.
        Utf8 = "utf-8",
    }
}

impl Charset {
    /// What the form's `accept-charset` says.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ascii | Self::Latin1 => "ISO-8859-1",
            Self::Utf8 => "UTF-8",
        }
    }

    const fn holds(self, c: char) -> bool {
        match self {
            Self::Ascii => c.is_ascii(),
            // The places from 80 to 9F are control characters there.
            Self::Latin1 => c.is_ascii() || matches!(c, '\u{A0}'..='\u{FF}'),
            Self::Utf8 => true,
        }
    }

    /// The text in this character set, of allowed characters only: a character that does not fit is
    /// written in the Latin letters nearest to it. `None` where one has none.
    #[must_use]
    pub fn write(self, text: &str, allowed: impl Fn(char) -> bool) -> Option<Zeroizing<String>> {
        // Four Latin letters for a character are rare; a string that grows leaves its old place unwiped.
        let mut written =
            Zeroizing::new(String::with_capacity(text.len().saturating_mul(4).saturating_add(16)));
        for c in text.chars() {
            if allowed(c) && self.holds(c) {
                written.push(c);
            } else if !is_mark(c) {
                let near = deunicode::deunicode_char(c)?.trim_end();
                if near.is_empty() || !near.chars().all(&allowed) {
                    return None;
                }
                written.push_str(near);
            }
        }
        Some(written)
    }
}

/// An accent that stands after its letter.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(charset: Charset, text: &str) -> Option<String> {
        charset.write(text, |c| c.is_alphabetic() || "-'".contains(c)).map(|text| text.to_string())
    }

    #[test]
    fn b_11_letters_are_kept_where_they_fit_and_written_in_others_where_not() {
        for (text, ascii, latin) in [
            ("O'Neil", "O'Neil", "O'Neil"),
            ("D\u{2019}Arcy", "D'Arcy", "D'Arcy"),
            ("André", "Andre", "André"),
            ("Andre\u{301}", "Andre", "Andre"),
            ("Łukasz", "Lukasz", "Lukasz"),
            ("Weiß", "Weiss", "Weiß"),
            ("Ŵyn", "Wyn", "Wyn"),
            ("王", "Wang", "Wang"),
        ] {
            assert_eq!(name(Charset::Ascii, text).as_deref(), Some(ascii), "{text}");
            assert_eq!(name(Charset::Latin1, text).as_deref(), Some(latin), "{text}");
            assert_eq!(name(Charset::Utf8, "王").as_deref(), Some("王"));
        }
    }

    #[test]
    fn b_11_what_has_no_other_writing_is_refused_and_not_dropped() {
        for text in ["a\u{200D}b", "a\u{E000}b", "Mary Ann", "J. R.", "\"", "a\0b", "a\u{85}b"] {
            for charset in [Charset::Ascii, Charset::Latin1, Charset::Utf8] {
                assert_eq!(name(charset, text), None, "{text:?} {charset:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn only_what_is_allowed_comes_out(text in ".*") {
            if let Some(written) = name(Charset::Ascii, &text) {
                prop_assert!(written.chars().all(|c| c.is_ascii_alphabetic() || "-'".contains(c)));
                prop_assert!(written.is_empty() == text.chars().all(is_mark));
            }
        }
    }
}
