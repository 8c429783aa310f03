//! What an authority is shown that looks whether a name is ours: a certificate for nothing else, in a
//! handshake that nobody else asks for (RFC 8737).

use arc_swap::ArcSwap;
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::sync::Arc;

/// The protocol of such a handshake.
pub(in crate::tls) const PROTOCOL: &[u8] = b"acme-tls/1";

/// Bytes of the digest that proves a name.
const DIGEST: usize = 32;

/// Names that are being looked at, each with what proves it. Clones are the same ones.
#[derive(Clone, Debug, Default)]
pub struct Challenges(Arc<ArcSwap<Vec<Answer>>>);

type Answer = (String, Arc<CertifiedKey>);

/// What proves a name could not be made.
#[derive(Debug, thiserror::Error)]
#[error("no certificate can be made that proves the name")]
pub struct Unanswerable;

impl Challenges {
    /// Has `digest` prove `name` from now on.
    pub fn answer(&self, name: &str, digest: &[u8]) -> Result<(), Unanswerable> {
        let certified = Arc::new(certificate(name, digest).ok_or(Unanswerable)?);
        self.0.rcu(|answers| {
            let others = answers.iter().filter(|(other, _)| other != name).cloned();
            others.chain([(name.to_owned(), Arc::clone(&certified))]).collect::<Vec<_>>()
        });
        Ok(())
    }

    /// Proves nothing any more.
    pub fn clear(&self) {
        self.0.store(Arc::default());
    }

    fn of(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let answers = self.0.load();
        let mut own = answers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        own.next().map(|(_, certified)| Arc::clone(certified))
    }

    /// These beside what everybody else is shown; nothing where there is nothing yet.
    pub(in crate::tls) fn beside(&self, shown: Option<CertifiedKey>) -> Arc<Beside> {
        Arc::new(Beside { shown: shown.map(Arc::new), challenges: self.clone() })
    }
}

fn certificate(name: &str, digest: &[u8]) -> Option<CertifiedKey> {
    // The extension's maker takes no other length for an answer.
    let digest = Some(digest).filter(|digest| digest.len() == DIGEST)?;
    let mut params = CertificateParams::new([name.to_owned()]).ok()?;
    params.distinguished_name = DistinguishedName::new();
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate().ok()?;
    let certificate = params.self_signed(&key).ok()?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Some(CertifiedKey::new(vec![certificate.der().clone()], any_supported_type(&key).ok()?))
}

/// Chooses by what the handshake is for.
#[derive(Debug)]
pub(in crate::tls) struct Beside {
    shown: Option<Arc<CertifiedKey>>,
    challenges: Challenges,
}

impl ResolvesServerCert for Beside {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // An authority offers this protocol and no other (RFC 8737, section 3).
        let proof = hello.alpn().is_some_and(|mut offered| {
            offered.next() == Some(PROTOCOL) && offered.next().is_none()
        });
        if proof { self.challenges.of(hello.server_name()?) } else { self.shown.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use x509_cert::Certificate;
    use x509_cert::der::Decode as _;

    #[test]
    fn what_proves_a_name_is_for_that_name_and_holds_the_digest_in_a_critical_extension() {
        let challenges = Challenges::default();
        challenges.answer("give.example", &[7; 32]).unwrap();
        challenges.answer("join.example", &[8; 32]).unwrap();
        challenges.answer("give.example", &[9; 32]).unwrap();
        let shown = challenges.of("GIVE.example").unwrap();
        let certificate = Certificate::from_der(&shown.cert[0]).unwrap().tbs_certificate;
        let extensions = certificate.extensions.unwrap();
        let of = |oid: &str| extensions.iter().find(|one| one.extn_id.to_string() == oid).unwrap();
        let proof = of("1.3.6.1.5.5.7.1.31");
        assert!(proof.critical);
        assert_eq!(proof.extn_value.as_bytes(), [&[4, 32][..], &[9; 32]].concat());
        let names = of("2.5.29.17").extn_value.as_bytes();
        assert_eq!(names, [&[0x30, 14, 0x82, 12][..], b"give.example"].concat());
        assert!(challenges.of("join.example").is_some() && challenges.of("example").is_none());
        challenges.clear();
        assert!(challenges.of("give.example").is_none());
        assert!(challenges.answer("give.example", &[7; 31]).is_err(), "no digest");
    }
}
