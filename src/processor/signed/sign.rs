//! The signature of a request: RFC 9421, `hmac-sha256`.

use super::Signed;
use crate::processor::client::Outgoing;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// `Signature-Input` and `Signature` (RFC 9421, sections 2.5 and 3.3.3).
pub(super) struct Signature {
    input: String,
    /// The MAC itself.
    pub(super) mac: [u8; 32],
}

impl Signature {
    /// A request with these two headers.
    pub(super) fn onto(&self, request: Outgoing) -> Outgoing {
        request
            .header("signature-input", format!("sig1={}", self.input))
            .header("signature", format!("sig1=:{}:", STANDARD.encode(self.mac)))
    }
}

impl Signed {
    /// The signature over these components, each with its value, in this order.
    pub(super) fn signature(&self, components: &[(&str, &str)], now: Timestamp) -> Signature {
        let names: Vec<String> = components.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let input = format!(
            "({});created={};keyid=\"{}\";alg=\"hmac-sha256\"",
            names.join(" "),
            now.as_second(),
            self.key_id
        );
        let lines: Vec<String> =
            components.iter().map(|(name, value)| format!("\"{name}\": {value}\n")).collect();
        let parameters = format!("\"@signature-params\": {input}");
        let mac = self.signing.current.sign(&[lines.concat().as_bytes(), parameters.as_bytes()]);
        Signature { input, mac }
    }
}

/// `Content-Digest` of a body (RFC 9530, section 2).
pub(super) fn digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9530, appendix B.1 and D.
    #[test]
    fn the_rfcs_own_digest() {
        assert_eq!(
            digest(b"{\"hello\": \"world\"}\n"),
            "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
        );
    }
}
