//! Connections: TLS always, the password never sent, and a server that forgets nothing.

use super::PostgresSettings;
use super::trouble::{Trouble, told};
use crate::keys::Guarded;
use crate::ledger::LedgerError;
use deadpool_postgres::{
    ConfigConnectImpl, Connect, Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod,
    Runtime,
};
use futures_util::future::BoxFuture;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use tokio_postgres::config::{ChannelBinding, Config, Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a connection may take to be made, TLS and the password included.
const CONNECT: Duration = Duration::from_secs(5);

/// What every session is told. A statement that hangs must not outlast its caller's patience, and a
/// transaction whose client has gone must not keep others waiting.
const SESSION: &str = "SET statement_timeout = '10s'; SET lock_timeout = '5s'; \
    SET idle_in_transaction_session_timeout = '15s'";

/// Plans are made while tables are small and kept while they grow, and every one of ours has an index.
/// Engines that have no such setting plan by themselves.
const PLANS: &str = "SET enable_seqscan = off";

/// What makes a commit worth less than its word (security.md, FM-29).
const FORGETFUL: &str = "SELECT name, setting FROM pg_settings \
    WHERE name IN ('synchronous_commit', 'fsync') AND setting = 'off' ORDER BY name DESC LIMIT 1";

/// The pool, which has not connected yet.
pub(super) fn pool(settings: &PostgresSettings) -> Result<Pool, LedgerError> {
    let config = config(settings)?;
    let tls = MakeRustlsConnect::new(tls(&settings.roots)?);
    let connect =
        Connector { tls: ConfigConnectImpl { tls }, password: Guarded::new(&settings.password) };
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let allowed = settings.asynchronous_commit;
    Pool::builder(Manager::from_connect(config, connect, recycling))
        .max_size(settings.connections.max(2))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(settings.write_wait))
        .create_timeout(Some(CONNECT.saturating_mul(2)))
        .recycle_timeout(Some(CONNECT))
        .post_create(Hook::async_fn(move |client, _| {
            Box::pin(async move {
                match (prepare(client).await, allowed) {
                    (Ok(None), _) => Ok(()),
                    (Ok(Some(setting)), true) => {
                        let why = "the database may forget what it acknowledged";
                        tracing::warn!(event = "asynchronous_commit_allowed", setting, reason = why);
                        Ok(())
                    }
                    (Ok(Some(setting)), false) => Err(HookError::message(format!(
                        "{setting} is off: what it acknowledged could be lost. Turn it on for its user"
                    ))),
                    (Err(error), _) => Err(HookError::message(told(&error))),
                }
            })
        }))
        .build()
        .map_err(|error| LedgerError::Unavailable(error.to_string()))
}

/// Makes connections. The password leaves its guarded memory only while one is made.
struct Connector {
    tls: ConfigConnectImpl<MakeRustlsConnect>,
    password: Guarded,
}

impl Connect for Connector {
    fn connect(
        &self,
        config: &Config,
    ) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), tokio_postgres::Error>> {
        let mut config = config.clone();
        config.password(&*self.password);
        self.tls.connect(&config)
    }
}

/// Makes a new session ours, and refuses one whose commits may be lost.
async fn prepare(client: &Client) -> Result<Option<String>, tokio_postgres::Error> {
    client.batch_execute(SESSION).await?;
    // An engine without it answers with an error, which changes nothing.
    client.batch_execute(PLANS).await.ok();
    client.query_opt(FORGETFUL, &[]).await?.map(|row| row.try_get(0)).transpose()
}

/// The database's name and its hosts, as a person is told them.
pub(super) fn place(settings: &PostgresSettings) -> Result<String, LedgerError> {
    let config = config(settings)?;
    let ports = config.get_ports();
    let host = |(place, host): (usize, &Host)| {
        let Host::Tcp(name) = host else { return "a socket".to_owned() };
        let port = ports.get(place).or(ports.first()).copied().unwrap_or(5432);
        format!("{name}:{port}")
    };
    let hosts: Vec<String> = config.get_hosts().iter().enumerate().map(host).collect();
    let name = config.get_dbname().unwrap_or_default();
    Ok(format!("the database {name} at {}", hosts.join(", ")))
}

fn config(settings: &PostgresSettings) -> Result<Config, LedgerError> {
    let refuse = |what: &str| Err(LedgerError::Unavailable(format!("its url {what}")));
    let Ok(mut config) = settings.url.parse::<Config>() else {
        return refuse("cannot be read: write it like postgresql://user@host:5432/database");
    };
    if config.get_password().is_some() {
        return refuse("holds a password: keep it in a secret of its own");
    }
    if config.get_user().is_none() || config.get_dbname().is_none() {
        return refuse("must name a user and a database");
    }
    let by_name = |host: &Host| matches!(host, Host::Tcp(_));
    if config.get_hosts().is_empty() || !config.get_hosts().iter().all(by_name) {
        return refuse("must name a host: it is reached over TLS alone");
    }
    if config.get_ssl_mode() == SslMode::Disable {
        return refuse("turns TLS off, which it never is");
    }
    config
        .ssl_mode(SslMode::Require)
        .channel_binding(ChannelBinding::Require)
        .target_session_attrs(TargetSessionAttrs::ReadWrite)
        .application_name("almoner")
        .connect_timeout(CONNECT)
        .tcp_user_timeout(CONNECT.saturating_mul(2))
        .keepalives_idle(CONNECT.saturating_mul(2));
    Ok(config)
}

/// TLS 1.2 or later, the server's name and chain checked against these roots alone.
fn tls(roots: &[u8]) -> Result<ClientConfig, LedgerError> {
    let unusable = || LedgerError::Unavailable("its ca_file holds no certificate".to_owned());
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(roots) {
        store.add(certificate.ok().ok_or_else(unusable)?).ok().ok_or_else(unusable)?;
    }
    if store.is_empty() {
        return Err(unusable());
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| LedgerError::Unavailable(error.to_string()))?;
    Ok(versions.with_root_certificates(store).with_no_client_auth())
}

/// Whether a pool's connection can be had and used: for the start and for `almoner check`.
pub(super) async fn answers(pool: &Pool) -> Result<(), Trouble> {
    pool.get().await?.query_one("SELECT 1", &[]).await?;
    Ok(())
}
