//! A server in the processor's place, which shows any certificate and answers the first request with
//! any bytes. What comes after goes on to the mock, so that a doubt can be resolved.

use super::house::House;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::{Arc, Mutex, OnceLock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

/// What is shown to whoever connects.
pub(crate) enum Show {
    /// TLS, with a certificate.
    Certificate(Arc<ServerConfig>),
    /// These bytes, whatever came.
    Bytes(Vec<u8>),
}

#[derive(Clone)]
pub(crate) struct StandIn(Arc<Inside>);

struct Inside {
    port: u16,
    show: Show,
    connections: Mutex<usize>,
    /// Every request that could be read, whole.
    requests: Mutex<Vec<Vec<u8>>>,
    first: OnceLock<Vec<u8>>,
    /// Where later requests go, and how.
    mock: OnceLock<(reqwest::Client, String)>,
    tasks: TaskTracker,
}

/// An authority of the tests' own.
pub(crate) struct Issuer(CertifiedIssuer<'static, KeyPair>);

impl Issuer {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A server of this name with a certificate for these years.
    pub(crate) fn server(&self, name: &str, years: [i32; 2]) -> Show {
        let key = KeyPair::generate().unwrap();
        let leaf = params(name, years).signed_by(&key, &self.0).unwrap();
        shown(leaf.der().clone(), &key)
    }
}

/// A server that vouches for itself.
pub(crate) fn self_signed(name: &str, years: [i32; 2]) -> Show {
    let key = KeyPair::generate().unwrap();
    let leaf = params(name, years).self_signed(&key).unwrap();
    shown(leaf.der().clone(), &key)
}

fn params(name: &str, [from, until]: [i32; 2]) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    params
}

fn shown(leaf: CertificateDer<'static>, key: &KeyPair) -> Show {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    Show::Certificate(Arc::new(config.with_single_cert(vec![leaf], key).unwrap()))
}

impl StandIn {
    pub(crate) async fn start(show: Show) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inside = Self(Arc::new(Inside {
            port: listener.local_addr().unwrap().port(),
            show,
            connections: Mutex::new(0),
            requests: Mutex::new(Vec::new()),
            first: OnceLock::new(),
            mock: OnceLock::new(),
            tasks: TaskTracker::new(),
        }));
        let server = inside.clone();
        inside.0.tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *server.0.connections.lock().unwrap() += 1;
                let one = server.clone();
                server.0.tasks.spawn(async move { one.serve(stream).await });
            }
        });
        inside
    }

    /// A house whose processor is this server, trusted by these authorities, the mock's too.
    pub(crate) async fn house(&self, authorities: &str) -> House {
        let (mut mock, mut file) = (String::new(), None);
        let house = House::rsm_with(
            |settings| {
                let trusted = settings.processor.ca_file.as_mut().unwrap();
                let both = std::fs::read_to_string(&*trusted).unwrap() + authorities;
                let bundle = tempfile::NamedTempFile::new().unwrap();
                std::fs::write(bundle.path(), both).unwrap();
                bundle.path().clone_into(trusted);
                file = Some(bundle);
                let api = settings.processor.rsm2000.as_mut().unwrap().api.as_mut().unwrap();
                api.url.0.0.as_str().clone_into(&mut mock);
                api.url.0.0.set_port(Some(self.0.port)).unwrap();
            },
            |_| {},
        )
        .await;
        assert!(self.0.mock.set((house.client.clone(), mock)).is_ok());
        house
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.0.port
    }

    /// Where the mock's API is.
    pub(crate) fn mock(&self) -> &str {
        &self.0.mock.get().unwrap().1
    }

    /// What the first request is answered with; it does not reach the mock.
    pub(crate) fn answers(&self, head: &str, body: &[u8]) {
        let length = format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len());
        let answer = [format!("HTTP/1.1 {head}\r\n{length}").as_bytes(), body].concat();
        assert!(self.0.first.set(answer).is_ok());
    }

    /// How often somebody connected, and every request that came, as text.
    pub(crate) fn heard(&self) -> (usize, Vec<String>) {
        let requests = self.0.requests.lock().unwrap();
        let texts = requests.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        (*self.0.connections.lock().unwrap(), texts.collect())
    }

    async fn serve(&self, mut stream: TcpStream) {
        match &self.0.show {
            Show::Bytes(bytes) => {
                let mut hello = [0; 4096];
                let read = stream.read(&mut hello).await.unwrap();
                assert!(read > 0, "a hello");
                stream.write_all(bytes).await.unwrap();
                // Until the other side has had enough of it.
                stream.read_to_end(&mut Vec::new()).await.ok();
            }
            Show::Certificate(config) => {
                let accepted = TlsAcceptor::from(Arc::clone(config)).accept(stream).await;
                let Ok(mut stream) = accepted else { return };
                let Some((request, body)) = whole(&mut stream).await else { return };
                self.0.requests.lock().unwrap().push(request);
                let count = self.0.requests.lock().unwrap().len();
                let answer = match self.0.first.get() {
                    Some(first) if count == 1 => first.clone(),
                    Some(_) | None => self.pass_on(body).await,
                };
                stream.write_all(&answer).await.ok();
                stream.shutdown().await.ok();
            }
        }
    }

    async fn pass_on(&self, body: Vec<u8>) -> Vec<u8> {
        let (client, url) = self.0.mock.get().unwrap();
        let answer = client.post(url).body(body).send().await.unwrap();
        let status = answer.status();
        let body = answer.bytes().await.unwrap();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), &body].concat()
    }
}

/// A request with its body, and the body alone; `None` where the other side ends before.
async fn whole(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut request = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.ok().filter(|read| *read > 0)?;
        request.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.split("content-length: ").nth(1)?.lines().next()?;
        if body.len() == length.parse::<usize>().unwrap() {
            let body = request.split_off(head.len() + 4);
            request.extend_from_slice(&body);
            return Some((request, body));
        }
    }
}
