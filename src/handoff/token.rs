//! Tokens that need no storage: a reference and a keyed hash over it and what it is for.
//!
//! A form's token *is* the reference its hand-off will get, so the ledger's key makes it one-time,
//! and its age is in the reference itself (security.md, B-H6, F-1).

use crate::keys::Keys;
use crate::payment::{Kind, Reference};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};

/// How long a browser remembers that something was handed over from it.
pub const GIVEN_FOR: SignedDuration = SignedDuration::from_mins(10);

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

const fn given_purpose(kind: Kind) -> &'static [u8] {
    match kind {
        Kind::Donate => b"almoner-given-v1 donate\0",
        Kind::Join => b"almoner-given-v1 join\0",
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
    fn what_a_browser_remembers_is_a_time_and_whether_we_wrote_it() {
        let ours = tokens(1);
        for kind in [Kind::Donate, Kind::Join] {
            let text = ours.for_given(kind, later(0));
            for (age, expected) in [(0, true), (599, true), (600, false), (-1, false)] {
                let found = ours.check_given(&text, later(age));
                let wanted = expected.then(|| (kind, SignedDuration::from_secs(age)));
                assert_eq!(found, wanted, "{age}");
            }
            assert_eq!(tokens(2).check_given(&text, later(5)), None, "another's key");
            let (time, tag) = text.split_once('.').unwrap();
            assert_eq!(time, "1767225600");
            for wrong in [
                String::new(),
                time.to_owned(),
                format!("{time}."),
                format!("1767225601.{tag}"),
                format!("+{text}"),
                format!("0{text}"),
                format!("{text}="),
                format!("{time}.{}", &tag[..40]),
                format!("-{}.{tag}", u64::MAX),
            ] {
                assert_eq!(ours.check_given(&wrong, later(5)), None, "{wrong}");
            }
        }
        let form = ours.for_form(Kind::Donate, "", later(0));
        assert_eq!(ours.check_given(&format!("1767225600.{form}"), later(5)), None);
    }

    #[test]
    fn a_return_link_leads_to_its_reference() {
        let reference = Reference::at(later(0));
        assert_eq!(tokens(1).check_return(&tokens(1).for_return(reference)), Some(reference));
        assert_eq!(tokens(2).check_return(&tokens(1).for_return(reference)), None);
    }
}
