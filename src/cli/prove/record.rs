//! Where the run's own record is: a new file, or a database of its own where the operator's is one.

use super::stage::Stage;
use crate::cli::Failure;
use crate::config::{Keeping, Settings};
use std::path::Path;

/// The record of one run.
pub(super) enum Ledger {
    File,
    #[cfg(feature = "postgres")]
    Database(Box<super::database::Database>),
}

impl Ledger {
    /// Makes it, and settles the stage's configuration; what could not be done as it is configured.
    pub(super) async fn make(
        stage: &mut Stage,
        config: &Path,
    ) -> Result<(Self, Option<String>), Failure> {
        let (settings, document) = Settings::load(config)?;
        let Keeping::Database(database) = settings.keeping(&document)? else {
            return Ok((Self::File, None));
        };
        let why = match Self::in_database(stage, &database).await {
            Ok(ledger) => {
                stage.write()?;
                return Ok((ledger, None));
            }
            Err(why) => why,
        };
        stage.settings.ledger.url = None;
        stage.settings.ledger.file = Some(stage.file("ledger/ledger.db"));
        stage.change("ledger: a new SQLite file in place of the database");
        stage.write()?;
        let advice = "let its user make databases (ALTER ROLE .. CREATEDB) for the time of this";
        Ok((
            Self::File,
            Some(format!(
                "the database: none of the run's own can be made there ({why:#}); {advice}"
            )),
        ))
    }

    #[cfg(feature = "postgres")]
    async fn in_database(
        stage: &mut Stage,
        settings: &crate::config::Database,
    ) -> Result<Self, Failure> {
        let database = super::database::Database::make(settings).await?;
        stage.settings.ledger.url = Some(database.url.clone());
        stage.change("ledger.url: a new database on the same server, thrown away");
        Ok(Self::Database(Box::new(database)))
    }

    #[cfg(not(feature = "postgres"))]
    async fn in_database(
        _stage: &mut Stage,
        _settings: &crate::config::Database,
    ) -> Result<Self, Failure> {
        anyhow::bail!("this binary was built without PostgreSQL")
    }

    pub(super) const fn is_file(&self) -> bool {
        matches!(self, Self::File)
    }

    pub(super) const fn word(&self) -> &'static str {
        if self.is_file() { "sqlite" } else { "postgresql" }
    }

    /// What is in it, where that is no file.
    pub(super) async fn rows(&self) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Self::File => Ok(None),
            #[cfg(feature = "postgres")]
            Self::Database(database) => database.rows().await.map(Some),
        }
    }

    pub(super) async fn remove(self) -> Result<(), Failure> {
        match self {
            Self::File => Ok(()),
            #[cfg(feature = "postgres")]
            Self::Database(database) => database.remove().await,
        }
    }
}
