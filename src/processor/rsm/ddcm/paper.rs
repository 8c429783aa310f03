//! A request as it is written: one compact document, signed before it is sent (rsm-protocol.md, 7.1
//! to 7.3).

use super::field::Rule;
use crate::keys::Phrase;
use crate::payment::FieldError;
use sha2::Sha256;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

/// One of RSM's commands, by its name on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command(pub(super) &'static str);

impl Command {
    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }
}

/// A request's own signature: what RSM can later be asked by. It tells nothing of the request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature([u8; 32]);

impl Signature {
    /// The bytes, as a ledger keeps them.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From a ledger's bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// From its one spelling: 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let lower = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (lower && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(Self(bytes))
    }
}

impl std::fmt::Display for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// A request that is being written, and what is wrong with it so far.
pub(super) struct Paper {
    command: Command,
    text: Zeroizing<String>,
    errors: Vec<FieldError>,
}

/// Written, signed and encoded.
pub(super) struct Signed {
    pub(super) signature: Signature,
    pub(super) body: Zeroizing<Vec<u8>>,
}

/// Room for all that stands about the parameters.
const FRAME: usize = 512;

impl Paper {
    /// Begins the request, with room for `bytes` of parameters, so that no half-written copy is
    /// left behind in memory by growing.
    pub(super) fn new(command: Command, username: &str, bytes: usize) -> Self {
        let text = Zeroizing::new(String::with_capacity(bytes.saturating_add(FRAME)));
        let mut paper = Self { command, text, errors: Vec::new() };
        paper.open("request");
        paper.leaf("command", command.0);
        paper.leaf("username", username);
        paper
    }

    pub(super) const fn command(&self) -> Command {
        self.command
    }

    pub(super) fn open(&mut self, name: &str) {
        self.text.extend(["<", name, ">"]);
    }

    pub(super) fn close(&mut self, name: &str) {
        self.text.extend(["</", name, ">"]);
    }

    /// An element and what is written within it; without content it has the one spelling that the
    /// signature knows (7.3, rule 3).
    pub(super) fn enclosed(&mut self, name: &str, within: impl FnOnce(&mut Self)) {
        let before = self.text.len();
        self.open(name);
        let opened = self.text.len();
        within(self);
        if self.text.len() == opened {
            self.text.truncate(before);
            self.text.extend(["<", name, "/>"]);
        } else {
            self.close(name);
        }
    }

    /// An element whose content is known to fit. Only `& < >` are escaped (7.3, rule 4).
    pub(super) fn leaf(&mut self, name: &str, text: &str) {
        self.open(name);
        for c in text.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                c => self.text.push(c),
            }
        }
        self.close(name);
    }

    /// An element of one of RSM's own words that may be left out.
    pub(super) fn known(&mut self, name: &str, word: Option<&str>) {
        if let Some(word) = word {
            self.leaf(name, word);
        }
    }

    /// An element that may be left out, checked against its rule.
    pub(super) fn put(&mut self, rule: &Rule, text: Option<&str>) {
        match rule.fit(text.unwrap_or_default()) {
            Ok(text) if text.is_empty() => {}
            Ok(text) => self.leaf(rule.element, &text),
            Err(error) => self.errors.push(error),
        }
    }

    /// An element that must be there, checked against its rule.
    pub(super) fn need(&mut self, rule: &Rule, text: &str) {
        match rule.need(text) {
            Ok(text) => self.leaf(rule.element, &text),
            Err(error) => self.errors.push(error),
        }
    }

    /// An element that was checked elsewhere.
    pub(super) fn checked(&mut self, name: &str, text: Result<String, FieldError>) {
        match text {
            Ok(text) => self.leaf(name, &text),
            Err(error) => self.errors.push(error),
        }
    }

    /// The same for one that may be left out.
    pub(super) fn checked_if(&mut self, name: &str, text: Option<Result<String, FieldError>>) {
        if let Some(text) = text {
            self.checked(name, text);
        }
    }

    /// What was found wrong since the last time this was asked.
    pub(super) fn errors(&mut self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() { Ok(()) } else { Err(std::mem::take(&mut self.errors)) }
    }

    /// Ends the request with its time in Unix seconds, signs it and encodes the whole document.
    pub(super) fn sign(mut self, seconds: i64, password: &Phrase) -> Signed {
        self.leaf("timestamp", &seconds.to_string());
        self.close("request");
        let signature = Signature(password.digest::<Sha256>(&[self.text.as_bytes()]).into());
        let before = format!(
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\
             <!DOCTYPE ddcm SYSTEM \"apiDtd/{}Request.dtd\"><ddcm>",
            self.command.0
        );
        let after = format!("<signature>{signature}</signature></ddcm>");
        // Encoding makes three bytes of one at worst.
        let room = self.text.len().saturating_add(FRAME).saturating_mul(3);
        let mut body = Zeroizing::new(Vec::with_capacity(room));
        body.extend_from_slice(b"xml=");
        for part in [&before, &*self.text, &after] {
            for piece in byte_serialize(part.as_bytes()) {
                body.extend_from_slice(piece.as_bytes());
            }
        }
        Signed { signature, body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn password() -> Phrase {
        Phrase::new(b"1234567890").unwrap()
    }

    #[test]
    fn the_manual_s_own_signatures() {
        for (seconds, signature) in [
            (1_508_513_754, "3274f2273abf50e8b31a9fe4aca6874546fe9f5d57d37bcc79165c11e6a24da0"),
            (1_508_516_449, "f58a713a860b1abfec921cbb6122e37025a8d7881937c60b1493f4a26b8cac3e"),
        ] {
            let signed = Paper::new(Command("heartbeat"), "admin", 0).sign(seconds, &password());
            assert_eq!(signed.signature.to_string(), signature);
        }
    }

    #[test]
    fn a_signature_has_one_spelling() {
        let text = "3274f2273abf50e8b31a9fe4aca6874546fe9f5d57d37bcc79165c11e6a24da0";
        let signature = Signature::parse(text).unwrap();
        assert_eq!(Signature::from_bytes(*signature.as_bytes()).to_string(), text);
        for wrong in [text.to_uppercase(), text.replacen('3', "", 1), format!("{text}00")] {
            assert_eq!(Signature::parse(&wrong), None);
        }
    }

    #[test]
    fn nothing_grows_while_it_is_written() {
        let mut paper = Paper::new(Command("heartbeat"), &"u".repeat(40), 100);
        let room = paper.text.capacity();
        paper.leaf("x", &"&".repeat(18));
        let text = paper.text.clone();
        assert_eq!(paper.text.capacity(), room);
        let signed = paper.sign(i64::MAX, &password());
        assert!(signed.body.capacity() >= signed.body.len() && text.len() < room);
    }

    proptest! {
        #[test]
        fn b_24_e_16_any_text_is_read_back_by_an_independent_parser(text in "[ -~\u{a0}-\u{2fff}]{0,60}") {
            let mut paper = Paper::new(Command("heartbeat"), "admin", 0);
            paper.leaf("value", &text);
            let signed = paper.sign(0, &password());
            let form: Vec<(String, String)> =
                url::form_urlencoded::parse(&signed.body).into_owned().collect();
            prop_assert_eq!(form.len(), 1);
            prop_assert_eq!(&form[0].0, "xml");
            let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
            let document = roxmltree::Document::parse_with_options(&form[0].1, options).unwrap();
            let value = document.descendants().find(|node| node.has_tag_name("value")).unwrap();
            prop_assert_eq!(value.text().unwrap_or_default(), text);
        }
    }
}
