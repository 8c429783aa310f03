//! A merchant's webhook receiver that remembers what came and answers as it is told.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum_server::tls_rustls::RustlsConfig;
use std::collections::VecDeque;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[derive(Clone)]
pub(crate) struct Heard {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) at: Instant,
}

impl Heard {
    pub(crate) fn data(&self) -> serde_json::Value {
        serde_json::from_str::<serde_json::Value>(&self.body).unwrap()["data"].clone()
    }

    pub(crate) fn state(&self) -> String {
        self.data()["state"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// Whether the reference crate for Standard Webhooks believes it.
    pub(crate) fn is_believed_with(&self, secret: &str) -> bool {
        standardwebhooks::Webhook::new(secret)
            .unwrap()
            .verify(self.body.as_bytes(), &self.headers)
            .is_ok()
    }
}

#[derive(Clone, Default)]
pub(crate) struct Receiver {
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    pub(crate) fn start(listener: TcpListener, tls: Arc<rustls::ServerConfig>) -> Self {
        let receiver = Self::default();
        let routes =
            Router::new().route("/webhooks/{*path}", post(hear)).with_state(receiver.clone());
        let server =
            axum_server::from_tcp_rustls(listener, RustlsConfig::from_config(tls)).unwrap();
        tokio::spawn(async move { server.serve(routes.into_make_service()).await.unwrap() });
        receiver
    }

    /// Answers the next webhooks with these, then with 204 again.
    pub(crate) fn answer(&self, statuses: impl IntoIterator<Item = u16>) {
        self.answers.lock().unwrap().extend(statuses);
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until this many have come, then a moment longer for one too many.
    pub(crate) async fn settle(&self, count: usize) -> Vec<Heard> {
        for _ in 0..3000 {
            if self.heard().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
        let heard = self.heard();
        assert_eq!(heard.len(), count, "webhooks heard");
        heard
    }
}

async fn hear(
    State(receiver): State<Receiver>,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let body = String::from_utf8_lossy(&body).into_owned();
    receiver.heard.lock().unwrap().push(Heard { path, headers, body, at: Instant::now() });
    let status = receiver.answers.lock().unwrap().pop_front().unwrap_or(204);
    StatusCode::from_u16(status).unwrap()
}
