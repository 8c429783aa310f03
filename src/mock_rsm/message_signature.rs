//! The signature of an enquiry or a call: RFC 9421, `hmac-sha256`, over the method and the whole
//! address, and of a call over its content's digest and its key too.

use super::key::Key;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Why a request is not believed; the word answers the caller with 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disbelieved {
    /// One of the two headers is absent or there twice.
    Missing,
    /// Not `sig1` over exactly what must be covered, with `created`, `keyid` and `alg`.
    Malformed,
    /// No key of that id.
    UnknownKey,
    /// Made more than five minutes ago or ahead.
    Stale,
    /// Not the MAC of this request.
    Wrong,
}

impl Disbelieved {
    /// The word for programs.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing_signature",
            Self::Malformed => "malformed_signature",
            Self::UnknownKey => "unknown_key",
            Self::Stale => "stale_signature",
            Self::Wrong => "wrong_signature",
        }
    }
}

/// How old or how early a signature may be.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The request whose signature is checked.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// Scheme, host, path and query, as the caller must have meant them.
    pub(super) target_uri: &'a str,
    pub(super) headers: &'a HeaderMap,
    /// What the signature must cover, no more and no less, in any order.
    pub(super) covered: &'a [&'a str],
}

/// What the signature of an enquiry covers.
pub(super) const ENQUIRY: &[&str] = &[METHOD, TARGET_URI];
/// What the signature of a call covers.
pub(super) const CALL: &[&str] = &[METHOD, TARGET_URI, "content-digest", "idempotency-key"];

impl Signed<'_> {
    /// Believes the request, or says why not.
    pub(super) fn verify(
        &self,
        keys: &BTreeMap<String, Key>,
        now: Timestamp,
    ) -> Result<(), Disbelieved> {
        let input = only(self.headers, "signature-input")?;
        let signature = only(self.headers, "signature")?;
        let parameters = input.strip_prefix("sig1=").ok_or(Disbelieved::Malformed)?;
        let read = Parameters::read(parameters, self.covered).ok_or(Disbelieved::Malformed)?;
        let mac = signature
            .strip_prefix("sig1=:")
            .and_then(|rest| rest.strip_suffix(':'))
            .and_then(|encoded| STANDARD.decode(encoded).ok())
            .ok_or(Disbelieved::Malformed)?;
        let key = keys.get(read.key_id).ok_or(Disbelieved::UnknownKey)?;
        let value = |name: &'_ str| match name {
            METHOD => Ok(self.method),
            TARGET_URI => Ok(self.target_uri),
            header => only(self.headers, header),
        };
        let values = read.components.iter().map(|name| Ok((*name, value(name)?)));
        let values = values.collect::<Result<Vec<_>, _>>()?;
        if !key.verifies(base(&values, parameters).as_bytes(), &mac) {
            return Err(Disbelieved::Wrong);
        }
        let fresh = now.duration_since(read.created).abs() <= TOLERANCE;
        if fresh { Ok(()) } else { Err(Disbelieved::Stale) }
    }
}

const METHOD: &str = "@method";
const TARGET_URI: &str = "@target-uri";

/// The signature base of RFC 9421, section 2.5.
fn base(components: &[(&str, &str)], parameters: &str) -> String {
    let mut lines = String::new();
    for (name, value) in components {
        for piece in ["\"", name, "\": ", value, "\n"] {
            lines.push_str(piece);
        }
    }
    lines + "\"@signature-params\": " + parameters
}

/// What a `Signature-Input` may say here.
struct Parameters<'a> {
    components: Vec<&'a str>,
    created: Timestamp,
    key_id: &'a str,
}

impl<'a> Parameters<'a> {
    fn read(text: &'a str, covered: &[&str]) -> Option<Self> {
        let (list, parameters) = text.strip_prefix('(')?.split_once(");")?;
        let components = list.split(' ').map(unquote).collect::<Option<Vec<_>>>()?;
        let all = covered.iter().all(|name| components.contains(name));
        if !all || components.len() != covered.len() {
            return None;
        }
        let (mut created, mut key_id, mut algorithm) = (None, None, None);
        for parameter in parameters.split(';') {
            let (name, value) = parameter.split_once('=')?;
            let before = match name {
                "created" => created.replace(seconds(value)?).is_some(),
                "keyid" => key_id.replace(unquote(value)?).is_some(),
                "alg" => algorithm.replace(unquote(value)?).is_some(),
                _unknown => return None,
            };
            if before {
                return None;
            }
        }
        (algorithm? == "hmac-sha256").then_some(Self {
            components,
            created: created?,
            key_id: key_id?,
        })
    }
}

fn unquote(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"').filter(|text| !text.contains(['"', '\\']))
}

/// Unix seconds in ASCII digits, without a sign.
pub(super) fn seconds(text: &str) -> Option<Timestamp> {
    let plain =
        !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain
        .then(|| text.parse().ok())
        .flatten()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
}

/// A header that is there exactly once.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Disbelieved> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_not_ascii| Disbelieved::Malformed),
        (None, _) | (Some(_), Some(_)) => Err(Disbelieved::Missing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9421, appendix B.2.5, with the secret of appendix B.1.5.
    #[test]
    fn the_rfcs_own_example() {
        let secret = "whsec_uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";
        let key = Key::of_webhook(&secret.into()).unwrap();
        let components = [
            ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("@authority", "example.com"),
            ("content-type", "application/json"),
        ];
        let parameters = "(\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\"";
        let mac = key.sign(base(&components, parameters).as_bytes());
        assert_eq!(STANDARD.encode(mac), "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=");
    }

    #[test]
    fn reads_only_the_agreed_form() {
        let good =
            "(\"@method\" \"@target-uri\");created=1763900000;keyid=\"k1\";alg=\"hmac-sha256\"";
        let read = Parameters::read(good, ENQUIRY).unwrap();
        assert_eq!((read.key_id, read.created.as_second()), ("k1", 1_763_900_000));
        for (part, other) in [
            ("\"@method\" ", ""),
            ("@target-uri", "@path"),
            ("\"@method\"", "\"@target-uri\""),
            ("hmac-sha256", "ed25519"),
            (";alg=\"hmac-sha256\"", ""),
            (";keyid=\"k1\"", ""),
            ("created=1763900000;", ""),
            ("1763900000", "+1763900000"),
            ("1763900000", "17639000000000000"),
            (";alg", ";created=1;alg"),
            (";alg", ";nonce=\"x\";alg"),
            ("\"k1\"", "k1"),
        ] {
            assert!(
                Parameters::read(&good.replace(part, other), ENQUIRY).is_none(),
                "{part} -> {other}"
            );
        }
    }
}
