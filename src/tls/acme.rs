//! Certificates of the public listener from an authority that speaks ACME (RFC 8555), proved by
//! TLS-ALPN-01 (RFC 8737): on the port that is served anyway, so that no plaintext one is needed.
//!
//! What comes is a file like any other, and [`Certificates`](super::Certificates) reads it as one.

#[cfg(not(feature = "acme"))]
mod absent;
#[cfg(feature = "acme")]
mod cache;
mod challenges;
#[cfg(feature = "acme")]
mod line;
#[cfg(feature = "acme")]
mod order;
#[cfg(feature = "acme")]
mod plan;
#[cfg(feature = "acme")]
mod renewal;
#[cfg(feature = "acme")]
mod trouble;

#[cfg(not(feature = "acme"))]
pub use absent::Renewal;
pub(super) use challenges::PROTOCOL;
pub use challenges::{Challenges, Unanswerable};
#[cfg(feature = "acme")]
pub use renewal::Renewal;

use super::files::Files;
use super::identity::CertificateError;
use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::PathBuf;
use url::Url;

/// Whether this binary can ask for certificates at all.
pub const BUILT: bool = cfg!(feature = "acme");

/// What is agreed with the authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Its directory.
    pub directory: Url,
    /// Where it may write to: an address of electronic mail.
    pub contact: Option<String>,
    /// The host names that are asked for, all in one certificate.
    pub names: Vec<String>,
    /// Where account, certificate and key are kept, which nobody else may enter.
    pub folder: PathBuf,
    /// PEM file of the only authorities trusted for the directory itself; the system's without.
    pub roots: Option<PathBuf>,
}

impl Terms {
    /// Where the certificate lies once it has come. One file holds key and chain, so that no crash and no
    /// reader in between finds halves of two.
    #[must_use]
    pub fn files(&self) -> Files {
        let both = self.file("certificate.pem");
        Files { chain: both.clone(), key: both, client_authorities: None }
    }

    /// The key by which the authority knows us.
    #[must_use]
    pub fn account_key_file(&self) -> PathBuf {
        self.file("account-key.pem")
    }

    /// Makes the folder, or sees that nobody else may enter it.
    pub fn prepare(&self) -> Result<(), CertificateError> {
        let file = || self.folder.clone();
        let unwritable = |error: std::io::Error| CertificateError::NoFolder {
            file: file(),
            reason: error.kind(),
        };
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(unwritable)?;
        let facts = self.folder.metadata().map_err(unwritable)?;
        match facts.permissions().mode() & 0o777 {
            mode if mode & 0o077 != 0 => {
                Err(CertificateError::FolderOpenToOthers { file: file(), mode })
            }
            _ => Ok(()),
        }
    }

    /// Each authority has its own: what came from one that was tried out is nothing to the real one.
    fn file(&self, name: &str) -> PathBuf {
        let host = self.directory.host_str().unwrap_or_default().replace([':', '[', ']'], "_");
        let port = self.directory.port().map(|port| format!("_{port}")).unwrap_or_default();
        self.folder.join(format!("{host}{port}-{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;

    fn terms(directory: &str, folder: PathBuf) -> Terms {
        let (directory, names) = (directory.parse().unwrap(), vec!["give.example".to_owned()]);
        Terms { directory, contact: None, names, folder, roots: None }
    }

    #[test]
    fn each_authority_has_files_of_its_own() {
        let file = |directory: &str| terms(directory, PathBuf::from("/acme")).files().chain;
        let tried_out = file("https://staging.ca.example/directory");
        assert_eq!(tried_out, PathBuf::from("/acme/staging.ca.example-certificate.pem"));
        assert_ne!(tried_out, file("https://ca.example/directory"));
        assert_ne!(file("https://localhost:1/dir"), file("https://localhost:2/dir"));
        assert_eq!(file("https://[::1]:1/dir").parent(), Some(std::path::Path::new("/acme")));
    }

    #[test]
    fn the_folder_is_made_for_us_alone_and_refused_where_it_is_not() {
        let place = tempfile::tempdir().unwrap();
        let terms = terms("https://ca.example/", place.path().join("state/acme"));
        terms.prepare().unwrap();
        let mode = || terms.folder.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o700);
        terms.prepare().unwrap();
        std::fs::set_permissions(&terms.folder, Permissions::from_mode(0o750)).unwrap();
        let open = CertificateError::FolderOpenToOthers { file: terms.folder.clone(), mode: 0o750 };
        assert_eq!(terms.prepare(), Err(open));
        std::fs::remove_dir(&terms.folder).unwrap();
        std::fs::write(&terms.folder, "").unwrap();
        assert!(matches!(terms.prepare(), Err(CertificateError::NoFolder { .. })));
    }
}
