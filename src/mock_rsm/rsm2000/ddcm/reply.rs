//! A reply: built as elements, written in ISO-8859-1 with RSM's DOCTYPE, signed like a request.

use super::code::{Code, detail};
use super::document::escape;
use super::signature::Signer;

/// An element of a reply. It cannot be printed: reports hold names and accounts.
#[derive(Clone)]
pub(super) struct Element {
    pub(super) name: &'static str,
    pub(super) inside: Inside,
}

/// What an element holds.
#[derive(Clone)]
pub(super) enum Inside {
    Text(String),
    Elements(Vec<Element>),
}

/// How a reply is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Compact,
    Indented,
}

/// Where RSM says its DTDs are.
const DTDS: &str = "https://rsm5.rsmsecure.com/ddcm/apiDtd/";

impl Element {
    pub(super) fn text(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, inside: Inside::Text(text.into()) }
    }

    pub(super) const fn of(name: &'static str, elements: Vec<Self>) -> Self {
        Self { name, inside: Inside::Elements(elements) }
    }

    /// `<errors>`, empty on success.
    pub(super) fn errors(codes: &[Code]) -> Self {
        let each = codes.iter().map(|code| {
            let parts =
                vec![Self::text("code", code.to_string()), Self::text("detail", detail(*code))];
            Self::of("error", parts)
        });
        Self::of("errors", each.collect())
    }

    pub(super) fn signed_text(&self) -> String {
        let mut text = String::with_capacity(4096);
        self.write(&mut text, None);
        text
    }

    /// With `Some(depth)` on lines of its own.
    fn write(&self, into: &mut String, depth: Option<usize>) {
        let line = |into: &mut String, depth: Option<usize>| {
            if let Some(depth) = depth {
                into.push_str("\r\n");
                into.extend(std::iter::repeat_n('\t', depth));
            }
        };
        line(into, depth);
        match &self.inside {
            Inside::Text(text) if text.is_empty() => into.extend(["<", self.name, "/>"]),
            Inside::Elements(elements) if elements.is_empty() => {
                into.extend(["<", self.name, "/>"]);
            }
            Inside::Text(text) => {
                into.extend(["<", self.name, ">"]);
                escape(text, into);
                into.extend(["</", self.name, ">"]);
            }
            Inside::Elements(elements) => {
                into.extend(["<", self.name, ">"]);
                let deeper = depth.map(|depth| depth.saturating_add(1));
                for element in elements {
                    element.write(into, deeper);
                }
                line(into, depth);
                into.extend(["</", self.name, ">"]);
            }
        }
    }
}

/// `<response>` of a whole request that failed.
pub(super) fn failure(codes: &[Code]) -> Element {
    Element::of("response", vec![Element::text("status", "FAIL"), Element::errors(codes)])
}

/// The whole document as text. The manual names the request's DTD in a heartbeat's reply.
pub(super) fn document(
    command: &str,
    response: &Element,
    signer: &Signer<'_>,
    layout: Layout,
) -> String {
    let kind = if command == "heartbeat" { "Request" } else { "Response" };
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<!DOCTYPE ddcm SYSTEM \"{DTDS}{command}{kind}.dtd\">\n"
    );
    let signature = signer.sign(&response.signed_text());
    let ddcm = Element::of("ddcm", vec![response.clone(), Element::text("signature", signature)]);
    let depth = match layout {
        Layout::Compact => None,
        Layout::Indented => Some(0),
    };
    ddcm.write(&mut text, depth);
    text
}

/// ISO-8859-1; what it does not know becomes a question mark.
pub(super) fn encode(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_in_both_layouts_has_one_signature() {
        let signer = Signer::new("1234567890", super::super::signature::NonAscii::Utf8);
        let response = Element::of(
            "response",
            vec![
                Element::text("status", "SUCCESS"),
                Element::errors(&[]),
                Element::text("batchName", "A & B £3"),
            ],
        );
        let compact = document("mandateReport", &response, &signer, Layout::Compact);
        let indented = document("mandateReport", &response, &signer, Layout::Indented);
        assert!(compact.contains(
            "<ddcm><response><status>SUCCESS</status><errors/><batchName>A &amp; B £3</batchName></response><signature>"
        ));
        assert!(
            compact.contains("https://rsm5.rsmsecure.com/ddcm/apiDtd/mandateReportResponse.dtd")
        );
        assert!(indented.contains("\r\n\t\t<status>SUCCESS</status>"));
        let signature =
            |text: &str| text.split_once("<signature>").unwrap().1.get(..64).map(str::to_owned);
        assert_eq!(signature(&compact), signature(&indented));
        assert!(signature(&compact).is_some());
        assert!(encode(&compact).contains(&0xA3));
    }
}
