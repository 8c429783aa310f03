//! The door: from an accepted socket to a connection that may ask.

use super::acme;
use super::connection::Connection;
use super::limits::Limits;
use super::register::Register;
use super::talk::Talk;
use super::visit::Visit;
use super::wire::Wire;
use axum::extract::ConnectInfo;
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use sha2::{Digest as _, Sha256};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

/// Lets sockets in. Each is worked on in its own task, so that none keeps the next one waiting.
#[derive(Clone)]
pub(super) struct Door {
    tls: RustlsAcceptor,
    register: Arc<Register>,
    limits: Arc<Limits>,
}

type Encrypted<S> = <RustlsAcceptor as Accept<Wire, S>>::Stream;
type Informed<S> = <RustlsAcceptor as Accept<Wire, S>>::Service;
type Opened<S> = (Talk<Encrypted<S>>, Visit<Informed<S>>);

impl Door {
    pub(super) fn new(config: RustlsConfig, limits: Limits) -> Self {
        let tls = RustlsAcceptor::new(config).handshake_timeout(limits.handshake_timeout);
        Self { tls, register: Register::new(limits.clone()), limits: Arc::new(limits) }
    }

    async fn open<S>(self, socket: TcpStream, service: S) -> io::Result<Opened<S>> {
        socket.set_nodelay(true)?;
        let seat = self.register.admit(socket.peer_addr()?)?;
        let connection: Arc<Connection> = Arc::clone(seat.connection());
        let wire = Wire::new(socket, seat, &self.limits);
        let (mut stream, service) = self.tls.accept(wire, service).await?;
        let (wire, session) = stream.get_ref();
        wire.seat().settle();
        let protocol = session.alpn_protocol().map(<[u8]>::to_vec);
        let shown = session.peer_certificates().and_then(|chain| chain.first());
        let certificate = shown.map(|der| ConnectInfo(Sha256::digest(der).into()));
        if protocol.as_deref() == Some(acme::PROTOCOL) {
            // The handshake was the proof: nothing is ever said in such a connection (RFC 8737, section 3).
            stream.shutdown().await?;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let talk = Talk::new(stream, protocol.as_deref(), &connection, &self.limits);
        Ok((talk, Visit::new(service, connection, certificate, self.limits)))
    }
}

impl<S: Send + 'static> Accept<TcpStream, S> for Door {
    type Stream = Talk<Encrypted<S>>;
    type Service = Visit<Informed<S>>;
    type Future = Pin<Box<dyn Future<Output = io::Result<Opened<S>>> + Send>>;

    fn accept(&self, socket: TcpStream, service: S) -> Self::Future {
        Box::pin(self.clone().open(socket, service))
    }
}
