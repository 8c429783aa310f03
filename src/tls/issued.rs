//! The certificates of any PEM file, each by what an inventory says of it.

use super::facts::{key, time};
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Until when it is valid.
    pub not_after: Timestamp,
    /// Kind of its key: `ECDSA`, `RSA`, `Ed25519` or `other`.
    pub key: &'static str,
    /// Bytes of its public key, as it is encoded.
    pub key_bytes: usize,
    /// SHA-256 of the whole certificate, which is public.
    pub sha256: [u8; 32],
}

impl Issued {
    /// All of a file, in its order; `None` where one is no certificate or there is none.
    #[must_use]
    pub fn all(pem: &[u8]) -> Option<Vec<Self>> {
        let one = |der: CertificateDer<'_>| {
            let certificate = Certificate::from_der(&der).ok()?.tbs_certificate;
            let public = &certificate.subject_public_key_info;
            Some(Self {
                not_after: time(certificate.validity.not_after),
                key: key(&public.algorithm.oid.to_string()),
                key_bytes: public.subject_public_key.raw_bytes().len(),
                sha256: Sha256::digest(&der).into(),
            })
        };
        let all: Option<Vec<_>> =
            CertificateDer::pem_slice_iter(pem).map(|der| one(der.ok()?)).collect();
        all.filter(|all| !all.is_empty())
    }

    /// Whole days from `now` until it ends; nought or less once it has.
    #[must_use]
    pub fn days_left(&self, now: Timestamp) -> i64 {
        self.not_after.duration_since(now).as_hours().div_euclid(24)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::tls::development::Authority;

    #[test]
    fn p_6_every_certificate_of_a_file_is_told_of() {
        let clock = Clock::set_to("2026-11-01T00:00:00Z".parse().unwrap());
        let pem = |days| Authority::new(&clock, days).unwrap().certificate();
        let both = Issued::all(format!("{}{}", pem(10), pem(20)).as_bytes()).unwrap();
        let days: Vec<_> = both.iter().map(|one| one.days_left(clock.now())).collect();
        assert_eq!(days, [10, 20]);
        assert_eq!(both[0].key, "ECDSA");
        assert_ne!(both[0].sha256, both[1].sha256);
        for none in ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
        {
            assert_eq!(Issued::all(none.as_bytes()), None, "{none}");
        }
    }
}
