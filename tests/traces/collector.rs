//! Takes OTLP over TLS on loopback, and remembers it.

use super::hearer;
use super::place::Place;
use super::wire::{self, Span, Value};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use axum_server::tls_rustls::RustlsConfig;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) struct Collector {
    port: u16,
    bodies: Bodies,
}

type Bodies = Arc<Mutex<Vec<Vec<u8>>>>;

impl Collector {
    pub(crate) fn start(place: &Place) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let bodies = Bodies::default();
        let routes = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&bodies));
        let tls = RustlsConfig::from_config(hearer::tls(place));
        let server = axum_server::from_tcp_rustls(listener, tls).unwrap();
        #[expect(clippy::disallowed_methods, reason = "it ends with its test")]
        tokio::spawn(async move { server.serve(routes.into_make_service()).await.unwrap() });
        Self { port, bodies }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}/v1/traces", self.port)
    }

    pub(crate) fn bodies(&self) -> Vec<Vec<u8>> {
        self.bodies.lock().unwrap().clone()
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        self.bodies().iter().flat_map(|body| wire::spans(body)).collect()
    }

    /// What is said of the service itself, the same each time.
    pub(crate) fn resource(&self) -> Vec<(String, Value)> {
        let mut all = self.bodies().iter().map(|body| wire::resource(body)).collect::<Vec<_>>();
        all.dedup();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// Waits until what came fits; the guard is generous.
    pub(crate) async fn until(&self, fits: impl Fn(&[Span]) -> bool) {
        for _ in 0..1200 {
            if fits(&self.spans()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never sent: {:?}", self.spans());
    }
}

async fn take(State(bodies): State<Bodies>, body: Bytes) {
    bodies.lock().unwrap().push(body.to_vec());
}
