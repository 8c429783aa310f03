//! A server between us and the mock, which ends our TLS, counts connections, and passes each request on
//! as often as it is told to.

use super::house::{House, port};
use super::paying::take_cards_here;
use super::standin::{Issuer, Show};
use almoner::config::{Origin, Setting as _, Settings};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_util::task::TaskTracker;

/// What it does with a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passing {
    /// Passes it on so many times, and answers the last answer.
    Times(usize),
    /// Closes the connection as soon as it is there.
    Closing,
}

#[derive(Clone)]
pub(crate) struct Relay(Arc<Inside>);

struct Inside {
    passing: Passing,
    tls: TlsAcceptor,
    connections: AtomicUsize,
    requests: AtomicUsize,
    /// The mock's port, and how to trust it.
    mock: OnceLock<(String, TlsConnector)>,
    tasks: TaskTracker,
}

impl Relay {
    /// A house whose processor is behind this server.
    pub(crate) async fn house(passing: Passing) -> (House, Self) {
        let issuer = Issuer::new();
        let Show::Certificate(config) = issuer.server("localhost", [2020, 2120]) else { panic!() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let relay = Self(Arc::new(Inside {
            passing,
            tls: TlsAcceptor::from(config),
            connections: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            mock: OnceLock::new(),
            tasks: TaskTracker::new(),
        }));
        let (mut bundle, mut mock) = (None, String::new());
        let house = House::with_both(
            include_str!("house.toml"),
            |settings| {
                take_cards_here(settings);
                bundle = Some(trusting(settings, &issuer.pem()));
                let signed = settings.processor.signed.as_mut().unwrap();
                port(signed.origin.0.as_str()).clone_into(&mut mock);
                signed.origin.0 = Origin::read(&origin).unwrap();
            },
            // What is signed names the address that we were told.
            |mock| mock.origin.clone_from(&origin),
        )
        .await;
        let connector = TlsConnector::from(trust(&house.authority));
        assert!(relay.0.mock.set((mock, connector)).is_ok());
        let server = relay.clone();
        relay.0.tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                server.0.connections.fetch_add(1, Ordering::SeqCst);
                let one = server.clone();
                server.0.tasks.spawn(async move { one.serve(stream).await });
            }
        });
        (house, relay)
    }

    /// How often somebody connected.
    pub(crate) fn connections(&self) -> usize {
        self.0.connections.load(Ordering::SeqCst)
    }

    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.0.requests.load(Ordering::SeqCst)
    }

    /// Each connection as long as it is kept.
    async fn serve(&self, stream: TcpStream) {
        let Ok(mut stream) = self.0.tls.accept(stream).await else { return };
        let Passing::Times(times) = self.0.passing else { return };
        while let Some(request) = whole(&mut stream).await {
            self.0.requests.fetch_add(1, Ordering::SeqCst);
            let mut answer = Vec::new();
            for _ in 0..times {
                answer = self.pass_on(&request).await;
            }
            if stream.write_all(&answer).await.is_err() {
                return;
            }
        }
    }

    async fn pass_on(&self, request: &[u8]) -> Vec<u8> {
        let (port, connector) = self.0.mock.get().unwrap();
        let socket = TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap();
        let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
        let mut stream = connector.connect(name, socket).await.unwrap();
        stream.write_all(request).await.unwrap();
        whole(&mut stream).await.unwrap()
    }
}

/// The mock's authority and one more; the file lives as long as the handle.
fn trusting(settings: &mut Settings, authority: &str) -> tempfile::NamedTempFile {
    let trusted = settings.processor.ca_file.as_mut().unwrap();
    let both = std::fs::read_to_string(&*trusted).unwrap() + authority;
    let bundle = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(bundle.path(), both).unwrap();
    bundle.path().clone_into(trusted);
    bundle
}

fn trust(authority: &str) -> Arc<rustls::ClientConfig> {
    use rustls::pki_types::pem::PemObject as _;
    let mut roots = rustls::RootCertStore::empty();
    let pem = rustls::pki_types::CertificateDer::from_pem_slice(authority.as_bytes()).unwrap();
    roots.add(pem).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider);
    let versions = builder.with_safe_default_protocol_versions().unwrap();
    Arc::new(versions.with_root_certificates(roots).with_no_client_auth())
}

/// One message with its body.
async fn whole(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1);
            let length = length.map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
            if body.len() >= length {
                return Some(bytes);
            }
        }
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
    }
}
