//! `IdentityCheck`, RSM's proof on its call-backs (rsm-protocol.md, 4.2): SHA-1 over the parameters
//! as they came and a secret. Bytes are never transcoded on the way.

use crate::keys::Phrases;
use crate::payment::request::words;
use crate::processor::Forged;
use percent_encoding::percent_decode;
use sha1::Sha1;

/// The parameter that holds the proof.
const PROOF: &[u8] = b"IdentityCheck";
/// The most parameters that are looked at: RSM's and its acquirer's are fewer than a hundred.
const MOST: usize = 256;

words! {
    /// What exactly is hashed. RSM's manual of it is not public (rsm-protocol.md, 4.3), so it is a
    /// setting.
    Canonical {
        /// In the order received, decoded once: the one that was seen at work.
        RawOrderDecodedOnce = "raw-order-decoded-once",
        /// In the order received, as received.
        RawOrderUndecoded = "raw-order-undecoded",
        /// In byte order of the names, decoded once.
        NameOrderDecodedOnce = "name-order-decoded-once",
    }
}

/// A name and a value, decoded once.
pub(super) type Parameter = (Vec<u8>, Vec<u8>);

/// The parameters of an authentic call-back, the proof left out. What anybody could have sent is
/// told from what only RSM could have sent before anything is read.
pub(super) fn authentic(
    body: &[u8],
    canonical: Canonical,
    secrets: &Phrases,
) -> Result<Vec<Parameter>, Forged> {
    let pairs = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    let pairs: Vec<&[u8]> = pairs.collect();
    if pairs.len() > MOST {
        return Err(Forged::TooMany);
    }
    let (proofs, pairs): (Vec<_>, Vec<_>) = pairs
        .into_iter()
        .map(|pair| (decode(pair), pair))
        .partition(|(decoded, _)| decoded.0.eq_ignore_ascii_case(PROOF));
    let proof = match proofs.as_slice() {
        [((name, value), _)] if name == PROOF => tag(value).ok_or(Forged::BadSignature)?,
        [] | [_] => return Err(Forged::Unsigned),
        _ => return Err(Forged::Duplicated),
    };
    if !secrets.verify::<Sha1>(&[&hashed(&pairs, canonical)], &proof) {
        return Err(Forged::BadSignature);
    }
    let parameters: Vec<Parameter> = pairs.into_iter().map(|(decoded, _)| decoded).collect();
    // The padding of a lengthened message is full of noughts (security.md, A-23), and no text of
    // RSM's holds a control character.
    let plain = |bytes: &[u8]| bytes.iter().all(|byte| !byte.is_ascii_control());
    if !parameters.iter().all(|(name, value)| plain(name) && plain(value)) {
        return Err(Forged::Grammar);
    }
    // Two spellings of one name are two values to somebody (security.md, B-4).
    let mut names: Vec<Vec<u8>> =
        parameters.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(Forged::Duplicated);
    }
    Ok(parameters)
}

fn hashed(pairs: &[(Parameter, &[u8])], canonical: Canonical) -> Vec<u8> {
    let decoded = |((name, value), _): &(Parameter, &[u8])| [name, b"=".as_slice(), value].concat();
    let mut parts: Vec<(&[u8], Vec<u8>)> = pairs
        .iter()
        .map(|pair| match canonical {
            Canonical::RawOrderUndecoded => (pair.0.0.as_slice(), pair.1.to_vec()),
            Canonical::RawOrderDecodedOnce | Canonical::NameOrderDecodedOnce => {
                (pair.0.0.as_slice(), decoded(pair))
            }
        })
        .collect();
    if canonical == Canonical::NameOrderDecodedOnce {
        parts.sort_by_key(|(name, _)| *name);
    }
    parts.into_iter().map(|(_, part)| part).collect::<Vec<_>>().join(&b'&')
}

/// Forty lower-case hexadecimal digits and nothing else (security.md, A-19).
fn tag(value: &[u8]) -> Option<[u8; 20]> {
    let mut tag = [0; 20];
    let lower = value.iter().all(|byte| !byte.is_ascii_uppercase());
    (lower && hex::decode_to_slice(value, &mut tag).is_ok()).then_some(tag)
}

/// `+` is a space, `%XX` a byte; a pair without `=` has an empty value.
fn decode(pair: &[u8]) -> Parameter {
    let equals = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
    let (name, value) = pair.split_at(equals);
    (once(name), once(value.strip_prefix(b"=").unwrap_or_default()))
}

fn once(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
}

#[cfg(test)]
mod tests;
