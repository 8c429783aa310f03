//! Through Almoner: the same payments by `POST /v1/handoffs`, as a charity's program sends them.

use super::reference;
use super::sample::{CARD, CONTACT, text};
use almoner::config::Settings;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub(crate) struct Gateway {
    connector: TlsConnector,
    address: std::net::SocketAddr,
    head: String,
    body: String,
}

impl Gateway {
    pub(crate) fn new(settings: &Settings, key: &str) -> Self {
        let authority = settings.processor.ca_file.as_ref().unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let versions = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let mut tls = versions.with_root_certificates(roots).with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let address = settings.public.listen.0;
        let body = json!({
            "kind": "donate", "amount": { "value": 2500, "currency": "GBP" }, "frequency": "once",
            "method": "card", "gift_aid": true,
            "contact": {
                "title": text(&CONTACT, "title"), "first_name": text(&CONTACT, "first_name"),
                "last_name": text(&CONTACT, "last_name"), "email": text(&CONTACT, "email"),
                "address": {
                    "line1": text(&CONTACT, "line1"), "town": text(&CONTACT, "town"),
                    "postcode": text(&CONTACT, "postcode"), "country": text(&CONTACT, "country"),
                },
            },
            "card": {
                "number": text(&CARD, "card_number"), "expiry": text(&CARD, "card_expiry"),
                "cvc": text(&CARD, "card_cvc"), "holder": text(&CARD, "card_holder"),
            },
        });
        let body = body.to_string();
        let head = format!(
            "POST /v1/handoffs HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nIdempotency-Key: ",
            address.port(),
            body.len()
        );
        Self { connector: TlsConnector::from(Arc::new(tls)), address, head, body }
    }

    /// Pays once; how long it took with the connection to Almoner, and without.
    pub(crate) async fn pay(&self) -> (Duration, Duration) {
        let request = format!("{}{}\r\n\r\n{}", self.head, reference(), self.body);
        let began = Instant::now();
        let socket = TcpStream::connect(self.address).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let mut stream = self.connector.connect(name, socket).await.unwrap();
        let asked = Instant::now();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::with_capacity(4096);
        while !whole(&answer) {
            let read = stream.read_buf(&mut answer).await.unwrap();
            assert_ne!(read, 0, "{}", String::from_utf8_lossy(&answer));
        }
        let took = (began.elapsed(), asked.elapsed());
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with("HTTP/1.1 201 ") && answer.contains("accepted"), "{answer}");
        took
    }
}

/// Whether an answer is here to its last brace.
fn whole(answer: &[u8]) -> bool {
    answer.ends_with(b"}") && answer.windows(4).any(|four| four == b"\r\n\r\n")
}
