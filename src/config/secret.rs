//! Where a secret comes from: a file that only we may read, a systemd credential, or a named
//! environment variable. Never the configuration file, never an argument.

use crate::keys::{
    EventKey, Key, Keys, Password, Phrase, Phrases, WeakKey, is_private, why_unread,
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// `{ file = ".." }`, `{ credential = ".." }` or `{ env = ".." }`, and `next` during a rotation.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct SecretSetting {
    /// A file of mode 0600 or 0400.
    pub file: Option<PathBuf>,
    /// A name below systemd's credentials folder.
    pub credential: Option<String>,
    /// The name of an environment variable.
    pub env: Option<String>,
    /// The key that follows in a rotation: it verifies already, and signs once it takes the place.
    pub next: Option<Box<SecretSetting>>,
}

/// Why a secret could not be read. The text holds the place, never the content.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// None or several of the three places.
    #[error("a secret is named by exactly one of file, credential and env")]
    Ambiguous,
    /// There is nothing to read.
    #[error("{place} cannot be read ({}): make it with `almoner keygen`", why_unread(*kind))]
    Unreadable {
        /// The place.
        place: String,
        /// The operating system's reason.
        kind: std::io::ErrorKind,
    },
    /// Others could read it too.
    #[error("{place} can be read by others: chmod 0600 it")]
    Exposed {
        /// The place.
        place: String,
    },
    /// The unit does not give it.
    #[error(
        "{place} cannot be read ({}): put it there, and name it in the unit (LoadCredential=); a command that is run beside the service looks in CREDENTIALS_DIRECTORY",
        why_unread(*kind)
    )]
    NotGiven {
        /// The place.
        place: String,
        /// The operating system's reason.
        kind: std::io::ErrorKind,
    },
    /// The environment does not have it.
    #[error("the environment variable {0} is not set")]
    NotSet(String),
    /// Not a key.
    #[error("{place}: {why}")]
    Weak {
        /// The place.
        place: String,
        /// What is wrong with it.
        why: WeakKey,
    },
}

/// How a secret's bytes become a key.
pub(super) type ReadKey = fn(&[u8]) -> Result<Key, WeakKey>;

impl SecretError {
    /// The same of the secret of this key, with the command that makes one of its kind.
    #[must_use]
    pub fn told(&self, key: &str) -> String {
        let make = match SecretSetting::kind(key) {
            Some(kind) => format!("make it with `almoner keygen {kind} --out FILE`"),
            None if key.ends_with("ledger_password") => {
                "put there the password of the database's user".to_owned()
            }
            None => "put there what RSM gave you".to_owned(),
        };
        let general = self.to_string();
        let general = general.replace("make it with `almoner keygen events`", &make);
        general.replace("make it with `almoner keygen`", &make)
    }
}

impl SecretSetting {
    /// What `almoner keygen` calls the kind of secret that a key of the configuration names; none for what others
    /// issue.
    #[must_use]
    pub fn kind(key: &str) -> Option<&'static str> {
        match key.strip_suffix(".next").unwrap_or(key).rsplit('.').next()? {
            "install" => Some("install"),
            "processor_signing" => Some("signing"),
            "processor_webhook" | "secret" => Some("webhook"),
            "signing_key" => Some("events"),
            "console_password" => Some("console-password"),
            _ => None,
        }
    }

    /// The file that it stands in; none for a variable of the environment.
    #[must_use]
    pub fn stands_in(&self) -> Option<PathBuf> {
        let credential = self.credential.as_deref().map(credential_file);
        self.file.clone().or(credential)
    }

    /// The current key and, during a rotation, the next.
    pub(super) fn keys(&self, read: ReadKey) -> Result<Keys, SecretError> {
        let next = self.next.as_ref().map(|next| next.key(read)).transpose()?;
        Ok(Keys { current: self.key(read)?, next })
    }

    /// The same for a secret that its issuer chose (security.md, G-3).
    pub(super) fn phrases(&self) -> Result<Phrases, SecretError> {
        let phrase = |setting: &Self| {
            let (place, bytes) = setting.bytes()?;
            let phrase = Phrase::new(bytes.trim_ascii());
            phrase.ok_or(SecretError::Weak { place, why: WeakKey::Short })
        };
        let next = self.next.as_deref().map(phrase).transpose()?;
        Ok(Phrases { current: phrase(self)?, next })
    }

    /// The key that signs for whoever has its public half.
    pub(super) fn signing(&self) -> Result<EventKey, SecretError> {
        let (place, bytes) = self.bytes()?;
        EventKey::read(bytes.trim_ascii()).map_err(|why| SecretError::Weak { place, why })
    }

    /// The hash of what people type.
    pub(super) fn hash(&self) -> Result<Password, SecretError> {
        let (place, bytes) = self.bytes()?;
        Password::read(bytes.trim_ascii()).map_err(|why| SecretError::Weak { place, why })
    }

    /// The current secret as it is, without the line end.
    pub(super) fn password(&self) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let (place, bytes) = self.bytes()?;
        let text = bytes.trim_ascii();
        if text.is_empty() {
            return Err(SecretError::Weak { place, why: WeakKey::Short });
        }
        Ok(Zeroizing::new(text.to_vec()))
    }

    /// Where it stands: a path, or the name of a credential or of a variable.
    #[must_use]
    pub fn place(&self) -> String {
        match (&self.file, &self.credential, &self.env) {
            (Some(file), _, _) => file.display().to_string(),
            (_, Some(name), _) => format!("systemd credential {name}"),
            (_, _, Some(name)) => format!("environment variable {name}"),
            (None, None, None) => "nowhere".to_owned(),
        }
    }

    /// How many bytes it has, without the line end.
    pub fn length(&self) -> Result<usize, SecretError> {
        Ok(self.bytes()?.1.trim_ascii().len())
    }

    /// Eight figures by which a key is told from another.
    pub fn id(&self) -> Result<String, SecretError> {
        Ok(hex::encode(self.key(Key::new)?.id()))
    }

    /// The files it names, to be made absolute.
    pub(super) fn files(&mut self) -> Vec<&mut PathBuf> {
        let next = self.next.iter_mut().filter_map(|next| next.file.as_mut());
        self.file.iter_mut().chain(next).collect()
    }

    fn key(&self, read: ReadKey) -> Result<Key, SecretError> {
        let (place, bytes) = self.bytes()?;
        // Without the line end that editors and `echo` leave.
        read(bytes.trim_ascii()).map_err(|why| SecretError::Weak { place, why })
    }

    /// Where it stands, and what stands there.
    fn bytes(&self) -> Result<(String, Zeroizing<Vec<u8>>), SecretError> {
        Ok(match (&self.file, &self.credential, &self.env) {
            (Some(file), None, None) => (file.display().to_string(), read_private(file)?),
            (None, Some(name), None) => credential(name)?,
            (None, None, Some(name)) => (name.clone(), environment(name)?),
            _ => return Err(SecretError::Ambiguous),
        })
    }
}

/// No secret is as long as this, in bytes.
const TOO_LONG: usize = 64 * 1024;

/// The whole of a file that nobody else may read, in one allocation that is wiped and never grows.
pub fn read_private(file: &Path) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    use std::io::Read as _;
    let place = || file.display().to_string();
    let unreadable =
        |error: std::io::Error| SecretError::Unreadable { place: place(), kind: error.kind() };
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    let metadata = opened.metadata().map_err(unreadable)?;
    if !is_private(&metadata) {
        return Err(SecretError::Exposed { place: place() });
    }
    // Room for the longest: a pipe does not say how much is in it, and a file may grow meanwhile.
    let mut bytes = Zeroizing::new(Vec::with_capacity(TOO_LONG.saturating_add(1)));
    let most = u64::try_from(TOO_LONG).unwrap_or(u64::MAX);
    opened.take(most).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() == TOO_LONG {
        return Err(unreadable(std::io::ErrorKind::FileTooLarge.into()));
    }
    Ok(bytes)
}

fn credential(name: &str) -> Result<(String, Zeroizing<Vec<u8>>), SecretError> {
    let file = credential_file(name);
    let bytes = read_private(&file).map_err(|error| {
        if let SecretError::Unreadable { place, kind } = error {
            return SecretError::NotGiven { place, kind };
        }
        error
    })?;
    Ok((file.display().to_string(), bytes))
}

/// Where systemd puts what `LoadCredential=` names: the service is told. A command that is run beside it looks
/// where it is put for the service, and before it was ever started where systemd takes it from.
#[expect(clippy::disallowed_methods, reason = "this is the room that reads the environment")]
fn credential_file(name: &str) -> PathBuf {
    let plain = !name.is_empty() && !name.contains(['/', '\0']) && name != "..";
    let name = if plain { name } else { "." };
    if let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") {
        return Path::new(&folder).join(name);
    }
    let given = Path::new("/run/credentials/almoner.service").join(name);
    if given.exists() { given } else { Path::new("/etc/credstore").join(name) }
}

/// A path of the configuration: below a folder, or where `credential:NAME` says, with systemd's credentials.
pub(super) fn placed(folder: &Path, path: &Path) -> PathBuf {
    match path.to_str().and_then(|path| path.strip_prefix("credential:")) {
        Some(name) => credential_file(name),
        None => folder.join(path),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the room that reads the environment")]
fn environment(name: &str) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let value = std::env::var(name).ok().ok_or_else(|| SecretError::NotSet(name.to_owned()))?;
    Ok(Zeroizing::new(value.into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;

    fn written(content: &[u8], mode: u32) -> (tempfile::TempDir, SecretSetting) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(content).unwrap();
        file.set_permissions(std::fs::Permissions::from_mode(mode)).unwrap();
        (folder, SecretSetting { file: Some(path), ..SecretSetting::default() })
    }

    #[test]
    fn p_10_g_4_a_secret_that_others_can_read_is_refused() {
        let secret = b"0123456789abcdef0123456789abcdef\n";
        for (mode, good) in
            [(0o600, true), (0o400, true), (0o644, false), (0o640, false), (0o604, false)]
        {
            let (_folder, setting) = written(secret, mode);
            assert_eq!(setting.keys(Key::new).is_ok(), good, "{mode:o}");
        }
    }

    #[test]
    fn errors_hold_no_secret() {
        let (_folder, setting) = written(b"hunter2", 0o600);
        let error = setting.keys(Key::new).unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
        assert!(matches!(SecretSetting::default().keys(Key::new), Err(SecretError::Ambiguous)));
    }
}
