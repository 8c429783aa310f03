//! What a database server may do to a ledger: refuse, stand by, forget, be of another version.

use crate::samples::{conclude, hand_off, notice, opened};
use crate::server::{Database, Server, database};
use almoner::ledger::postgres::{PostgresLedger, PostgresSettings};
use almoner::ledger::{Conclusion, Ledger, LedgerError, Opening};
use almoner::payment::Outcome;
use almoner::tls::development::Authority;
use std::sync::Arc;
use tokio::task::JoinSet;

async fn start(database: &Database) -> Arc<dyn Ledger> {
    PostgresLedger::open(database.settings()).await.unwrap()
}

async fn refusal(settings: PostgresSettings) -> String {
    PostgresLedger::open(settings).await.err().unwrap().to_string()
}

/// Fails what inserts an event with this code, so many times. A sequence is not undone with its
/// transaction.
async fn fail(database: &Database, code: &str, times: u32) {
    let keeper = database.keeper().await;
    let sql = format!(
        "CREATE SEQUENCE tries;
         CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
             IF nextval('tries') <= {times} THEN
                 RAISE EXCEPTION 'another writer' USING ERRCODE = '{code}';
             END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER fail BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION fail();"
    );
    keeper.batch_execute(&sql).await.unwrap();
}

async fn tries(database: &Database) -> i64 {
    let keeper = database.keeper().await;
    keeper.query_one("SELECT last_value FROM tries", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn fm_28_a_lost_race_is_tried_again_and_no_caller_hears_of_it() {
    for code in ["40001", "40P01"] {
        let database = database().await;
        let ledger = start(&database).await;
        fail(&database, code, 5).await;
        opened(&ledger, &hand_off(0)).await;
        assert_eq!(tries(&database).await, 6);
        assert_eq!(ledger.verify().await.unwrap().events, 1);
    }
}

#[tokio::test]
async fn fm_28_after_five_lost_races_the_answer_is_busy_and_nothing_is_written() {
    let database = database().await;
    let ledger = start(&database).await;
    fail(&database, "40001", 6).await;
    let first = hand_off(0);
    let answer = ledger.open(first.clone(), None, first.opened_at).await;
    assert!(matches!(answer, Err(LedgerError::Busy)), "{answer:?}");
    assert_eq!(tries(&database).await, 6);
    assert_eq!(ledger.find(first.reference).await.unwrap(), None);
    opened(&ledger, &first).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fm_28_one_that_loses_every_race_takes_no_other_of_its_group_with_it() {
    let database = database().await;
    let ledger = start(&database).await;
    let all: Vec<_> = (0..40).map(hand_off).collect();
    let loser = all[20].reference;
    let fail = format!(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF NEW.reference = '\\x{}' THEN RAISE EXCEPTION 'told' USING ERRCODE = '40001'; END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER fail BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION fail();",
        hex::encode(loser.as_bytes())
    );
    database.keeper().await.batch_execute(&fail).await.unwrap();
    let mut calls = JoinSet::new();
    for hand_off in all {
        let ledger = Arc::clone(&ledger);
        calls.spawn(async move {
            let answer = ledger.open(hand_off.clone(), None, hand_off.opened_at).await;
            (hand_off.reference, answer)
        });
    }
    for (reference, answer) in calls.join_all().await {
        let told = format!("{answer:?}");
        assert_eq!(matches!(answer, Ok(Opening::Opened(_))), reference != loser, "{told}");
        assert!(reference != loser || matches!(answer, Err(LedgerError::Busy)), "{told}");
    }
    assert_eq!(ledger.verify().await.unwrap().hand_offs, 39);
}

#[tokio::test]
async fn fm_27_a_standby_is_not_written_to_and_the_service_goes_on_with_the_primary() {
    let database = database().await;
    let ledger = start(&database).await;
    let before = opened(&ledger, &hand_off(0)).await.hand_off.reference;
    let keeper = database.keeper().await;
    let become_standby = |yes: &str| {
        format!(
            "ALTER DATABASE {name} SET default_transaction_read_only = {yes};
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = '{name}' AND pid <> pg_backend_pid();",
            name = database.name
        )
    };
    keeper.batch_execute(&become_standby("on")).await.unwrap();
    let next = hand_off(1);
    for _ in 0..3 {
        let answer = ledger.open(next.clone(), None, next.opened_at).await;
        assert!(matches!(answer, Err(LedgerError::Unavailable(_))), "{answer:?}");
        assert!(matches!(ledger.ready().await, Err(LedgerError::Unavailable(_))));
    }
    let late = ledger.conclude(before, notice(1, Outcome::Accepted), next.opened_at).await;
    assert!(late.is_err());
    keeper.batch_execute(&become_standby("off")).await.unwrap();
    ledger.ready().await.unwrap();
    assert_eq!(ledger.find(next.reference).await.unwrap(), None, "nothing was written");
    assert_eq!(ledger.verify().await.unwrap().events, 1);
    opened(&ledger, &next).await;
    let heard = conclude(&ledger, before, &notice(1, Outcome::Accepted)).await;
    assert!(matches!(heard, Conclusion::Recorded { .. }));
}

/// As FM-27, with the server itself gone for a while.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fm_27_a_server_that_crashed_and_came_back_has_all_that_was_acknowledged() {
    let server: &'static Server = Box::leak(Box::new(Server::start("")));
    let database = server.database().await;
    let ledger = start(&database).await;
    let mut acknowledged = Vec::new();
    for second in 0..50 {
        acknowledged.push(opened(&ledger, &hand_off(second)).await.hand_off);
    }
    server.restart();
    for hand_off in &acknowledged {
        let due = hand_off.opened_at;
        let again = ledger.open(hand_off.clone(), None, due).await.unwrap();
        assert!(matches!(again, Opening::Repeated(_)));
    }
    assert_eq!(ledger.verify().await.unwrap().hand_offs, 50);
}

#[tokio::test]
async fn fm_29_a_server_that_forgets_is_refused_unless_it_is_put_up_with() {
    let database = database().await;
    let keeper = database.keeper().await;
    let role = format!("ALTER ROLE almoner IN DATABASE {}", database.name);
    keeper.batch_execute(&format!("{role} SET synchronous_commit = off")).await.unwrap();
    let told = refusal(database.settings()).await;
    assert!(told.contains("synchronous_commit is off"), "{told}");
    let read = PostgresLedger::open_to_read(database.settings()).await.err().unwrap().to_string();
    assert!(read.contains("synchronous_commit is off"), "{read}");
    let lenient = PostgresSettings { asynchronous_commit: true, ..database.settings() };
    let ledger: Arc<dyn Ledger> = PostgresLedger::open(lenient).await.unwrap();
    opened(&ledger, &hand_off(0)).await;
    keeper.batch_execute(&format!("{role} SET synchronous_commit = local")).await.unwrap();
    start(&database).await.verify().await.unwrap();
    let forgetful: &'static Server = Box::leak(Box::new(Server::start("-c fsync=off")));
    let told = refusal(forgetful.database().await.settings()).await;
    assert!(told.contains("fsync is off"), "{told}");
}

#[tokio::test]
async fn fm_83_two_versions_serve_side_by_side_and_one_that_cannot_refuses() {
    let database = database().await;
    let old = start(&database).await;
    let reference = opened(&old, &hand_off(0)).await.hand_off.reference;
    // What a newer Almoner does at its start while this one serves: it adds, and says who can live with it.
    let keeper = database.keeper().await;
    keeper
        .batch_execute(
            "BEGIN; ALTER TABLE event ADD COLUMN note TEXT; ALTER TABLE hand_off ADD COLUMN note TEXT;
             ALTER TABLE chase ADD COLUMN note TEXT; CREATE TABLE more (id BIGINT PRIMARY KEY);
             INSERT INTO schema_version SELECT max(version) + 1, 1 FROM schema_version; COMMIT;",
        )
        .await
        .unwrap();
    opened(&old, &hand_off(1)).await;
    conclude(&old, reference, &notice(1, Outcome::Accepted)).await;
    let restarted = start(&database).await;
    conclude(&restarted, reference, &notice(2, Outcome::Declined)).await;
    assert_eq!(old.verify().await.unwrap().events, 4);
    PostgresLedger::open_to_read(database.settings()).await.unwrap();
    let newer =
        "INSERT INTO schema_version SELECT max(version) + 1, max(version) FROM schema_version";
    keeper.batch_execute(newer).await.unwrap();
    for refused in [
        PostgresLedger::open(database.settings()).await.err().unwrap(),
        PostgresLedger::open_to_read(database.settings()).await.err().unwrap(),
    ] {
        let LedgerError::Newer { found, known } = refused else { panic!("{refused}") };
        assert_eq!(found, known + 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn instances_that_start_at_once_on_an_empty_database_all_come_up() {
    let database = database().await;
    let mut starts = JoinSet::new();
    for second in 0..8 {
        let settings = database.settings();
        starts.spawn(async move {
            let ledger: Arc<dyn Ledger> = PostgresLedger::open(settings).await.unwrap();
            opened(&ledger, &hand_off(second)).await;
        });
    }
    starts.join_all().await;
    assert_eq!(start(&database).await.verify().await.unwrap().hand_offs, 8);
}

#[tokio::test]
async fn nothing_is_sent_to_a_server_that_is_not_known() {
    let database = database().await;
    let stranger = Authority::new(&almoner::clock::Clock::system(), 1).unwrap().certificate();
    let settings = PostgresSettings { roots: stranger.into_bytes(), ..database.settings() };
    let told = refusal(settings).await;
    assert!(told.contains("certificate"), "{told}");
    let none = PostgresSettings { roots: Vec::new(), ..database.settings() };
    assert!(refusal(none).await.contains("ca_file"));
    let mut wrong = database.settings();
    wrong.password.push(b'x');
    assert!(refusal(wrong).await.contains("password authentication failed"));
}

#[tokio::test]
async fn a_url_says_where_and_who_and_never_the_password() {
    let database = database().await;
    let url = database.url();
    for (wrong, why) in [
        (url.replace("almoner@", "almoner:hunter2@"), "a secret of its own"),
        (url.replace("almoner@", ""), "a user and a database"),
        (format!("{url}?sslmode=disable"), "turns TLS off"),
        (url.replace("127.0.0.1", "%2Fvar%2Frun"), "over TLS alone"),
        ("hunter2".to_owned(), "write it like"),
    ] {
        let told = refusal(PostgresSettings { url: wrong, ..database.settings() }).await;
        assert!(told.contains(why) && !told.contains("hunter2"), "{told}");
    }
}
