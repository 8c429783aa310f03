//! `almoner mandate` as supporter care types it, beside a service that runs.

use super::house::House;
use super::rsm::GOOD_ACCOUNT;
use almoner::mock_rsm::{DdcmFault, Fault};
use serde_json::json;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// Runs the command without holding the test's other tasks up; what it said, and its exit code.
pub(crate) async fn almoner(arguments: &[&str], input: &str) -> (String, Option<i32>) {
    let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
    let input = input.to_owned();
    let run = move || -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_almoner"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).unwrap(), output.status.code())
}

fn record(start: &str) -> String {
    json!({
        "contact": {
            "title": "Ms", "first_name": "Canaryfirst", "last_name": "Canarylast",
            "email": "canary.mail@example.org",
            "address": { "line1": "1 Canary Street", "town": "Canarytown", "postcode": "CA1 1NA", "country": "GB" }
        },
        "bank": { "account_name": "CANARY HOLDER", "sort_code": "12-34-56", "account_number": GOOD_ACCOUNT },
        "amount": { "value": 700, "currency": "GBP" },
        "frequency": "monthly",
        "start_date": start
    })
    .to_string()
}

fn assert_nothing_private(said: &str) {
    for private in ["anary", "CANARY", "CA1 1NA", "12-34-56", GOOD_ACCOUNT] {
        assert!(!said.contains(private), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_and_status() {
    let house = House::rsm().await;
    let reference = house.live().await.to_string();
    let config = house.write_settings();
    let (said, code) = almoner(&["mandate", "status", &reference, "--config", &config], "").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("No cancellation and no amendment"), "{said}");
    let cancel = ["mandate", "cancel", &reference, "--config", &config, "--yes"];
    let (said, code) = almoner(&cancel, "").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("The mandate is cancelled: nothing more is collected."), "{said}");
    let (said, code) = almoner(&["mandate", "status", &reference, "--config", &config], "").await;
    assert!(code == Some(0) && said.contains("cancel made"), "{said}");
    let reference = almoner::payment::Reference::parse(&reference).unwrap();
    let developments = house.developments(reference).await;
    assert!(developments.iter().any(|(what, _)| what == "mandate_cancelled"), "{developments:?}");
    house.recorded().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn amend_reads_all_and_shows_nothing() {
    let house = House::rsm().await;
    let reference = house.live().await.to_string();
    let config = house.write_settings();
    let amend = ["mandate", "amend", &reference, "--config", &config];
    let today = house.office().today();
    let calendar = house.settings.debit(&house.document).unwrap().unwrap().calendar;
    let start = calendar.add_working_days(today, 30).unwrap().to_string();
    let (said, code) = almoner(&amend, &record(&start)).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("The mandate is amended"), "{said}");
    assert_nothing_private(&said);
    let row = house.office().mandates(&reference).pop().unwrap();
    assert_eq!(row.pence, Some(700));
    for (input, code, words) in [
        (record("2020-01-01"), 1, "/start_date: Choose a working day"),
        (record(&start).replace("12-34-56", "Canary"), 1, "/bank/sort_code: Enter a sort code"),
        (record(&start).replace("start_date", "canary"), 1, "a field that is not known"),
        (String::new(), 1, "there is no record"),
    ] {
        let (said, ended) = almoner(&amend, &input).await;
        assert_eq!(ended, Some(code), "{said}");
        assert!(said.contains(words), "{said}");
        assert_nothing_private(&said);
    }
    let (said, code) = almoner(&["mandate", "amend", "--help"], "").await;
    assert!(code == Some(0) && said.contains("\"account_number\": \"66374958\""), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_told_in_sentences() {
    let house = House::rsm().await;
    let pending = house.joined(GOOD_ACCOUNT).await.to_string();
    let config = house.write_settings();
    let (said, code) =
        almoner(&["mandate", "cancel", &pending, "--config", &config, "--yes"], "").await;
    assert_eq!(code, Some(1), "{said}");
    let sentence = "2166 The mandate is not live, failed or cancelled: a new one is live after six working days.";
    assert!(said.contains(sentence), "{said}");
    let strange = "01J00000000000000000000000";
    let (said, code) = almoner(&["mandate", "cancel", strange, "--config", &config], "").await;
    assert!(code == Some(2) && said.contains("a reference is 26"), "{code:?} {said}");
    let unknown = almoner::payment::Reference::at(house.clock.now()).to_string();
    let (said, code) = almoner(&["mandate", "cancel", &unknown, "--config", &config], "").await;
    assert!(code == Some(1) && said.contains("no hand-off of this reference"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_has_an_exit_code_of_its_own_and_says_how_to_ask_again() {
    let house = House::rsm().await;
    let live = house.live().await;
    house.mock.faults().script(Fault::Ddcm(DdcmFault::LostRequest), 1);
    house.care().cancel(live).await.unwrap();
    let (before, reference) = (house.office().requests("setMandates"), live.to_string());
    let config = house.write_settings();
    let again = format!("almoner mandate status {reference} --config {config}");
    let ask = ["mandate", "status", &reference, "--config", &config];
    let cancel = ["mandate", "cancel", &reference, "--config", &config];
    let (said, code) = almoner(&cancel, "").await;
    assert!(code == Some(1) && said.contains("say --yes if you mean it"), "{said}");
    let meant = [cancel.as_slice(), &["--yes"]].concat();
    for (command, words) in [
        (ask.as_slice(), "cancel the processor does not know"),
        (meant.as_slice(), "still in doubt"),
    ] {
        let (said, code) = almoner(command, "").await;
        assert_eq!(code, Some(5), "{said}");
        assert!(said.contains(words) && said.contains(&again), "{said}");
    }
    assert_eq!(house.office().requests("setMandates"), before, "nothing was sent");
}
