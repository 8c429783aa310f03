//! What befalls a process: a log that nobody reads, a standstill, a death while secrets change.

use super::disk::{paying, with_card};
use super::place::{GIFT, Place, almoner, run, said, signal};
use std::io::Read as _;
use std::process::Stdio;
use std::time::Duration;

async fn give(place: &Place, client: &reqwest::Client, key: &str) -> serde_json::Value {
    let request = client
        .post(place.url("/v1/handoffs"))
        .bearer_auth(&place.api_key)
        .header("idempotency-key", key)
        .header("content-type", "application/json");
    let answer = request.body(GIFT).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

fn verified(place: &Place) {
    let verified = run(&["ledger", "verify", "--config", &place.config()]);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
}

/// A full pipe: payments go on, and what was logged is there once it is read.
#[tokio::test]
async fn fm_80_a_log_that_nobody_reads() {
    let place = Place::new();
    let mut service = almoner()
        .args(["serve", "--config", &place.config()])
        .stderr(Stdio::piped())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    place.answers().await;
    let client = place.client();
    // A pipe holds 64 KiB, which these are far beyond.
    for number in 0..900 {
        give(&place, &client, &format!("unread-log-{number:06}")).await;
    }
    let mut log = service.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        log.read_to_string(&mut text).unwrap();
        text
    });
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    let text = reader.join().unwrap();
    assert!(text.len() > 65_536, "{}", text.len());
    assert_eq!(text.matches("\"handed_off\"").count(), 900);
    for line in text.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    verified(&place);
}

/// A standstill in the middle of requests: whoever was not answered asks again and gets the same
/// hand-off, and the record is whole.
#[tokio::test]
async fn fm_78_a_standstill() {
    let place = Place::new();
    let mut service = place.serve();
    place.answers().await;
    let client = place.client();
    let first = give(&place, &client, "standstill-000000").await;
    signal(&service, "STOP");
    let asked = client
        .post(place.url("/v1/handoffs"))
        .bearer_auth(&place.api_key)
        .header("idempotency-key", "standstill-000001")
        .header("content-type", "application/json")
        .timeout(Duration::from_millis(800))
        .body(GIFT)
        .send()
        .await;
    assert!(asked.is_err(), "nobody is there");
    signal(&service, "CONT");
    place.answers().await;
    let client = place.client();
    let second = give(&place, &client, "standstill-000001").await;
    assert_eq!(give(&place, &client, "standstill-000001").await, second);
    assert_eq!(give(&place, &client, "standstill-000000").await, first);
    let listed = run(&["outcomes", "list", "--config", &place.config(), "--json"]);
    assert_eq!(String::from_utf8(listed.stdout).unwrap().lines().count(), 2);
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    verified(&place);
}

/// Death while certificates are exchanged, again and again: it always comes up again.
#[tokio::test]
async fn cp_22_death_while_certificates_change() {
    let place = Place::new();
    let pairs: Vec<_> = (0..2)
        .map(|pair| {
            let folder = place.file(&format!("fresh-{pair}"));
            assert!(run(&["dev-certs", "--out", &folder.display().to_string()]).status.success());
            folder
        })
        .collect();
    for round in 0..4_u64 {
        let mut service = place.serve();
        place.answers().await;
        let pair = &pairs[usize::from(round % 2 == 0)];
        for name in ["server.pem", "server-key.pem", "authority.pem"] {
            std::fs::copy(pair.join(name), place.file("dev/tls").join(name)).unwrap();
        }
        signal(&service, "HUP");
        std::thread::sleep(Duration::from_millis(3 * round));
        signal(&service, "KILL");
        service.wait().unwrap();
    }
    let mut service = place.serve();
    place.answers().await;
    give(&place, &place.client(), "after-deaths-0001").await;
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    verified(&place);
}

/// A charge by the API under one key, the process ended between, gently or not: one answer, one charge.
#[tokio::test]
async fn i_2_g_7_a_key_of_a_charge_over_a_restart_of_the_process() {
    let place = Place::new();
    let mock = paying(&place);
    let mut service = place.serve();
    place.answers().await;
    let (key, body) = ("over-a-restart-000001", with_card());
    let (status, first, _) = super::trouble::give(&place, key, &body).await;
    assert_eq!((status, &first["state"]), (201, &serde_json::json!("accepted")), "{first}");
    let reference =
        almoner::payment::Reference::parse(first["reference"].as_str().unwrap()).unwrap();
    for end in ["KILL", "TERM"] {
        signal(&service, end);
        service.wait().unwrap();
        service = place.serve();
        place.answers().await;
        let (status, again, _) = super::trouble::give(&place, key, &body).await;
        assert_eq!((status, &again), (201, &first), "after {end}");
        assert_eq!(mock.books().payments().len(), 1, "nothing was sent again after {end}");
        assert_eq!(mock.books().charges(&reference), 1);
    }
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    verified(&place);
    mock.shutdown().await;
}
