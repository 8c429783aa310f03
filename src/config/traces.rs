//! `[traces]`: where traces of requests are sent (docs/monitoring.md).

use super::{Checked, ConfigError, Document, HttpsUrl, Settings};
use crate::keys::why_unread;
use crate::spans::Collector;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[traces]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct TracesSettings {
    /// Whether any are sent.
    pub enabled: bool,
    /// Where OTLP is taken.
    pub url: Option<Checked<HttpsUrl>>,
    /// PEM file of the only certificate authorities trusted for it.
    pub ca_file: Option<PathBuf>,
}

impl Settings {
    /// Where traces go, where they are to be sent.
    pub fn collector(&self, document: &Document) -> Result<Option<Collector>, ConfigError> {
        let traces = &self.traces;
        if !traces.enabled {
            return Ok(None);
        }
        if cfg!(not(feature = "otel")) {
            let what = crate::spans::NoTraces::NotBuilt.to_string();
            return Err(document.wrong("traces.enabled", &what));
        }
        let Some(url) = &traces.url else {
            let what = "needed where traces are sent: https://HOST:4318/v1/traces is usual";
            return Err(document.wrong("traces.url", what));
        };
        let roots = traces.ca_file.as_ref().map(std::fs::read).transpose().map_err(|error| {
            document
                .wrong("traces.ca_file", &format!("cannot be read ({})", why_unread(error.kind())))
        })?;
        Ok(Some(Collector { url: url.0.0.clone(), roots }))
    }
}
