//! Tokens that need no storage: a reference and a keyed hash over it and what it is for.
//!
//! A form's token *is* the reference its hand-off will get, so the ledger's key makes it one-time,
//! and its age is in the reference itself (security.md, B-H6, F-1).

use crate::keys::Keys;
use crate::payment::{Kind, Reference};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};

/// Makes and checks them.
#[derive(Debug)]
pub struct Tokens {
    keys: Keys,
    least_age: SignedDuration,
    greatest_age: SignedDuration,
}

/// Why a form's token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// Not ours, for another form, or for other terms than are offered now.
    #[error("csrf")]
    Forged,
    /// Used sooner than a person can (security.md, 5 H: form token age).
    #[error("token_young")]
    TooYoung,
    /// Older than its life.
    #[error("token_old")]
    TooOld,
}

impl Tokens {
    /// With the install key and the ages between which a form's token is good.
    #[must_use]
    pub const fn new(keys: Keys, least_age: SignedDuration, greatest_age: SignedDuration) -> Self {
        Self { keys, least_age, greatest_age }
    }

    /// A token for one form, good for the terms it shows.
    #[must_use]
    pub fn for_form(&self, kind: Kind, terms: &str, now: Timestamp) -> String {
        let reference = Reference::at(now);
        self.write(reference, &form_purpose(kind, terms))
    }

    /// The reference of a form's token.
    pub fn check_form(
        &self,
        token: &str,
        kind: Kind,
        terms: &str,
        now: Timestamp,
    ) -> Result<Reference, BadToken> {
        let reference = self.read(token, &form_purpose(kind, terms)).ok_or(BadToken::Forged)?;
        let age = now.duration_since(reference.made_at());
        if age > self.greatest_age || age < SignedDuration::from_secs(-60) {
            return Err(BadToken::TooOld);
        }
        if age < self.least_age {
            return Err(BadToken::TooYoung);
        }
        Ok(reference)
    }

    /// The unguessable last part of the link a supporter comes back by. It does not expire.
    #[must_use]
    pub fn for_return(&self, reference: Reference) -> String {
        self.write(reference, "almoner-return-v1")
    }

    /// The reference of such a link.
    #[must_use]
    pub fn check_return(&self, token: &str) -> Option<Reference> {
        self.read(token, "almoner-return-v1")
    }

    /// A keyed hash of an API caller's key or request, which cannot be turned back.
    #[must_use]
    pub fn fingerprint(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut text = Vec::new();
        for part in parts {
            text.extend_from_slice(&part.len().to_be_bytes());
            text.extend_from_slice(part);
        }
        self.keys.current.sign(&[purpose.as_bytes(), b"\0", &text])
    }

    fn write(&self, reference: Reference, purpose: &str) -> String {
        let tag = self.keys.current.sign(&[purpose.as_bytes(), b"\0", reference.as_bytes()]);
        URL_SAFE_NO_PAD.encode([reference.as_bytes().as_slice(), &tag].concat())
    }

    fn read(&self, token: &str, purpose: &str) -> Option<Reference> {
        if token.len() != 64 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (reference, tag) = bytes.split_at_checked(16)?;
        let authentic = self.keys.verify(&[purpose.as_bytes(), b"\0", reference], tag);
        authentic.then(|| Reference::from_bytes(reference)).flatten()
    }
}

fn form_purpose(kind: Kind, terms: &str) -> String {
    format!("almoner-form-v1 {} {terms}", kind.word())
}

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "numbers and texts of the tests' own"
)]
mod tests {
    use super::*;
    use crate::keys::Key;

    fn tokens(first: u8) -> Tokens {
        let current = Key::new(&(first..first + 32).collect::<Vec<u8>>()).unwrap();
        Tokens::new(
            Keys { current, next: None },
            SignedDuration::from_secs(3),
            SignedDuration::from_mins(30),
        )
    }

    fn later(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + seconds).unwrap()
    }

    #[test]
    fn f_1_c_13_a_form_token_is_good_for_its_form_and_terms_alone() {
        let ours = tokens(1);
        let token = ours.for_form(Kind::Donate, "GBP 200-1000000", later(0));
        let check = |tokens: &Tokens, token: &str, kind, terms| {
            tokens.check_form(token, kind, terms, later(5))
        };
        assert!(check(&ours, &token, Kind::Donate, "GBP 200-1000000").is_ok());
        assert_eq!(check(&ours, &token, Kind::Join, "GBP 200-1000000"), Err(BadToken::Forged));
        assert_eq!(check(&ours, &token, Kind::Donate, "GBP 1-1000000"), Err(BadToken::Forged));
        assert_eq!(
            check(&tokens(2), &token, Kind::Donate, "GBP 200-1000000"),
            Err(BadToken::Forged)
        );
        for wrong in ["", "x", &token[1..], &token.replace(&token[20..21], "~")] {
            assert_eq!(check(&ours, wrong, Kind::Donate, "GBP 200-1000000"), Err(BadToken::Forged));
        }
        assert_eq!(ours.check_return(&token), None, "a form token opens no return page");
    }

    #[test]
    fn g_6_no_person_fills_a_form_in_two_seconds_and_no_form_stays_open_for_ever() {
        let ours = tokens(1);
        let token = ours.for_form(Kind::Donate, "", later(0));
        for (age, expected) in [
            (2, Some(BadToken::TooYoung)),
            (3, None),
            (1800, None),
            (1801, Some(BadToken::TooOld)),
            (-61, Some(BadToken::TooOld)),
        ] {
            assert_eq!(
                ours.check_form(&token, Kind::Donate, "", later(age)).err(),
                expected,
                "{age}"
            );
        }
    }

    #[test]
    fn a_return_link_leads_to_its_reference() {
        let reference = Reference::at(later(0));
        assert_eq!(tokens(1).check_return(&tokens(1).for_return(reference)), Some(reference));
        assert_eq!(tokens(2).check_return(&tokens(1).for_return(reference)), None);
    }
}
