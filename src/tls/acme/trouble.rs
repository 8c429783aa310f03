//! Why no certificate came, and what to do: in our own words, for an authority's may hold anything.

use super::Unanswerable;
use crate::tls::CertificateError;
use instant_acme::{Error, Problem};
use std::io::ErrorKind;
use std::path::PathBuf;

/// Why no certificate came.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The authority refused something.
    #[error("the authority said {}", kind.0)]
    Refused { kind: Kind },
    #[error("the authority cannot be reached over TLS")]
    Unreachable,
    #[error("the authority did not answer in time")]
    Late,
    #[error("the authority answered in a way that is not agreed on")]
    Strange,
    #[error("the authority does not prove names by TLS-ALPN-01")]
    NoProof,
    #[error("the file of authorities trusted for the directory holds none")]
    Roots,
    #[error("the account's key cannot be read: {0}")]
    Account(CertificateError),
    #[error("the account's key is not a P-256 key in PKCS#8")]
    NoAccountKey,
    #[error("{}: cannot be written to ({reason})", folder.display())]
    Unwritten { folder: PathBuf, reason: ErrorKind },
    #[error("no key could be made")]
    Making,
    /// What came cannot be shown.
    #[error("what came cannot be used: {0}")]
    Unusable(CertificateError),
    #[error("what came is not for all names")]
    OtherNames,
}

/// A kind of refusal (RFC 8555, section 6.7), and what to do about it.
#[derive(Debug)]
pub(super) struct Kind(&'static str, &'static str);

const REACH: &str = "the authority must reach this service at port 443 of each name from outside: see to DNS, firewall and port forwarding; nothing else may end TLS before it";
const WAIT: &str = "nothing: it is asked again by itself";

const KINDS: [Kind; 17] = [
    Kind(
        "rateLimited",
        "nothing: it limits how often it is asked, and is asked again when it may be",
    ),
    Kind("connection", REACH),
    Kind("tls", REACH),
    Kind("unauthorized", REACH),
    Kind("incorrectResponse", REACH),
    Kind(
        "dns",
        "have each name of public.acme.domains resolve to this service, and to nothing else",
    ),
    Kind("caa", "have the names' CAA records allow this authority, or none"),
    Kind(
        "rejectedIdentifier",
        "it gives no certificate for one of public.acme.domains: take it out, or take another authority",
    ),
    Kind(
        "unsupportedIdentifier",
        "it gives no certificate for one of public.acme.domains: take it out, or take another authority",
    ),
    Kind("userActionRequired", "agree to its new terms: see its page"),
    Kind(
        "externalAccountRequired",
        "it takes only customers it knows already: take another authority, or name certificate files",
    ),
    Kind(
        "accountDoesNotExist",
        "move the account's key in public.acme.folder away: a new account is made",
    ),
    Kind(
        "invalidContact",
        "put an address of electronic mail into public.acme.contact, or leave it out",
    ),
    Kind(
        "unsupportedContact",
        "put an address of electronic mail into public.acme.contact, or leave it out",
    ),
    Kind("badNonce", WAIT),
    Kind("serverInternal", WAIT),
    Kind("malformed", "see that public.acme.directory is the address of an ACME directory"),
];

impl Trouble {
    /// What to do.
    pub(super) const fn advice(&self) -> &'static str {
        match self {
            Self::Refused { kind } => kind.1,
            Self::Unreachable => {
                "see to public.acme.directory, public.acme.ca_file, DNS and the firewall; it is asked again by itself"
            }
            Self::Late | Self::Making => WAIT,
            Self::Strange => "see that public.acme.directory is the address of an ACME directory",
            Self::NoProof => "take another authority, or name certificate files",
            Self::Roots => "name a PEM file in public.acme.ca_file, or leave it out",
            Self::Account(_) | Self::NoAccountKey => {
                "chmod 600 the account's key in public.acme.folder, or move it away: a new account is made"
            }
            Self::Unwritten { .. } => {
                "give public.acme.folder to this user alone, mode 0700, on a disk that has room"
            }
            Self::Unusable(_) | Self::OtherNames => "see that this machine's clock is right",
        }
    }
}

impl From<&Problem> for Trouble {
    fn from(problem: &Problem) -> Self {
        let said = problem.r#type.as_deref().and_then(|kind| kind.rsplit(':').next());
        let known = KINDS.into_iter().find(|kind| said == Some(kind.0));
        let kind = known
            .unwrap_or(Kind("something else", "see its status page; it is asked again by itself"));
        Self::Refused { kind }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Api(problem) => Self::from(&problem),
            Error::Crypto | Error::KeyRejected => Self::NoAccountKey,
            Error::Timeout(_) => Self::Late,
            Error::Other(error) => match error.downcast_ref::<reqwest::Error>() {
                Some(error) if error.is_connect() => Self::Unreachable,
                Some(error) if error.is_timeout() => Self::Late,
                Some(_) | None => Self::Strange,
            },
            Error::Http(_)
            | Error::InvalidUri(_)
            | Error::Json(_)
            | Error::Unsupported(_)
            | Error::Str(_)
            | _ => Self::Strange,
        }
    }
}

impl From<Unanswerable> for Trouble {
    fn from(_: Unanswerable) -> Self {
        Self::Making
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_by_its_kind_and_never_by_what_the_authority_wrote() {
        let told = |kind: &str| {
            let text =
                format!(r#"{{"type":"{kind}","detail":"192.0.2.7 of Mx Example","status":403}}"#);
            let trouble = Trouble::from(Error::Api(serde_json::from_str(&text).unwrap()));
            (trouble.to_string(), trouble.advice())
        };
        let (limited, dns) = (
            told("urn:ietf:params:acme:error:rateLimited"),
            told("urn:ietf:params:acme:error:dns"),
        );
        assert_eq!(limited.0, "the authority said rateLimited");
        assert_eq!(dns.0, "the authority said dns");
        assert_ne!(limited.1, dns.1);
        for strange in ["urn:ietf:params:acme:error:192.0.2.7", "about:blank", ""] {
            assert_eq!(told(strange).0, "the authority said something else", "{strange}");
        }
    }
}
