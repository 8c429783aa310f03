//! Who calls the service: over HTTP/1.1 and HTTP/2, TLS 1.2 and 1.3, on connections kept or not. Every
//! answer is kept to be searched.

use super::stage::Stage;
use crate::cli::Failure;
use crate::mock_rsm::trusting;
use crate::tls::Profile;
use crate::way_out;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, StreamOwned, SupportedProtocolVersion};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Longer than anything here takes.
pub(super) const GUARD: Duration = Duration::from_secs(30);

/// How somebody calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// As the report names it.
    pub(super) name: &'static str,
    http2: bool,
    version: &'static SupportedProtocolVersion,
    kept: bool,
}

const LINES: [Line; 5] = [
    Line { name: "HTTP/1.1 kept, TLS 1.3", http2: false, version: &TLS13, kept: true },
    Line { name: "HTTP/2, TLS 1.3", http2: true, version: &TLS13, kept: true },
    Line { name: "HTTP/1.1 closed, TLS 1.3", http2: false, version: &TLS13, kept: false },
    Line { name: "HTTP/1.1 kept, TLS 1.2", http2: false, version: &TLS12, kept: true },
    Line { name: "HTTP/2, TLS 1.2", http2: true, version: &TLS12, kept: true },
];

impl Line {
    /// The lines that the service's profile allows, but no more than so many.
    pub(super) fn of(stage: &Stage, most: usize) -> Vec<Self> {
        let modern = stage.settings.public.tls_profile.0 == Profile::Modern;
        let allowed = LINES.into_iter().filter(|line| !modern || line.version == &TLS13);
        allowed.take(most).collect()
    }

    fn tls(self, stage: &Stage) -> Result<ClientConfig, Failure> {
        let mut tls = trusting(&stage.trusted, &[self.version])?;
        tls.alpn_protocols = vec![if self.http2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
        Ok(tls)
    }
}

/// What may stand in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Nothing that was sent.
    Nothing,
    /// What was typed, again, or on its way to the processor; never of a card or an account.
    Contact,
    /// A form, with whatever was typed into the wrong field of it.
    Mistyped,
}

/// All answers so far, by what may stand in them.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) nothing: Mutex<Vec<u8>>,
    pub(super) contact: Mutex<Vec<u8>>,
}

impl Kept {
    fn keep(&self, holds: Holds, bytes: &[u8]) {
        let kept = match holds {
            Holds::Nothing => &self.nothing,
            Holds::Contact => &self.contact,
            Holds::Mistyped => return,
        };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        kept.push(b'\n');
    }
}

/// An answer, read whole.
pub(super) struct Answer {
    pub(super) status: u16,
    /// Where it leads, if anywhere.
    pub(super) location: String,
    pub(super) body: String,
}

/// One caller on one line.
pub(super) struct Caller {
    pub(super) line: Line,
    client: reqwest::Client,
    tls: Arc<ClientConfig>,
    address: SocketAddr,
    origin: String,
    kept: Arc<Kept>,
}

impl Caller {
    pub(super) fn new(stage: &Stage, line: Line, kept: Arc<Kept>) -> Result<Self, Failure> {
        let tls = line.tls(stage)?;
        let http1 = Line { http2: false, ..line };
        let builder = way_out::client(GUARD, GUARD, None)?.tls_backend_preconfigured(tls);
        let builder =
            if line.http2 { builder.http2_prior_knowledge() } else { builder.http1_only() };
        let builder = if line.kept { builder } else { builder.pool_max_idle_per_host(0) };
        Ok(Self {
            line,
            client: builder.build()?,
            tls: Arc::new(http1.tls(stage)?),
            address: stage.public(),
            origin: stage.settings.public.origin.0.as_str().to_owned(),
            kept,
        })
    }

    /// A request to a path of ours.
    pub(super) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.ready(self.client.get(format!("{}{path}", self.origin)))
    }

    pub(super) fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.ready(self.client.post(format!("{}{path}", self.origin)))
    }

    /// The path of an address of ours; empty where it is none.
    pub(super) fn path<'a>(&self, url: &'a str) -> &'a str {
        if url.starts_with('/') { url } else { url.strip_prefix(&self.origin).unwrap_or_default() }
    }

    fn ready(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        if self.line.kept || self.line.http2 {
            request
        } else {
            request.header("connection", "close")
        }
    }

    /// Sends it, and keeps the answer.
    pub(super) async fn send(
        &self,
        request: reqwest::RequestBuilder,
        holds: Holds,
    ) -> Result<Answer, Failure> {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let headers = response.headers();
        let location = headers.get("location").and_then(|value| value.to_str().ok());
        let location = location.unwrap_or_default().to_owned();
        for value in headers.values() {
            self.kept.keep(holds, value.as_bytes());
        }
        let body = response.bytes().await?;
        self.kept.keep(holds, &body);
        Ok(Answer { status, location, body: String::from_utf8_lossy(&body).into_owned() })
    }

    /// Opens a connection, over HTTP/1.1, and sends these bytes as they are.
    pub(super) fn open(&self, bytes: &[u8]) -> Result<Held, Failure> {
        tokio::task::block_in_place(|| {
            let name = "localhost".try_into()?;
            let tls = ClientConnection::new(Arc::clone(&self.tls), name)?;
            let socket = TcpStream::connect(self.address)?;
            socket.set_read_timeout(Some(GUARD))?;
            let mut stream = StreamOwned::new(tls, socket);
            stream.write_all(bytes)?;
            stream.flush()?;
            Ok(Held { stream, kept: Arc::clone(&self.kept) })
        })
    }

    /// A form of which so many bytes at the end are not sent yet; those bytes.
    pub(super) fn hold(
        &self,
        path: &str,
        body: &str,
        last: usize,
    ) -> Result<(Held, Vec<u8>), Failure> {
        let host = self.origin.trim_start_matches("https://");
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\nsec-fetch-site: same-origin\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let (first, rest) = body.as_bytes().split_at(body.len().saturating_sub(last));
        Ok((self.open(&[head.as_bytes(), first].concat())?, rest.to_vec()))
    }
}

/// A connection that is held open.
pub(super) struct Held {
    stream: StreamOwned<ClientConnection, TcpStream>,
    kept: Arc<Kept>,
}

impl Held {
    /// Sends the rest and reads to the end; the status.
    pub(super) fn finish(mut self, rest: &[u8], holds: Holds) -> Option<u16> {
        tokio::task::block_in_place(|| {
            self.stream.write_all(rest).ok()?;
            let mut answer = Vec::new();
            // A server that closes without a word has answered too, and a reset ends it as well.
            self.stream.read_to_end(&mut answer).ok();
            self.kept.keep(holds, &answer);
            let status = answer.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
            std::str::from_utf8(status).ok()?.parse().ok()
        })
    }
}
