//! Reading a body: of the right type, whole, in time, within its size, into memory that is wiped.

use super::Bounds;
use super::problem::Trouble;
use axum::body::Body;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use std::time::Duration;
use tokio::time::Instant;
use zeroize::Zeroizing;

/// Byte order marks: of UTF-8, where there is none to mark, and of UTF-16 (security.md, B-12).
const MARKS: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFE\xFF", b"\xFF\xFE"];

/// What a body must declare itself to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// The same from a processor that signs its bytes, whatever they spell.
    FormInAnyCharset,
    /// `application/json`.
    Json,
}

/// Checks the declared type: nothing but UTF-8 (security.md, B-12, B-15).
pub(super) fn check_type(headers: &HeaderMap, wanted: Type) -> Result<(), Trouble> {
    let mut given = headers.get_all(header::CONTENT_TYPE).iter();
    let value =
        given.next().filter(|_| given.next().is_none()).and_then(|value| value.to_str().ok());
    let mut parts = value.ok_or(Trouble::ContentType)?.split(';').map(str::trim);
    let essence = match wanted {
        Type::Form | Type::FormInAnyCharset => "application/x-www-form-urlencoded",
        Type::Json => "application/json",
    };
    if !parts.next().is_some_and(|part| part.eq_ignore_ascii_case(essence)) {
        return Err(Trouble::ContentType);
    }
    let utf_8 = |part: &str| {
        let charset =
            part.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
        charset
            .is_some_and(|(_, value)| value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"))
    };
    if wanted == Type::FormInAnyCharset || parts.all(utf_8) {
        Ok(())
    } else {
        Err(Trouble::Charset)
    }
}

/// The whole body, of at most `most` bytes. A declared length that is too great is refused before
/// a byte is read.
pub(super) async fn read(
    headers: &HeaderMap,
    mut body: Body,
    most: usize,
    bounds: &Bounds,
) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    let declared = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > most) {
        return Err(Trouble::TooLarge);
    }
    // Room for all at once: a buffer that grows leaves its old place unwiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(declared.unwrap_or(most)));
    let started = Instant::now();
    loop {
        let deadline = started.checked_add(patience(bytes.len(), bounds)).unwrap_or(started);
        let frame = tokio::time::timeout_at(deadline, body.frame())
            .await
            .map_err(|_late| Trouble::BodyTooSlow)?;
        match frame {
            None if MARKS.iter().any(|mark| bytes.starts_with(mark)) => {
                return Err(Trouble::Charset);
            }
            None => return Ok(bytes),
            Some(Err(_)) => return Err(Trouble::Malformed),
            Some(Ok(frame)) => {
                let Some(data) = frame.data_ref() else { continue };
                if bytes.len().saturating_add(data.len()) > most {
                    return Err(Trouble::TooLarge);
                }
                bytes.extend_from_slice(data);
            }
        }
    }
}

/// A phone that loses a packet is not an attacker.
const GRACE_SECONDS: u64 = 5;

/// How long after its beginning a body that has come this far may take for its next part: five
/// seconds, and one more for each `body_bytes_per_second` read, but never longer than `body_timeout`.
fn patience(read: usize, bounds: &Bounds) -> Duration {
    let earned = read.checked_div(bounds.body_bytes_per_second).unwrap_or(usize::MAX);
    let seconds = u64::try_from(earned).unwrap_or(u64::MAX).saturating_add(GRACE_SECONDS);
    Duration::from_secs(seconds).min(bounds.body_timeout)
}
