//! SHA-256 over an element's text and the API password (rsm-protocol.md, 7.3).

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// How non-ASCII text is signed; which it is, is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NonAscii {
    Utf8,
    Latin1,
}

/// Makes and checks signatures under one password.
pub(super) struct Signer<'a> {
    password: &'a str,
    non_ascii: NonAscii,
}

impl<'a> Signer<'a> {
    pub(super) const fn new(password: &'a str, non_ascii: NonAscii) -> Self {
        Self { password, non_ascii }
    }

    /// 64 lower-case hexadecimal digits.
    pub(super) fn sign(&self, text: &str) -> String {
        let hash = Sha256::new();
        let hash = match self.non_ascii {
            NonAscii::Utf8 => hash.chain_update(text),
            NonAscii::Latin1 => hash.chain_update(Zeroizing::new(super::reply::encode(text))),
        };
        hex::encode(hash.chain_update(self.password).finalize())
    }

    /// Whether `signature` is that of `text`: in lower case and nothing else.
    pub(super) fn verifies(&self, text: &str, signature: &str) -> bool {
        self.sign(text).as_bytes().ct_eq(signature.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendor_s_own_vectors() {
        let signer = Signer::new("1234567890", NonAscii::Utf8);
        for (timestamp, signature) in [
            ("1508513754", "3274f2273abf50e8b31a9fe4aca6874546fe9f5d57d37bcc79165c11e6a24da0"),
            ("1508516449", "f58a713a860b1abfec921cbb6122e37025a8d7881937c60b1493f4a26b8cac3e"),
        ] {
            let text = format!(
                "<request><command>heartbeat</command><username>admin</username><timestamp>{timestamp}</timestamp></request>"
            );
            assert!(signer.verifies(&text, signature));
            assert!(!signer.verifies(&text, &signature.to_uppercase()));
        }
        assert_ne!(signer.sign("é"), Signer::new("1234567890", NonAscii::Latin1).sign("é"));
    }
}
