//! What the charity's books are made of: `almoner outcomes export`, and a settlement statement held against the record.

use super::ledger::filled;
use super::place::{Place, almoner, run, said};
use serde_json::Value;
use std::process::{Output, Stdio};

/// A record of three accepted gifts of 25.00, and a key.
pub(crate) async fn with_three() -> (Place, String) {
    let place = Place::new();
    filled(&place.file("dev/ledger.db")).await;
    let key = place.file("books.key").display().to_string();
    assert!(run(&["keygen", "report", "--out", &key]).status.success());
    (place, key)
}

pub(crate) fn well(output: &Output) -> String {
    let told = said(output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    told
}

/// It ended so, and said this.
pub(crate) fn refused(output: &Output, code: i32, what: &str) {
    let told = said(output);
    assert_eq!(output.status.code(), Some(code), "{told}");
    assert!(told.contains(what), "{told}");
}

/// The references of the record, the oldest first.
pub(crate) fn references(place: &Place) -> Vec<String> {
    let listed = run(&["outcomes", "list", "--json", "--config", &place.config()]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    let reference = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["reference"].as_str().unwrap().to_owned()
    };
    listed.lines().rev().map(reference).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_written_with_its_summary_and_checked() {
    let (place, key) = with_three().await;
    let at = |name: &str| place.file(name).display().to_string();
    let [config, books, public] = [place.config(), at("books.csv"), at("books.key.pub")];
    let export = ["outcomes", "export", "--config", &config];
    let signed = [&export[..], &["--out", &books, "--key", &key]].concat();
    assert!(well(&run(&signed)).contains("books.csv.summary.json, signed: 3 hand-offs"));
    let written = std::fs::read_to_string(&books).unwrap();
    assert_eq!(written.lines().count(), 4);
    assert!(written.starts_with("reference,state,kind,"), "{written}");
    let side = at("books.csv.summary.json");
    let summary: Value = serde_json::from_slice(&std::fs::read(&side).unwrap()).unwrap();
    let total = &summary["export"]["totals"][0];
    assert_eq!((&summary["export"]["rows"], &total["count"]), (&3.into(), &3.into()));
    assert_eq!((&total["amount"], &total["state"]), (&"75.00".into(), &"accepted".into()));
    let head = well(&run(&["ledger", "verify", "--config", &config]));
    assert!(head.contains(summary["export"]["head"].as_str().unwrap()), "{head}");
    for name in [&books, &side] {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(name).unwrap().permissions(),
        );
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
    }
    let check = ["outcomes", "export", "--verify", &books];
    let by_key = [&check[..], &["--pub", &public]].concat();
    assert!(well(&run(&by_key)).contains("the summary is signed by that key"));
    assert!(well(&run(&check)).contains("whether its summary is true was not looked at"));
    assert!(well(&run(&["verify", &side, "--key", &public])).contains("This export is as it was"));
    refused(&run(&signed), 1, "there already");
    std::fs::write(&books, written.replacen("25.00", "26.00", 1)).unwrap();
    refused(&run(&by_key), 2, "it is not the file that was exported");
    std::fs::write(&books, &written).unwrap();
    let altered = std::fs::read_to_string(&side).unwrap().replacen("75.00", "76.00", 1);
    std::fs::write(&side, altered).unwrap();
    refused(&run(&by_key), 2, "it was altered");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_goes_to_standard_output_and_is_of_its_days() {
    let (place, key) = with_three().await;
    let config = place.config();
    let export = ["outcomes", "export", "--config", &config];
    let all = run(&[&export[..], &["--format", "jsonl"]].concat());
    well(&all);
    let lines = String::from_utf8(all.stdout).unwrap();
    let days: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|row| row["opened_at_london"].as_str().unwrap().to_owned())
        .collect();
    let expected =
        ["2010-01-01T12:00:00+00:00", "2012-05-06T13:00:00+01:00", "2020-01-01T12:00:00+00:00"];
    assert_eq!(days, expected);
    // Whoever reads it may stop when they have seen enough.
    let mut cut = almoner();
    let cut = cut.args(export).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut cut = cut.unwrap();
    drop(cut.stdout.take());
    let told = String::from_utf8(cut.wait_with_output().unwrap().stderr).unwrap();
    assert!(!told.contains("almoner: "), "{told}");
    let of_2012 = ["--from", "2012-01-01", "--to", "2012-12-31"];
    let of_2012 = run(&[&export[..], &of_2012].concat());
    well(&of_2012);
    assert_eq!(String::from_utf8(of_2012.stdout).unwrap().lines().count(), 2);
    let backwards = ["--from", "2012-12-31", "--to", "2012-01-01"];
    refused(&run(&[&export[..], &backwards].concat()), 1, "turn --from and --to round");
    refused(&run(&[&export[..], &["--key", &key]].concat()), 2, "--out");
    refused(&run(&[&export[..], &["--format", "xlsx"]].concat()), 2, "use one of csv, jsonl");
    let nowhere = place.file("nowhere/books.csv").display().to_string();
    refused(&run(&[&export[..], &["--out", &nowhere]].concat()), 1, "in a folder that is there");
    // Without a configuration, from the file; of which money is then to be said.
    let ledger = place.file("dev/ledger.db").display().to_string();
    let by_file = ["outcomes", "export", "--ledger", &ledger];
    refused(&run(&by_file), 2, "--mode");
    let whole = run(&[&by_file[..], &["--mode", "test"]].concat());
    well(&whole);
    assert_eq!(whole.stdout, run(&export).stdout);
    let of_live = run(&[&by_file[..], &["--mode", "live"]].concat());
    assert_eq!(String::from_utf8(of_live.stdout).unwrap().lines().count(), 1, "only the names");
    // What was never signed is proved by no key, and is still the file that it was.
    let books = place.file("plain.csv").display().to_string();
    let told = well(&run(&[&export[..], &["--out", &books]].concat()));
    assert!(told.contains("not signed (--key FILE signs it): 3 hand-offs"), "{told}");
    let public = format!("{key}.pub");
    let check = ["outcomes", "export", "--verify", &books];
    well(&run(&check));
    refused(&run(&[&check[..], &["--pub", &public]].concat()), 2, "it is no signed export");
}

const LAYOUT: &str = "\n[reconcile.statement]\nreference = \"Order\"\namount = \"Gross\"\ndate = \"Date\"\n\
    kind = \"Type\"\npayments = [\"Sale\"]\nrefunds = [\"Refund\"]\nignored = [\"Fee\"]\n";

fn reconcile(place: &Place, statement: &str, further: &[&str]) -> Output {
    let file = place.file("settlement.csv");
    std::fs::write(&file, format!("Date,Type,Order,Payer,Gross\n{statement}")).unwrap();
    let (file, config) = (file.display().to_string(), place.config());
    let days = ["reconcile", "--from", "2012-05-01", "--to", "2012-05-31"];
    run(&[&days[..], &["--statement", &file, "--config", &config], further].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settlement_statement_is_held_against_the_record() {
    let (place, _) = with_three().await;
    let gift = references(&place).remove(1);
    let line = format!("2012-05-08,Sale,{gift},Pat Example,25.00\n");
    refused(&reconcile(&place, &line, &[]), 2, "reconcile.statement: not there");
    let text = std::fs::read_to_string(place.config()).unwrap();
    std::fs::write(place.config(), text + LAYOUT).unwrap();
    let fee = "2012-05-08,Fee,,,0.25\n";
    let told = well(&reconcile(&place, &format!("{line}{fee}"), &[]));
    assert!(told.contains("All 1 match.") && told.contains("1 lines passed over"), "{told}");
    assert!(told.contains("payment\tGBP\t1\t25.00\t1\t25.00"), "{told}");
    assert!(told.contains(r#""event":"reconciled""#) && !told.contains("Pat"), "{told}");
    let differs = reconcile(&place, &line.replace("25.00", "24.00"), &[]);
    refused(&differs, 1, "different\tpayment");
    assert!(said(&differs).contains("\tamount\n"), "{}", said(&differs));
    refused(&reconcile(&place, "", &[]), 1, "only_ours\tpayment");
    let stranger = format!("{line}2012-05-09,Sale,another shop's,Pat Example,1.00\n");
    let alone = reconcile(&place, &stranger, &["--json"]);
    refused(&alone, 1, r#""verdict":"only_theirs""#);
    let told = said(&alone);
    assert!(
        told.contains(r#""line":3"#) && !told.contains("Pat") && !told.contains("shop"),
        "{told}"
    );
    // Of another month, and about nothing of this one.
    let later = format!("{line}2012-07-09,Sale,another shop's,,1.00\n");
    assert!(well(&reconcile(&place, &later, &[])).contains("1 lines of other days"));
    let bad =
        reconcile(&place, &format!("{line}2012-05-09,Sale,,Pat Example,4242424242424242x\n"), &[]);
    refused(&bad, 2, "line 3 of the statement, column \"Gross\": not a sum");
    assert!(!said(&bad).contains("4242") && !said(&bad).contains("Pat"));
}
