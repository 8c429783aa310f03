//! `almoner prove`: this binary under its own audit, and what is left on purpose.

use super::place::{Place, run, said};
use serde_json::Value;
use std::process::Output;

/// A place whose cards and Direct Debits come through the service.
fn by_api() -> Place {
    let place = Place::new();
    let holidays = concat!(env!("CARGO_MANIFEST_DIR"), "/config/bank-holidays.json");
    place.change(
        "merchant = \"example\"",
        &format!(
            "merchant = \"example\"\n{}mandate_api = true",
            if cfg!(feature = "card-api") { "card_api = true\n" } else { "" }
        ),
    );
    place.change(
        "[secrets]",
        &format!(
            "[processor.signed.debit]\nservice_user_number = \"123456\"\ncollecting_name = \"TEST \
             CHARITY\"\nguarantee = \"The Guarantee is offered by all banks.\"\nbank_holidays_file = \
             \"{holidays}\"\n\n[secrets]"
        ),
    );
    place
}

fn prove(place: &Place, further: &[&str]) -> (Output, Value) {
    let config = place.config();
    let output = run(&[&["prove", "--config", &config, "--few", "--json"], further].concat());
    let report = serde_json::from_slice(&output.stdout);
    (output.clone(), report.unwrap_or_else(|_| panic!("no report: {}", said(&output))))
}

/// Other processes' memory is open to root alone, and so is that of a service that closes its own.
fn is_root() -> bool {
    let ours = std::fs::metadata("/proc/self").unwrap();
    std::os::unix::fs::MetadataExt::uid(&ours) == 0
}

#[test]
fn p_2_p_4_f_14_nothing_of_what_supporters_send_is_left_anywhere() {
    let place = by_api();
    let [key, file, public] = ["report.key", "report.json", "report.key.pub"]
        .map(|name| place.file(name).display().to_string());
    assert!(run(&["keygen", "report", "--out", &key]).status.success());
    let (output, signed) = prove(&place, &["--report", &file, "--key", &key]);
    let report = &signed["report"];
    if !is_root() && report["verdict"] == "void" {
        eprintln!("not root: the memory of the service cannot be read, and nothing is proved here");
        assert_eq!(output.status.code(), Some(2), "{report}");
        return;
    }
    assert_eq!((output.status.code(), &report["verdict"]), (Some(0), &"clean".into()), "{report}");
    assert!(report["control"].as_u64().unwrap() > 0);
    let places = report["searched"].as_array().unwrap();
    let bytes = |name: &str| {
        let place = places.iter().find(|place| place["place"] == name);
        place.unwrap_or_else(|| panic!("{name} was not searched"))["bytes"].as_u64().unwrap()
    };
    for name in [
        "memory of the process, all threads",
        "memory after panics, all threads",
        "log",
        "ledger with its log",
        "backup and lists",
        "answers",
    ] {
        assert!(bytes(name) > 10_000, "{name}");
    }
    let roads: Vec<_> = report["sent"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sent| sent["road"].as_str().unwrap())
        .collect();
    for road in [
        "form, taken",
        "broken off",
        "processor, too slow",
        "stopped in flight",
        "killed in flight",
        "panic in a request",
    ] {
        assert!(roads.contains(&road), "{road}");
    }
    let verify = ["prove", "--verify", &file, "--pub", &public];
    assert_eq!(run(&verify).status.code(), Some(0));
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("\"people\": ", "\"people\": 1", 1)).unwrap();
    let altered = run(&verify);
    assert_eq!(altered.status.code(), Some(2));
    assert!(said(&altered).contains("altered"), "{}", said(&altered));
}

#[test]
fn what_is_left_on_purpose_is_found() {
    let place = Place::new();
    for (planted, where_it_is) in
        [("environment", "/proc/PID/environ"), ("file", "temporary files")]
    {
        let (output, signed) = prove(&place, &["--plant", planted]);
        if planted == "environment" && !is_root() {
            continue;
        }
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        let found = signed["report"]["found"].as_array().unwrap();
        let all: Vec<_> = found.iter().map(|found| (&found["place"], &found["road"])).collect();
        let (there, planted) = (Value::from(where_it_is), Value::from("planted"));
        assert!(all.contains(&(&there, &planted)), "{all:?}");
        assert!(all.iter().all(|(_, road)| **road == planted), "{all:?}");
    }
}

#[test]
fn a_configuration_that_cannot_be_served_proves_nothing() {
    let place = Place::new();
    place.change("amounts = [\"10.00\"", "amounts = [\"0.01\"");
    let output = run(&["prove", "--config", &place.config(), "--few"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("donate.amounts"), "{}", said(&output));
}
