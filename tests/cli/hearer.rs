//! One of the charity's systems: it remembers what it was told, and answers, waits or is cut off.

use super::place::{Place, run};
use serde_json::Value;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How it behaves once it has read a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It takes it.
    Takes,
    /// It says nothing until it behaves otherwise.
    Holds,
    /// What stands behind its web server does not run.
    Fails,
    /// The network goes in the middle of its answer.
    IsCut,
}

/// A message as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) id: String,
    pub(crate) reference: String,
    pub(crate) state: String,
    body: Vec<u8>,
}

#[derive(Clone)]
pub(crate) struct Hearer {
    heard: Arc<Mutex<Vec<Heard>>>,
    manner: Arc<Mutex<Manner>>,
}

impl Hearer {
    /// Named in the place's configuration, where it is to be found.
    pub(crate) async fn subscribed(place: &Place, name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let key = place.file(&format!("dev/{name}.key")).display().to_string();
        assert!(run(&["keygen", "webhook", "--out", &key]).status.success());
        let mut config = std::fs::OpenOptions::new().append(true).open(place.config()).unwrap();
        write!(
            config,
            "\n[[subscribers]]\nname = \"{name}\"\nurl = \"https://localhost:{port}/hook\"\n\
             secret = {{ file = \"dev/{name}.key\" }}\nca_file = \"dev/tls/authority.pem\"\nallow_private = true\n"
        )
        .unwrap();
        let manner = Arc::new(Mutex::new(Manner::Takes));
        let hearer = Self { heard: Arc::default(), manner };
        let (serving, acceptor) = (hearer.clone(), TlsAcceptor::from(tls(place)));
        #[expect(clippy::disallowed_methods, reason = "it ends with its test")]
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(acceptor.clone(), stream));
            }
        });
        hearer
    }

    pub(crate) fn behaves(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until what it was told fits; the guard is generous.
    pub(crate) async fn hears(&self, fits: impl Fn(&[Heard]) -> bool) -> Vec<Heard> {
        for _ in 0..6000 {
            let heard = self.heard();
            if fits(&heard) {
                return heard;
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        panic!("never told: {:?}", self.heard());
    }

    async fn serve(self, acceptor: TlsAcceptor, stream: TcpStream) {
        let Ok(mut stream) = acceptor.accept(stream).await else { return };
        while let Some(heard) = read(&mut stream).await {
            self.heard.lock().unwrap().extend(heard);
            while *self.manner.lock().unwrap() == Manner::Holds {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let manner = *self.manner.lock().unwrap();
            let cut = manner == Manner::IsCut;
            let answer: &[u8] = match manner {
                Manner::Takes | Manner::Holds => b"HTTP/1.1 204 Taken\r\n\r\n",
                Manner::Fails => b"HTTP/1.1 502 Down\r\ncontent-length: 0\r\n\r\n",
                Manner::IsCut => b"HTTP/1.1 2",
            };
            if stream.write_all(answer).await.is_err() || stream.flush().await.is_err() || cut {
                return;
            }
        }
    }
}

pub(crate) fn tls(place: &Place) -> Arc<rustls::ServerConfig> {
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let chain = CertificateDer::pem_file_iter(place.file("dev/tls/server.pem")).unwrap();
    let chain = chain.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(place.file("dev/tls/server-key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = rustls::ServerConfig::builder_with_provider(provider);
    let versions = versions.with_safe_default_protocol_versions().unwrap();
    Arc::new(versions.with_no_client_auth().with_single_cert(chain, key).unwrap())
}

/// The next request, whole; one that tells nothing is no message.
async fn read(stream: &mut TlsStream<TcpStream>) -> Option<Option<Heard>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    if head.starts_with("HEAD / ") {
        return Some(None);
    }
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    let mut body = vec![0; header("content-length").unwrap().parse().unwrap()];
    stream.read_exact(&mut body).await.ok()?;
    let data: Value = serde_json::from_slice(&body).unwrap();
    let text = |name: &str| data["data"][name].as_str().unwrap().to_owned();
    let id = header("webhook-id").unwrap();
    Some(Some(Heard { id, reference: text("reference"), state: text("state"), body }))
}

/// Nothing was left out, nothing overtook within a hand-off, and what came twice was the same message.
pub(crate) fn judge(heard: &[Heard], feed: &[(String, String)]) {
    for (id, reference) in feed {
        assert!(heard.iter().any(|it| it.id == *id), "{id} of {reference} was never told");
    }
    let place = |id: &str| id.split_once('-').unwrap().0.parse::<u64>().unwrap();
    for (id, reference) in feed {
        let same: Vec<_> = heard.iter().filter(|it| it.id == *id).collect();
        assert!(same.iter().all(|it| *it == same[0]), "{id}");
        let of = heard.iter().filter(|it| it.reference == *reference);
        assert!(of.map(|it| place(&it.id)).is_sorted(), "{reference} was told out of order");
    }
    assert!(heard.iter().all(|it| feed.iter().any(|(id, _)| *id == it.id)), "more than there was");
}

/// Every event of the feed: its id, and of which hand-off.
pub(crate) async fn feed(place: &Place) -> Vec<(String, String)> {
    let (client, mut feed, mut after) = (place.client(), Vec::new(), String::new());
    loop {
        let url = place.url(&format!("/v1/outcomes?limit=250&after={after}"));
        let answer = client.get(url).bearer_auth(&place.api_key).send().await.unwrap();
        let page: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let items = page["outcomes"].as_array().unwrap().iter();
        feed.extend(items.map(|item| (text(&item["id"]), text(&item["reference"]))));
        after = text(&page["next"]);
        if page["more"] == false {
            return feed;
        }
    }
}
