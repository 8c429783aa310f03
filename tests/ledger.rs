//! One contract, every ledger. The cases know [`almoner::ledger::Ledger`] alone; each engine adds
//! one line here, and cases of its own for its files, its locks and its crashes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]
#![expect(clippy::arithmetic_side_effects, reason = "sums of a test are small")]

use almoner::ledger::Ledger;
use almoner::ledger::postgres::PostgresLedger;
use almoner::ledger::sqlite::{SqliteLedger, SqliteSettings};
use std::any::Any;
use std::future::{Ready, ready};
use std::sync::Arc;

#[path = "ledger/beside.rs"]
mod beside;
#[path = "ledger/chronicle.rs"]
mod chronicle;
#[path = "ledger/claims.rs"]
mod claims;
#[path = "ledger/concluding.rs"]
mod concluding;
#[macro_use]
#[path = "ledger/contract.rs"]
mod contract;
#[path = "ledger/copies.rs"]
mod copies;
#[path = "ledger/copying.rs"]
mod copying;
#[path = "ledger/crash.rs"]
mod crash;
#[path = "ledger/doubts.rs"]
mod doubts;
#[path = "ledger/dying.rs"]
mod dying;
#[path = "ledger/feed.rs"]
mod feed;
#[path = "ledger/feeds.rs"]
mod feeds;
#[path = "ledger/file.rs"]
mod file;
#[path = "ledger/instances.rs"]
mod instances;
#[path = "postgres/line.rs"]
mod line;
#[path = "ledger/lists.rs"]
mod lists;
#[path = "ledger/model.rs"]
mod model;
#[path = "ledger/opening.rs"]
mod opening;
#[path = "ledger/outbox.rs"]
mod outbox;
#[path = "ledger/purge_file.rs"]
mod purge_file;
#[path = "ledger/purging.rs"]
mod purging;
#[path = "ledger/samples.rs"]
mod samples;
#[path = "ledger/schemas.rs"]
mod schemas;
#[path = "ledger/seals.rs"]
mod seals;
#[path = "postgres/server.rs"]
mod server;
#[path = "ledger/servers.rs"]
mod servers;
#[path = "ledger/surveys.rs"]
mod surveys;
#[path = "ledger/tampering.rs"]
mod tampering;
#[path = "ledger/traces.rs"]
mod traces;
#[path = "ledger/unanswered.rs"]
mod unanswered;

/// An empty ledger, and what must live as long as it.
struct House {
    ledger: Arc<dyn Ledger>,
    _ground: Box<dyn Any>,
}

fn in_a_file() -> Ready<House> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = SqliteLedger::open(&path, SqliteSettings::default()).unwrap();
    ready(House { ledger, _ground: Box::new(folder) })
}

async fn in_a_database() -> House {
    let database = server::database().await;
    let ledger = PostgresLedger::open(database.settings()).await.unwrap();
    House { ledger, _ground: Box::new(database) }
}

contract!(sqlite, crate::in_a_file);
contract!(postgres, crate::in_a_database);
