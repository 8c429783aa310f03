//! A small service behind the real edge, whose certificate an authority gives.

use super::anybody::shown;
use super::authority::{Authority, Site};
use super::evidence::{keep_the_log, log};
use almoner::clock::Clock;
use almoner::tls::acme::{Renewal, Terms};
use almoner::tls::{Certificates, Limits, Profile, serve};
use axum::Router;
use axum::routing::get;
use axum_server::Handle;
use jiff::SignedDuration;
use serde_json::Value;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Nothing waited for here takes as long, however busy the machine is.
pub(crate) const GUARD: Duration = Duration::from_mins(4);

/// What outlives a service: its address, its names and its folder. Each test has a name of its own, by which
/// its lines of the log are told from others'.
pub(crate) struct Ground {
    folder: TempDir,
    listener: TcpListener,
    pub(crate) names: Vec<String>,
    pub(crate) clock: Clock,
}

/// A service that runs.
pub(crate) struct House {
    pub(crate) renewal: Arc<Renewal>,
    pub(crate) certificates: Certificates,
    pub(crate) address: SocketAddr,
    pub(crate) runtime: Runtime,
    clock: Clock,
    name: String,
    handle: Handle<SocketAddr>,
}

impl Ground {
    pub(crate) fn new(names: &[&str]) -> Self {
        keep_the_log();
        let names = names.iter().map(|&name| name.to_owned()).collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        // The authority has the system's time.
        let clock = Clock::that_can_be_moved();
        Self { folder: tempfile::tempdir().unwrap(), listener, names, clock }
    }

    /// An authority that will look for proofs here.
    pub(crate) fn site(&self) -> Site {
        Site::new(self.listener.local_addr().unwrap().port())
    }

    pub(crate) fn terms(&self, site: &Site) -> Terms {
        Terms {
            directory: site.directory().parse().unwrap(),
            contact: Some("it@charity.example".to_owned()),
            names: self.names.clone(),
            folder: self.folder.path().to_owned(),
            roots: Some(site.roots()),
        }
    }

    pub(crate) fn certificate_file(&self, site: &Site) -> PathBuf {
        self.terms(site).files().chain
    }

    /// Starts the service.
    pub(crate) fn open(&self, site: &Site) -> House {
        let clock = self.clock.clone();
        let renewal = Renewal::open(self.terms(site), Profile::Modern, clock.clone()).unwrap();
        let certificates = renewal.certificates();
        let (runtime, handle) = (Runtime::new().unwrap(), Handle::new());
        let listener = self.listener.try_clone().unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn({
            let (certificates, handle) = (certificates.clone(), handle.clone());
            let router = Router::new().route("/", get(|| async { "hello" }));
            async move { serve(listener, router, &certificates, Limits::default(), handle).await }
        });
        runtime.spawn({
            let renewal = Arc::clone(&renewal);
            async move { renewal.go().await }
        });
        let name = self.names.first().unwrap().clone();
        House { renewal, certificates, address, runtime, clock, name, handle }
    }
}

impl House {
    /// Waits until something is shown that is not `before`, and lets the time pass that it waits after a failure.
    pub(crate) fn obtains(&self, before: Option<&Vec<u8>>) -> Vec<u8> {
        eventually("a certificate comes", || {
            let shown = self.shown();
            if shown.is_some() && shown.as_ref() != before {
                return true;
            }
            self.clock.advance(SignedDuration::from_mins(1));
            false
        });
        self.shown().unwrap()
    }

    /// What newcomers are shown, DER; nothing where the handshake fails.
    pub(crate) fn shown(&self) -> Option<Vec<u8>> {
        self.handshake(&self.name, &[b"http/1.1"])
    }

    /// What a client is shown that asks for a name and offers some protocols.
    pub(crate) fn handshake(&self, name: &str, protocols: &[&[u8]]) -> Option<Vec<u8>> {
        shown(self.address, name, protocols)
    }

    /// What a client gets that trusts the authority and nobody else.
    pub(crate) fn get(&self, authority: &Authority, name: &str) -> String {
        let url = format!("https://{name}:{}/", self.address.port());
        self.runtime.block_on(async {
            let client = reqwest::Client::builder()
                .tls_certs_only([authority.root().await])
                .resolve(name, self.address);
            let client = client.build().unwrap();
            client.get(url).send().await.unwrap().text().await.unwrap()
        })
    }

    /// The first line of the log under one event, waited for: it may come after what it tells of.
    pub(crate) fn told(&self, event: &str) -> Value {
        eventually(event, || !self.logged(event).is_empty());
        self.logged(event).remove(0)
    }

    /// Whatever the log says of this house's names under one event.
    pub(crate) fn logged(&self, event: &str) -> Vec<Value> {
        let log = log();
        let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
        lines
            .filter(|line: &Value| line["event"] == event && line["domain"] == self.name.as_str())
            .collect()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

/// Waits until `happened`, and fails if it never does.
pub(crate) fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < GUARD, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
