//! What is told of keys and certificates, by their names in the configuration.

use super::Metrics;
use prometheus_client::encoding::EncodeLabelSet;

/// A key, by its name in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Key {
    key: String,
}

/// A file of certificates, by its name in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct File {
    file: String,
}

impl Metrics {
    pub(super) fn register_keys(&mut self) {
        self.registry.register(
            "key_last_used_timestamp_seconds",
            "When a key last signed or verified",
            self.keys.clone(),
        );
        self.registry.register(
            "certificate_ends_timestamp_seconds",
            "When the first certificate of another file ends",
            self.certificates.clone(),
        );
    }

    /// A key was last used so many seconds after 1970.
    pub fn key_used(&self, key: String, seconds: i64) {
        self.keys.get_or_create(&Key { key }).set(seconds);
    }

    /// Seconds since 1970 at which the first certificate of a file ends.
    pub fn certificate_of(&self, file: String, seconds: i64) {
        self.certificates.get_or_create(&File { file }).set(seconds);
    }
}
