//! `almoner mock-rsm`: the mock processor alone.

mod rsm2000;

use super::{Failure, log, runtime};
use crate::clock::Clock;
use crate::config::{Level, SecretError, read_private};
use crate::mock_rsm::{MockRsm, MockSettings, Pace, TEST_ACCOUNTS, TEST_CARDS};
use anyhow::Context as _;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::SecretString;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Run the mock processor alone: a payment page, webhooks and enquiries, for tests only.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Address and port to listen on, by TLS.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8444")]
    listen: SocketAddr,
    /// Certificate chain of the listener, PEM.
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// Private key of the listener, PEM, readable by its owner alone.
    #[arg(long, value_name = "FILE")]
    private_key: PathBuf,
    /// Name of the one merchant it knows.
    #[arg(long, value_name = "NAME")]
    merchant: String,
    /// Its own origin as the merchant writes it [default: `https://localhost` and the port].
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// Key of hand-offs and enquiries: its id and the file that holds it. Repeat for a rotation.
    #[arg(long, value_name = "KEYID=FILE", required = true, value_parser = named_file)]
    signing_key_file: Vec<(String, PathBuf)>,
    /// Where webhooks go, by https.
    #[arg(long, value_name = "URL")]
    webhook_url: String,
    /// File with a `whsec_` secret of webhooks. Repeat for a rotation.
    #[arg(long, value_name = "FILE", required = true)]
    webhook_secret_file: Vec<PathBuf>,
    /// CA certificates that the webhook's receiver is trusted by, PEM.
    #[arg(long, value_name = "FILE")]
    webhook_ca: PathBuf,
    /// File with the token of the control API; without it there is none.
    #[arg(long, value_name = "FILE")]
    control_token_file: Option<PathBuf>,
    /// Origin that supporters may be sent back to. Repeat for several; without it any https origin.
    #[arg(long, value_name = "ORIGIN")]
    return_origin: Vec<String>,
    #[command(flatten)]
    rsm2000: rsm2000::Arguments,
}

/// Runs until SIGTERM or Ctrl-C.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let _log = log::start(Level::Info)?;
    let tls = server_config(&arguments.certificate, &arguments.private_key)?;
    let listener = TcpListener::bind(arguments.listen).context("--listen")?;
    let address = listener.local_addr()?;
    let settings = settings(arguments, address.port())?;
    runtime()?.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mock = MockRsm::start(settings, listener, tls, Clock::system())?;
        introduce(&mock, address)?;
        tokio::select! {
            _ = terminate.recv() => {}
            pressed = tokio::signal::ctrl_c() => pressed?,
        }
        mock.shutdown().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// TLS from files, for the mock alone: the service has its own way in.
pub(super) fn server_config(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, Failure> {
    let name = |file: &Path| file.display().to_string();
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| {
            format!(
                "{}: give a certificate chain in PEM, as `almoner dev-certs` makes one",
                name(certificate)
            )
        })?;
    let key =
        PrivateKeyDer::from_pem_slice(&read_private(key).map_err(|why| of_development(&why))?)
            .with_context(|| {
                format!(
                    "{}: give a private key in PEM, as `almoner dev-certs` makes one",
                    name(key)
                )
            })?;
    let mut tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(tls))
}

fn settings(arguments: &Arguments, port: u16) -> Result<MockSettings, Failure> {
    let signing_keys = arguments.signing_key_file.iter();
    let webhook_keys = arguments.webhook_secret_file.iter();
    let roots = &arguments.webhook_ca;
    Ok(MockSettings {
        merchant: arguments.merchant.clone(),
        signing_keys: signing_keys
            .map(|(id, file)| Ok((id.clone(), secret("--signing-key-file", file)?)))
            .collect::<Result<_, Failure>>()?,
        webhook_url: arguments.webhook_url.clone(),
        webhook_keys: webhook_keys
            .map(|file| secret("--webhook-secret-file", file))
            .collect::<Result<_, _>>()?,
        webhook_roots: std::fs::read_to_string(roots).with_context(|| {
            format!("--webhook-ca: {}: give certificates in PEM", roots.display())
        })?,
        origin: arguments.origin.clone().unwrap_or_else(|| format!("https://localhost:{port}")),
        control_token: arguments
            .control_token_file
            .as_deref()
            .map(|file| secret("--control-token-file", file))
            .transpose()?,
        return_origins: (!arguments.return_origin.is_empty())
            .then(|| arguments.return_origin.clone()),
        rsm2000: arguments.rsm2000.settings(&arguments.webhook_url)?,
        pace: Pace::default(),
    })
}

fn introduce(mock: &MockRsm, address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let origin = mock.origin();
    writeln!(out, "Mock RSM for tests: listening on {address}, hand-offs to {origin}/handoff")?;
    if mock.rsm2000().is_some() {
        writeln!(
            out,
            "RSM's own paths: {origin}/cpterminal/cpweb.php, {origin}/cpterminal/Widget.php,"
        )?;
        writeln!(
            out,
            "  {origin}/directdebit/dd.php, {origin}/ddcm/ddcmApi.php, each below /demo too"
        )?;
    }
    writeln!(out, "\nTest cards")?;
    for card in TEST_CARDS {
        writeln!(out, "  {}  {}", card.number, card.does)?;
    }
    writeln!(out, "\nTest accounts, with any sort code")?;
    for account in TEST_ACCOUNTS {
        writeln!(out, "  {}  {}", account.number, account.does)?;
    }
    writeln!(out, "\nCtrl-C ends it; it forgets everything.")?;
    out.flush()
}

/// A secret: one line, its end left out.
fn secret(option: &str, file: &Path) -> Result<SecretString, Failure> {
    let bytes = read_private(file).with_context(|| option.to_owned())?;
    let text = std::str::from_utf8(&bytes).map_err(|_error| {
        anyhow::anyhow!("{option}: {}: not text: give one line", file.display())
    })?;
    Ok(SecretString::from(text.trim_end()))
}

/// A key that is missing is not made by `almoner keygen`.
fn of_development(why: &SecretError) -> Failure {
    anyhow::anyhow!(why.to_string().replace("almoner keygen", "almoner dev-certs"))
}

fn named_file(text: &str) -> Result<(String, PathBuf), String> {
    let (id, file) = text.split_once('=').ok_or("write it as KEYID=FILE")?;
    Ok((id.to_owned(), PathBuf::from(file)))
}
