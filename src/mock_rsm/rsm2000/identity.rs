//! `IdentityCheck`: SHA-1 over the fields as sent, decoded once, and the secret (rsm-protocol.md, 4.2).

use sha1::{Digest as _, Sha1};
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

/// The fields of a call-back in the order they are sent.
pub(super) type Pairs = Vec<(&'static str, Zeroizing<String>)>;

/// What `IdentityCheck` is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seal {
    Genuine,
    /// Of the right shape, over other bytes.
    Forged,
    /// In capital hexadecimal digits.
    UpperCase,
    /// The parameter twice.
    Doubled,
    /// One digit short.
    Truncated,
}

/// The whole body: every field, then `IdentityCheck`.
pub(super) fn body(pairs: &Pairs, secret: &str, seal: Seal) -> Zeroizing<Vec<u8>> {
    let mut body = Zeroizing::new(Vec::with_capacity(4096));
    for (name, value) in pairs {
        put(&mut body, name, value);
    }
    let right = check(pairs, secret);
    match seal {
        Seal::Genuine => put(&mut body, "IdentityCheck", &right),
        Seal::Forged => put(&mut body, "IdentityCheck", &check(pairs, &format!("{secret}!"))),
        Seal::UpperCase => put(&mut body, "IdentityCheck", &right.to_uppercase()),
        Seal::Doubled => {
            put(&mut body, "IdentityCheck", &right);
            put(&mut body, "IdentityCheck", &right);
        }
        Seal::Truncated => {
            let short: String = right.chars().take(39).collect();
            put(&mut body, "IdentityCheck", &short);
        }
    }
    body
}

fn check(pairs: &Pairs, secret: &str) -> String {
    let mut hash = Sha1::new();
    for (place, (name, value)) in pairs.iter().enumerate() {
        if place > 0 {
            hash.update(b"&");
        }
        hash.update(name.as_bytes());
        hash.update(b"=");
        hash.update(value.as_bytes());
    }
    hash.update(secret.as_bytes());
    hex::encode(hash.finalize())
}

fn put(body: &mut Vec<u8>, name: &str, value: &str) {
    if !body.is_empty() {
        body.push(b'&');
    }
    body.extend_from_slice(name.as_bytes());
    body.push(b'=');
    for piece in byte_serialize(value.as_bytes()) {
        body.extend_from_slice(piece.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn example() -> Pairs {
        [
            ("uniqueid", "100017"),
            ("title", "Mr"),
            ("forename", "Pat"),
            ("surname", "O'Neil & Son"),
            ("purchase", "20.00"),
            ("donation", "5.00"),
            ("authAmount", "25.00"),
            ("transId", "286433088"),
            ("transStatus", "Y"),
            ("transTime", "1411035063000"),
            ("rawAuthMessage", "cardbe.msg.authorised"),
            ("cardType", "Visa"),
            ("baseStatus", "OK"),
        ]
        .map(|(name, value)| (name, Zeroizing::new(value.to_owned())))
        .into()
    }

    #[test]
    fn the_worked_example() {
        let body = body(&example(), SECRET, Seal::Genuine);
        assert_eq!(
            std::str::from_utf8(&body).unwrap(),
            "uniqueid=100017&title=Mr&forename=Pat&surname=O%27Neil+%26+Son&purchase=20.00&donation=5.00&authAmount=25.00&transId=286433088&transStatus=Y&transTime=1411035063000&rawAuthMessage=cardbe.msg.authorised&cardType=Visa&baseStatus=OK&IdentityCheck=42da9da6f56aa50b487fdef587f987c8aec7c10e"
        );
    }

    #[test]
    fn spoilt_seals_are_what_they_say() {
        let text = |seal| String::from_utf8(body(&example(), SECRET, seal).to_vec()).unwrap();
        let right = "42da9da6f56aa50b487fdef587f987c8aec7c10e";
        assert!(text(Seal::UpperCase).ends_with(&right.to_uppercase()));
        assert!(text(Seal::Truncated).ends_with("c7c10"));
        assert_eq!(text(Seal::Doubled).matches(right).count(), 2);
        let forged = text(Seal::Forged);
        assert!(!forged.contains(right) && forged.len() == text(Seal::Genuine).len());
    }
}
