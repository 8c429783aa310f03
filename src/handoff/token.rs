//! Tokens that need no storage: a reference and a keyed hash over it and what it is for.
//!
//! A form's token *is* the reference its hand-off will get, so the ledger's key makes it one-time,
//! and its age is in the reference itself (security.md, B-H6, F-1).

use crate::keys::{Key, Keys};
use crate::ledger::IdempotencyKey;
use crate::payment::{Kind, Reference};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

/// How many bytes of the hash of a form's terms its token carries.
const TERMS_BYTES: usize = 8;

/// How long a browser remembers that something was handed over from it.
pub const GIVEN_FOR: SignedDuration = SignedDuration::from_mins(10);

/// How long a form takes to arrive and be noted, at the very most.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(5);

/// What a return link's tag is over besides its reference.
const RETURN: &[u8] = b"almoner-return-v1";

/// Makes and checks them.
#[derive(Debug)]
pub struct Tokens {
    keys: Keys,
    least_age: SignedDuration,
    greatest_age: SignedDuration,
}

/// Why a form's token was refused. One that is ours names its reference all the same: something may
/// have been handed over under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// Not ours, or for another form.
    #[error("csrf")]
    Forged,
    /// For other terms than are offered now.
    #[error("token_terms")]
    Changed(Reference),
    /// Used sooner than a person can (security.md, 5 H: form token age).
    #[error("token_young")]
    TooYoung(Reference),
    /// Older than its life.
    #[error("token_old")]
    TooOld(Reference),
}

impl BadToken {
    /// What a token that is ours stands for.
    #[must_use]
    pub const fn reference(self) -> Option<Reference> {
        match self {
            Self::Forged => None,
            Self::Changed(reference) | Self::TooYoung(reference) | Self::TooOld(reference) => {
                Some(reference)
            }
        }
    }
}

impl Tokens {
    /// With the install key and the ages between which a form's token is good.
    #[must_use]
    pub const fn new(keys: Keys, least_age: SignedDuration, greatest_age: SignedDuration) -> Self {
        Self { keys, least_age, greatest_age }
    }

    /// How often the install key and its next one were used.
    #[must_use]
    pub fn uses(&self) -> Vec<(String, u64)> {
        self.keys.uses("install")
    }

    /// A token for one form, good for the terms it shows.
    #[must_use]
    pub fn for_form(&self, kind: Kind, terms: &str, now: Timestamp) -> String {
        let reference = Reference::at(now);
        let stamped = [reference.as_bytes().as_slice(), &hash_of(terms)].concat();
        self.write(&stamped, form_purpose(kind))
    }

    /// The reference of a form's token.
    pub fn check_form(
        &self,
        token: &str,
        kind: Kind,
        terms: &str,
        now: Timestamp,
    ) -> Result<Reference, BadToken> {
        let stamped = self.read::<{ 16 + TERMS_BYTES }>(token, form_purpose(kind));
        let stamped = stamped.ok_or(BadToken::Forged)?;
        let (reference, for_terms) = stamped.split_at(16);
        let reference = Reference::from_bytes(reference).ok_or(BadToken::Forged)?;
        let age = now.duration_since(reference.made_at());
        if age > self.greatest_age || age < SignedDuration::from_secs(-60) {
            return Err(BadToken::TooOld(reference));
        }
        if for_terms != hash_of(terms) {
            return Err(BadToken::Changed(reference));
        }
        if age < self.least_age {
            return Err(BadToken::TooYoung(reference));
        }
        Ok(reference)
    }

    /// Whether the form of this reference may still be sent, or be on its way.
    #[must_use]
    pub fn may_still_come(&self, reference: Reference, now: Timestamp) -> bool {
        let last = self.greatest_age.saturating_add(ON_ITS_WAY);
        now.duration_since(reference.made_at()) <= last
    }

    /// The unguessable last part of the link a supporter comes back by. It does not expire.
    #[must_use]
    pub fn for_return(&self, reference: Reference) -> String {
        self.write(reference.as_bytes(), RETURN)
    }

    /// The reference of such a link.
    #[must_use]
    pub fn check_return(&self, token: &str) -> Option<Reference> {
        let reference = self.read::<16>(token, RETURN)?;
        Reference::from_bytes(&reference)
    }

    /// What a browser is given to remember that something was handed over from it: the time, and a
    /// keyed hash of it. Nobody but us can read from it what it was, and nobody at all who or how much.
    #[must_use]
    pub fn for_given(&self, kind: Kind, now: Timestamp) -> String {
        let time = now.as_second().to_string();
        let tag = self.keys.current.sign(&[given_purpose(kind), time.as_bytes()]);
        format!("{time}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// What was handed over, and how long ago; `None` for whatever is not ours, too old, or of a time
    /// that has not come.
    #[must_use]
    pub fn check_given(&self, text: &str, now: Timestamp) -> Option<(Kind, SignedDuration)> {
        let (time, tag) = text.split_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        let ours = |kind: &Kind| self.keys.verify(&[given_purpose(*kind), time.as_bytes()], &tag);
        let kind = [Kind::Donate, Kind::Join].into_iter().find(ours)?;
        let age = now.duration_since(Timestamp::from_second(time.parse().ok()?).ok()?);
        (!age.is_negative() && age < GIVEN_FOR).then_some((kind, age))
    }

    /// An API caller's key and request as keyed hashes, under each install key there is: neither can
    /// be turned back, and a rotation makes neither new.
    #[must_use]
    pub fn idempotency(&self, key: &[&[u8]], request: &[&[u8]]) -> IdempotencyKey {
        let under = |install: &Key| {
            let hash = |purpose: &[u8], parts| install.sign(&[purpose, b"\0", &framed(parts)]);
            (hash(b"almoner-idempotency-v1", key), hash(b"almoner-request-v2", request))
        };
        let (key, fingerprint) = under(&self.keys.current);
        IdempotencyKey { key, fingerprint, other: self.keys.next.as_ref().map(under) }
    }

    fn write(&self, stamped: &[u8], purpose: &[u8]) -> String {
        let tag = self.keys.current.sign(&[purpose, b"\0", stamped]);
        URL_SAFE_NO_PAD.encode([stamped, &tag].concat())
    }

    fn read<const N: usize>(&self, token: &str, purpose: &[u8]) -> Option<[u8; N]> {
        // Longer ones are not even decoded.
        if token.len() > 75 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (stamped, tag) = bytes.split_first_chunk::<N>()?;
        self.keys.verify(&[purpose, b"\0", stamped], tag).then_some(*stamped)
    }
}

const fn given_purpose(kind: Kind) -> &'static [u8] {
    match kind {
        Kind::Donate => b"almoner-given-v1 donate\0",
        Kind::Join => b"almoner-given-v1 join\0",
    }
}

const fn form_purpose(kind: Kind) -> &'static [u8] {
    match kind {
        Kind::Donate => b"almoner-form-v2 donate",
        Kind::Join => b"almoner-form-v2 join",
    }
}

/// Enough of a hash to tell terms apart; the tag is what protects it.
fn hash_of(terms: &str) -> [u8; TERMS_BYTES] {
    let mut short = [0; TERMS_BYTES];
    let digest = Sha256::digest(terms);
    short.copy_from_slice(digest.split_at(TERMS_BYTES).0);
    short
}

/// The parts, each with its length, so that no two lists are one text.
fn framed(parts: &[&[u8]]) -> Vec<u8> {
    let frame = |part: &&[u8]| [part.len().to_be_bytes().as_slice(), part].concat();
    parts.iter().flat_map(frame).collect()
}

#[cfg(test)]
mod tests;
