//! A private PostgreSQL for one test binary, started when the first test asks for it and gone with
//! the process, however that ends: `scripts/postgres run` stops it when our end of a pipe closes.
//! Included by path in every test binary that needs it; not every one needs all of it.
#![allow(dead_code, clippy::allow_attributes, reason = "see above")]

use almoner::clock::Clock;
use almoner::keys::{Key, Keys};
use almoner::ledger::postgres::PostgresSettings;
use almoner::tls::development::{Authority, DAYS, LOOPBACK};
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio_postgres::Client;
use tokio_postgres_rustls::MakeRustlsConnect;
use zeroize::Zeroizing;

/// One server and how it is reached.
pub(crate) struct Server {
    folder: PathBuf,
    settings: HashMap<String, String>,
    /// Its standard input ends with us.
    _process: Child,
}

/// One database of it, for one test.
#[derive(Clone)]
pub(crate) struct Database {
    pub(crate) name: String,
    server: &'static Server,
}

/// The server that all tests of this binary share.
pub(crate) fn server() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(|| Server::start(""))
}

/// A database of its own on the shared server.
pub(crate) async fn database() -> Database {
    server().database().await
}

impl Server {
    /// Another one than the shared one, for tests that stop it or set it up differently.
    pub(crate) fn start(options: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("postgres")
            .join(uuid::Uuid::new_v4().to_string());
        let authority = Authority::new(&Clock::system(), DAYS).unwrap();
        authority.write(&folder.join("tls"), &LOOPBACK).unwrap();
        let mut process = Command::new(script())
            .args(["run".as_ref(), folder.as_os_str()])
            .env("POSTGRES_OPTIONS", options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "ready\n", "PostgreSQL did not start: is it installed? See scripts/test");
        let settings = read(&folder);
        Self { folder, settings, _process: process }
    }

    pub(crate) fn setting(&self, name: &str) -> &str {
        self.settings.get(name).unwrap()
    }

    /// Stops it as a crash would and starts it again on the same port.
    pub(crate) fn restart(&self) {
        let done = Command::new(script())
            .args(["restart".as_ref(), self.folder.as_os_str()])
            .stdout(Stdio::null())
            .status();
        assert!(done.unwrap().success());
    }

    pub(crate) async fn database(&'static self) -> Database {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::SeqCst));
        let keeper = self.keeper("postgres").await;
        keeper.batch_execute(&format!("CREATE DATABASE {name} OWNER almoner")).await.unwrap();
        Database { name, server: self }
    }

    /// A superuser's connection to a database.
    pub(crate) async fn keeper(&self, database: &str) -> Client {
        let mut config: tokio_postgres::Config = self.setting("keeper_url").parse().unwrap();
        config
            .dbname(database)
            .password(std::fs::read(self.setting("password_file")).unwrap())
            .ssl_mode(tokio_postgres::config::SslMode::Require)
            .channel_binding(tokio_postgres::config::ChannelBinding::Require);
        let (client, connection) = config.connect(self.tls()).await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "it ends with its test")]
        tokio::spawn(connection);
        client
    }

    fn tls(&self) -> MakeRustlsConnect {
        use rustls::pki_types::{CertificateDer, pem::PemObject as _};
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.setting("ca_file")).unwrap()).unwrap();
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let versions = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        MakeRustlsConnect::new(versions.with_root_certificates(roots).with_no_client_auth())
    }
}

impl Database {
    /// Where it is, at another port where a test listens in between.
    pub(crate) fn url_at(&self, port: u16) -> String {
        format!("postgresql://almoner@127.0.0.1:{port}/{}", self.name)
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.setting("port").parse().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        self.url_at(self.port())
    }

    /// What a ledger takes.
    pub(crate) fn settings(&self) -> PostgresSettings {
        let read = |name: &str| std::fs::read(self.server.setting(name)).unwrap();
        let key = Key::new(b"an install key for tests, long enough").unwrap();
        PostgresSettings {
            url: self.url(),
            password: Zeroizing::new(read("password_file")),
            roots: read("ca_file"),
            asynchronous_commit: false,
            keys: Some(Keys { current: key, next: None }),
            clock: Clock::system(),
            write_wait: Duration::from_secs(5),
            queue: 1024,
            connections: 4,
            batch: 256,
        }
    }

    /// A file that the server's settings name.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        PathBuf::from(self.server.setting(name))
    }

    /// A superuser's connection to it.
    pub(crate) async fn keeper(&self) -> Client {
        self.server.keeper(&self.name).await
    }
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/postgres")
}

fn read(folder: &Path) -> HashMap<String, String> {
    let text = std::fs::read_to_string(folder.join("settings")).unwrap();
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
