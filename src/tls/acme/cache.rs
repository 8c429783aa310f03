//! What is kept between two starts: the account's key, the certificate with its key, and when the
//! authority may be asked again. For our eyes alone, each file whole or as before.

use super::Terms;
use super::plan::Plan;
use super::trouble::Trouble;
use crate::tls::files::{Readers, read};
use rcgen::KeyPair;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

/// The folder's files, of one authority.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    account: PathBuf,
    certificate: PathBuf,
    plan: PathBuf,
}

impl Cache {
    pub(super) fn of(terms: &Terms) -> Self {
        Self {
            folder: terms.folder.clone(),
            account: terms.account_key_file(),
            certificate: terms.files().chain,
            plan: terms.file("plan"),
        }
    }

    /// The account's key. Made, and written before it is used, where there is none: an account whose key
    /// is lost cannot be found again.
    pub(super) fn account_key(&self) -> Result<PrivatePkcs8KeyDer<'static>, Trouble> {
        match self.account.try_exists() {
            Ok(true) => {}
            Ok(false) => {
                let key = KeyPair::generate().map_err(|_error| Trouble::Making)?;
                self.put(&self.account, Zeroizing::new(key.serialize_pem()).as_bytes())?;
            }
            Err(error) => return Err(self.unwritten(&error)),
        }
        let pem = read(&self.account, Readers::Owner).map_err(Trouble::Account)?;
        PrivatePkcs8KeyDer::from_pem_slice(&pem).map_err(|_error| Trouble::NoAccountKey)
    }

    /// Puts a certificate, its key before it, in the place of the last.
    pub(super) fn put_certificate(&self, pem: &[u8]) -> Result<(), Trouble> {
        self.put(&self.certificate, pem)
    }

    /// When it may be asked again. What cannot be read holds nobody up: it is written anew.
    pub(super) fn plan(&self) -> Plan {
        std::fs::read_to_string(&self.plan)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }

    pub(super) fn put_plan(&self, plan: Plan) -> Result<(), Trouble> {
        self.put(&self.plan, format!("{plan}\n").as_bytes())
    }

    /// Whole, or as it was; with the mode 0600, which new files of this kind have.
    fn put(&self, file: &Path, content: &[u8]) -> Result<(), Trouble> {
        let put = || -> io::Result<()> {
            let mut new = NamedTempFile::new_in(&self.folder)?;
            new.write_all(content)?;
            new.as_file().sync_all()?;
            new.persist(file)?;
            File::open(&self.folder)?.sync_all()
        };
        put().map_err(|error| self.unwritten(&error))
    }

    fn unwritten(&self, error: &io::Error) -> Trouble {
        let reason: ErrorKind = error.kind();
        Trouble::Unwritten { folder: self.folder.clone(), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_written_is_ours_alone_and_read_again() {
        let place = tempfile::tempdir().unwrap();
        let terms = Terms {
            directory: "https://ca.example/".parse().unwrap(),
            contact: None,
            names: Vec::new(),
            folder: place.path().to_owned(),
            roots: None,
        };
        let cache = Cache::of(&terms);
        let key = cache.account_key().unwrap();
        assert_eq!(cache.account_key().unwrap(), key, "the same one again");
        assert_eq!(cache.plan(), Plan::default());
        let plan = Plan { not_before: Some("2026-11-26T10:00:00Z".parse().unwrap()), failures: 3 };
        cache.put_plan(plan).unwrap();
        assert_eq!(cache.plan(), plan);
        cache.put_certificate(b"one").unwrap();
        cache.put_certificate(b"two").unwrap();
        assert_eq!(std::fs::read(terms.files().key).unwrap(), b"two");
        let files: Vec<_> = std::fs::read_dir(place.path()).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 3, "nothing is left beside");
        for file in files {
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(terms.account_key_file(), "no key").unwrap();
        assert!(matches!(cache.account_key(), Err(Trouble::NoAccountKey)));
        std::fs::set_permissions(terms.account_key_file(), PermissionsExt::from_mode(0o640))
            .unwrap();
        assert!(matches!(cache.account_key(), Err(Trouble::Account(_))));
        std::fs::write(place.path().join("ca.example-plan"), "soon").unwrap();
        assert_eq!(cache.plan(), Plan::default());
    }
}
