//! `application/x-www-form-urlencoded` as PHP reads it: lenient, the last of a name counts, bytes of
//! any charset. RSM signs nothing in the hand-off, so nothing depends on one reading.

use percent_encoding::percent_decode;
use zeroize::Zeroizing;

/// The fields of a form. Values are wiped when dropped.
pub(super) struct LooseForm(Vec<(String, Zeroizing<Vec<u8>>)>);

/// The most fields read.
const MOST_FIELDS: usize = 200;

impl LooseForm {
    pub(super) fn read(body: &[u8]) -> Self {
        let parts = body.split(|byte| *byte == b'&').filter(|part| !part.is_empty());
        let fields = parts.take(MOST_FIELDS).map(|part| {
            let mut sides = part.splitn(2, |byte| *byte == b'=');
            let name = decode(sides.next().unwrap_or_default());
            let value = decode(sides.next().unwrap_or_default());
            (String::from_utf8_lossy(&name).into_owned(), value)
        });
        Self(fields.collect())
    }

    /// The bytes of a field as they were sent.
    pub(super) fn bytes(&self, name: &str) -> Option<&[u8]> {
        let found = self.0.iter().rev().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_slice())
    }

    /// The text of a field, without spaces around it; an absent one is empty. Bytes that are no
    /// UTF-8 are taken for ISO-8859-1.
    pub(super) fn text(&self, name: &str) -> Zeroizing<String> {
        let bytes = self.bytes(name).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(text) => Zeroizing::new(text.trim().to_owned()),
            Err(_latin1) => Zeroizing::new(latin1(bytes).trim().to_owned()),
        }
    }

    /// How many fields there are.
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }
}

/// ISO-8859-1 as text: every byte is the character of the same number.
pub(super) fn latin1(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().saturating_mul(2)));
    text.extend(bytes.iter().copied().map(char::from));
    text
}

fn decode(part: &[u8]) -> Zeroizing<Vec<u8>> {
    let spaced: Zeroizing<Vec<u8>> =
        Zeroizing::new(part.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect());
    let mut bytes = Zeroizing::new(Vec::with_capacity(spaced.len()));
    bytes.extend(percent_decode(&spaced));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_either_charset_and_the_last_of_a_name() {
        let form = LooseForm::read(b"a=1&name=Zo%EB&utf=Zo%C3%AB&a=+2&empty&sum=1%2B1%26x");
        assert_eq!(&*form.text("a"), "2");
        assert_eq!(&*form.text("name"), "Zoë");
        assert_eq!(&*form.text("utf"), "Zoë");
        assert_eq!((&**form.text("empty"), &**form.text("none")), ("", ""));
        assert_eq!(&*form.text("sum"), "1+1&x");
        assert_eq!(form.len(), 6);
    }
}
