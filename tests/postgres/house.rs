//! A whole gateway whose ledger is a database of the private PostgreSQL.

use super::house::House;
use super::server::Database;
use almoner::config::{SecretSetting, Settings};

impl House {
    /// With its ledger in this database, which others may share.
    pub(crate) async fn on(database: &Database) -> Self {
        Self::on_with(database, |_| {}).await
    }

    /// The same with some settings changed.
    pub(crate) async fn on_with(database: &Database, change: impl FnOnce(&mut Settings)) -> Self {
        let (url, authority) = (database.url(), database.file("ca_file"));
        let password = SecretSetting {
            file: Some(database.file("password_file")),
            ..SecretSetting::default()
        };
        Self::with(|settings| {
            settings.ledger.file = None;
            settings.ledger.url = Some(url);
            settings.ledger.ca_file = Some(authority);
            settings.secrets.ledger_password = Some(password);
            change(settings);
        })
        .await
    }
}
