//! A client that sends exactly the bytes it is told to.

use crate::house::{GUARD, House};
use almoner::tls::development::Pair;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

pub(crate) struct Client {
    pub(crate) stream: StreamOwned<ClientConnection, TcpStream>,
}

/// An HTTP/1 answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and header fields, lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Client {
    /// A connection that speaks HTTP/1, with its TLS handshake done.
    pub(crate) fn http1(house: &House) -> Self {
        Self::with(house, config(house, &[b"http/1.1"])).unwrap()
    }

    pub(crate) fn with(house: &House, config: ClientConfig) -> io::Result<Self> {
        let name = ServerName::try_from("localhost").unwrap();
        Self::over(socket(house), config, name)
    }

    pub(crate) fn over(
        mut socket: TcpStream,
        config: ClientConfig,
        name: ServerName<'static>,
    ) -> io::Result<Self> {
        let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
        while connection.is_handshaking() {
            connection.complete_io(&mut socket)?;
        }
        // A server that asks for a certificate refuses it only after the client is content.
        Ok(Self { stream: StreamOwned::new(connection, socket) })
    }

    /// Sends what it can; the server may have had enough before all of it is out.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let sent = self.stream.write_all(bytes.as_ref()).and_then(|()| self.stream.flush());
        if let Err(error) = sent {
            assert!(!waited(&error), "the server does not read");
        }
        self
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).answer()
    }

    /// Reads one answer.
    pub(crate) fn answer(&mut self) -> Answer {
        self.try_answer().expect("an answer")
    }

    pub(crate) fn try_answer(&mut self) -> io::Result<Answer> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).inspect_err(|error| {
                assert!(!waited(error), "no answer");
            })?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Ok(Answer { status, head, body: String::from_utf8(body).unwrap() })
    }

    /// Reads until the server closes, which it must.
    pub(crate) fn closed(&mut self) -> Vec<u8> {
        until_closed(&mut self.stream)
    }
}

/// Reads until the other side closes, which it must.
pub(crate) fn until_closed(stream: &mut impl Read) -> Vec<u8> {
    let mut all = Vec::new();
    let mut some = vec![0; 64 * 1024];
    loop {
        match stream.read(&mut some) {
            Ok(0) => return all,
            Ok(length) => all.extend(&some[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                assert!(!waited(&error), "still open after {GUARD:?}");
                return all;
            }
        }
    }
}

/// Whether the guard ran out, rather than the other side having closed.
pub(crate) fn waited(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// A TCP connection and nothing more.
pub(crate) fn socket(house: &House) -> TcpStream {
    guarded(TcpStream::connect(house.address).unwrap())
}

/// A TCP connection that comes from another address of the loopback network.
pub(crate) fn socket_from(house: &House, address: &str) -> TcpStream {
    let from = SocketAddr::new(address.parse().unwrap(), 0);
    let stream = house.runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(from).unwrap();
        socket.connect(house.address).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    guarded(stream)
}

fn guarded(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(GUARD)).unwrap();
    stream.set_write_timeout(Some(GUARD)).unwrap();
    stream
}

/// Trusts the house's authority and nobody else.
pub(crate) fn config(house: &House, protocols: &[&[u8]]) -> ClientConfig {
    let mut config = builder(house).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    config
}

/// The same, with a certificate of its own.
pub(crate) fn member(house: &House, pair: &Pair) -> ClientConfig {
    let chain = vec![CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
    builder(house).with_client_auth_cert(chain, key).unwrap()
}

fn builder(house: &House) -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
    let mut roots = RootCertStore::empty();
    let authority = house.authority.certificate();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
}
