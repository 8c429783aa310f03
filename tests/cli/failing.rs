//! A disk that fails, turns read-only, is locked or taken away under the process; and deaths while it
//! gets up again.

use super::place::{GIFT, Place, run, said, signal};
use super::trouble::{SmallDisk, ended, give, give_until_refused, hold, recorded, traced};
use std::fs;
use std::time::{Duration, Instant};

/// `fsync` fails, or the file system turns read-only under it: the process stops with 3, nothing that
/// was acknowledged is lost, and a restart goes on.
#[tokio::test]
async fn fm_18_fm_19_a_disk_that_fails_under_the_service_ends_it() {
    for inject in ["fdatasync:error=EIO:when=40+", "pwrite64:error=EROFS:when=150+"] {
        let place = Place::new();
        // The file is there: how often a new one is written before anybody is served grows with every schema.
        let mut service = place.serve();
        place.answers().await;
        signal(&service, "TERM");
        assert_eq!(service.wait().unwrap().code(), Some(0));
        let mut service = traced(&place, inject);
        place.answers().await;
        let (taken, key) = give_until_refused(&place, "failing-disk").await;
        assert_eq!(ended(&mut service).await, Some(3), "{inject}");
        assert!(!taken.is_empty(), "{inject}");
        let log = fs::read_to_string(place.file("log")).unwrap();
        assert!(log.contains("the ledger is closed until a restart"), "{log}");
        let mut service = place.serve();
        place.answers().await;
        assert_eq!(give(&place, &key, GIFT).await.0, 201, "{inject}");
        signal(&service, "TERM");
        assert_eq!(service.wait().unwrap().code(), Some(0));
        hold(&place, &taken);
    }
}

#[tokio::test]
async fn fm_19_a_read_only_disk_is_refused_by_name_at_the_start() {
    let place = Place::new();
    let disk = SmallDisk::below(&place);
    let mut service = place.serve();
    place.answers().await;
    let (_, first, _) = give(&place, "before-it-was-locked", GIFT).await;
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    disk.remount("ro");
    let refused = run(&["serve", "--config", &place.config()]);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains("ledger"), "{}", said(&refused));
    disk.remount("rw");
    let mut service = place.serve();
    place.answers().await;
    assert_eq!(give(&place, "after-it-was-locked", GIFT).await.0, 201);
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    hold(&place, &[first["reference"].as_str().unwrap().to_owned()]);
}

#[tokio::test]
async fn fm_20_a_ledger_that_another_process_has_locked_is_not_waited_for_long() {
    let place = Place::new();
    place.change("[[join.plans]]", "[limits]\nledger_wait = \"1s\"\n\n[[join.plans]]");
    let mut service = place.serve();
    place.answers().await;
    let other = rusqlite::Connection::open(place.file("dev/ledger.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // A busy machine adds its own time to one try or another, and not to all.
    let mut soonest = Duration::MAX;
    for _ in 0..10 {
        let began = Instant::now();
        let (status, problem, _) = give(&place, "while-it-is-locked", GIFT).await;
        assert_eq!(status, 503, "{problem}");
        soonest = soonest.min(began.elapsed());
        if soonest < Duration::from_secs(5) {
            break;
        }
    }
    assert!(soonest < Duration::from_secs(5), "{soonest:?}");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(give(&place, "while-it-is-locked", GIFT).await.0, 201);
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    assert_eq!(recorded(&place).len(), 1);
}

#[tokio::test]
async fn fm_22_a_ledger_that_is_replaced_under_the_service_ends_it() {
    let place = Place::new();
    let mut service = place.serve();
    place.answers().await;
    let (_, first, _) = give(&place, "in-the-right-file", GIFT).await;
    let (file, aside) = (place.file("dev/ledger.db"), place.file("dev/aside.db"));
    fs::rename(&file, &aside).unwrap();
    fs::write(&file, b"").unwrap();
    assert_ne!(give(&place, "in-the-wrong-file", GIFT).await.0, 201);
    assert_eq!(ended(&mut service).await, Some(3));
    let log = fs::read_to_string(place.file("log")).unwrap();
    assert!(log.contains("was removed or replaced while it was open"), "{log}");
    fs::rename(&aside, &file).unwrap();
    let mut service = place.serve();
    place.answers().await;
    assert_eq!(give(&place, "in-the-wrong-file", GIFT).await.0, 201);
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    hold(&place, &[first["reference"].as_str().unwrap().to_owned()]);
    assert_eq!(recorded(&place).len(), 2);
}

/// Killed while it recovers what a death left behind, three times in a row: the fourth start is as quick
/// as any, and everything is there.
#[tokio::test]
async fn fm_11_cp_18_three_deaths_in_the_recovery() {
    let place = Place::new();
    let mut service = place.serve();
    place.answers().await;
    let mut taken = Vec::new();
    for number in 0..40 {
        let (_, answer, _) = give(&place, &format!("before-death-{number:06}"), GIFT).await;
        taken.push(answer["reference"].as_str().unwrap().to_owned());
    }
    signal(&service, "KILL");
    service.wait().unwrap();
    for point in
        ["fcntl:signal=KILL:when=2", "pread64:signal=KILL:when=3", "fcntl:signal=KILL:when=5"]
    {
        let mut recovering = traced(&place, point);
        assert_eq!(ended(&mut recovering).await, None, "{point}");
    }
    let began = Instant::now();
    let mut service = place.serve();
    place.answers().await;
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    hold(&place, &taken);
}
