//! `almoner ledger purge`, `backup` and `restore`.

use crate::place::{GIFT, Place, run, said, signal};
use almoner::clock::{Clock, london};
use almoner::ledger::sqlite::{SqliteLedger, SqliteSettings};
use almoner::ledger::{HandOff, Ledger as _};
use almoner::payment::{
    Amount, Asked, Dialect, EventId, Evidence, Fact, Frequency, Kind, Method, Mode, Outcome,
    Reference, Source, State,
};
use iso_currency::Currency;
use jiff::Timestamp;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

/// An accepted hand-off of that day.
pub(crate) async fn settled(ledger: &Arc<SqliteLedger>, day: &str) {
    let at: Timestamp = format!("{day}T12:00:00Z").parse().unwrap();
    let amount = Amount::new(2500, Currency::GBP).unwrap();
    let asked = Asked {
        kind: Kind::Donate,
        method: Method::Card,
        dialect: Dialect::Signed,
        mode: Mode::Test,
        amount,
        frequency: Frequency::Once,
        plan: None,
        appeal: None,
        gift_aid: false,
        merchant_reference: None,
    };
    let reference = Reference::at(at);
    let hand_off = HandOff { reference, opened_at: at, opened_as: State::HandedOff, asked };
    ledger.open(hand_off, None, at).await.unwrap();
    let accepted = Evidence {
        id: EventId([1; 16]),
        source: Source::Notice,
        fact: Fact::Outcome(Outcome::Accepted),
        amount: Some(amount),
        mode: None,
        processor_reference: None,
        code: None,
        occurred_at: at,
    };
    ledger.conclude(reference, accepted, at).await.unwrap();
}

pub(crate) async fn filled(file: &Path) {
    let ledger = SqliteLedger::open(file, SqliteSettings::default()).unwrap();
    for day in ["2010-01-01", "2012-05-06", "2020-01-01"] {
        settled(&ledger, day).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_says_what_would_go_and_removes_it_when_that_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let name = file.display().to_string();
    let purge = ["ledger", "purge", "--ledger", &name];
    let missing = run(&purge);
    assert!(missing.status.code() == Some(1) && !file.exists(), "{}", said(&missing));
    // Two that are past their time whenever this runs, and one that is not.
    let today = london::date(Clock::system().now());
    let ledger = SqliteLedger::open(&file, SqliteSettings::default()).unwrap();
    let lately = today.checked_sub(jiff::Span::new().years(1)).unwrap().to_string();
    for day in ["2010-01-01", "2012-05-06", &lately] {
        settled(&ledger, day).await;
    }
    drop(ledger);
    let asked = run(&purge);
    assert_eq!(asked.status.code(), Some(1));
    let text = said(&asked);
    assert!(text.contains("2 hand-offs with 4 events ended before"), "{text}");
    assert!(text.contains("say --yes"), "{text}");
    let future = run(&[&purge[..], &["--before", "2999-01-01", "--yes"]].concat());
    assert!(said(&future).contains("still to come"));
    for days in [0, 29] {
        let young = today.checked_sub(jiff::Span::new().days(days)).unwrap().to_string();
        let refused = run(&[&purge[..], &["--before", &young, "--yes"]].concat());
        let text = said(&refused);
        assert!(
            refused.status.code() == Some(1) && text.contains("less than 30 days ago"),
            "{text}"
        );
        assert!(text.contains("idempotency keys") && text.contains("or an earlier day"), "{text}");
    }
    let old = run(&[&purge[..], &["--before", "2011-01-01", "--yes"]].concat());
    assert_eq!(old.status.code(), Some(0));
    let text = said(&old);
    assert!(text.contains("Removed for good: 1 hand-offs with 2 events."), "{text}");
    assert!(text.contains(r#""event":"purged""#) && text.contains(r#""hand_offs":1"#), "{text}");
    // Beside a service that runs.
    let service = SqliteLedger::open(&file, SqliteSettings::default()).unwrap();
    let beside = run(&[&purge[..], &["--yes"]].concat());
    assert!(said(&beside).contains("Removed for good: 1 hand-offs"), "{}", said(&beside));
    assert_eq!(service.verify().await.unwrap().purged, 4);
    let nothing = run(&purge);
    assert_eq!(nothing.status.code(), Some(0));
    assert!(said(&nothing).contains("Nothing that is over ended before"), "{}", said(&nothing));
    drop(service);
    let whole = said(&run(&["ledger", "verify", "--ledger", &name]));
    assert!(whole.contains("whole: 2 events of 1 hand-offs, 4 events purged"), "{whole}");
}

/// What is held of one hand-off is shown, and goes, by one command each.
#[tokio::test(flavor = "multi_thread")]
async fn g_d3_one_hand_off_is_shown_and_erased_by_its_reference() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let name = file.display().to_string();
    filled(&file).await;
    let today = london::date(Clock::system().now()).to_string();
    settled(&SqliteLedger::open(&file, SqliteSettings::default()).unwrap(), &today).await;
    let listed = run(&["outcomes", "list", "--ledger", &name, "--json"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    let references: Vec<String> = listed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| line["reference"].as_str().unwrap().to_owned())
        .collect();
    let show = |reference: &str| run(&["outcomes", "show", reference, "--ledger", &name, "--json"]);
    let erase = |reference: &str, further: &[&str]| {
        let purge = ["ledger", "purge", "--ledger", &name, "--reference", reference];
        run(&[&purge[..], further].concat())
    };
    let (young, asked_for) = (&references[0], &references[2]);
    let shown = said(&show(asked_for));
    assert!(shown.contains(asked_for.as_str()) && shown.contains("\"accepted\""), "{shown}");
    let stays = erase(young, &["--yes"]);
    assert!(
        stays.status.code() == Some(1) && said(&stays).contains("it stays"),
        "{}",
        said(&stays)
    );
    let asked = erase(asked_for, &[]);
    assert!(
        asked.status.code() == Some(1) && said(&asked).contains("say --yes"),
        "{}",
        said(&asked)
    );
    assert!(show(asked_for).status.success());
    assert_eq!(erase(asked_for, &["--yes", "--before", "2019-01-01"]).status.code(), Some(2));
    let gone = erase(asked_for, &["--yes"]);
    let text = said(&gone);
    assert_eq!(gone.status.code(), Some(0), "{text}");
    assert!(text.contains("Removed for good: 1 hand-offs with 2 events."), "{text}");
    assert!(text.contains(r#""event":"purged""#), "{text}");
    assert!(!show(asked_for).status.success());
    let again = erase(asked_for, &["--yes"]);
    assert!(again.status.code() == Some(1) && said(&again).contains("no such hand-off"));
    let whole = said(&run(&["ledger", "verify", "--ledger", &name]));
    assert!(whole.contains("whole: 6 events of 3 hand-offs, 2 events purged"), "{whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_restored_where_nothing_stands() {
    let place = Place::new();
    let at = |name: &str| place.folder.path().join(name).display().to_string();
    let [ledger, backup, again] = ["dev/ledger.db", "backup.db", "again.db"].map(at);
    filled(Path::new(&ledger)).await;
    let config = at("almoner.toml");
    let done = run(&["ledger", "backup", &backup, "--config", &config]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(said(&done).contains("6 events of 3 hand-offs, the newest of 2020-01-01 12:00:00 UTC"));
    let twice = run(&["ledger", "backup", &backup, "--config", &config]);
    assert!(twice.status.code() == Some(1) && said(&twice).contains("there already"));
    let over = run(&["ledger", "restore", &backup, "--to", &ledger]);
    assert!(over.status.code() == Some(1) && said(&over).contains("there already"));
    let restored = run(&["ledger", "restore", &backup, "--to", &again]);
    assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
    let text = said(&restored);
    assert!(text.contains("almoner reconcile --from 2020-01-01"), "{text}");
    let heads = [&ledger, &again].map(|file| {
        let verified = run(&["ledger", "verify", "--ledger", file, "--json"]);
        let verified: Value = serde_json::from_slice(&verified.stdout).unwrap();
        assert_eq!(verified["newest"], "2020-01-01T12:00:00Z");
        verified["head"].clone()
    });
    assert_eq!(heads[0], heads[1]);
    let mut spoilt = std::fs::read(&backup).unwrap();
    let page = spoilt.len() / 4096 / 2 * 4096;
    spoilt[page..page + 512].fill(0xA5);
    std::fs::write(&backup, spoilt).unwrap();
    let refused = run(&["ledger", "restore", &backup, "--to", &at("third.db")]);
    assert_eq!(refused.status.code(), Some(1));
    let left = std::fs::read_dir(place.folder.path()).unwrap();
    let left: Vec<_> = left.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!left.iter().any(|name| name.contains("third")), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_was_moved_is_not_served_but_read() {
    let place = Place::new();
    let ledger = place.file("dev/ledger.db").display().to_string();
    filled(Path::new(&ledger)).await;
    let raw = rusqlite::Connection::open(&ledger).unwrap();
    raw.execute_batch("INSERT INTO moved VALUES (1, 'the database almoner at db.example:5432')")
        .unwrap();
    drop(raw);
    let config = place.config();
    for arguments in [
        &["serve", "--config", &config][..],
        &["check", "--config", &config],
        &["ledger", "purge", "--yes", "--config", &config],
    ] {
        let refused = run(arguments);
        let told = said(&refused);
        assert_ne!(refused.status.code(), Some(0), "{told}");
        assert!(told.contains("moved to the database almoner at db.example:5432"), "{told}");
        assert!(!told.contains("never delete it") && !told.contains("panicked"), "{told}");
    }
    let backup = place.file("backup.db").display().to_string();
    for arguments in [
        &["ledger", "verify", "--config", &config][..],
        &["outcomes", "list", "--config", &config],
        &["ledger", "backup", &backup, "--config", &config],
    ] {
        let read = run(arguments);
        assert_eq!(read.status.code(), Some(0), "{arguments:?}: {}", said(&read));
    }
}

/// Whoever steals a backup has outcomes, and nobody's name, address or card.
#[tokio::test]
async fn g_15_a_backup_holds_outcomes_and_nobody() {
    let place = Place::new();
    let mut service = place.serve();
    place.answers().await;
    let asked = place.client().post(place.url("/v1/handoffs")).bearer_auth(&place.api_key);
    let asked = asked.header("idempotency-key", "backup-0000000001");
    let answer = asked.header("content-type", "application/json").body(GIFT).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let backup = place.file("backup.db").display().to_string();
    let done = run(&["ledger", "backup", &backup, "--config", &place.config()]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    signal(&service, "TERM");
    service.wait().unwrap();
    let bytes = std::fs::read(&backup).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("donate") && holds("GBP"), "what was asked for is there");
    for private in ["Pat", "Example", "pat@example.org", "High Street", "Bedford", "MK40 1AA"] {
        assert!(!holds(private), "{private}");
    }
    assert!(!holds(&place.api_key) && !holds("backup-0000000001"), "nor any key");
    let mode = std::fs::metadata(&backup).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "for its owner alone: {mode:o}");
}
