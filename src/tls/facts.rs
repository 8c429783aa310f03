//! What a certificate chain says about itself.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use std::net::IpAddr;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::time::Time;

/// What `almoner check` and the metrics tell of the certificate in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Host names and addresses it is good for (subject alternative names).
    pub names: Vec<String>,
    /// From when it is valid.
    pub not_before: Timestamp,
    /// Until when it is valid.
    pub not_after: Timestamp,
    /// Kind of its key: `ECDSA`, `RSA`, `Ed25519` or `other`. The modern profile wants `ECDSA`.
    pub key: &'static str,
    /// Certificates in the file, own one included.
    pub chain: usize,
    /// Whether each certificate of the file is issued by the one after it, going by their names.
    pub in_order: bool,
    /// Whether it names itself as its issuer, so that no browser will trust it.
    pub self_issued: bool,
    /// The earliest end of validity in the whole chain.
    pub chain_not_after: Timestamp,
}

impl Facts {
    /// The facts of a chain, own certificate first; `None` when one of them is no certificate.
    pub(super) fn of(chain: &[CertificateDer<'_>]) -> Option<Self> {
        let chain: Vec<Certificate> =
            chain.iter().map(|der| Certificate::from_der(der).ok()).collect::<Option<_>>()?;
        let own = &chain.first()?.tbs_certificate;
        let ends = chain.iter().map(|link| time(link.tbs_certificate.validity.not_after));
        Some(Self {
            names: names(own.get::<SubjectAltName>().ok()?.map(|(_, names)| names)),
            not_before: time(own.validity.not_before),
            not_after: time(own.validity.not_after),
            key: key(&own.subject_public_key_info.algorithm.oid.to_string()),
            chain: chain.len(),
            in_order: chain.windows(2).all(|pair| match pair {
                [link, next] => link.tbs_certificate.issuer == next.tbs_certificate.subject,
                _ => false,
            }),
            self_issued: own.issuer == own.subject,
            chain_not_after: ends.min()?,
        })
    }

    /// Whole days from `now` until it ends; nought or less once it has.
    #[must_use]
    pub fn days_left(&self, now: Timestamp) -> i64 {
        self.not_after.duration_since(now).as_hours().div_euclid(24)
    }
}

pub(super) fn time(time: Time) -> Timestamp {
    i64::try_from(time.to_unix_duration().as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .unwrap_or(Timestamp::MAX)
}

fn names(names: Option<SubjectAltName>) -> Vec<String> {
    let names = names.map(|names| names.0).unwrap_or_default();
    names.iter().filter_map(name).collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "other kinds of name are nothing to a listener")]
fn name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        GeneralName::IpAddress(bytes) => {
            let bytes = bytes.as_bytes();
            let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
                .ok()
                .map(|address| address.to_string())
        }
        _ => None,
    }
}

pub(super) fn key(algorithm: &str) -> &'static str {
    match algorithm {
        "1.2.840.10045.2.1" => "ECDSA",
        "1.2.840.113549.1.1.1" => "RSA",
        "1.3.101.112" => "Ed25519",
        _ => "other",
    }
}
