//! The secrets that the dialect needs, and everything that is wrong with them.

use crate::config::secret::{ReadKey, SecretError};
use crate::config::{ConfigError, Document, SecretSetting, Settings};
use crate::keys::{Key, Keys, Password, Phrases};
use crate::payment::Dialect;
use zeroize::Zeroizing;

impl Settings {
    /// Everything wrong with the secrets, not only the first.
    #[must_use]
    pub fn secrets(&self, document: &Document) -> Vec<ConfigError> {
        let mut errors: Vec<_> = match self.processor.dialect.0 {
            Dialect::Signed => vec![
                self.keys(document, "install", Key::new).err(),
                self.keys(document, "processor_signing", Key::new).err(),
                self.keys(document, "processor_webhook", Key::webhook).err(),
            ],
            Dialect::Rsm2000 => vec![
                self.keys(document, "install", Key::new).err(),
                self.phrases(document, "rsm2000_callback").err(),
                self.has_api().then(|| self.phrases(document, "rsm2000_api").err()).flatten(),
            ],
        }
        .into_iter()
        .flatten()
        .collect();
        errors.extend(self.subscribers(document).err());
        if errors.is_empty() && self.shares_a_secret() {
            let what = "the same as one of the processor's: make one of its own with `almoner keygen install`";
            errors.push(document.wrong("secrets.install", what));
        }
        errors
    }

    /// The secrets that RSM issued and that can be guessed.
    #[must_use]
    pub fn short_secrets(&self, document: &Document) -> Vec<String> {
        let names = ["rsm2000_callback", "rsm2000_api"];
        let short = |name: &&str| {
            let phrases = self.phrases(document, name);
            phrases.is_ok_and(|phrases| phrases.current.is_short())
        };
        names.into_iter().filter(short).map(|name| format!("secrets.{name}")).collect()
    }

    fn has_api(&self) -> bool {
        self.processor.rsm2000.as_ref().is_some_and(|rsm| rsm.api.is_some())
    }

    /// Whether our own secret is one that the processor knows too.
    fn shares_a_secret(&self) -> bool {
        let mark = |setting: Option<&SecretSetting>, read: ReadKey| {
            let keys = setting.and_then(|setting| setting.keys(read).ok());
            keys.map(|keys| keys.current.sign(&[b"almoner-same-secret"]))
        };
        let secrets = &self.secrets;
        let ours = mark(Some(&secrets.install), Key::new);
        let theirs = [
            mark(secrets.processor_signing.as_ref(), Key::new),
            mark(secrets.processor_webhook.as_ref(), Key::webhook),
            mark(secrets.rsm2000_callback.as_ref(), Key::new),
            mark(secrets.rsm2000_api.as_ref(), Key::new),
        ];
        ours.is_some() && theirs.contains(&ours)
    }

    /// The keys of a secret that must be named.
    pub(super) fn keys(
        &self,
        document: &Document,
        name: &str,
        read: ReadKey,
    ) -> Result<Keys, ConfigError> {
        self.read(document, name, |setting| setting.keys(read))
    }

    pub(super) fn phrases(&self, document: &Document, name: &str) -> Result<Phrases, ConfigError> {
        self.read(document, name, SecretSetting::phrases)
    }

    /// The bytes of a secret that is shown to whoever asks for it, such as a database.
    pub(super) fn password(
        &self,
        document: &Document,
        name: &str,
    ) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        self.read(document, name, SecretSetting::password)
    }

    /// The hash of the console's password.
    pub(in crate::config) fn hashed_password(
        &self,
        document: &Document,
    ) -> Result<Password, ConfigError> {
        self.read(document, "console_password", SecretSetting::hash)
    }

    fn read<T>(
        &self,
        document: &Document,
        name: &str,
        read: impl Fn(&SecretSetting) -> Result<T, SecretError>,
    ) -> Result<T, ConfigError> {
        let secrets = &self.secrets;
        let setting = match name {
            "install" => Some(&secrets.install),
            "processor_signing" => secrets.processor_signing.as_ref(),
            "processor_webhook" => secrets.processor_webhook.as_ref(),
            "rsm2000_callback" => secrets.rsm2000_callback.as_ref(),
            "ledger_password" => secrets.ledger_password.as_ref(),
            "console_password" => secrets.console_password.as_ref(),
            _ => secrets.rsm2000_api.as_ref(),
        };
        let key = format!("secrets.{name}");
        match setting {
            Some(setting) => read(setting).map_err(|why| document.wrong(&key, &why.told(&key))),
            None if name == "console_password" => Err(document.wrong(
                &key,
                "not there: console.entry asks for a password; make its hash with `almoner keygen console-password --out FILE`",
            )),
            None => Err(document.wrong(
                &key,
                "not there: this dialect needs it, docs/configuration.md says what it is",
            )),
        }
    }
}
