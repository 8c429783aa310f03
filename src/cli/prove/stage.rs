//! The operator's own configuration, with as little of it changed as can be: loopback, a processor that
//! is a mock, a ledger that is thrown away.

use crate::cli::{Failure, keygen};
use crate::clock::Clock;
use crate::config::{ApiKey, Checked, HttpsUrl, SecretSetting, Settings, Span};
use crate::keys;
use crate::payment::Mode;
use crate::processor::rsm::CardPageKind;
use crate::tls::development::{Authority, DAYS, LOOPBACK, Written};
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

mod mock;

/// How long the processor may take here: the roads on which it is too slow need not be long.
pub(super) const UPSTREAM: Duration = Duration::from_secs(2);

/// How the mock is named: a setting of the operator's own that must be read by its grammar.
const MOCK_KEY: &str = "prove";

/// Everything that is thrown away at the end.
pub(super) struct Stage {
    pub(super) folder: tempfile::TempDir,
    pub(super) settings: Settings,
    /// What of the configuration was changed, and to what.
    pub(super) changed: Vec<&'static str>,
    pub(super) api_key: String,
    /// PEM of what the service's listeners show, and of the run's own authority.
    pub(super) trusted: String,
    pub(super) written: Written,
    mock: u16,
    signing: String,
    webhook: String,
    callback: String,
    password: String,
}

impl Stage {
    /// Reads the configuration and derives the run's own from it; the mock will be at this port.
    pub(super) fn set(config: &Path, mock: u16) -> Result<Self, Failure> {
        // The derived one stands in another folder: paths must not be relative to it.
        let (settings, _document) = Settings::load(&std::path::absolute(config)?)?;
        let folder = tempfile::Builder::new().prefix("almoner-prove-").tempdir()?;
        for part in ["keys", "ledger", "temporary", "current", "log", "made"] {
            std::fs::create_dir(folder.path().join(part))?;
        }
        let authority = Authority::new(&Clock::system(), DAYS)?;
        let written = authority.write(&folder.path().join("keys/tls"), &LOOPBACK)?;
        let hex = || Ok::<_, Failure>(hex::encode(keys::random::<32>()?));
        let mut stage = Self {
            folder,
            settings,
            changed: Vec::new(),
            api_key: format!("alm_{}", URL_SAFE_NO_PAD.encode(keys::random::<32>()?)),
            trusted: String::new(),
            written,
            mock,
            signing: hex()?,
            webhook: format!("whsec_{}", STANDARD.encode(keys::random::<32>()?)),
            callback: hex()?,
            password: hex()?,
        };
        stage.listen_here()?;
        stage.trust()?;
        stage.ask_the_mock()?;
        stage.make_secrets(&hex()?)?;
        stage.keep_in_a_file();
        stage.let_this_run_pass();
        Ok(stage)
    }

    /// A place of the run's own.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn public(&self) -> SocketAddr {
        self.settings.public.listen.0
    }

    /// The origin of the operators' listener.
    pub(super) fn operations(&self) -> String {
        format!("https://localhost:{}", self.settings.operations.listen.0.port())
    }

    /// Writes the derived configuration; where it stands.
    pub(super) fn write(&self) -> Result<PathBuf, Failure> {
        let file = self.file("keys/almoner.toml");
        std::fs::write(&file, toml::to_string(&self.settings)?)?;
        Ok(file)
    }

    /// Notes a change.
    pub(super) fn change(&mut self, what: &'static str) {
        self.changed.push(what);
    }

    fn listen_here(&mut self) -> Result<(), Failure> {
        let free = || {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            listener.local_addr().map(Checked)
        };
        let public = free()?;
        self.settings.public.listen = public;
        self.settings.operations.listen = free()?;
        let origin = format!("https://localhost:{}", public.0.port());
        self.settings.public.origin = read(&origin)?;
        self.change("public.origin, public.listen, operations.listen: on loopback");
        if self.settings.operations.client_ca_file.take().is_some() {
            self.change("operations.client_ca_file: no certificate is asked for");
        }
        Ok(())
    }

    /// The listeners show the operator's certificates where they can be read.
    fn trust(&mut self) -> Result<(), Failure> {
        let public = &mut self.settings.public;
        let files = [&public.certificate_file, &public.private_key_file];
        if !files.into_iter().all(|file| file.as_deref().is_some_and(readable)) {
            public.acme = None;
            public.certificate_file = Some(self.written.server.clone());
            public.private_key_file = Some(self.written.server_key.clone());
            self.change("public.certificate_file: cannot be read here, one of this run's own");
        }
        let operations = &mut self.settings.operations;
        let own = [&operations.certificate_file, &operations.private_key_file];
        if own.into_iter().flatten().any(|file| !readable(file)) {
            (operations.certificate_file, operations.private_key_file) = (None, None);
            self.change(
                "operations.certificate_file: cannot be read here, that of the public listener",
            );
        }
        let shown = [
            self.settings.public.certificate_file.as_ref(),
            self.settings.operations.certificate_file.as_ref(),
        ];
        for file in shown.into_iter().flatten().chain([&self.written.authority]) {
            let pem = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
            self.trusted.push_str(&pem);
            self.trusted.push('\n');
        }
        Ok(())
    }

    fn ask_the_mock(&mut self) -> Result<(), Failure> {
        let origin = format!("https://localhost:{}", self.mock);
        let url = |path: &str| read::<HttpsUrl>(&format!("{origin}{path}"));
        let processor = &mut self.settings.processor;
        processor.mode = Checked(Mode::Test);
        processor.ca_file = Some(self.written.authority.clone());
        (processor.client_certificate_file, processor.client_key_file) = (None, None);
        if processor.networks_only {
            processor.networks.push(read("127.0.0.1")?);
        }
        if let Some(signed) = &mut processor.signed {
            signed.origin = read(&origin)?;
            MOCK_KEY.clone_into(&mut signed.key_id);
        }
        if let Some(rsm) = &mut processor.rsm2000 {
            if let Some(page) = &mut rsm.card_page {
                page.url = url(match page.kind.0 {
                    CardPageKind::Campaign => "/cpterminal/cpweb.php",
                    CardPageKind::Vendor => "/cpterminal/Widget.php",
                })?;
            }
            if let Some(page) = &mut rsm.debit_page {
                page.url = url("/directdebit/dd.php")?;
            }
            if let Some(api) = &mut rsm.api {
                api.url = url("/ddcm/ddcmApi.php")?;
                api.timeout = Span::seconds(2);
            }
        }
        self.change(
            "processor: the built-in mock, with its own certificate and keys, as a test system",
        );
        self.replace_unreadable()
    }

    /// Files without which the service would not start, and which say nothing of what is looked for.
    fn replace_unreadable(&mut self) -> Result<(), Failure> {
        let holidays = self.file("keys/bank-holidays.json");
        std::fs::write(&holidays, include_str!("../../../config/bank-holidays.json"))?;
        let processor = &mut self.settings.processor;
        let signed = processor.signed.as_mut().and_then(|signed| signed.debit.as_mut());
        let rsm = processor.rsm2000.as_mut().and_then(|rsm| rsm.debit.as_mut());
        let mut replaced = false;
        for debit in signed.into_iter().chain(rsm) {
            if !readable(&debit.bank_holidays_file) {
                debit.bank_holidays_file.clone_from(&holidays);
                replaced = true;
            }
            let tables = [&debit.modulus_weights_file, &debit.modulus_substitutions_file];
            if tables.into_iter().flatten().any(|file| !readable(file)) {
                (debit.modulus_weights_file, debit.modulus_substitutions_file) = (None, None);
                replaced = true;
            }
        }
        let logo = &mut self.settings.theme.logo_file;
        if logo.as_ref().is_some_and(|file| !readable(file)) {
            *logo = None;
            replaced = true;
        }
        if replaced {
            self.change("bank holidays, modulus tables, logo: left out or replaced where they cannot be read here");
        }
        Ok(())
    }

    /// The operator's own secrets are not read, but for the database's password.
    fn make_secrets(&mut self, install: &str) -> Result<(), Failure> {
        let make = |name: &str, secret: &str| {
            let file = self.folder.path().join("keys").join(name);
            keygen::write_private(&file, secret)?;
            Ok::<_, Failure>(SecretSetting { file: Some(file), ..SecretSetting::default() })
        };
        let secrets = &mut self.settings.secrets;
        secrets.install = make("install.key", install)?;
        secrets.processor_signing = Some(make("signing.key", &self.signing)?);
        secrets.processor_webhook = Some(make("webhook.key", &self.webhook)?);
        secrets.rsm2000_callback = Some(make("callback.key", &self.callback)?);
        secrets.rsm2000_api = Some(make("password.key", &self.password)?);
        self.settings.api.keys.push(ApiKey {
            name: "almoner-prove".to_owned(),
            sha256: hex::encode(Sha256::digest(self.api_key.as_bytes())),
            scopes: vec!["create".to_owned(), "read".to_owned()],
        });
        self.change("secrets, api.keys: made for this run, none of yours is read");
        Ok(())
    }

    fn keep_in_a_file(&mut self) {
        let ledger = &mut self.settings.ledger;
        if ledger.url.is_none() {
            ledger.file = Some(self.folder.path().join("ledger/ledger.db"));
            self.change("ledger.file: a new file, thrown away");
        }
    }

    /// What would keep one visitor from so many attempts, and what would take long.
    fn let_this_run_pass(&mut self) {
        let limits = &mut self.settings.limits;
        limits.connections_per_address = limits.connections_per_address.max(200);
        limits.forms_per_minute = 100_000;
        limits.forms_per_day = 1_000_000;
        limits.form_token_least_age = Span::seconds(0);
        limits.upstream_timeout = Span::seconds(2);
        limits.breaker_failures = 100_000;
        self.settings.log.level = Checked(crate::config::Level::Debug);
        self.change(
            "limits of forms and connections from one address, breaker_failures: out of the way",
        );
        self.change(
            "limits.form_token_least_age 0s, limits.upstream_timeout and rsm2000.api.timeout 2s",
        );
        self.change("log.level: debug, so that all is written that ever is");
    }
}

fn readable(file: &Path) -> bool {
    std::fs::File::open(file).is_ok()
}

/// A setting of our own, by its grammar.
fn read<T: crate::config::Setting>(text: &str) -> Result<Checked<T>, Failure> {
    T::read(text).map(Checked).ok_or_else(|| anyhow::anyhow!("{}", T::ADVICE))
}
