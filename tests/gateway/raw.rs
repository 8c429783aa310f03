//! An HTTP/1 client that sends exactly the bytes it is told to.

use super::evidence::keep_answer;
use super::house::{House, port};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Longer than anything here takes.
const GUARD: Duration = Duration::from_mins(1);

pub(crate) struct Raw {
    stream: TlsStream<TcpStream>,
    host: String,
}

/// An HTTP/1 answer. Names and values of its head are in lower case.
#[derive(Debug)]
pub(crate) struct RawAnswer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Raw {
    /// A connection to the public listener.
    pub(crate) async fn open(house: &House) -> Self {
        Self::over(house, &house.origin, TcpSocket::new_v4().unwrap()).await.unwrap()
    }

    /// The same in this protocol.
    pub(crate) async fn with(house: &House, protocol: &[u8]) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        Self::speaking(house, &house.origin, socket, protocol).await.unwrap()
    }

    /// So many bytes; `None` where the server closed instead.
    pub(crate) async fn bytes(&mut self, count: usize) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        for _ in 0..count {
            bytes.push(self.read_u8().await?);
        }
        Some(bytes)
    }

    /// A connection over a socket that was set up before, if it is let in.
    pub(crate) async fn over(house: &House, origin: &str, socket: TcpSocket) -> io::Result<Self> {
        Self::speaking(house, origin, socket, b"http/1.1").await
    }

    async fn speaking(
        house: &House,
        origin: &str,
        socket: TcpSocket,
        protocol: &[u8],
    ) -> io::Result<Self> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(house.authority.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider);
        let mut config = builder
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let address = format!("127.0.0.1:{}", port(origin)).parse().unwrap();
        let socket = socket.connect(address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, socket).await?;
        Ok(Self { stream, host: format!("localhost:{}", port(origin)) })
    }

    /// Sends what it can, `@HOST@` being the house's; the server may have had enough before all is out.
    pub(crate) async fn send(&mut self, bytes: &str) {
        self.send_bytes(bytes.replace("@HOST@", &self.host).as_bytes()).await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        let sending = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        drop(timeout(GUARD, sending).await.expect("the server does not read"));
    }

    /// Reads one answer; `None` where the server closed instead.
    pub(crate) async fn answer(&mut self) -> Option<RawAnswer> {
        self.read_answer(Vec::new()).await
    }

    async fn read_answer(&mut self, mut head: Vec<u8>) -> Option<RawAnswer> {
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.read_u8().await?);
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = Vec::new();
        for _ in 0..length.map_or(0, |length| length.parse().unwrap()) {
            body.push(self.read_u8().await?);
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        keep_answer(status, &body);
        Some(RawAnswer { status, head, body: String::from_utf8(body).unwrap() })
    }

    /// The answer, if it begins by then.
    pub(crate) async fn answer_within(&mut self, time: Duration) -> Option<RawAnswer> {
        let first = timeout(time, self.stream.read_u8()).await.ok()?.unwrap();
        self.read_answer(vec![first]).await
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn ask(&mut self, request: &str) -> RawAnswer {
        self.send(request).await;
        self.answer().await.expect("an answer")
    }

    /// Reads until the server closes, which it must.
    pub(crate) async fn closed(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some(byte) = self.read_u8().await {
            all.push(byte);
        }
        all
    }

    async fn read_u8(&mut self) -> Option<u8> {
        timeout(GUARD, self.stream.read_u8()).await.expect("the server says nothing").ok()
    }
}

/// Sends bytes on a connection of their own; every answer until the server closes it.
pub(crate) async fn exchange(house: &House, bytes: &str) -> Vec<RawAnswer> {
    let mut raw = Raw::open(house).await;
    raw.send(bytes).await;
    let mut answers = Vec::new();
    while let Some(answer) = raw.answer().await {
        answers.push(answer);
    }
    answers
}

/// The statuses of some answers.
pub(crate) fn statuses(answers: &[RawAnswer]) -> Vec<u16> {
    answers.iter().map(|answer| answer.status).collect()
}
