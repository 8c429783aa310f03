//! The files a listener's certificates come from, read whole and once for each attempt.

use super::identity::CertificateError;
use crate::keys::is_private;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The most that is read of one file, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// Where a listener's certificates lie. All are PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The certificate chain, own certificate first.
    pub chain: PathBuf,
    /// Its private key: PKCS#8, PKCS#1 or SEC1, not encrypted, readable by its owner alone.
    pub key: PathBuf,
    /// Authorities of which a peer must show a certificate (mutual TLS); without, none is asked for.
    pub client_authorities: Option<PathBuf>,
}

/// What the files held at one moment.
pub(super) struct Material {
    /// Wiped as the key is, which may stand in the same file.
    pub(super) chain: Zeroizing<Vec<u8>>,
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) client_authorities: Option<Vec<u8>>,
}

impl Material {
    pub(super) fn read(files: &Files) -> Result<Self, CertificateError> {
        let chain = read(&files.chain, Readers::Anyone)?;
        let key = read(&files.key, Readers::Owner)?;
        let client_authorities = match &files.client_authorities {
            None => None,
            Some(file) => Some(read(file, Readers::Anyone)?.to_vec()),
        };
        Ok(Self { chain, key, client_authorities })
    }

    /// Tells one content from another. Of the key, too: one may be renewed under the same chain.
    pub(super) fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let clients = self.client_authorities.as_deref().unwrap_or_default();
        for part in [self.chain.as_slice(), self.key.as_slice(), clients] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    Anyone,
    Owner,
}

/// The permissions are those of the file that is read, not of what lies there a moment later.
pub(super) fn read(path: &Path, readers: Readers) -> Result<Zeroizing<Vec<u8>>, CertificateError> {
    let unreadable = |error: std::io::Error| CertificateError::Unreadable {
        file: path.to_owned(),
        reason: error.kind(),
    };
    let file = File::open(path).map_err(unreadable)?;
    let facts = file.metadata().map_err(unreadable)?;
    if readers == Readers::Owner && !is_private(&facts) {
        let mode = facts.permissions().mode() & 0o777;
        return Err(CertificateError::KeyOpenToOthers { file: path.to_owned(), mode });
    }
    if !facts.is_file() || facts.len() > LARGEST {
        return Err(CertificateError::NotPem { file: path.to_owned() });
    }
    // Room for all of it at once: a buffer that grows leaves copies of the key behind.
    let room = usize::try_from(facts.len()).unwrap_or(0).saturating_add(1);
    let mut content = Zeroizing::new(Vec::with_capacity(room));
    file.take(LARGEST).read_to_end(&mut content).map_err(unreadable)?;
    Ok(content)
}
