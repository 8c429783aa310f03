//! Throw-away certificates for the demonstration, for `almoner dev-certs` and for tests. The only
//! room that makes keys. Never for a service that takes money: nothing outside this machine trusts
//! the authority, and its own key is gone once the process ends.

use crate::clock::Clock;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Names a development certificate is good for when none are given.
pub const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// For how many days a development certificate is good when nothing else is said. With the day before now
/// it lives for 90, the most that Mozilla's modern profile has (security.md, 1.6).
pub const DAYS: u16 = 89;

/// Why development certificates could not be made or written.
#[derive(Debug, thiserror::Error)]
pub enum DevelopmentError {
    /// A name is neither a host name nor an address, or the key could not be made.
    #[error("no certificate can be made for these names; give host names and IP addresses only")]
    Making(#[from] rcgen::Error),
    /// A file of that name is there already. Nothing was written.
    #[error("{}: exists already; move it away or choose another folder", file.display())]
    Exists {
        /// The file.
        file: PathBuf,
    },
    /// The file or folder could not be made.
    #[error("{}: cannot be written ({reason}); choose a folder that this user may write to", file.display())]
    Unwritable {
        /// The file or folder.
        file: PathBuf,
        /// What the operating system said.
        reason: ErrorKind,
    },
}

/// An authority that lives as long as this value.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    from: Timestamp,
    until: Timestamp,
}

/// A certificate and its key, both PEM.
pub struct Pair {
    /// The certificate.
    pub certificate: String,
    /// Its key, PKCS#8.
    pub key: Zeroizing<String>,
}

/// Where [`Authority::write`] put things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The authority's certificate, to be trusted by clients and to let clients in.
    pub authority: PathBuf,
    /// The server's certificate.
    pub server: PathBuf,
    /// The server's key.
    pub server_key: PathBuf,
    /// A certificate for a client (mutual TLS).
    pub client: PathBuf,
    /// The client's key.
    pub client_key: PathBuf,
}

impl Authority {
    /// A new authority; it and all it issues are valid from the day before now for `days` days.
    pub fn new(clock: &Clock, days: u16) -> Result<Self, DevelopmentError> {
        let now = clock.now();
        let day = SignedDuration::from_hours(24);
        let from = now.saturating_sub(day).unwrap_or(now);
        let until = now.saturating_add(day.saturating_mul(i32::from(days))).unwrap_or(now);
        let mut params = parameters(&[], "Almoner development authority", from, until)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        Ok(Self { issuer, from, until })
    }

    /// The authority's own certificate, PEM.
    #[must_use]
    pub fn certificate(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for a server of these host names and IP addresses.
    pub fn server(&self, names: &[&str]) -> Result<Pair, DevelopmentError> {
        self.issue(names, "Almoner development server", ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A certificate for a client called `name`.
    pub fn client(&self, name: &str) -> Result<Pair, DevelopmentError> {
        self.issue(&[], name, ExtendedKeyUsagePurpose::ClientAuth)
    }

    /// Writes the authority's certificate, a server's and a client's into `folder` (made with mode
    /// 0700 if it is not there; keys with 0600). Overwrites nothing.
    pub fn write(&self, folder: &Path, names: &[&str]) -> Result<Written, DevelopmentError> {
        let (server, client) = (self.server(names)?, self.client("Almoner development client")?);
        let written = Written {
            authority: folder.join("authority.pem"),
            server: folder.join("server.pem"),
            server_key: folder.join("server-key.pem"),
            client: folder.join("client.pem"),
            client_key: folder.join("client-key.pem"),
        };
        let authority = self.certificate();
        let files: [(&PathBuf, &str, u32); 5] = [
            (&written.authority, &authority, 0o644),
            (&written.server, &server.certificate, 0o644),
            (&written.server_key, &server.key, 0o600),
            (&written.client, &client.certificate, 0o644),
            (&written.client_key, &client.key, 0o600),
        ];
        if let Some((file, ..)) = files.iter().find(|(file, ..)| file.symlink_metadata().is_ok()) {
            return Err(DevelopmentError::Exists { file: (*file).clone() });
        }
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| unwritable(folder, &error))?;
        for (file, content, mode) in files {
            write(file, content, mode)?;
        }
        Ok(written)
    }

    fn issue(
        &self,
        names: &[&str],
        called: &str,
        usage: ExtendedKeyUsagePurpose,
    ) -> Result<Pair, DevelopmentError> {
        let mut params = parameters(names, called, self.from, self.until)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Pair { certificate, key: Zeroizing::new(key.serialize_pem()) })
    }
}

fn parameters(
    names: &[&str],
    called: &str,
    from: Timestamp,
    until: Timestamp,
) -> Result<CertificateParams, DevelopmentError> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, called);
    let [from, until] = [from, until].map(|time| {
        let date = TimeZone::UTC.to_datetime(time).date();
        let [month, day] = [date.month(), date.day()].map(i8::unsigned_abs);
        date_time_ymd(i32::from(date.year()), month, day)
    });
    params.not_before = from;
    params.not_after = until;
    Ok(params)
}

fn write(file: &Path, content: &str, mode: u32) -> Result<(), DevelopmentError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(file)
        .and_then(|mut open| open.write_all(content.as_bytes()))
        .map_err(|error| {
            if error.kind() == ErrorKind::AlreadyExists {
                DevelopmentError::Exists { file: file.to_owned() }
            } else {
                unwritable(file, &error)
            }
        })
}

fn unwritable(file: &Path, error: &std::io::Error) -> DevelopmentError {
    DevelopmentError::Unwritable { file: file.to_owned(), reason: error.kind() }
}
