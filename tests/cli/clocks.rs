//! A process whose clock is not the processor's (security.md, P-13 and P-14).

use super::disk::{paying, with_card};
use super::place::{Place, almoner, signal};
use super::trouble::{give, ready};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

/// Starts the service with its clock that far ahead.
pub(crate) fn ahead(place: &Place, seconds: i32) -> Child {
    let folders = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map(|it| format!("/usr/lib/{it}"));
    let libraries = folders.map(|folder| format!("{folder}/faketime/libfaketime.so.1"));
    let library = libraries.iter().find(|library| Path::new(library).exists());
    let library = library.unwrap_or_else(|| panic!("libfaketime: apt-get install faketime"));
    let log = std::fs::File::options().create(true).append(true).open(place.file("log")).unwrap();
    almoner()
        .args(["serve", "--config", &place.config()])
        .env("LD_PRELOAD", library)
        .env("FAKETIME", format!("+{seconds}s"))
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .stdin(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn p_13_p_14_a_clock_that_is_not_the_processors_alarms_and_beyond_five_minutes_is_not_ready()
{
    for (seconds, status) in [(120, 200), (400, 503)] {
        let place = Place::new();
        let mock = paying(&place);
        let mut service = ahead(&place, seconds);
        place.answers().await;
        // Whatever it answers, it says its time.
        give(&place, "another-clock-000001", &with_card()).await;
        for _ in 0..600 {
            if !place.trail("clock_differs").is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let alarm = place.trail("clock_differs").remove(0);
        let told = alarm["seconds"].as_i64().unwrap();
        // What the answer took on its way is in it.
        assert!(told.abs_diff(seconds.into()) < 60, "{alarm}");
        assert_eq!(alarm["level"], "ERROR");
        assert_eq!(ready(&place).await, status, "{seconds} seconds ahead");
        signal(&service, "TERM");
        assert_eq!(service.wait().unwrap().code(), Some(0));
        mock.shutdown().await;
    }
}
