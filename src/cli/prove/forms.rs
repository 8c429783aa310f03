//! How a datum may look when it has leaked, and the one pass that looks for all of them (security.md,
//! section 3.4). The test suite searches with it too.

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The fewest figures that are looked for without what stood between them, and packed two to a byte:
/// fewer are found by chance.
const FIGURES: usize = 8;
const PACKED_FIGURES: usize = 12;

/// Every form of a text, each with its name. Letters are found in either case.
#[must_use]
pub fn forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = text.as_bytes();
    let mut forms = vec![
        ("plain", bytes.to_vec()),
        ("percent-encoded", utf8_percent_encode(text, NON_ALPHANUMERIC).to_string().into_bytes()),
        ("plus-spaced", text.replace(' ', "+").into_bytes()),
        ("JSON", escaped_for_json(text)),
        ("XML", escaped_for_xml(text)),
        ("hexadecimal", hex::encode(bytes).into_bytes()),
        ("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("reversed", bytes.iter().rev().copied().collect()),
        ("SHA-1", Sha1::digest(bytes).to_vec()),
        ("SHA-1 in hexadecimal", hex::encode(Sha1::digest(bytes)).into_bytes()),
        ("SHA-256", Sha256::digest(bytes).to_vec()),
        ("SHA-256 in hexadecimal", hex::encode(Sha256::digest(bytes)).into_bytes()),
    ];
    forms.extend((0..3).map(|before| ("base64", in_base64(bytes, before))));
    forms.extend(of_figures(text));
    let mut seen = BTreeSet::new();
    forms.retain(|(_, form)| seen.insert(form.clone()));
    forms
}

/// What a number may look like besides: bare, in groups of four, packed.
fn of_figures(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let figures: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    let number = text.bytes().all(|byte| byte.is_ascii_digit() || b" +-".contains(&byte));
    if !number || figures.len() < FIGURES {
        return Vec::new();
    }
    let grouped = |by: &[u8]| figures.chunks(4).collect::<Vec<_>>().join(by);
    let mut forms = vec![
        ("figures alone", figures.clone()),
        ("in groups of four", grouped(b" ")),
        ("in groups of four", grouped(b"-")),
    ];
    if figures.len() >= PACKED_FIGURES {
        let packed =
            |two: &[u8]| two.iter().fold(0, |byte: u8, figure| (byte << 4) | (figure & 0xF));
        forms.push(("packed BCD", figures.chunks_exact(2).map(packed).collect()));
    }
    forms
}

/// With so many bytes before it, without the characters that its neighbours share.
fn in_base64(bytes: &[u8], before: usize) -> Vec<u8> {
    let padded: Vec<u8> = std::iter::repeat_n(b'x', before).chain(bytes.iter().copied()).collect();
    let encoded = STANDARD_NO_PAD.encode(padded).into_bytes();
    let (first, last) =
        (before.saturating_add(usize::from(before > 0)), encoded.len().saturating_sub(1));
    encoded.get(first..last).unwrap_or_default().to_vec()
}

fn escaped_for_json(text: &str) -> Vec<u8> {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.trim_matches('"').as_bytes().to_vec()
}

fn escaped_for_xml(text: &str) -> Vec<u8> {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&apos;").into_bytes()
}

/// Texts that are looked for, in every form, each with a name for whoever reads of a hit.
#[derive(Debug)]
pub struct Needles<T> {
    machine: AhoCorasick,
    meanings: Vec<(T, &'static str)>,
    longest: usize,
}

/// How often each was found, by its name and the form.
pub type Hits<T> = BTreeMap<(T, &'static str), u64>;

impl<T: Clone + Ord> Needles<T> {
    /// Everything in `texts`, which must not be too much to be searched for.
    pub fn new<'a>(texts: impl IntoIterator<Item = (T, &'a str)>) -> anyhow::Result<Self> {
        let (mut patterns, mut meanings) = (Vec::new(), Vec::new());
        for (name, text) in texts {
            for (form, bytes) in forms(text) {
                patterns.push(bytes);
                meanings.push((name.clone(), form));
            }
        }
        let longest = patterns.iter().map(Vec::len).max().unwrap_or(0);
        let machine = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(patterns)?;
        Ok(Self { machine, meanings, longest })
    }

    /// How many bytes at the end of one piece must be looked at again with the next.
    #[must_use]
    pub fn overlap(&self) -> usize {
        self.longest.saturating_sub(1)
    }

    /// Looks through a piece, past its first `known` bytes: what ends in them was counted before.
    pub fn search(&self, piece: &[u8], known: usize, hits: &mut Hits<T>) {
        for hit in self.machine.find_overlapping_iter(piece).filter(|hit| hit.end() > known) {
            if let Some(meaning) = self.meanings.get(hit.pattern().as_usize()) {
                let count = hits.entry(meaning.clone()).or_default();
                *count = count.saturating_add(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(needles: &Needles<&'static str>, bytes: &[u8]) -> Vec<&'static str> {
        let mut hits = Hits::new();
        needles.search(bytes, 0, &mut hits);
        hits.into_keys().map(|(_, form)| form).collect()
    }

    #[test]
    fn p_2_p_4_every_form_is_found_and_named() {
        let card = "4000009012345678";
        for text in [card, "Zoe O'Qxv & Sons", "zoe.qxv@example.org", "+44 7700 900123", "98765432"]
        {
            let needles = Needles::new([("datum", text)]).unwrap();
            for (form, bytes) in forms(text) {
                let around = [b"before ".as_slice(), &bytes, b" after"].concat();
                assert!(found(&needles, &around).contains(&form), "{text} {form}");
            }
            assert_eq!(found(&needles, b"before and after"), Vec::<&str>::new());
        }
        let named: Vec<_> = forms(card).into_iter().map(|(form, _)| form).collect();
        for form in
            ["packed BCD", "in groups of four", "base64", "reversed", "SHA-1 in hexadecimal"]
        {
            assert!(named.contains(&form), "{form}");
        }
    }

    #[test]
    fn the_forms_are_those_that_other_programs_write() {
        let needles = Needles::new([("card", "4000009012345678"), ("name", "Zoe & Sons")]).unwrap();
        for (text, form) in [
            ("4000 0090 1234 5678", "in groups of four"),
            ("4000-0090-1234-5678", "in groups of four"),
            ("Zoe%20%26%20sons", "percent-encoded"),
            ("ZOE+&+SONS", "plus-spaced"),
            ("Zoe &amp; Sons", "XML"),
            ("5A6F65202620536F6E73", "hexadecimal"),
            ("8765432109000004", "reversed"),
        ] {
            assert!(found(&needles, text.as_bytes()).contains(&form), "{text}");
        }
        let packed = [0x40, 0x00, 0x00, 0x90, 0x12, 0x34, 0x56, 0x78];
        assert_eq!(found(&needles, &packed), ["packed BCD"]);
        for before in ["", "a", "ab"] {
            let text = STANDARD_NO_PAD.encode(format!("{before}4000009012345678, and more"));
            assert_eq!(found(&needles, text.as_bytes()), ["base64"], "{before}");
        }
    }

    #[test]
    fn what_lies_across_two_pieces_is_found_once() {
        let needles = Needles::new([("card", "4000009012345678")]).unwrap();
        let text = b"................4000009012345678................";
        let mut hits = Hits::new();
        for cut in 17..32 {
            hits.clear();
            needles.search(&text[..cut], 0, &mut hits);
            let again = cut.saturating_sub(needles.overlap());
            needles.search(&text[again..], cut - again, &mut hits);
            assert_eq!(hits.values().sum::<u64>(), 1, "{cut}");
        }
    }
}
