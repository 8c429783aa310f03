//! The audit trail of the real binary (security.md, P-11): starts, stops, who was not let in, and who
//! read the record.

use super::place::{Place, run, said, signal};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::time::Duration;

impl Place {
    /// The lines of the service's log that hold this event.
    pub(crate) fn trail(&self, event: &str) -> Vec<Value> {
        let log = std::fs::read_to_string(self.file("log")).unwrap_or_default();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["event"] == event && line["audit"] == true).collect()
    }
}

#[tokio::test]
async fn p_11_starts_stops_and_whoever_is_not_let_in_are_on_the_trail() {
    let place = Place::new();
    place.change("[operations]", "[operations]\nclient_ca_file = \"dev/tls/authority.pem\"");
    let mut service = place.serve();
    let client = place.client();
    for _ in 0..2400 {
        if client.get(place.url("/donate")).send().await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let operations = format!("https://localhost:{}/readyz", place.operations);
    let refused = client.get(operations).send().await;
    assert!(refused.is_err(), "let in without a certificate");
    for _ in 0..2400 {
        if !place.trail("client_certificate_refused").is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    let line = place.trail("client_certificate_refused").remove(0);
    assert_eq!(
        (&line["origin"], &line["reason"]),
        (&json!("127.0.0.0/24"), &json!("no_certificate"))
    );
    let configuration = std::fs::read(place.config()).unwrap();
    let loaded = place.trail("configuration_loaded").remove(0);
    assert_eq!(loaded["sha256"], hex::encode(Sha256::digest(configuration)));
    let keys = place.trail("keys_named").remove(0);
    assert_eq!(keys["keys"], "install,processor_signing,processor_webhook");
    assert_eq!(keys["next"], "");
    assert_eq!((place.trail("started").len(), place.trail("stopped").len()), (1, 1));
}

/// The system's log gets the line where there is one; else it is on standard error.
#[test]
fn p_11_a_command_that_reads_the_record_is_on_the_trail_done_or_not() {
    if Path::new("/dev/log").exists() {
        return;
    }
    let place = Place::new();
    let unknown = almoner::payment::Reference::at(jiff::Timestamp::UNIX_EPOCH).to_string();
    let config = place.config();
    for (arguments, command, about) in [
        (vec!["outcomes", "list"], "outcomes_list", None),
        (vec!["outcomes", "show", &unknown], "outcomes_show", Some(&unknown)),
        (vec!["ledger", "verify"], "ledger_verify", None),
        (vec!["ledger", "purge", "--yes"], "ledger_purge", None),
    ] {
        let output = run(&[arguments.as_slice(), &["--config", &config]].concat());
        let told = String::from_utf8(output.stderr.clone()).unwrap();
        let line = told.lines().find(|line| line.contains("\"command\"")).unwrap_or_default();
        let line: Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("{}", said(&output)));
        assert_eq!((&line["event"], &line["command"]), (&json!("command"), &json!(command)));
        assert_eq!(
            (&line["audit"], &line["result"]),
            (&json!(true), &json!("not_well")),
            "no ledger"
        );
        assert_eq!(line["reference"], about.map_or(Value::Null, |about| json!(about)));
        assert!(line["user"].is_string());
        let check = run(&["check", "--offline", "--config", &config]);
        assert!(!said(&check).contains("\"audit\""), "{}", said(&check));
    }
}
