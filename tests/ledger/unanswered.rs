//! A COMMIT that is not answered: nobody is told anything before it is known what became of it.

use crate::line::Line;
use crate::samples::{conclude, hand_off, key, notice, opened};
use crate::server::{Database, database};
use almoner::ledger::postgres::{PostgresLedger, PostgresSettings};
use almoner::ledger::{Conclusion, Ledger, LedgerError, Opening, Purpose, Trace};
use almoner::payment::Outcome;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::Client;

/// While a test holds this lock, whoever inserts an event waits: in the statement, or in its COMMIT.
const GATE: &str = "
    CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NULL; END $$;";
const IN_THE_STATEMENT: &str =
    "CREATE TRIGGER gate AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION gate()";
const IN_THE_COMMIT: &str = "CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION gate()";

/// A ledger at the end of a line, and a superuser who is not.
struct Stage {
    database: Database,
    line: Line,
    ledger: Arc<dyn Ledger>,
    keeper: Client,
}

async fn stage(gate: &str) -> Stage {
    let database = database().await;
    let line = Line::to(database.port()).await;
    let settings = PostgresSettings { url: database.url_at(line.port), ..database.settings() };
    let ledger: Arc<dyn Ledger> = PostgresLedger::open(settings).await.unwrap();
    ledger.ready().await.unwrap();
    let keeper = database.keeper().await;
    keeper.batch_execute(GATE).await.unwrap();
    keeper.batch_execute(gate).await.unwrap();
    keeper.execute("SELECT pg_advisory_lock(7)", &[]).await.unwrap();
    Stage { database, line, ledger, keeper }
}

impl Stage {
    /// Waits until somebody in the database waits for a lock with a statement that begins so.
    async fn someone_waits(&self, statement: &str) {
        const SQL: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 \
            AND wait_event_type = 'Lock' AND query LIKE $2";
        let like = format!("{statement}%");
        loop {
            let row = self.keeper.query_one(SQL, &[&self.database.name, &like]).await.unwrap();
            if row.get::<_, i64>(0) > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn open_the_gate(&self) {
        self.keeper.execute("SELECT pg_advisory_unlock(7)", &[]).await.unwrap();
    }

    /// How many transactions of writers were committed, the start's included.
    async fn written(&self) -> i64 {
        let sum = "SELECT sum(written)::BIGINT FROM instance";
        self.keeper.query_one(sum, &[]).await.unwrap().get(0)
    }
}

#[expect(clippy::disallowed_methods, reason = "it ends with its test")]
fn begin<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(work)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fm_26_a_commit_that_the_server_had_is_told_once_it_is_done() {
    let stage = stage(IN_THE_COMMIT).await;
    let (ledger, first) = (Arc::clone(&stage.ledger), hand_off(0));
    let reference = first.reference;
    let call = begin(async move { ledger.open(first, Some(key(1, 1)), reference.made_at()).await });
    stage.someone_waits("COMMIT").await;
    stage.line.cut();
    // The writer asks over another connection, and waits there for the end of the first.
    stage.someone_waits("SELECT written").await;
    assert!(!call.is_finished(), "nothing is answered before it is known");
    stage.open_the_gate().await;
    assert!(matches!(call.await.unwrap().unwrap(), Opening::Opened(_)));
    assert_eq!(stage.written().await, 2);
    assert_eq!(stage.ledger.history(reference).await.unwrap().len(), 1);
    assert_eq!(stage.ledger.verify().await.unwrap().events, 1);
    assert!(matches!(
        conclude(&stage.ledger, reference, &notice(1, Outcome::Accepted)).await,
        Conclusion::Recorded { .. }
    ));
    assert_eq!(stage.ledger.verify().await.unwrap().events, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fm_26_a_commit_that_never_reached_the_server_is_made_again_once() {
    let stage = stage(IN_THE_STATEMENT).await;
    let (ledger, first) = (Arc::clone(&stage.ledger), hand_off(0));
    let reference = first.reference;
    let call = begin(async move { ledger.open(first, Some(key(1, 1)), reference.made_at()).await });
    stage.someone_waits("INSERT INTO event").await;
    stage.line.swallow();
    stage.open_the_gate().await;
    while stage.line.swallowed() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!call.is_finished(), "nothing is answered before it is known");
    stage.line.listen();
    stage.line.cut();
    assert!(matches!(call.await.unwrap().unwrap(), Opening::Opened(_)));
    assert_eq!(stage.written().await, 2, "the start's and this one");
    assert_eq!(stage.ledger.verify().await.unwrap().events, 1);
    let again = stage.ledger.open(hand_off(1), Some(key(1, 1)), reference.made_at()).await.unwrap();
    let Opening::Repeated(entry) = again else { panic!("{again:?}") };
    assert_eq!(entry.hand_off.reference, reference);
}

/// A group without an event has nothing that could be found by its key: its count tells.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fm_26_a_mark_whose_commit_was_not_answered_is_written_once() {
    let stage = stage("").await;
    stage.open_the_gate().await;
    let reference = opened(&stage.ledger, &hand_off(0)).await.hand_off.reference;
    let gate = IN_THE_COMMIT.replace("ON event", "ON trace");
    stage.keeper.batch_execute(&gate).await.unwrap();
    stage.keeper.execute("SELECT pg_advisory_lock(7)", &[]).await.unwrap();
    let ledger = Arc::clone(&stage.ledger);
    let trace = Trace { mark: [7; 32], purpose: Purpose::Lodge, at: reference.made_at() };
    let call = begin(async move { ledger.send(reference, trace).await });
    stage.someone_waits("COMMIT").await;
    stage.line.cut();
    stage.someone_waits("SELECT written").await;
    stage.open_the_gate().await;
    call.await.unwrap().unwrap();
    assert_eq!(stage.ledger.traces(reference).await.unwrap(), [trace]);
}

/// The transaction that was cut off is undone in the end: its group is written by another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fm_26_a_commit_that_failed_unheard_is_made_again() {
    let stage = stage(IN_THE_COMMIT).await;
    let (ledger, first) = (Arc::clone(&stage.ledger), hand_off(0));
    let reference = first.reference;
    let call = begin(async move { ledger.open(first, None, reference.made_at()).await });
    stage.someone_waits("COMMIT").await;
    let ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE datname = $1 AND query = 'COMMIT' AND wait_event_type = 'Lock'";
    stage.keeper.execute(ends, &[&stage.database.name]).await.unwrap();
    stage.open_the_gate().await;
    assert!(matches!(call.await.unwrap().unwrap(), Opening::Opened(_)));
    assert_eq!(stage.ledger.verify().await.unwrap().events, 1);
}

/// Before the COMMIT nothing is in doubt: what the connection took along is done again over another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_was_cut_before_is_made_anew() {
    let stage = stage("").await;
    stage.line.cut();
    opened(&stage.ledger, &hand_off(0)).await;
    stage.line.cut();
    assert!(stage.ledger.find(hand_off(1).reference).await.unwrap().is_none());
    stage.line.cut();
    assert_eq!(stage.ledger.verify().await.unwrap().events, 1);
    let nobody = PostgresSettings { url: stage.database.url_at(1), ..stage.database.settings() };
    let refused = PostgresLedger::open(nobody).await.err().unwrap();
    assert!(matches!(refused, LedgerError::Unavailable(_)), "{refused}");
}
