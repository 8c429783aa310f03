//! `[[subscribers]]`: the charity's systems that are told by themselves.

use super::{Checked, HttpsUrl, SecretSetting};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[[subscribers]]`. docs/events.md says what each is told.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriberSettings {
    /// Its name, for the log and the record.
    pub name: String,
    /// Where it listens.
    pub url: Checked<HttpsUrl>,
    /// The secret that it shares with us.
    pub secret: SecretSetting,
    /// Our own key that signs beside it.
    pub signing_key: Option<SecretSetting>,
    /// The only certificate authorities trusted for it.
    pub ca_file: Option<PathBuf>,
    /// Whether it may be at an address of a private network.
    #[serde(default)]
    pub allow_private: bool,
}

impl SubscriberSettings {
    /// Everything secret, by its name here.
    #[must_use]
    pub fn secrets(&self) -> Vec<(&'static str, &SecretSetting)> {
        let signing = self.signing_key.iter().map(|key| ("signing_key", key));
        std::iter::once(("secret", &self.secret)).chain(signing).collect()
    }

    /// The files it names, to be made absolute.
    pub(super) fn files(&mut self) -> Vec<&mut PathBuf> {
        let secrets = std::iter::once(&mut self.secret).chain(self.signing_key.as_mut());
        let secrets = secrets.flat_map(SecretSetting::files);
        secrets.chain(self.ca_file.as_mut()).collect()
    }
}
