//! Which TLS we speak (security.md, section 1.6; Mozilla's guideline 6.0).

use crate::clock::Clock;
use rustls::crypto::aws_lc_rs::{self, cipher_suite, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::UnixTime;
use rustls::server::{
    NoServerSessionStorage, ResolvesServerCert, ServerConfig, WebPkiClientVerifier,
};
use rustls::time_provider::TimeProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, SupportedCipherSuite, SupportedProtocolVersion};
use std::sync::Arc;
use std::time::Duration;

/// How far back we go for old peers. Nothing weaker exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// TLS 1.3, and TLS 1.2 with ephemeral keys and authenticated ciphers only.
    #[default]
    Intermediate,
    /// TLS 1.3 only.
    Modern,
}

/// Mozilla's six for TLS 1.2 and three for TLS 1.3. The client's order decides, as the guideline
/// wants: it knows whether its hardware is quick at AES.
const CIPHER_SUITES: [SupportedCipherSuite; 9] = [
    cipher_suite::TLS13_AES_128_GCM_SHA256,
    cipher_suite::TLS13_AES_256_GCM_SHA384,
    cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    cipher_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
];

/// Best first.
const GROUPS: [&dyn SupportedKxGroup; 4] =
    [kx_group::X25519MLKEM768, kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1];

// TLS 1.2 is compiled in whatever the profile, so each names its versions.
static INTERMEDIATE: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
static MODERN: [&SupportedProtocolVersion; 1] = [&TLS13];

impl Profile {
    fn versions(self) -> &'static [&'static SupportedProtocolVersion] {
        match self {
            Self::Intermediate => &INTERMEDIATE,
            Self::Modern => &MODERN,
        }
    }

    /// The whole configuration of a listener. With `clients`, a peer must show a certificate of
    /// one of these authorities.
    pub(super) fn server_config(
        self,
        shown: Arc<dyn ResolvesServerCert>,
        clients: Option<RootCertStore>,
        clock: &Clock,
    ) -> Result<ServerConfig, rustls::Error> {
        let provider = provider();
        let time = Arc::new(OurTime(clock.clone()));
        let builder = ServerConfig::builder_with_details(Arc::clone(&provider), time)
            .with_protocol_versions(self.versions())?;
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(roots) => {
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                        .build()
                        .map_err(|error| rustls::Error::General(error.to_string()))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_cert_resolver(shown);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.max_early_data_size = 0;
        // No resumption: measured, full handshakes without tickets are quicker here than resumed
        // ones, TLS 1.3 resumption saves no round trip without early data, every connection keeps
        // its forward secrecy, and a client certificate is looked at each time, with the
        // authorities of today.
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(config)
    }
}

/// Our own provider, never the process's default, which another crate may have set.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        cipher_suites: CIPHER_SUITES.to_vec(),
        kx_groups: GROUPS.to_vec(),
        ..aws_lc_rs::default_provider()
    })
}

#[derive(Debug)]
struct OurTime(Clock);

impl TimeProvider for OurTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
