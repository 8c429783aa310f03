//! The mock on a listener of its own, over real TLS.

use almoner::clock::Clock;
use almoner::mock_rsm::{MockRsm, MockSettings, Pace, Rsm2000Settings};
use almoner::tls::development::{Authority, DAYS, LOOPBACK};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::TcpListener;
use std::sync::Arc;

/// What RSM and the charity have agreed.
pub(crate) const PASSWORD: &str = "a password that RSM gave";
const CALLBACK_SECRET: &str = "0123456789abcdef0123456789abcdef-callback";
const SIGNING_KEY: &str = "0123456789abcdef0123456789abcdef";
const WEBHOOK_KEY: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

pub(crate) struct Pretend {
    pub(crate) mock: MockRsm,
    pub(crate) origin: String,
    /// PEM of the authority that made its certificate.
    pub(crate) authority: String,
}

impl Pretend {
    pub(crate) fn start() -> Self {
        almoner::way_out::install_provider();
        let clock = Clock::system();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let authority = Authority::new(&clock, DAYS).unwrap();
        let pair = authority.server(&LOOPBACK).unwrap();
        let chain = vec![CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
        let tls =
            rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
        let authority = authority.certificate();
        // No call-back is ever sent here, so nobody listens where they would go.
        let nowhere = "https://localhost:9";
        let settings = MockSettings {
            merchant: "contract".into(),
            signing_keys: vec![("k1".into(), SIGNING_KEY.into())],
            webhook_url: format!("{nowhere}/webhooks/signed"),
            webhook_keys: vec![WEBHOOK_KEY.into()],
            webhook_roots: authority.clone(),
            origin: origin.clone(),
            control_token: None,
            return_origins: None,
            rsm2000: Some(Rsm2000Settings::new(nowhere, PASSWORD.into(), CALLBACK_SECRET.into())),
            pace: Pace::default(),
        };
        let mock = MockRsm::start(settings, listener, Arc::new(tls.unwrap()), clock).unwrap();
        Self { mock, origin, authority }
    }
}
