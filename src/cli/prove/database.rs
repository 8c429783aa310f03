//! A database of the run's own beside the operator's, on the same server, thrown away at the end.

use crate::cli::Failure;
use crate::config::Database as Settings;
use crate::keys;
use crate::mock_rsm::trusting;
use anyhow::Context as _;
use tokio_postgres::config::{ChannelBinding, Config, SslMode};
use tokio_postgres::{Client, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_util::task::TaskTracker;

/// The database, and how it is reached.
pub(super) struct Database {
    pub(super) url: String,
    name: String,
    /// In the operator's own database, where nothing is done but making and removing ours.
    keeper: Client,
    config: Config,
    roots: String,
}

impl Database {
    /// Makes it, if the configuration's user may.
    pub(super) async fn make(settings: &Settings) -> Result<Self, Failure> {
        let roots = std::str::from_utf8(&settings.roots).context("ledger.ca_file")?.to_owned();
        let mut config: Config = settings.url.parse().context("ledger.url")?;
        config
            .ssl_mode(SslMode::Require)
            .channel_binding(ChannelBinding::Require)
            .password(settings.password.as_slice());
        let keeper = connect(&config, &roots).await?;
        let name = format!("almoner_prove_{}", hex::encode(keys::random::<8>()?));
        keeper.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        let url = renamed(&settings.url, &name).context("ledger.url names no database")?;
        config.dbname(&name);
        Ok(Self { url, name, keeper, config, roots })
    }

    /// Every row of every table, as text.
    pub(super) async fn rows(&self) -> Result<Vec<u8>, Failure> {
        let client = connect(&self.config, &self.roots).await?;
        let tables = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'";
        let mut text = Vec::new();
        for table in client.query(tables, &[]).await? {
            let table: String = table.try_get(0)?;
            for message in client.simple_query(&format!("TABLE {table}")).await? {
                let SimpleQueryMessage::Row(row) = message else { continue };
                for column in 0..row.len() {
                    text.extend_from_slice(row.get(column).unwrap_or_default().as_bytes());
                    text.push(b'\n');
                }
            }
        }
        Ok(text)
    }

    pub(super) async fn remove(self) -> Result<(), Failure> {
        Ok(self.keeper.batch_execute(&format!("DROP DATABASE {}", self.name)).await?)
    }
}

async fn connect(config: &Config, roots: &str) -> Result<Client, Failure> {
    let tls = MakeRustlsConnect::new(trusting(roots, rustls::DEFAULT_VERSIONS)?);
    let (client, connection) = config.connect(tls).await?;
    TaskTracker::new().spawn(async move {
        // Its end is told by whatever is asked next.
        connection.await.ok();
    });
    Ok(client)
}

/// The address with another database in it.
fn renamed(url: &str, name: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let (hosts, path) = rest.split_once('/')?;
    let options = path.split_once('?').map(|(_, options)| format!("?{options}"));
    Some(format!("{scheme}://{hosts}/{name}{}", options.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_same_but_for_the_database() {
        for (url, other) in [
            ("postgresql://a@h:5432/almoner", "postgresql://a@h:5432/x"),
            ("postgresql://a@h,i/b?connect_timeout=3", "postgresql://a@h,i/x?connect_timeout=3"),
        ] {
            assert_eq!(renamed(url, "x").as_deref(), Some(other));
        }
        assert_eq!(renamed("postgresql://a@h", "x"), None);
    }
}
