//! Keys that sign for whoever has the public half: Ed25519, as Standard Webhooks write it.

use super::guarded::Guarded;
use super::uses::Uses;
use super::{WeakKey, and_wipe_the_stack};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Bytes of the secret that a key is made of.
const SEED: usize = 32;

/// A key that signs, in guarded memory. It cannot be printed or cloned; it is wiped when dropped.
pub struct EventKey {
    seed: Guarded,
    uses: Uses,
}

impl EventKey {
    /// Reads `whsk_` and base64 of the 32 bytes that it is made of.
    pub fn read(text: &[u8]) -> Result<Self, WeakKey> {
        let encoded = text.strip_prefix(b"whsk_").ok_or(WeakKey::NotSigning)?;
        let seed = STANDARD.decode(encoded).map(Zeroizing::new).ok();
        let seed = seed.filter(|seed| seed.len() == SEED).ok_or(WeakKey::NotSigning)?;
        if seed.windows(2).all(|pair| pair.first() == pair.last()) {
            return Err(WeakKey::Guessable);
        }
        Ok(Self { seed: Guarded::new(&seed), uses: Uses::default() })
    }

    /// The signature over the parts, one after another.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]]) -> Vec<u8> {
        self.uses.count();
        and_wipe_the_stack(|| self.pair().sign(&parts.concat()).as_ref().to_vec())
    }

    /// The public half, as `whpk_` and base64.
    #[must_use]
    pub fn public(&self) -> String {
        format!("whpk_{}", STANDARD.encode(self.pair().public_key().as_ref()))
    }

    /// How often it was used.
    #[must_use]
    pub const fn uses(&self) -> &Uses {
        &self.uses
    }

    fn pair(&self) -> Ed25519KeyPair {
        #[expect(clippy::expect_used, reason = "any 32 bytes are a key")]
        Ed25519KeyPair::from_seed_unchecked(&self.seed).expect("a key")
    }
}

impl std::fmt::Debug for EventKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[signing key]")
    }
}
