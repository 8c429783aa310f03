//! Keys and what is done with them: HMAC-SHA256, always checked in constant time, always with
//! room for the next key of a rotation.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sha2::digest::{Digest, Output};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

mod events;
mod guarded;
pub mod password;
mod private;
pub mod signed;
#[cfg(test)]
mod tests;
mod uses;

pub use events::EventKey;
pub use guarded::Guarded;
pub use password::Password;
pub use private::{is_private, why_unread};
pub use uses::Uses;

/// The fewest bytes a secret may have (security.md, G-3).
pub const FEWEST_BYTES: usize = 24;

/// A secret key, in guarded memory. It cannot be printed or cloned; it is wiped when dropped.
pub struct Key {
    bytes: Guarded,
    uses: Uses,
}

/// Why a secret was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakKey {
    /// Too short to be a key.
    #[error("the secret has fewer than 24 bytes: make it with `almoner keygen`")]
    Short,
    /// A text that everybody guesses first.
    #[error("the secret is one byte over and over: make it with `almoner keygen`")]
    Guessable,
    /// Not `whsec_` and base64 of 24 to 64 bytes.
    #[error(
        "the secret is not whsec_ followed by base64 of 24 to 64 bytes: make it with `almoner keygen`"
    )]
    NotWebhook,
    /// Not `whsk_` and base64 of 32 bytes.
    #[error(
        "the key is not whsk_ followed by base64 of 32 bytes: make it with `almoner keygen events`"
    )]
    NotSigning,
    /// Not a PHC string of argon2id, or a weak one.
    #[error(
        "the hash is not one of argon2id, or a weak one: make it with `almoner keygen console-password`"
    )]
    NotArgon2,
}

impl Key {
    /// Takes a secret's bytes as they are.
    pub fn new(bytes: &[u8]) -> Result<Self, WeakKey> {
        if bytes.len() < FEWEST_BYTES {
            return Err(WeakKey::Short);
        }
        if bytes.windows(2).all(|pair| pair.first() == pair.last()) {
            return Err(WeakKey::Guessable);
        }
        Ok(Self { bytes: Guarded::new(bytes), uses: Uses::default() })
    }

    /// Reads a Standard Webhooks secret: `whsec_` and base64 of 24 to 64 bytes (security.md, W-4).
    pub fn webhook(text: &[u8]) -> Result<Self, WeakKey> {
        use base64::Engine as _;
        let encoded = text.strip_prefix(b"whsec_").ok_or(WeakKey::NotWebhook)?;
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(encoded)
            .map(Zeroizing::new)
            .ok()
            .filter(|bytes| (24..=64).contains(&bytes.len()))
            .ok_or(WeakKey::NotWebhook)?;
        Self::new(&bytes)
    }

    /// A key that nobody has: it lives in this process alone.
    pub fn fresh() -> Result<Self, getrandom::Error> {
        let bytes = Zeroizing::new(random::<64>()?);
        Ok(Self { bytes: Guarded::new(&*bytes), uses: Uses::default() })
    }

    /// HMAC-SHA256 over the parts, one after another.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.uses.count();
        and_wipe_the_stack(|| self.mac(parts).finalize().into_bytes().into())
    }

    /// Whether `tag` is [`Key::sign`] of the parts, in constant time.
    #[must_use]
    pub fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        let is_ours = and_wipe_the_stack(|| self.mac(parts).verify_slice(tag).is_ok());
        if is_ours {
            self.uses.count();
        }
        is_ours
    }

    /// Four bytes by which it is told from another; nobody guesses a key of [`FEWEST_BYTES`] by them.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = and_wipe_the_stack(|| {
            <[u8; 32]>::from(self.mac(&[b"almoner-key-id"]).finalize().into_bytes())
        });
        [a, b, c, d]
    }

    fn mac(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.bytes).expect("a key");
        for part in parts {
            mac.update(part);
        }
        mac
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[key]")
    }
}

/// A key in use and, during a rotation, the one that follows it: the current one signs, both verify.
#[derive(Debug)]
pub struct Keys {
    /// Signs, and verifies.
    pub current: Key,
    /// Verifies only, until it becomes the current one.
    pub next: Option<Key>,
}

impl Keys {
    /// Each by its name in the configuration, and how often it was used.
    #[must_use]
    pub fn uses(&self, name: &str) -> Vec<(String, u64)> {
        uses::named(name, &self.current.uses, self.next.as_ref().map(|next| &next.uses))
    }

    /// Whether either key made the tag. Both are always tried, so that time tells nothing.
    #[must_use]
    pub fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        let current = self.current.verify(parts, tag);
        let next = self.next.as_ref().is_some_and(|next| next.verify(parts, tag));
        current | next
    }
}

/// A secret that an older protocol appends to what it hashes (rsm-protocol.md, 4.2 and 7.3). Whoever
/// issued it chose its length. In guarded memory: it cannot be printed or cloned; it is wiped when dropped.
pub struct Phrase {
    bytes: Guarded,
    uses: Uses,
}

impl Phrase {
    /// Takes a secret's bytes as they are; `None` for no bytes at all.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let phrase = || Self { bytes: Guarded::new(bytes), uses: Uses::default() };
        (!bytes.is_empty()).then(phrase)
    }

    /// Whether it is so short that it can be guessed (security.md, G-3).
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.bytes.len() < 16
    }

    /// The hash of the parts, one after another, and the secret.
    #[must_use]
    pub fn digest<D: Digest>(&self, parts: &[&[u8]]) -> Output<D> {
        self.uses.count();
        self.hash::<D>(parts)
    }

    fn hash<D: Digest>(&self, parts: &[&[u8]]) -> Output<D> {
        and_wipe_the_stack(|| {
            let mut hash = D::new();
            for part in parts {
                hash.update(part);
            }
            hash.update(&*self.bytes);
            hash.finalize()
        })
    }

    /// Whether `tag` is [`Phrase::digest`] of the parts, in constant time.
    #[must_use]
    pub fn verify<D: Digest>(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        let is_ours: bool = self.hash::<D>(parts).ct_eq(tag).into();
        if is_ours {
            self.uses.count();
        }
        is_ours
    }

    /// How often it was used.
    #[must_use]
    pub const fn uses(&self) -> &Uses {
        &self.uses
    }
}

impl std::fmt::Debug for Phrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[phrase]")
    }
}

/// A phrase in use and, during a rotation, the one that follows it: the current one signs, both verify.
#[derive(Debug)]
pub struct Phrases {
    /// Signs, and verifies.
    pub current: Phrase,
    /// Verifies only, until it becomes the current one.
    pub next: Option<Phrase>,
}

impl Phrases {
    /// Each by its name in the configuration, and how often it was used.
    #[must_use]
    pub fn uses(&self, name: &str) -> Vec<(String, u64)> {
        uses::named(name, &self.current.uses, self.next.as_ref().map(|next| &next.uses))
    }

    /// Whether either phrase made the tag. Both are always tried, so that time tells nothing.
    #[must_use]
    pub fn verify<D: Digest>(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        let current = self.current.verify::<D>(parts, tag);
        let next = self.next.as_ref().is_some_and(|next| next.verify::<D>(parts, tag));
        current | next
    }
}

/// The bytes of the stack that are wiped: what hashing uses of it, and more.
const STACK: usize = 8_192;

/// Works with a key, and wipes what the work left of it on the stack, where the hashes put it together
/// with their padding and move it about. In two calls that are never merged, so that the second covers
/// the first (security.md, M-5).
fn and_wipe_the_stack<T>(work: impl FnOnce() -> T) -> T {
    #[inline(never)]
    fn apart<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
    #[inline(never)]
    fn wipe() {
        let mut zeros = [0_u8; STACK];
        std::hint::black_box(&mut zeros);
    }
    let done = apart(work);
    wipe();
    done
}

/// Random bytes from the operating system.
pub fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
