//! Standard Webhooks: from bytes that arrived to bytes that are authentic (security.md, 1.3).

use super::Signed;
use crate::processor::{Forged, Headers};
use base64::Engine as _;
use jiff::Timestamp;

/// How far the sender's clock may be from ours, in seconds, both ways.
const TOLERANCE_SECONDS: i64 = 300;
/// The most signatures tried: a rotation needs two.
const MOST_SIGNATURES: usize = 5;
/// The longest id believed.
const LONGEST_ID: usize = 128;

impl Signed {
    /// The message's id, once a key is known to have signed exactly these bytes at about this time.
    /// The signature is computed even for a wrong time, so that the log tells a clock from a forger.
    pub(super) fn authentic<'a>(
        &self,
        headers: &'a Headers,
        body: &[u8],
        now: Timestamp,
    ) -> Result<&'a str, Forged> {
        let id = one(headers, "webhook-id")?;
        let sent = one(headers, "webhook-timestamp")?;
        let signatures = one(headers, "webhook-signature")?;
        if id.is_empty()
            || id.len() > LONGEST_ID
            || !id.bytes().all(|b| b.is_ascii_graphic() && b != b'.')
        {
            return Err(Forged::Unsigned);
        }
        let seconds = seconds(sent)?;
        let mut tried: usize = 0;
        let mut signed = false;
        for signature in signatures.split(' ').filter_map(|entry| entry.strip_prefix("v1,")) {
            tried = tried.saturating_add(1);
            if tried > MOST_SIGNATURES {
                return Err(Forged::TooMany);
            }
            if let Ok(tag) = base64::engine::general_purpose::STANDARD.decode(signature) {
                signed |=
                    self.webhook.verify(&[id.as_bytes(), b".", sent.as_bytes(), b".", body], &tag);
            }
        }
        if !signed {
            return Err(if tried == 0 { Forged::Unsigned } else { Forged::BadSignature });
        }
        match seconds.saturating_sub(now.as_second()) {
            late if late < TOLERANCE_SECONDS.saturating_neg() => Err(Forged::Stale),
            early if early > TOLERANCE_SECONDS => Err(Forged::Future),
            _ => Ok(id),
        }
    }
}

/// A header given exactly once, in visible ASCII.
fn one<'a>(headers: &'a Headers, name: &str) -> Result<&'a str, Forged> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().ok_or(Forged::Unsigned),
        (None, _) => Err(Forged::Unsigned),
        (Some(_), Some(_)) => Err(Forged::Duplicated),
    }
}

/// Seconds since 1970 as plain ASCII digits, nothing else (security.md, A-11).
fn seconds(text: &str) -> Result<i64, Forged> {
    let plain = !text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten().ok_or(Forged::BadTimestamp)
}
