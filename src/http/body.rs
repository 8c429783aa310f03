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
    // No room before there is something to put there: whoever only promises a body takes no memory.
    let mut bytes = Zeroizing::new(Vec::new());
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
                append(&mut bytes, data, most);
            }
        }
    }
}

/// Appends to a buffer that will hold `most` bytes at the most. It grows by twice its size, into a place of
/// its own: a `Vec` that grows by itself leaves its old place unwiped under any allocator but the binary's.
fn append(bytes: &mut Zeroizing<Vec<u8>>, data: &[u8], most: usize) {
    let needed = bytes.len().saturating_add(data.len());
    if needed > bytes.capacity() {
        let room = bytes.capacity().saturating_mul(2).min(most).max(needed);
        let mut larger = Zeroizing::new(Vec::with_capacity(room));
        larger.extend_from_slice(bytes);
        *bytes = larger;
    }
    bytes.extend_from_slice(data);
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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Bytes;
    use axum::http::HeaderValue;
    use futures_util::stream;

    const MOST: usize = 64 * 1024;

    async fn read_pieces(declared: Option<&'static str>, pieces: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        let bounds = Bounds {
            uri_bytes: 1,
            body_bytes: MOST,
            webhook_bytes: MOST,
            body_timeout: Duration::from_mins(1),
            body_bytes_per_second: 1,
            form_fields: 1,
            json_depth: 1,
            request_timeout: Duration::from_mins(1),
        };
        let length = declared.map(|text| (header::CONTENT_LENGTH, HeaderValue::from_static(text)));
        let pieces: Vec<_> = pieces
            .iter()
            .map(|piece| Ok::<_, axum::Error>(Bytes::copy_from_slice(piece)))
            .collect();
        let body = Body::from_stream(stream::iter(pieces));
        read(&length.into_iter().collect(), body, MOST, &bounds).await.unwrap()
    }

    #[tokio::test]
    async fn d_16_a_body_takes_no_memory_before_it_comes() {
        for declared in [None, Some("65536")] {
            assert_eq!(read_pieces(declared, &[]).await.capacity(), 0);
            let bytes = read_pieces(declared, &[b"a", b"=b"]).await;
            assert_eq!(**bytes, *b"a=b");
            assert!(bytes.capacity() <= 16, "{}", bytes.capacity());
        }
    }

    #[tokio::test]
    async fn d_16_a_large_body_is_whole_and_has_no_more_room_than_the_limit() {
        let piece = [b'.'; 1000];
        let bytes = read_pieces(None, &[piece.as_slice(); 65]).await;
        assert_eq!(bytes.len(), 65_000);
        assert!(bytes.capacity() <= MOST, "{}", bytes.capacity());
    }
}
