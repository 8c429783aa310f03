//! A whole gateway over real TLS with a mock processor beside it, on a clock set by hand.

use super::answer::Answer;
use super::evidence::{evidence, keep_the_log};
use almoner::app::{self, Ended, Listeners, Running, StartError};
use almoner::clock::{Clock, london};
use almoner::config::{Document, Settings};
use almoner::ledger::sqlite::SqliteLedger;
use almoner::ledger::{Event, Ledger as _, LedgerError, Purged};
use almoner::mock_rsm::{MockRsm, MockSettings, Pace};
use almoner::payment::Reference;
use almoner::tls::development::{Authority, DAYS, LOOPBACK};
use jiff::SignedDuration;
use rustls::pki_types::pem::PemObject as _;
use secrecy::SecretString;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub(crate) const WEBHOOK_SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
pub(crate) const NEXT_WEBHOOK_SECRET: &str = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
pub(crate) const CALLBACK_SECRET: &str = "0123456789abcdef0123456789abcdef-callback";
pub(crate) const NEXT_CALLBACK_SECRET: &str = "fedcba9876543210fedcba9876543210-callback";
pub(crate) const API_PASSWORD: &str = "a password that RSM gave";
const SIGNING_SECRET: &str = "0123456789abcdef0123456789abcdef";
const INSTALL_SECRET: &str = "an install key for tests, long enough";

/// Everything of one test.
pub(crate) struct House {
    pub(crate) clock: Clock,
    pub(crate) mock: MockRsm,
    pub(crate) client: reqwest::Client,
    pub(crate) origin: String,
    pub(crate) operations: String,
    pub(crate) authority: String,
    pub(crate) settings: Settings,
    pub(crate) document: Document,
    folder: PathBuf,
    listeners: [TcpListener; 2],
    running: Running,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With some settings changed.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::with_both(include_str!("house.toml"), change, |_| {}).await
    }

    /// From another configuration, with some settings of the gateway and the mock changed.
    pub(crate) async fn with_both(
        configuration: &str,
        change: impl FnOnce(&mut Settings),
        adjust: impl FnOnce(&mut MockSettings),
    ) -> Self {
        keep_the_log();
        let folder = evidence().join(uuid::Uuid::new_v4().to_string());
        // TLS clients check certificates by the system's clock, so a test's clock begins there.
        let clock = Clock::set_to(Clock::system().now());
        let [public, operations, processor] =
            [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [origin, operations_origin, mock_origin] = [&public, &operations, &processor]
            .map(|listener| format!("https://localhost:{}", listener.local_addr().unwrap().port()));
        let written =
            Authority::new(&clock, DAYS).unwrap().write(&folder.join("tls"), &LOOPBACK).unwrap();
        let authority = std::fs::read_to_string(&written.authority).unwrap();
        write_secrets(&folder);
        let text =
            configuration.replace("@GATEWAY@", port(&origin)).replace("@MOCK@", port(&mock_origin));
        let document = Document::given("house.toml", text);
        let mut settings = document.settings().unwrap();
        settings.place(&folder);
        change(&mut settings);
        let mut mock_settings = mock_settings(&origin, mock_origin, authority.clone());
        adjust(&mut mock_settings);
        let tls = server_config(&written.server, &written.server_key);
        let mock = MockRsm::start(mock_settings, processor, tls, clock.clone()).unwrap();
        let kept = [&public, &operations].map(|listener| listener.try_clone().unwrap());
        let listeners = Listeners { public, operations };
        let started = app::start(&settings, &document, clock.clone(), listeners);
        let running = Box::pin(started).await.unwrap();
        Self {
            client: client(&authority).build().unwrap(),
            clock,
            mock,
            origin,
            operations: operations_origin,
            authority,
            settings,
            document,
            folder,
            listeners: kept,
            running,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Host and port, as a Host header gives them.
    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", port(&self.origin))
    }

    /// Moves the clock of gateway and mock alike.
    pub(crate) fn later(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// How many hand-offs and events the ledger holds; its chain is proven on the way.
    pub(crate) async fn recorded(&self) -> (i64, i64) {
        let verified = self.ledger().verify().await.unwrap();
        (verified.hand_offs, verified.events)
    }

    /// All events of one hand-off.
    pub(crate) async fn history(&self, reference: Reference) -> Vec<Event> {
        self.ledger().history(reference).await.unwrap()
    }

    /// How many events wait for their hand-off.
    pub(crate) async fn ledger_parked(&self) -> usize {
        self.ledger().parked(100).await.unwrap().len()
    }

    /// The ledger, to be read beside the service.
    pub(crate) fn ledger(&self) -> Arc<SqliteLedger> {
        SqliteLedger::open_to_read(&self.ledger_file()).unwrap()
    }

    pub(crate) fn ledger_file(&self) -> PathBuf {
        self.folder.join("ledger.db")
    }

    /// A configuration for other commands, beside the files that it names.
    pub(crate) fn write_settings(&self) -> String {
        let file = self.folder.join("house.toml");
        std::fs::write(&file, toml::to_string(&self.settings).unwrap()).unwrap();
        file.display().to_string()
    }

    /// What the operations listener says.
    pub(crate) async fn operations(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.operations);
        Answer::of(self.client.get(url).send().await.unwrap()).await
    }

    /// Removes what is past its time, as every night.
    pub(crate) async fn purge(&self) -> Purged {
        self.running.purge().await.unwrap()
    }

    /// The day in London.
    pub(crate) fn today(&self) -> String {
        london::date(self.clock.now()).to_string()
    }

    pub(crate) async fn read_reports(&self) {
        self.running.read_reports().await;
    }

    /// The service stopped and started again on the same ledger and the same addresses.
    pub(crate) async fn restarted(self) -> Self {
        Box::pin(self.restarted_after(async || ())).await
    }

    /// The same, with something done while it is down.
    pub(crate) async fn restarted_after(self, change: impl AsyncFnOnce()) -> Self {
        self.running.stop().await;
        change().await;
        // A task of its life before may still hold the ledger for a moment; the guard is generous.
        let mut tries = 0;
        let running = loop {
            let [public, operations] =
                [0, 1].map(|side: usize| self.listeners[side].try_clone().unwrap());
            let listeners = Listeners { public, operations };
            let started = app::start(&self.settings, &self.document, self.clock.clone(), listeners);
            match Box::pin(started).await {
                Err(StartError::Ledger(LedgerError::Locked)) if tries < 600 => tries += 1,
                started => break started,
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        Self { running: running.unwrap(), client: client(&self.authority).build().unwrap(), ..self }
    }

    pub(crate) async fn stop(self) -> Ended {
        assert_eq!(self.operations("/metrics").await.status, 200);
        let ended = self.running.stop().await;
        self.mock.shutdown().await;
        ended
    }
}

/// A browser-like client that trusts the test's own authority and follows nothing by itself.
pub(crate) fn client(authority: &str) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(authority.as_bytes()).unwrap()])
        .redirect(reqwest::redirect::Policy::none())
}

pub(crate) fn port(origin: &str) -> &str {
    origin.rsplit_once(':').unwrap().1
}

fn write_secrets(folder: &Path) {
    for (name, secret) in [
        ("install.key", INSTALL_SECRET),
        ("install-next.key", "another install key for tests, long too"),
        ("signing.key", SIGNING_SECRET),
        ("webhook.key", WEBHOOK_SECRET),
        ("next.key", NEXT_WEBHOOK_SECRET),
        ("callback.key", CALLBACK_SECRET),
        ("callback-next.key", NEXT_CALLBACK_SECRET),
        ("api.key", API_PASSWORD),
    ] {
        let mut options = std::fs::OpenOptions::new();
        let mut file =
            options.write(true).create_new(true).mode(0o600).open(folder.join(name)).unwrap();
        file.write_all(secret.as_bytes()).unwrap();
    }
}

/// A mock in a hurry.
fn mock_settings(gateway: &str, origin: String, authority: String) -> MockSettings {
    MockSettings {
        merchant: "test-charity".into(),
        signing_keys: vec![("k1".into(), SecretString::from(SIGNING_SECRET))],
        webhook_url: format!("{gateway}/webhooks/signed"),
        webhook_keys: vec![SecretString::from(WEBHOOK_SECRET)],
        webhook_roots: authority,
        origin,
        control_token: None,
        return_origins: None,
        rsm2000: None,
        pace: Pace {
            retries: vec![Duration::from_millis(50); 4],
            slow: Duration::from_millis(100),
            late: Duration::from_millis(300),
            patience: Duration::from_secs(30),
            ..Pace::default()
        },
    }
}

pub(crate) fn server_config(certificate: &Path, key: &Path) -> Arc<rustls::ServerConfig> {
    let chain = rustls::pki_types::CertificateDer::pem_file_iter(certificate)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let key = rustls::pki_types::PrivateKeyDer::from_pem_file(key).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    Arc::new(versions.with_no_client_auth().with_single_cert(chain, key).unwrap())
}
