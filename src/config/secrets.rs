//! Where each secret is read from.

use super::SecretSetting;
use serde::{Deserialize, Serialize};

/// `[secrets]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Ours alone: makes tokens and fingerprints.
    pub install: SecretSetting,
    /// Shared with a processor that speaks `signed`: signs what we send.
    pub processor_signing: Option<SecretSetting>,
    /// Shared with a processor that speaks `signed`: verifies its webhooks.
    pub processor_webhook: Option<SecretSetting>,
    /// Issued by RSM: verifies its call-backs.
    pub rsm2000_callback: Option<SecretSetting>,
    /// Issued by RSM: the password of its Direct Debit API.
    pub rsm2000_api: Option<SecretSetting>,
    /// The password of Almoner's user of the database.
    pub ledger_password: Option<SecretSetting>,
    /// The hash of the console's password.
    pub console_password: Option<SecretSetting>,
}

impl Secrets {
    /// All that are named, each by its key, and whether a next one is named beside it.
    #[must_use]
    pub fn named(&self) -> Vec<(&'static str, &SecretSetting)> {
        let others = [
            ("processor_signing", &self.processor_signing),
            ("processor_webhook", &self.processor_webhook),
            ("rsm2000_callback", &self.rsm2000_callback),
            ("rsm2000_api", &self.rsm2000_api),
            ("ledger_password", &self.ledger_password),
            ("console_password", &self.console_password),
        ];
        let others = others.into_iter().filter_map(|(name, it)| it.as_ref().map(|it| (name, it)));
        std::iter::once(("install", &self.install)).chain(others).collect()
    }

    /// All that are named.
    pub(super) fn all(&mut self) -> Vec<&mut SecretSetting> {
        let others = [
            &mut self.processor_signing,
            &mut self.processor_webhook,
            &mut self.rsm2000_callback,
            &mut self.rsm2000_api,
            &mut self.ledger_password,
            &mut self.console_password,
        ];
        std::iter::once(&mut self.install).chain(others.into_iter().flatten()).collect()
    }
}
