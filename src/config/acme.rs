//! `[public.acme]`: the public listener's certificate from an authority, instead of files.

use super::{Checked, HostName, HttpsUrl};
use crate::tls::acme::Terms;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[public.acme]`. docs/acme.md says what it does.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AcmeSettings {
    /// The authority's directory.
    pub directory: Checked<HttpsUrl>,
    /// Whether its terms are agreed to.
    #[serde(default)]
    pub terms_agreed: bool,
    /// Where it may write to.
    #[serde(default)]
    pub contact: String,
    /// The host names asked for; that of the origin where none are named.
    #[serde(default)]
    pub domains: Vec<Checked<HostName>>,
    /// Where account, certificate and key are kept.
    pub folder: PathBuf,
    /// The only authorities trusted for the directory.
    pub ca_file: Option<PathBuf>,
}

impl AcmeSettings {
    /// The same for `names`, as they will be agreed on.
    #[must_use]
    pub fn terms(&self, names: Vec<String>) -> Terms {
        Terms {
            directory: self.directory.0.0.clone(),
            contact: (!self.contact.is_empty()).then(|| self.contact.clone()),
            names,
            folder: self.folder.clone(),
            roots: self.ca_file.clone(),
        }
    }
}
