//! Sums as RSM writes them: pounds, a full stop, two decimals; held as whole pence.

/// The most characters of a sum (rsm-protocol.md, 7.5).
const MOST_CHARACTERS: usize = 9;

/// Pence of `5`, `5.00`; `None` for anything else.
pub(super) fn read(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = text.len() <= MOST_CHARACTERS && !whole.is_empty() && part.len() == 2;
    let plain = fits && digits(whole) && digits(part);
    let pounds: i64 = plain.then(|| whole.parse().ok()).flatten()?;
    let pence: i64 = part.parse().ok()?;
    pounds.checked_mul(100)?.checked_add(pence)
}

/// `12.50`
pub(super) fn write(pence: i64) -> String {
    let (pounds, rest) = (pence.wrapping_div(100), pence.wrapping_rem(100).abs());
    let sign = if pence < 0 && pounds == 0 { "-" } else { "" };
    format!("{sign}{pounds}.{rest:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (text, pence) in
            [("5", 500), ("5.00", 500), ("0.01", 1), ("999999.99", 99_999_999), ("0", 0)]
        {
            assert_eq!(read(text), Some(pence), "{text}");
        }
        for text in ["", ".50", "5.", "5.0", "5.000", "£5", "1,000", "-5", "1e3", "1234567.00"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(
            (write(1250), write(5), write(-5)),
            ("12.50".into(), "0.05".into(), "-0.05".into())
        );
    }
}
