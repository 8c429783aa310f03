//! The ledger of an earlier day: nothing is used twice, and what the processor says of the day between
//! is listed (security.md, FM-30). And a ledger whose memory has ended.

use super::care_command::almoner;
use super::house::House;
use super::rsm::GOOD_ACCOUNT;
use super::visitor::handed;
use almoner::ledger::Verified;
use almoner::ledger::sqlite::Copy;
use almoner::payment::Reference;
use almoner::reconciliation::compare::{Kind, Verdict};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

impl House {
    /// A backup beside the service that runs.
    async fn backed_up(&self) -> PathBuf {
        let file = self.ledger_file().with_extension("backup");
        copied(&self.ledger_file(), &file).await;
        file
    }

    /// The service stopped, its ledger lost, and started again on a backup.
    async fn restored(self, backup: &Path) -> Self {
        let ledger = self.ledger_file();
        let lose = || {
            for end in ["", "-wal", "-shm"] {
                std::fs::remove_file(format!("{}{end}", ledger.display())).ok();
            }
        };
        self.restarted_after(async || {
            lose();
            copied(backup, &ledger).await;
        })
        .await
    }
}

async fn copied(from: &Path, to: &Path) -> Verified {
    let copy = Copy::of(from, to, |_| {}).unwrap();
    let verified = copy.grow().await.unwrap();
    copy.finish().unwrap();
    verified
}

#[tokio::test(flavor = "multi_thread")]
async fn fm_30_what_came_after_the_backup_is_an_orphan_and_is_listed() {
    let house = House::new().await;
    let (before, _) = handed(&house.donate(&[]).await);
    let backup = house.backed_up().await;
    let (lost, _) = handed(&house.donate(&[]).await);
    house.tell(&house.statement(lost, "accepted")).await;
    let told = house.items("").await;
    let cursor = |place: usize| format!("?after={}", told[place]["id"].as_str().unwrap());
    let house = Box::pin(house.restored(&backup)).await;
    assert_eq!(house.recorded().await, (1, 1));
    // Who follows the feed is told, and misses nothing of what takes the places of what was lost.
    assert_eq!(house.feed(&cursor(2)).await.refusal(), (410, "elsewhere".into()));
    assert_eq!(house.items(&cursor(0)).await, Vec::<Value>::new());
    // Ids are drawn by lot: none is given out again.
    let (after, _) = handed(&house.donate(&[]).await);
    assert!(after != lost && after != before);
    assert_eq!(house.ledger_parked().await, 0);
    house.tell(&house.statement(lost, "accepted")).await;
    house.tell(&house.statement(before, "accepted")).await;
    assert_eq!(house.outcome(before).await["state"], json!("accepted"));
    assert_eq!(house.ledger_parked().await, 1);
    assert_eq!(house.feed(&cursor(1)).await.status, 410, "another event stands there");
    let told: Vec<_> =
        house.items(&cursor(0)).await.iter().map(|it| it["reference"].clone()).collect();
    assert_eq!(told, [json!(after.to_string()), json!(before.to_string())]);
    let (config, today) = (house.write_settings(), house.today());
    let reconcile = ["reconcile", "--from", &today, "--to", &today, "--config", &config];
    let (said, code) = almoner(&reconcile, "").await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&format!("{lost}\t")) && said.contains("1 orphans"), "{said}");
    assert!(!said.contains(&before.to_string()), "{said}");
    let (said, code) = almoner(&[&reconcile[..], &["--json"]].concat(), "").await;
    assert_eq!(code, Some(1), "{said}");
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let orphan = lines.iter().find(|line| !line["orphan"].is_null()).unwrap();
    assert_eq!(orphan["orphan"], json!(lost.to_string()));
    assert_eq!((&orphan["fact"], &orphan["amount"]), (&json!("accepted"), &json!(2500)));
    let end = lines.iter().find(|line| !line["agrees"].is_null()).unwrap();
    assert_eq!((&end["agrees"], &end["compared"]), (&json!(false), &json!(false)));
    // Of another day there is none.
    let other = ["reconcile", "--from", "2020-01-01", "--to", "2020-01-02", "--config", &config];
    let (said, code) = almoner(&other, "").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("0 orphans, 0 unsettled"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_reports_reconcile_still_lists_what_is_unsettled() {
    let house = House::new().await;
    let (late, _) = handed(&house.donate(&[]).await);
    // An hour and a half later it may be another day.
    let day = house.today();
    house.later(90 * 60);
    house.until(late, |outcome| outcome["attention"] == json!(["hand_off_overdue"])).await;
    let config = house.write_settings();
    let reconcile = ["reconcile", "--from", &day, "--to", &day, "--config", &config];
    let (said, code) = almoner(&reconcile, "").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("hand_off_overdue") && said.contains(&late.to_string()), "{said}");
    assert!(said.contains("0 orphans, 1 unsettled"), "{said}");
}

#[tokio::test]
async fn fm_30_a_mandate_that_the_restored_ledger_does_not_know_is_only_theirs() {
    let house = House::rsm().await;
    house.joined(GOOD_ACCOUNT).await;
    let backup = house.backed_up().await;
    let lost = house.joined(GOOD_ACCOUNT).await;
    let house = Box::pin(house.restored(&backup)).await;
    house.working_days(8);
    house.follow().await;
    let found = house.reconciled(house.so_far(), None).await.unwrap();
    let theirs: Vec<_> =
        found.items.iter().filter(|item| item.verdict() == Verdict::OnlyTheirs).collect();
    assert_eq!(theirs.len(), 1, "{theirs:?}");
    assert_eq!((theirs[0].reference, theirs[0].kind()), (Some(lost), Kind::Mandate));
    assert!(!found.agrees());
    let orphans: Vec<_> = found.orphans.iter().map(|event| event.reference).collect();
    assert!(orphans.iter().all(|reference: &Reference| *reference == lost), "{orphans:?}");
}

#[tokio::test]
async fn fm_87_after_the_retention_it_is_gone_and_a_late_message_is_an_orphan() {
    let house = House::new().await;
    let (reference, _) = handed(&house.donate(&[]).await);
    house.tell(&house.statement(reference, "accepted")).await;
    house.later(83 * 30 * 86_400);
    assert!(house.purge().await.is_nothing());
    house.later(3 * 31 * 86_400);
    let purged = house.purge().await;
    assert_eq!((purged.hand_offs, purged.events), (1, 2));
    assert_eq!(house.recorded().await, (0, 0));
    house.tell(&house.statement(reference, "accepted")).await;
    assert_eq!(house.ledger_parked().await, 1);
    house.stop().await;
}

#[tokio::test]
async fn fm_23_a_log_that_grows_is_measured_and_told_of() {
    let house = House::with(|settings| settings.limits.ledger_log_bytes = 256 << 10).await;
    let measured = async |house: &House, long: bool| loop {
        let metrics = house.operations("/metrics").await.body;
        let line = metrics.lines().find(|line| line.starts_with("almoner_ledger_log_bytes "));
        let bytes: u64 = line.unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        if (bytes > 256 << 10) == long {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    let stuck = rusqlite::Connection::open(house.ledger_file()).unwrap();
    stuck.execute_batch("BEGIN; SELECT count(*) FROM event").unwrap();
    let log = format!("{}-wal", house.ledger_file().display());
    while std::fs::metadata(&log).unwrap().len() < 300 << 10 {
        house.donate(&[]).await;
        house.later(60);
    }
    measured(&house, true).await;
    stuck.execute_batch("COMMIT").unwrap();
    house.purge().await;
    measured(&house, false).await;
}
