//! `almoner mock-rsm`: the mock processor alone.

use crate::clock::Clock;
use crate::mock_rsm::{MockRsm, MockSettings, Pace, TEST_ACCOUNTS, TEST_CARDS};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::SecretString;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use zeroize::Zeroizing;

/// Run the mock processor alone: a payment page, webhooks and enquiries, for tests only.
#[derive(Debug, clap::Args)]
pub struct Args {
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
}

/// What kept the mock from running: a line that names the setting or the file.
#[derive(Debug, thiserror::Error)]
#[error("{about}: {source}")]
pub struct CannotRun {
    about: String,
    source: io::Error,
}

/// Runs until SIGTERM or Ctrl-C.
pub async fn run(args: Args) -> Result<(), CannotRun> {
    let tls = Arc::new(tls(&args)?);
    let listener = TcpListener::bind(args.listen).map_err(about("--listen"))?;
    let address = listener.local_addr().map_err(about("--listen"))?;
    let settings = settings(&args, address.port())?;
    let mut terminate = signal(SignalKind::terminate()).map_err(about("SIGTERM"))?;
    let mock =
        MockRsm::start(settings, listener, tls, Clock::system()).map_err(about("mock-rsm"))?;
    introduce(mock.origin(), address).map_err(about("standard output"))?;
    tokio::select! {
        _ = terminate.recv() => {}
        pressed = tokio::signal::ctrl_c() => pressed.map_err(about("Ctrl-C"))?,
    }
    mock.shutdown().await;
    Ok(())
}

fn settings(args: &Args, port: u16) -> Result<MockSettings, CannotRun> {
    let signing_keys = args
        .signing_key_file
        .iter()
        .map(|(id, file)| Ok((id.clone(), secret(file)?)))
        .collect::<Result<_, _>>()?;
    let webhook_keys =
        args.webhook_secret_file.iter().map(|file| secret(file)).collect::<Result<_, _>>()?;
    Ok(MockSettings {
        merchant: args.merchant.clone(),
        signing_keys,
        webhook_url: args.webhook_url.clone(),
        webhook_keys,
        webhook_roots: std::fs::read_to_string(&args.webhook_ca)
            .map_err(about(&args.webhook_ca.display()))?,
        origin: args.origin.clone().unwrap_or_else(|| format!("https://localhost:{port}")),
        control_token: args.control_token_file.as_deref().map(secret).transpose()?,
        return_origins: (!args.return_origin.is_empty()).then(|| args.return_origin.clone()),
        pace: Pace::default(),
    })
}

fn introduce(origin: &str, address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "Mock RSM for tests: listening on {address}, hand-offs to {origin}/handoff")?;
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

fn tls(args: &Args) -> Result<ServerConfig, CannotRun> {
    let chain = CertificateDer::pem_file_iter(&args.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| about(&args.certificate.display())(io::Error::other(error)))?;
    let key = PrivateKeyDer::from_pem_slice(&private_file(&args.private_key)?)
        .map_err(|error| about(&args.private_key.display())(io::Error::other(error)))?;
    let unusable = |error| about("--certificate and --private-key")(io::Error::other(error));
    let mut tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unusable)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

/// A secret: one line, its end left out.
fn secret(file: &Path) -> Result<SecretString, CannotRun> {
    let bytes = private_file(file)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| about(&file.display())(io::Error::other(error)))?;
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
}

/// The largest key or secret read, in bytes.
const LARGEST: u64 = 64 * 1024;

/// A file that its owner alone can read.
fn private_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, CannotRun> {
    let read = || {
        let file = File::open(path)?;
        if file.metadata()?.mode() & 0o077 != 0 {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "others can read this file; make it private with chmod 600",
            ));
        }
        let mut bytes = Zeroizing::new(Vec::new());
        file.take(LARGEST).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(about(&path.display()))
}

fn named_file(text: &str) -> Result<(String, PathBuf), String> {
    let (id, file) = text.split_once('=').ok_or("write it as KEYID=FILE")?;
    Ok((id.to_owned(), PathBuf::from(file)))
}

fn about<T: ToString + ?Sized>(what: &T) -> impl FnOnce(io::Error) -> CannotRun + use<T> {
    let about = what.to_string();
    move |source| CannotRun { about, source }
}
