//! Whether an answer's signature is RSM's: SHA-256 of the `response` element's text and the API
//! password (rsm-protocol.md, 7.3).
//!
//! The manual leaves open which text a server signs, so these are tried, each of which takes the
//! password to make: as sent; the same without the white space between tags; and as a parser would
//! write it again, `<a></a>` as `<a/>`, only `& < >` escaped. Beyond ASCII each of them in Latin-1,
//! in UTF-8, and with references in hexadecimal and in decimal.

use super::paper::Signature;
use super::prolog::SPACE;
use crate::keys::Phrase;
use roxmltree::Node;
use sha2::Sha256;
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// Whether one of the plausible texts was signed. `text` is the document that `response` stands in.
pub(super) fn verify(
    text: &str,
    response: Node<'_, '_>,
    signature: &Signature,
    password: &Phrase,
) -> bool {
    let sent = text.get(response.range()).unwrap_or_default();
    let (compact, rewritten) = (compact(sent), rewritten(response));
    let matches =
        |bytes: &[u8]| password.verify::<Sha256>(&[bytes], signature.as_bytes().as_slice());
    [sent, &compact, &rewritten].into_iter().any(|text| {
        matches(text.as_bytes())
            || (!text.is_ascii()
                && SPELLINGS.iter().any(|spelling| matches(&spell(text, *spelling))))
    })
}

/// How a character beyond ASCII may have been hashed; UTF-8 apart.
#[derive(Clone, Copy)]
enum Spelling {
    Latin1,
    Hexadecimal,
    Decimal,
}

const SPELLINGS: [Spelling; 3] = [Spelling::Latin1, Spelling::Hexadecimal, Spelling::Decimal];

fn spell(text: &str, spelling: Spelling) -> Zeroizing<Vec<u8>> {
    let mut reference = String::new();
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len().saturating_mul(3)));
    for c in text.chars() {
        match (u8::try_from(c), spelling) {
            (Ok(byte), _) if byte.is_ascii() => bytes.push(byte),
            (Ok(byte), Spelling::Latin1) => bytes.push(byte),
            (_, spelling) => {
                reference.clear();
                let number = u32::from(c);
                let written = match spelling {
                    Spelling::Hexadecimal => write!(reference, "&#x{number:X};"),
                    Spelling::Latin1 | Spelling::Decimal => write!(reference, "&#{number};"),
                };
                if written.is_ok() {
                    bytes.extend_from_slice(reference.as_bytes());
                }
            }
        }
    }
    bytes
}

/// As sent, without what is only white space between two tags.
fn compact(sent: &str) -> Zeroizing<String> {
    let mut compact = Zeroizing::new(String::with_capacity(sent.len()));
    // Each piece begins with a tag; the text after the tag's end is kept unless it is white space.
    for piece in sent.split_inclusive('>') {
        match piece.find('<') {
            Some(start) if piece.trim_start_matches(SPACE).starts_with('<') => {
                compact.push_str(piece.get(start..).unwrap_or_default());
            }
            Some(_) | None => compact.push_str(piece),
        }
    }
    compact
}

/// As a parser that was given it would write it again.
fn rewritten(response: Node<'_, '_>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(response.range().len()));
    write_again(response, &mut text);
    text
}

/// Goes no deeper than the document, whose depth is limited.
fn write_again(element: Node<'_, '_>, text: &mut String) {
    let name = element.tag_name().name();
    let content = |node: &Node<'_, '_>| {
        node.is_element() || node.text().is_some_and(|text| !text.trim_matches(SPACE).is_empty())
    };
    if !element.children().any(|node| content(&node)) {
        text.extend(["<", name, "/>"]);
        return;
    }
    text.extend(["<", name, ">"]);
    for node in element.children().filter(content) {
        if node.is_element() {
            write_again(node, text);
            continue;
        }
        for c in node.text().unwrap_or_default().chars() {
            match c {
                '&' => text.push_str("&amp;"),
                '<' => text.push_str("&lt;"),
                '>' => text.push_str("&gt;"),
                c => text.push(c),
            }
        }
    }
    text.extend(["</", name, ">"]);
}
