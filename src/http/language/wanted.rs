//! What a browser asks for: an `Accept-Language`, read by its weights, which the crate that matches
//! languages leaves to us.

use axum::http::{HeaderMap, header};
use std::cmp::Reverse;
use unic_langid::LanguageIdentifier;

/// The most ranges that are looked at; browsers send a handful.
const MOST: usize = 20;

/// The languages that are wanted, the most wanted first (RFC 9110, section 12.5.4).
pub(super) fn wanted(headers: &HeaderMap) -> Vec<LanguageIdentifier> {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    let ranges = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    let mut weighed: Vec<(u16, LanguageIdentifier)> = ranges.take(MOST).filter_map(range).collect();
    weighed.sort_by_key(|(weight, _)| Reverse(*weight));
    weighed.into_iter().map(|(_, language)| language).collect()
}

/// A language and its weight in thousandths; none of what is not wanted at all.
fn range(text: &str) -> Option<(u16, LanguageIdentifier)> {
    let (tag, weight) = match text.split_once(';') {
        None => (text, 1000),
        Some((tag, weight)) => (tag, thousandths(weight)?),
    };
    Some((weight, tag.trim().parse().ok()?)).filter(|_| weight > 0)
}

fn thousandths(text: &str) -> Option<u16> {
    let text = text.trim();
    let value = text.strip_prefix("q=").or_else(|| text.strip_prefix("Q="))?;
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    match whole {
        "1" => Some(1000),
        "0" if part.len() <= 3 => format!("{part:0<3}").parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_decide_and_then_the_order() {
        for (line, expected) in [
            ("cy", vec!["cy"]),
            ("en-GB,en;q=0.9,cy;q=0.8", vec!["en-GB", "en", "cy"]),
            ("en;q=0.8, cy-GB ,fr;q=0.85", vec!["cy-GB", "fr", "en"]),
            ("cy;q=0,en;q=0.1", vec!["en"]),
            ("*, ;q=1, cy;q=2, en;q=x, !!;q=1, de;q=0.12345", vec![]),
            ("", vec![]),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, line.parse().unwrap());
            let found: Vec<_> = wanted(&headers).iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn what_is_no_text_is_nothing_and_what_is_long_is_cut() {
        let mut headers = HeaderMap::new();
        let bytes = axum::http::HeaderValue::from_bytes(b"\xFF").unwrap();
        headers.insert(header::ACCEPT_LANGUAGE, bytes);
        headers.append(header::ACCEPT_LANGUAGE, "cy,".repeat(5000).parse().unwrap());
        assert_eq!(wanted(&headers).len(), MOST);
    }
}
