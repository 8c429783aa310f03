//! The hand-off's own id: a UUIDv7, printed as 26 Crockford base32 characters.

use jiff::Timestamp;
use uuid::{NoContext, Uuid};

/// Almoner's id of one hand-off, chosen before anything is sent (gateway.md, section 1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(Uuid);

/// Crockford's alphabet: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 26 characters of five bits hold the 128 bits of a UUID, the first two bits being nought.
const LENGTH: usize = 26;

impl Reference {
    /// A new reference that carries `at` in its first 48 bits, so that keys grow with time.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        let seconds = u64::try_from(at.as_second()).unwrap_or(0);
        let nanoseconds = u32::try_from(at.subsec_nanosecond()).unwrap_or(0);
        Self(Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanoseconds)))
    }

    /// When it was made, to the millisecond.
    #[must_use]
    pub fn made_at(self) -> Timestamp {
        let made = self.0.get_timestamp().map(|time| time.to_unix());
        made.and_then(|(seconds, nanoseconds)| {
            Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()
        })
        .unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The sixteen bytes, as the ledger keeps them.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// From the ledger's bytes; `None` unless they are a UUIDv7.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let uuid = Uuid::from_slice(bytes).ok()?;
        (uuid.get_version_num() == 7).then_some(Self(uuid))
    }

    /// From its one spelling: 26 upper-case characters of the alphabet.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != LENGTH {
            return None;
        }
        let mut bits: u128 = 0;
        for byte in text.bytes() {
            let digit = ALPHABET.iter().position(|known| *known == byte)?;
            if bits.leading_zeros() < 5 {
                return None;
            }
            bits = bits.checked_shl(5)? | u128::try_from(digit).ok()?;
        }
        Self::from_bytes(&bits.to_be_bytes())
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use std::fmt::Write as _;
        let bits = self.0.as_u128();
        for place in (0..LENGTH).rev() {
            let shift = u32::try_from(place.saturating_mul(5)).unwrap_or(0);
            let digit = usize::try_from((bits >> shift) & 31).unwrap_or(0);
            f.write_char(ALPHABET.get(digit).copied().map_or('0', char::from))?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "numbers and texts of the tests' own")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keeps_its_time() {
        let at: Timestamp = "2026-11-23T10:00:00.123Z".parse().unwrap();
        let reference = Reference::at(at);
        assert_eq!(reference.made_at(), at);
        assert_eq!(reference.to_string().len(), 26);
    }

    #[test]
    fn refuses_other_spellings() {
        let text = Reference::at(Timestamp::UNIX_EPOCH).to_string();
        for wrong in [
            text.to_lowercase() + "a",
            format!(" {text}"),
            text.replace('0', "O"),
            format!("Z{}", &text[1..]),
            String::new(),
        ] {
            assert_eq!(Reference::parse(&wrong), None, "{wrong}");
        }
        assert_eq!(Reference::parse("00000000000000000000000000"), None, "not a UUIDv7");
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(seconds in 0_i64..4_000_000_000) {
            let reference = Reference::at(Timestamp::from_second(seconds).unwrap());
            prop_assert_eq!(Reference::parse(&reference.to_string()), Some(reference));
            prop_assert_eq!(Reference::from_bytes(reference.as_bytes()), Some(reference));
        }
    }
}
