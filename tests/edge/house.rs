//! A small service behind the real edge, on loopback, with certificates of its own.

use almoner::clock::Clock;
use almoner::tls::development::{Authority, DAYS, LOOPBACK, Pair};
use almoner::tls::{Certificates, Files, Limits, Profile, serve};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Path};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum_server::Handle;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Nothing asked for here takes as long; what has not happened by then never will.
pub(crate) const GUARD: Duration = Duration::from_mins(1);
/// Bytes of the answer to `/large`: more than all buffers on the way together.
pub(crate) const LARGE: usize = 32 * 1024 * 1024;

/// Bytes of the answer to `/book`: many frames, and more than a window.
pub(crate) const BOOK: usize = 1024 * 1024;

/// A running service.
pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) authority: Authority,
    pub(crate) certificates: Certificates,
    pub(crate) files: Files,
    /// Lives as long as the house does.
    _folder: TempDir,
    pub(crate) runtime: Runtime,
    pub(crate) handle: Handle<SocketAddr>,
    serving: Option<JoinHandle<std::io::Result<()>>>,
    seen: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
}

impl House {
    pub(crate) fn open(limits: Limits) -> Self {
        Self::with(limits, Profile::Intermediate)
    }

    pub(crate) fn with(limits: Limits, profile: Profile) -> Self {
        let authority = Authority::new(&Clock::system(), DAYS).unwrap();
        Self::run(limits, profile, authority, |_folder| None)
    }

    /// One that lets in only clients of its own authority.
    pub(crate) fn for_members(limits: Limits) -> Self {
        let authority = Authority::new(&Clock::system(), DAYS).unwrap();
        let pem = authority.certificate();
        Self::run(limits, Profile::Intermediate, authority, |folder| {
            let file = folder.path().join("members.pem");
            std::fs::write(&file, pem).unwrap();
            Some(file)
        })
    }

    fn run(
        limits: Limits,
        profile: Profile,
        authority: Authority,
        members: impl FnOnce(&TempDir) -> Option<std::path::PathBuf>,
    ) -> Self {
        let folder = TempDir::new().unwrap();
        let written = authority.write(&folder.path().join("tls"), &LOOPBACK).unwrap();
        let files = Files {
            chain: written.server,
            key: written.server_key,
            client_authorities: members(&folder),
        };
        let certificates = Certificates::load(files.clone(), profile, Clock::system()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(AtomicUsize::new(0));
        let gate = Arc::new(Semaphore::new(0));
        let (router, handle) = (router(&seen, &gate), Handle::new());
        let runtime = Runtime::new().unwrap();
        let serving = runtime.spawn({
            let (certificates, handle) = (certificates.clone(), handle.clone());
            async move { serve(listener, router, &certificates, limits, handle).await }
        });
        let serving = Some(serving);
        Self {
            address,
            authority,
            certificates,
            files,
            _folder: folder,
            runtime,
            handle,
            serving,
            seen,
            gate,
        }
    }

    /// Requests that reached the router.
    pub(crate) fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }

    /// Connections that are open now.
    pub(crate) fn connections(&self) -> usize {
        self.handle.connection_count()
    }

    /// Lets all go on that wait, or will wait, at `/gate`.
    pub(crate) fn open_the_gate(&self) {
        self.gate.add_permits(1000);
    }

    /// Puts another pair in the place of the one that is served.
    pub(crate) fn replace(&self, pair: &Pair) {
        std::fs::write(&self.files.chain, &pair.certificate).unwrap();
        std::fs::write(&self.files.key, pair.key.as_bytes()).unwrap();
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.handle.shutdown();
        if let (Some(serving), false) = (self.serving.take(), std::thread::panicking()) {
            self.runtime.block_on(serving).unwrap().unwrap();
        }
    }
}

/// Waits until `happened`, and fails if it never does.
pub(crate) fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < GUARD, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn router(seen: &Arc<AtomicUsize>, gate: &Arc<Semaphore>) -> Router {
    let (seen, gate) = (Arc::clone(seen), Arc::clone(gate));
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/pages/{number}", get(|Path(number): Path<u32>| async move { number.to_string() }))
        .route(
            "/peer",
            get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }),
        )
        .route("/last", get(|| async { ([("connection", "close")], "bye") }))
        .route("/length", post(|body: Bytes| async move { body.len().to_string() }))
        .route("/book", get(|| async { Body::from(vec![b'.'; BOOK]) }))
        .route("/large", get(|| async { Body::from(vec![b'.'; LARGE]) }))
        .route(
            "/gate",
            get(|| async move {
                gate.acquire().await.unwrap().forget();
                "through"
            }),
        )
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(axum::middleware::map_request(move |request: axum::extract::Request| {
            seen.fetch_add(1, Ordering::SeqCst);
            async move { request }
        }))
}
