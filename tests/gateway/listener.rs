//! A subscriber that remembers what it was told and answers as it is bid.

use super::evidence::keep;
use super::house::House;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use serde_json::Value;
use std::collections::VecDeque;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone)]
pub(crate) struct Heard {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Heard {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn data(&self) -> Value {
        self.json()["data"].clone()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

pub(crate) struct Listener {
    port: u16,
    files: [PathBuf; 2],
    memory: Memory,
    handle: Handle<SocketAddr>,
}

#[derive(Clone, Default)]
struct Memory {
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Listener {
    pub(crate) fn start(certificate: &Path, key: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let files = [certificate.to_owned(), key.to_owned()];
        let listening = Self { port, files, memory: Memory::default(), handle: Handle::new() };
        listening.serve(listener);
        listening
    }

    fn serve(&self, listener: TcpListener) {
        let routes = Router::new().route("/hook", post(hear)).with_state(self.memory.clone());
        let tls = super::house::server_config(&self.files[0], &self.files[1]);
        let server =
            axum_server::from_tcp_rustls(listener, RustlsConfig::from_config(tls)).unwrap();
        let server = server.handle(self.handle.clone());
        #[expect(clippy::disallowed_methods, reason = "it ends with its test")]
        tokio::spawn(async move { server.serve(routes.into_make_service()).await.unwrap() });
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}/hook", self.port)
    }

    /// Answers what comes next with these, then with 204 again.
    pub(crate) fn answer(&self, statuses: impl IntoIterator<Item = u16>) {
        self.memory.answers.lock().unwrap().extend(statuses);
    }

    /// Answers with 204 from now on.
    pub(crate) fn answer_well(&self) {
        self.memory.answers.lock().unwrap().clear();
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.memory.heard.lock().unwrap().clone()
    }

    /// Waits until so much was told; the guard is generous.
    pub(crate) async fn hears(&self, count: usize) -> Vec<Heard> {
        for _ in 0..4800 {
            if self.heard().len() >= count {
                return self.heard();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("only {} were told", self.heard().len());
    }

    /// Nobody listens there any more.
    pub(crate) async fn stopped(self) -> Self {
        self.handle.shutdown();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Self { handle: Handle::new(), ..self }
    }

    /// It listens again, where it did.
    pub(crate) fn started(self) -> Self {
        self.serve(TcpListener::bind(("127.0.0.1", self.port)).unwrap());
        self
    }
}

async fn hear(State(memory): State<Memory>, headers: HeaderMap, body: Bytes) -> StatusCode {
    keep("answers.txt", &body);
    let body = String::from_utf8(body.to_vec()).unwrap();
    memory.heard.lock().unwrap().push(Heard { headers, body });
    let status = memory.answers.lock().unwrap().pop_front().unwrap_or(204);
    StatusCode::from_u16(status).unwrap()
}

impl House {
    /// Moves the clock on until a subscriber was told what fits; the guard is generous.
    pub(crate) async fn later_until(
        &self,
        listener: &Listener,
        fits: impl Fn(&[Heard]) -> bool,
    ) -> Vec<Heard> {
        for _ in 0..600 {
            let heard = listener.heard();
            if fits(&heard) {
                return heard;
            }
            self.later(60);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("never told: {}", listener.heard().len());
    }

    /// Asks a command until what it says fits.
    pub(crate) async fn until_said(&self, arguments: &[&str], fits: impl Fn(&str) -> bool) {
        for _ in 0..600 {
            let (said, code) = super::care_command::almoner(arguments, "").await;
            assert_eq!(code, Some(0), "{said}");
            if fits(&said) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never said");
    }
}
