//! Settings: one TOML file, read once. Secrets are named there and read from elsewhere.
//!
//! Every wrong setting is one line: file, line, key, what is wrong, what to do. A value is never
//! repeated: it could be a secret pasted into the wrong place.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

mod acme;
mod alarms;
mod build;
mod console;
mod error;
mod limits;
mod processor;
mod reconcile;
mod rsm2000;
mod secret;
mod secrets;
mod section;
mod self_service;
mod setting;
mod shield;
mod subscriber;
mod traces;

pub use acme::AcmeSettings;
pub use alarms::AlarmSettings;
pub use build::{Database, Keeping, Shown};
pub use console::ConsoleSettings;
pub use error::{ConfigError, Document};
pub use limits::Limits;
pub use processor::{ProcessorSettings, SignedSettings};
pub use reconcile::{ReconcileSettings, StatementSettings};
pub use rsm2000::{
    CardPageSettings, DebitApiSettings, DebitPageSettings, DebitSettings, HttpsUrl, Rsm2000,
};
pub use secret::{SecretError, SecretSetting, read_private};
pub use secrets::Secrets;
pub use section::{
    Api, ApiKey, Charity, Currency, Donate, Join, LedgerSettings, Log, Operations, Plan, Public,
    SandboxSettings, TextsSettings, Theme,
};
pub use self_service::{LinkUrl, SelfServiceSettings};
pub use setting::{
    Checked, Colour, ConsoleEntry, HostName, Level, Origin, SandboxMode, Setting, Span,
};
pub use shield::ShieldSettings;
pub use subscriber::SubscriberSettings;
pub use traces::TracesSettings;

/// Everything that can be set. docs/configuration.md says what each is for.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The listener that supporters, the processor and the charity's programs reach.
    pub public: Public,
    /// The listener for operators.
    pub operations: Operations,
    /// Where hand-offs and outcomes are kept.
    pub ledger: LedgerSettings,
    /// The payment processor.
    pub processor: ProcessorSettings,
    /// Where each secret is read from.
    pub secrets: Secrets,
    /// Whom supporters give to.
    pub charity: Charity,
    /// How the pages look.
    #[serde(default)]
    pub theme: Theme,
    /// What language they are in.
    #[serde(default)]
    pub texts: TextsSettings,
    /// Currencies taken, the first that of the forms.
    pub currencies: Vec<Currency>,
    /// The donate form.
    pub donate: Donate,
    /// The join form.
    pub join: Join,
    /// The charity's own programs.
    #[serde(default)]
    pub api: Api,
    /// The charity's systems that are told by themselves.
    #[serde(default)]
    pub subscribers: Vec<SubscriberSettings>,
    /// Every limit.
    #[serde(default)]
    pub limits: Limits,
    /// What keeps card testers out.
    #[serde(default)]
    pub shield: ShieldSettings,
    /// When it is told that webhooks fail.
    #[serde(default)]
    pub alarms: AlarmSettings,
    /// The page for operators.
    #[serde(default)]
    pub console: ConsoleSettings,
    /// How a settlement statement is laid out.
    #[serde(default)]
    pub reconcile: ReconcileSettings,
    /// The log on standard error.
    #[serde(default)]
    pub log: Log,
    /// Where traces of requests are sent.
    #[serde(default)]
    pub traces: TracesSettings,
    /// What the kernel holds the service to.
    #[serde(default)]
    pub sandbox: SandboxSettings,
}

impl Settings {
    /// Reads a file. Paths in it are relative to its folder.
    pub fn load(file: &Path) -> Result<(Self, Document), ConfigError> {
        let document = Document::read(file)?;
        let mut settings = document.settings()?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        settings.place(folder.unwrap_or(Path::new(".")));
        Ok((settings, document))
    }

    /// Makes relative paths those of this folder.
    pub fn place(&mut self, folder: &Path) {
        for path in self.paths() {
            *path = secret::placed(folder, path);
        }
    }

    /// Every path that is set.
    fn paths(&mut self) -> Vec<&mut PathBuf> {
        let optional = [
            &mut self.public.certificate_file,
            &mut self.public.private_key_file,
            &mut self.ledger.file,
            &mut self.ledger.ca_file,
            &mut self.operations.certificate_file,
            &mut self.operations.private_key_file,
            &mut self.operations.client_ca_file,
            &mut self.processor.ca_file,
            &mut self.processor.client_certificate_file,
            &mut self.processor.client_key_file,
            &mut self.traces.ca_file,
            &mut self.theme.logo_file,
            &mut self.texts.folder,
        ];
        let rsm = self.processor.rsm2000.as_mut().and_then(|rsm| rsm.debit.as_mut());
        let signed = self.processor.signed.as_mut().and_then(|signed| signed.debit.as_mut());
        let debits = rsm.into_iter().chain(signed).flat_map(DebitSettings::paths);
        let secret_files = self.secrets.all().into_iter().flat_map(SecretSetting::files);
        let acme = self.public.acme.iter_mut();
        let acme = acme.flat_map(|acme| std::iter::once(&mut acme.folder).chain(&mut acme.ca_file));
        optional
            .into_iter()
            .flatten()
            .chain(acme)
            .chain(debits)
            .chain(&mut self.sandbox.read)
            .chain(secret_files)
            .chain(self.subscribers.iter_mut().flat_map(SubscriberSettings::files))
            .collect()
    }
}
