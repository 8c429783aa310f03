//! A log that cannot be written: its reader is gone, or its disk is full (security.md, P-14).

use super::place::{GIFT, Place, almoner, run, said, signal};
use super::trouble::give;
use std::fs::File;
use std::process::{Child, Stdio};
use std::time::Duration;

fn serving(place: &Place, log: impl Into<Stdio>) -> Child {
    let mut service = almoner();
    service.args(["serve", "--config", &place.config()]).stdin(Stdio::null()).stderr(log);
    service.spawn().unwrap()
}

async fn asked(place: &Place, path: &str) -> (u16, String) {
    let url = format!("https://localhost:{}{path}", place.operations);
    let Ok(answer) = place.client().get(url).send().await else { return (0, String::new()) };
    let status = answer.status().as_u16();
    (status, answer.text().await.unwrap())
}

/// Asks until it is told so; it looks every ten seconds.
async fn is_told(place: &Place, expected: (u16, &str)) {
    let mut told = (0, String::new());
    for _ in 0..1200 {
        told = asked(place, "/readyz").await;
        if (told.0, told.1.trim()) == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{told:?} and not {expected:?}");
}

async fn lost(place: &Place) -> u64 {
    let (_, metrics) = asked(place, "/metrics").await;
    let lost = metrics.lines().find_map(|line| line.strip_prefix("almoner_log_lines_lost "));
    lost.unwrap_or_else(|| panic!("{metrics}")).parse().unwrap()
}

const FAILS: (u16, &str) = (503, "the log cannot be written");

/// Payments go on, each line is counted, and who looks after it is told by what is not the log.
#[tokio::test]
async fn p_14_a_log_whose_reader_is_gone_or_whose_disk_is_full() {
    let (reader, gone) = std::io::pipe().unwrap();
    drop(reader);
    let full = File::options().write(true).open("/dev/full").unwrap();
    for log in [Stdio::from(gone), Stdio::from(full)] {
        let place = Place::new();
        let mut service = serving(&place, log);
        is_told(&place, FAILS).await;
        let before = lost(&place).await;
        assert!(before > 0);
        for number in 0..20 {
            let (status, ..) = give(&place, &format!("unwritten-log-{number:06}"), GIFT).await;
            assert_eq!(status, 201);
        }
        for _ in 0..1200 {
            if lost(&place).await >= before + 20 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(lost(&place).await >= before + 20);
        signal(&service, "TERM");
        assert_eq!(service.wait().unwrap().code(), Some(0));
        let verified = run(&["ledger", "verify", "--config", &place.config()]);
        assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
    }
}

/// Once there is room again it is ready, and the log itself says how many lines are missing.
#[tokio::test]
async fn p_14_a_log_that_can_be_written_again() {
    let place = Place::new();
    let disk = super::trouble::SmallDisk::below(&place);
    disk.fill();
    let log = place.file("dev/disk/log");
    let kept = File::options().create(true).append(true).open(&log).unwrap();
    // The ledger is elsewhere: only the log has no room.
    place.change("dev/disk/ledger.db", "dev/ledger.db");
    let mut service = serving(&place, kept);
    is_told(&place, FAILS).await;
    disk.empty();
    is_told(&place, (200, "ready")).await;
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::copy(&log, place.file("log")).unwrap();
    let told = text.lines().find(|line| line.contains("\"log_lines_dropped\"")).unwrap();
    let told: serde_json::Value = serde_json::from_str(told).unwrap();
    assert!(told["lines"].as_u64().unwrap() >= 3, "{told}");
    assert_eq!(told["level"], "ERROR");
}
