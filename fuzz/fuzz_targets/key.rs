//! Whatever stands in an `Idempotency-Key`: a structured field's string, or bare, of the one alphabet
//! (security.md, I-1).
#![no_main]

use almoner::http::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|value: &[u8]| {
    let bare = match value {
        [b'"', within @ .., b'"'] => within,
        _ => value,
    };
    let good = |b: &u8| matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-');
    let is_key = bare.len() >= 16 && bare.len() <= 64 && bare.iter().all(good);
    let read = fuzzing::idempotency_key(value);
    assert_eq!(read.as_deref().map(str::as_bytes), is_key.then_some(bare));
});
