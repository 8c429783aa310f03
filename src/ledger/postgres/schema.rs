//! The schema and its growth, so that two versions of Almoner serve one database at a time
//! (security.md, FM-83).
//!
//! Expand, then contract: a step only adds what the version before can live with, and says from which
//! version on it can be lived with; what nobody uses any more is removed a version later.

use super::part::OF_A_FILE;
use super::seals::{self, Sealer};
use super::trouble::Trouble;
use crate::ledger::LedgerError;
use deadpool_postgres::{Client, Pool};
use std::time::Duration;

/// One step: the statements that lead to a schema, which may be run again, and the oldest Almoner
/// (by the schema that it knows) that serves beside it.
struct Step {
    sql: &'static str,
    oldest: i64,
}

const STEPS: [Step; 5] = [
    Step { sql: include_str!("../migrations/postgres/0001.sql"), oldest: 1 },
    Step { sql: include_str!("../migrations/postgres/0002.sql"), oldest: 1 },
    Step { sql: include_str!("../migrations/postgres/0003.sql"), oldest: 1 },
    Step { sql: include_str!("../migrations/postgres/0004.sql"), oldest: 1 },
    Step { sql: include_str!("../migrations/postgres/0005.sql"), oldest: 1 },
];

/// The first schema in which all that [`seals`] names is sealed.
const SEALED: i64 = 2;

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS schema_version (\
    version BIGINT NOT NULL PRIMARY KEY, oldest BIGINT NOT NULL)";

const NEWEST: &str = "SELECT version, oldest FROM schema_version ORDER BY version DESC LIMIT 1";

/// How often a step is tried where others take it at the same time.
const TRIES: u32 = 40;

/// The schema that this Almoner writes.
pub(super) fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// Takes the missing steps, each one transaction. Whoever comes second finds it done.
pub(super) async fn migrate(pool: &Pool, sealer: &Sealer) -> Result<(), LedgerError> {
    let mut tries = 0_u32;
    loop {
        match attempt(pool, sealer).await {
            Ok(()) => return Ok(()),
            Err(trouble) => {
                tries = tries.saturating_add(1);
                if tries >= TRIES || !trouble.passes {
                    return Err(trouble.why.into_error());
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        }
    }
}

/// Asks, changing nothing, whether the schema is one that we can serve.
pub(super) async fn check(pool: &Pool) -> Result<(), LedgerError> {
    let client = pool.get().await.map_err(|error| Trouble::from(error).into_error())?;
    let found = match newest(&client).await {
        Ok(found) => found,
        // There is no such table (yet).
        Err(error) if code(&error) == Some("42P01") => (0, 0),
        Err(error) => return Err(Trouble::from(error).into_error()),
    };
    accept(found).map_err(Trouble::into_error)?;
    if found.0 >= known() {
        return Ok(());
    }
    let text = format!("it has schema {}, not {}: start the new service once", found.0, known());
    Err(LedgerError::Unavailable(text))
}

struct Failed {
    why: Trouble,
    /// Whether another's step may have been in the way.
    passes: bool,
}

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Self {
        // Unique violations of the catalogue, tables and constraints that are there by now.
        let in_the_way = ["23505", "42P07", "42710", "42P06", "40001", "40P01", "XX000"];
        let passes = code(&error).is_some_and(|code| in_the_way.contains(&code));
        Self { why: error.into(), passes }
    }
}

impl From<Trouble> for Failed {
    fn from(why: Trouble) -> Self {
        Self { why, passes: false }
    }
}

async fn attempt(pool: &Pool, sealer: &Sealer) -> Result<(), Failed> {
    let mut client = pool.get().await.map_err(Trouble::from)?;
    let found = match newest(&client).await {
        // Only then: who may not make tables may use those that are there.
        Err(error) if code(&error) == Some("42P01") => {
            client.batch_execute(VERSIONS).await?;
            newest(&client).await?
        }
        found => found?,
    };
    accept(found)?;
    let missing = STEPS.iter().zip(1_i64..).filter(|(_, version)| *version > found.0);
    for (step, version) in missing {
        let transaction = client.transaction().await?;
        transaction.batch_execute(step.sql).await?;
        if version == SEALED {
            seals::adopt(&transaction, sealer, &OF_A_FILE).await?;
        }
        let row = "INSERT INTO schema_version VALUES ($1, $2)";
        transaction.execute(row, &[&version, &step.oldest]).await?;
        transaction.commit().await?;
        tracing::info!(event = "ledger_schema", schema = version);
    }
    Ok(())
}

/// The newest step that was taken, and the oldest Almoner that serves beside it.
async fn newest(client: &Client) -> Result<(i64, i64), tokio_postgres::Error> {
    match client.query_opt(NEWEST, &[]).await? {
        Some(row) => Ok((row.try_get(0)?, row.try_get(1)?)),
        None => Ok((0, 0)),
    }
}

fn accept((found, oldest): (i64, i64)) -> Result<(), Trouble> {
    let known = known();
    if found > known && oldest > known {
        return Err(LedgerError::Newer { found, known }.into());
    }
    Ok(())
}

fn code(error: &tokio_postgres::Error) -> Option<&str> {
    error.as_db_error().map(|refusal| refusal.code().code())
}
