//! The mock processor in this process, on the clock that is set, from the files of `scripts/bench`.

use almoner::clock::Clock;
use almoner::config::Settings;
use almoner::mock_rsm::{MockRsm, MockSettings, Pace};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::SecretString;
use std::net::TcpListener;
use std::sync::Arc;

pub(crate) fn mock(settings: &Settings, clock: &Clock) -> MockRsm {
    let folder = settings.ledger.file.as_ref().and_then(|file| file.parent()).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let secret = |name: &str| SecretString::from(read(name).trim_end().to_owned());
    let signed = settings.processor.signed.as_ref().unwrap();
    let origin = signed.origin.0.as_str().to_owned();
    let (_, port) = origin.rsplit_once(':').unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port.parse().unwrap())).unwrap();
    let chain = CertificateDer::pem_file_iter(folder.join("tls/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("tls/server-key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key)
        .unwrap();
    let mock = MockSettings {
        merchant: signed.merchant.clone(),
        signing_keys: vec![(signed.key_id.clone(), secret("signing.key"))],
        // The card that is paid with has no webhook.
        webhook_url: "https://localhost:1/webhooks/signed".to_owned(),
        webhook_keys: vec![secret("webhook.key")],
        webhook_roots: read("tls/authority.pem"),
        origin,
        control_token: None,
        return_origins: None,
        rsm2000: None,
        pace: Pace::default(),
    };
    MockRsm::start(mock, listener, Arc::new(tls), clock.clone()).unwrap()
}
