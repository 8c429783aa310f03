//! The two kinds of shared secret, each held only as a prepared HMAC.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use std::io;
use zeroize::Zeroizing;

/// HMAC-SHA256 under one secret.
#[derive(Clone)]
pub(super) struct Key(Hmac<Sha256>);

/// A shorter secret could be guessed (security.md, G-3).
const LEAST_BYTES: usize = 24;

impl Key {
    /// The key of hand-offs and enquiries: the secret's own bytes.
    pub(super) fn of_hand_off(secret: &SecretString) -> io::Result<Self> {
        Self::of_bytes(reveal(secret).as_bytes())
    }

    /// The key of webhooks: what follows `whsec_`, in base64 (Standard Webhooks).
    pub(super) fn of_webhook(secret: &SecretString) -> io::Result<Self> {
        let encoded = reveal(secret).strip_prefix("whsec_");
        let bytes = encoded.and_then(|encoded| STANDARD.decode(encoded).ok().map(Zeroizing::new));
        Self::of_bytes(
            &bytes
                .ok_or_else(|| invalid("write the webhook secret as whsec_ followed by base64"))?,
        )
    }

    fn of_bytes(bytes: &[u8]) -> io::Result<Self> {
        if bytes.len() < LEAST_BYTES {
            return Err(invalid("use a secret of at least 24 bytes"));
        }
        Hmac::new_from_slice(bytes).map(Self).map_err(io::Error::other)
    }

    /// The MAC of `message`.
    pub(super) fn sign(&self, message: &[u8]) -> [u8; 32] {
        self.0.clone().chain_update(message).finalize().into_bytes().into()
    }

    /// Whether `mac` is the MAC of `message`, in constant time.
    pub(super) fn verifies(&self, message: &[u8], mac: &[u8]) -> bool {
        self.0.clone().chain_update(message).verify_slice(mac).is_ok()
    }
}

/// A setting that cannot be used.
pub(super) fn invalid(advice: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, advice)
}

/// 128 random bits in lower-case hex, for addresses and message ids nobody can guess.
pub(super) fn random_hex() -> io::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(hex::encode(bytes))
}

/// A secret as text: for making a [`Key`], and for comparing the control token.
pub(super) fn reveal(secret: &SecretString) -> &str {
    #[expect(clippy::disallowed_methods, reason = "the one exit of the mock's secrets")]
    secret.expose_secret()
}
