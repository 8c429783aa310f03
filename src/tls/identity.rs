//! Who we are on the wire: a certificate chain with its key, checked before it is used.

use super::facts::Facts;
use super::files::{Files, Material};
use crate::keys::why_unread;
use jiff::Timestamp;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys, RootCertStore};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Why certificates are not taken. Each text names the file and what to do, never its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The file is missing or closed to us.
    #[error("{}: cannot be read ({}); name a file that is there and that this user may read: `almoner check` says how to come by one", file.display(), why_unread(*reason))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        reason: ErrorKind,
    },
    /// Group or others may read the private key.
    #[error("{}: open to others (mode {mode:04o}); run chmod 600 on it", file.display())]
    KeyOpenToOthers {
        /// The file.
        file: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Too large, no file, or its PEM or what is inside is broken.
    #[error("{}: not readable as PEM; give it as the authority issued it", file.display())]
    NotPem {
        /// The file.
        file: PathBuf,
    },
    /// No certificate in the file.
    #[error("{}: holds no certificate; put the chain there, own certificate first", file.display())]
    NoCertificate {
        /// The file.
        file: PathBuf,
    },
    /// No private key in the file that we can use.
    #[error(
        "{}: holds no private key that can be used; give an ECDSA, RSA or Ed25519 key, not encrypted",
        file.display()
    )]
    NoKey {
        /// The file.
        file: PathBuf,
    },
    /// Key and certificate are not a pair.
    #[error("{}: is not the key of {}; give the two that belong together", key.display(), chain.display())]
    NotAPair {
        /// The file of the key.
        key: PathBuf,
        /// The file of the chain.
        chain: PathBuf,
    },
    /// The certificate has ended.
    #[error("{}: the certificate expired at {at}; renew it", file.display())]
    Expired {
        /// The file.
        file: PathBuf,
        /// When it ended.
        at: Timestamp,
    },
    /// The certificate is not valid yet.
    #[error("{}: the certificate is not valid before {at}; check this machine's clock", file.display())]
    NotYetValid {
        /// The file.
        file: PathBuf,
        /// When it begins.
        at: Timestamp,
    },
    /// The folder of what comes by ACME cannot be made or entered.
    #[error("{}: cannot be made or entered ({reason}); give public.acme.folder to this user alone, mode 0700", file.display())]
    NoFolder {
        /// The folder.
        file: PathBuf,
        /// What the operating system said.
        reason: ErrorKind,
    },
    /// Group or others may enter that folder.
    #[error("{}: open to others (mode {mode:04o}); run chmod 700 on it", file.display())]
    FolderOpenToOthers {
        /// The folder.
        file: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The binary cannot ask for certificates.
    #[error(
        "this binary was built without ACME: build it with `--features acme`, or name certificate files instead"
    )]
    BuiltWithout,
    /// The TLS library refuses the whole.
    #[error("{}: refused by the TLS library; check its kind of key and its extensions", file.display())]
    Refused {
        /// The file.
        file: PathBuf,
    },
}

/// A certificate that is valid now, with its key.
pub(super) struct Identity {
    pub(super) certified: CertifiedKey,
    pub(super) facts: Facts,
}

impl Identity {
    pub(super) fn check(
        material: &Material,
        files: &Files,
        now: Timestamp,
    ) -> Result<Self, CertificateError> {
        let file = || files.chain.clone();
        let chain = certificates(&material.chain, &files.chain)?;
        let key = PrivateKeyDer::from_pem_slice(&material.key)
            .ok()
            .map(Zeroizing::new)
            .and_then(|der| any_supported_type(&der).ok())
            .ok_or_else(|| CertificateError::NoKey { file: files.key.clone() })?;
        let facts = Facts::of(&chain).ok_or_else(|| CertificateError::NotPem { file: file() })?;
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(Error::InconsistentKeys(_)) => {
                return Err(CertificateError::NotAPair { key: files.key.clone(), chain: file() });
            }
            Err(_) => return Err(CertificateError::Refused { file: file() }),
        }
        if now < facts.not_before {
            return Err(CertificateError::NotYetValid { file: file(), at: facts.not_before });
        }
        if now > facts.not_after {
            return Err(CertificateError::Expired { file: file(), at: facts.not_after });
        }
        Ok(Self { certified, facts })
    }
}

/// The authorities whose clients are let in.
pub(super) fn client_authorities(
    material: &Material,
    files: &Files,
) -> Result<Option<RootCertStore>, CertificateError> {
    let (Some(pem), Some(file)) = (&material.client_authorities, &files.client_authorities) else {
        return Ok(None);
    };
    let mut roots = RootCertStore::empty();
    for authority in certificates(pem, file)? {
        roots.add(authority).map_err(|_error| CertificateError::Refused { file: file.clone() })?;
    }
    Ok(Some(roots))
}

fn certificates(pem: &[u8], file: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let all: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_error| CertificateError::NotPem { file: file.to_owned() })?;
    if all.is_empty() {
        return Err(CertificateError::NoCertificate { file: file.to_owned() });
    }
    Ok(all)
}
