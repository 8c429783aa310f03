//! Statements for whoever was not there: a JSON object, signed, that is proved without us.
//!
//! The signature is Ed25519 (RFC 8032) over the label of its sort, a line end, and the object in the form of RFC 8785:
//! names in order, no spaces. Whoever has the public key can make these bytes anew from what stands in the file.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A sort of statement.
pub trait Statement: Serialize + DeserializeOwned {
    /// The member of the file that holds it.
    const NAME: &'static str;
    /// What its signature is over first: no statement of one sort passes for one of another.
    const LABEL: &'static str;
}

/// Signs statements.
pub struct SigningKey(Ed25519KeyPair);

/// Proves them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

/// Why there is no signature or no key. Nothing of either is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// Not 32 bytes.
    #[error("a key that signs is 32 bytes in base64: make it with `almoner keygen report`")]
    Signing,
    /// The operating system gives no randomness.
    #[error("no key can be made")]
    Fresh,
    /// Not 32 bytes in base64.
    #[error("a public key is 32 bytes in base64, as `almoner keygen report` wrote it")]
    Public,
}

/// Why a statement proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproved {
    /// It cannot be read.
    #[error("it is no signed {0}, or it is not whole")]
    NotRead(&'static str),
    /// It says more than is signed.
    #[error("it holds what no signed {0} holds: it was altered, or a newer Almoner wrote it")]
    Added(&'static str),
    /// Somebody else signed it.
    #[error("another key signed it than the one that was given")]
    AnotherKey,
    /// The signature does not fit.
    #[error("it was altered, or somebody else signed it")]
    Altered,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<S> {
    #[serde(alias = "report", alias = "receipt", alias = "head", alias = "export")]
    statement: S,
    public_key: String,
    signature: String,
}

/// A statement with its signature, as a file holds it. It ends with a line end.
pub fn sign<S: Statement>(statement: &S, key: &SigningKey) -> Result<String, serde_json::Error> {
    let statement = serde_json::to_value(statement)?;
    let signature = STANDARD.encode(key.0.sign(&message::<S>(&statement)).as_ref());
    let signed = json!({ S::NAME: statement, "public_key": key.public(), "signature": signature });
    Ok(serde_json::to_string_pretty(&signed)? + "\n")
}

/// The statement of a file, if the owner of this key signed it and nothing was altered since.
pub fn prove<S: Statement>(text: &str, public: &PublicKey) -> Result<S, Unproved> {
    let not_read = |_| Unproved::NotRead(S::NAME);
    // A name that stands twice is refused here: another reader could take the other one.
    let written: Written<S> = serde_json::from_str(text).map_err(not_read)?;
    let whole: Value = serde_json::from_str(text).map_err(not_read)?;
    let statement = serde_json::to_value(&written.statement).map_err(not_read)?;
    if whole.get(S::NAME) != Some(&statement) {
        return Err(Unproved::Added(S::NAME));
    }
    let signature = STANDARD.decode(&written.signature).map_err(|_not| Unproved::Altered)?;
    let key = UnparsedPublicKey::new(&ED25519, &public.0);
    if key.verify(&message::<S>(&statement), &signature).is_ok() {
        return Ok(written.statement);
    }
    let names_another = PublicKey::parse(&written.public_key).is_ok_and(|key| key != *public);
    Err(if names_another { Unproved::AnotherKey } else { Unproved::Altered })
}

/// The bytes that are signed. Every text in a statement of ours is ASCII and every number whole, so that the form of RFC 8785
/// is what is written without spaces.
fn message<S: Statement>(statement: &Value) -> Vec<u8> {
    [S::LABEL.as_bytes(), b"\n", statement.to_string().as_bytes()].concat()
}

impl SigningKey {
    /// A key for one run.
    pub fn fresh() -> Result<Self, NoKey> {
        Ed25519KeyPair::generate().map(Self).map_err(|_error| NoKey::Fresh)
    }

    /// From the 32 bytes that it is made of.
    pub fn of(seed: &[u8]) -> Result<Self, NoKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        pair.map(Self).map_err(|_error| NoKey::Signing)
    }

    /// From those bytes in base64, with or without a line end.
    pub fn parse(text: &[u8]) -> Result<Self, NoKey> {
        let seed = STANDARD.decode(text.trim_ascii()).map(zeroize::Zeroizing::new);
        Self::of(&seed.map_err(|_error| NoKey::Signing)?)
    }

    /// The public half, base64.
    #[must_use]
    pub fn public(&self) -> String {
        STANDARD.encode(self.0.public_key().as_ref())
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[key]")
    }
}

impl PublicKey {
    /// From base64, with or without a line end.
    pub fn parse(text: &str) -> Result<Self, NoKey> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_error| NoKey::Public)?;
        if bytes.len() == 32 { Ok(Self(bytes)) } else { Err(NoKey::Public) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Fruit {
        name: String,
        count: u32,
    }

    impl Statement for Fruit {
        const NAME: &'static str = "receipt";
        const LABEL: &'static str = "fruit-v1";
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Vegetable {
        name: String,
        count: u32,
    }

    impl Statement for Vegetable {
        const NAME: &'static str = "receipt";
        const LABEL: &'static str = "vegetable-v1";
    }

    fn key() -> SigningKey {
        SigningKey::of(&[7; 32]).unwrap()
    }

    fn public() -> PublicKey {
        PublicKey::parse(&format!("{}\n", key().public())).unwrap()
    }

    fn pears() -> Fruit {
        Fruit { name: "pear".to_owned(), count: 3 }
    }

    #[test]
    fn what_was_signed_is_proved_and_the_bytes_are_those_of_rfc_8785() {
        let text = sign(&pears(), &key()).unwrap();
        assert_eq!(prove::<Fruit>(&text, &public()).unwrap(), pears());
        let bytes = message::<Fruit>(&serde_json::to_value(pears()).unwrap());
        assert_eq!(bytes, b"fruit-v1\n{\"count\":3,\"name\":\"pear\"}");
        // Spaces are nobody's statement.
        let packed = serde_json::from_str::<Value>(&text).unwrap().to_string();
        assert_eq!(prove::<Fruit>(&packed, &public()).unwrap(), pears());
    }

    #[test]
    fn whatever_was_altered_proves_nothing() {
        let text = sign(&pears(), &key()).unwrap();
        for (from, to, why) in [
            ("\"count\": 3", "\"count\": 4", Unproved::Altered),
            ("pear", "Pear", Unproved::Altered),
            ("\"signature\": \"", "\"signature\": \"A", Unproved::Altered),
            ("\"count\": 3", "\"count\": 4, \"count\": 3", Unproved::NotRead("receipt")),
            ("\"count\": 3", "\"count\": 3, \"more\": 1", Unproved::Added("receipt")),
            ("\"receipt\"", "\"report\"", Unproved::Added("receipt")),
            ("\"receipt\": {", "\"more\": 1, \"receipt\": {", Unproved::NotRead("receipt")),
            ("\"public_key\"", "\"public\"", Unproved::NotRead("receipt")),
        ] {
            assert!(text.contains(from), "{from}");
            let altered = text.replacen(from, to, 1);
            assert_eq!(prove::<Fruit>(&altered, &public()).unwrap_err(), why, "{from} {to}");
        }
        for length in 0..text.trim_end().len() {
            assert!(prove::<Fruit>(text.get(..length).unwrap(), &public()).is_err(), "{length}");
        }
        assert_eq!(prove::<Vegetable>(&text, &public()), Err(Unproved::Altered), "another sort");
    }

    #[test]
    fn nobody_else_s_key_proves_it_whatever_the_file_says() {
        let text = sign(&pears(), &key()).unwrap();
        let other = SigningKey::fresh().unwrap();
        let theirs = PublicKey::parse(&other.public()).unwrap();
        assert_eq!(prove::<Fruit>(&text, &theirs), Err(Unproved::AnotherKey));
        let forged = text.replace(&key().public(), &other.public());
        assert_eq!(prove::<Fruit>(&forged, &theirs), Err(Unproved::Altered), "its own word for it");
        assert_eq!(prove::<Fruit>(&forged, &public()).unwrap(), pears(), "the given key decides");
    }

    #[test]
    fn a_key_is_its_32_bytes() {
        assert_eq!(
            SigningKey::parse(b"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n").unwrap().public(),
            key().public()
        );
        assert_eq!(SigningKey::of(&[7; 31]).unwrap_err(), NoKey::Signing);
        assert_eq!(SigningKey::parse(b"#").unwrap_err(), NoKey::Signing);
        assert_eq!(PublicKey::parse("Bwc="), Err(NoKey::Public));
        assert_eq!(format!("{:?}", key()), "[key]");
    }
}
