//! A password that people type, of which a hash alone is kept: argon2id, as a PHC string.

use super::{Guarded, WeakKey, random};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{ARGON2ID_IDENT, Argon2, Params};

/// The fewest characters of a password.
pub const FEWEST_CHARACTERS: usize = 12;
/// The most bytes of one; more is no password.
pub const MOST_BYTES: usize = 256;
/// The most memory that verifying may take, in KiB: whoever wrote the hash must not be able to stop the service.
const MOST_MEMORY: u32 = 64 * 1024;
/// The most passes over it.
const MOST_PASSES: u32 = 10;

/// The hash of a password, in guarded memory. It cannot be printed or cloned; it is wiped when dropped.
pub struct Password(Guarded);

/// Why no hash could be made.
#[derive(Debug, thiserror::Error)]
pub enum NotHashed {
    /// It would be guessed.
    #[error("a password has 12 characters or more, and 256 bytes at the most")]
    Length,
    /// No salt.
    #[error("the operating system gives no random bytes ({0})")]
    Random(#[from] getrandom::Error),
    /// By the library.
    #[error("the hash could not be made ({0})")]
    Refused(argon2::password_hash::Error),
}

impl Password {
    /// Reads a PHC string of argon2id that is no weaker than those of [`Password::hash`].
    pub fn read(text: &[u8]) -> Result<Self, WeakKey> {
        let parsed = str::from_utf8(text).ok().and_then(|text| PasswordHash::new(text).ok());
        let parsed = parsed.filter(|hash| hash.algorithm == ARGON2ID_IDENT && hash.hash.is_some());
        let params = parsed.as_ref().and_then(|hash| Params::try_from(hash).ok());
        let fits = params.is_some_and(|params| {
            (Params::DEFAULT.m_cost()..=MOST_MEMORY).contains(&params.m_cost())
                && (Params::DEFAULT.t_cost()..=MOST_PASSES).contains(&params.t_cost())
        });
        if fits { Ok(Self(Guarded::new(text))) } else { Err(WeakKey::NotArgon2) }
    }

    /// The hash of a new password, with a salt of its own.
    pub fn hash(password: &str) -> Result<String, NotHashed> {
        let long_enough = password.chars().count() >= FEWEST_CHARACTERS;
        if !long_enough || password.len() > MOST_BYTES {
            return Err(NotHashed::Length);
        }
        let hash = Argon2::default()
            .hash_password_with_salt(password.as_bytes(), &random::<16>()?)
            .map_err(NotHashed::Refused)?;
        Ok(hash.to_string())
    }

    /// Whether it is this one, in constant time. It takes a tenth of a second and tens of megabytes, on purpose.
    #[must_use]
    pub fn verify(&self, password: &[u8]) -> bool {
        let hash = str::from_utf8(&self.0).ok().and_then(|text| PasswordHash::new(text).ok());
        hash.is_some_and(|hash| Argon2::default().verify_password(password, &hash).is_ok())
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[password]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_its_password_and_no_other() {
        let hash = Password::hash("a lamp for every boat").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, Password::hash("a lamp for every boat").unwrap(), "its salt is its own");
        let password = Password::read(hash.as_bytes()).unwrap();
        assert!(password.verify(b"a lamp for every boat"));
        for wrong in ["a lamp for every boats", "a lamp for every boa", "", "A lamp for every boat"]
        {
            assert!(!password.verify(wrong.as_bytes()), "{wrong}");
        }
        assert_eq!(format!("{password:?}"), "[password]");
    }

    #[test]
    fn what_is_weak_is_no_hash_and_no_password() {
        let hash = Password::hash("a lamp for every boat").unwrap();
        for weak in [
            hash.replace("argon2id", "argon2i"),
            hash.replace("m=19456", "m=4096"),
            hash.replace("m=19456", "m=4194304"),
            hash.replace("t=2", "t=1"),
            hash.replace("t=2", "t=99999"),
            hash.rsplit_once('$').unwrap().0.to_owned(),
            "a lamp for every boat".to_owned(),
            String::new(),
        ] {
            assert_eq!(Password::read(weak.as_bytes()).err(), Some(WeakKey::NotArgon2), "{weak}");
        }
        for password in ["eleven char", "", &"x".repeat(257)] {
            assert!(matches!(Password::hash(password), Err(NotHashed::Length)), "{password}");
        }
        assert!(Password::hash("twelve chars").is_ok());
    }
}
