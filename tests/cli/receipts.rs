//! `almoner outcomes receipt`, `verify`, `ledger head` and `ledger verify --against`.

use super::finance::{references, refused, well, with_three};
use super::ledger::{filled, settled};
use super::place::run;
use almoner::ledger::sqlite::{SqliteLedger, SqliteSettings};
use serde_json::Value;
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_proved_by_its_key_alone_and_nothing_that_was_altered_is() {
    let (place, key) = with_three().await;
    let at = |name: &str| place.file(name).display().to_string();
    let [config, file, public] = [place.config(), at("receipt.json"), at("books.key.pub")];
    let reference = references(&place).remove(0);
    let receipt = ["outcomes", "receipt", &reference, "--config", &config, "--key", &key];
    well(&run(&[&receipt[..], &["--out", &file]].concat()));
    let text = std::fs::read_to_string(&file).unwrap();
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["receipt"]["reference"], reference.as_str());
    assert_eq!(
        (&told["receipt"]["amount"], &told["receipt"]["state"]),
        (&2500.into(), &"accepted".into())
    );
    // The key and the file, nothing else: from another folder, without the configuration.
    std::fs::remove_file(place.config()).unwrap();
    let verify = ["verify", &file, "--pub", &public];
    let proved = well(&run(&verify));
    assert!(proved.contains("This receipt is as it was signed") && proved.contains(&reference));
    let json = well(&run(&[&verify[..], &["--json"]].concat()));
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), told["receipt"]);
    for (from, to) in [("2500", "9900"), ("accepted", "declined"), ("\"T", "\"U")] {
        if text.contains(from) {
            std::fs::write(&file, text.replacen(from, to, 1)).unwrap();
            refused(&run(&verify), 2, "it was altered, or somebody else signed it");
        }
    }
    std::fs::write(&file, text.get(..text.len() / 2).unwrap()).unwrap();
    refused(&run(&verify), 2, "it is no signed receipt, or it is not whole");
    // What stands behind the longest statement was not signed either.
    let padded = format!("{text}{}and more", " ".repeat(4 * 1024 * 1024));
    std::fs::write(&file, padded).unwrap();
    refused(&run(&verify), 2, "longer than any statement is");
    std::fs::write(&file, &text).unwrap();
    let other = at("other.key");
    well(&run(&["keygen", "receipt", "--out", &other]));
    refused(&run(&["verify", &file, "--key", &at("other.key.pub")]), 2, "another key signed it");
    refused(&run(&["verify", &file, "--key", &file]), 2, "a public key is 32 bytes");
    refused(&run(&["verify", &at("nowhere.json"), "--key", &public]), 2, "nowhere.json");
    well(&run(&verify));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_end_was_cut_off_or_that_was_made_anew_is_found_by_its_head() {
    let (place, key) = with_three().await;
    let at = |name: &str| place.file(name).display().to_string();
    let [ledger, earlier, head, public] =
        [at("dev/ledger.db"), at("earlier.db"), at("head.json"), at("books.key.pub")];
    well(&run(&["ledger", "backup", &earlier, "--ledger", &ledger]));
    let service = SqliteLedger::open(Path::new(&ledger), SqliteSettings::default()).unwrap();
    settled(&service, "2021-01-01").await;
    drop(service);
    well(&run(&["ledger", "head", "--ledger", &ledger, "--key", &key, "--out", &head]));
    assert!(well(&run(&["verify", &head, "--key", &public])).contains("This head is as it was"));
    let against = |file: &str, kept: &str| {
        run(&["ledger", "verify", "--ledger", file, "--against", kept, "--key", &public])
    };
    assert!(well(&against(&ledger, &head)).contains("it has what was written down of it on"));
    // It goes on, and still has it.
    let service = SqliteLedger::open(Path::new(&ledger), SqliteSettings::default()).unwrap();
    settled(&service, "2022-01-01").await;
    drop(service);
    well(&against(&ledger, &head));
    // Without its end it proves whole by itself.
    well(&run(&["ledger", "verify", "--ledger", &earlier]));
    refused(&against(&earlier, &head), 1, "its end was cut off");
    // Made anew with the same gifts, and one more.
    let anew = at("anew.db");
    filled(Path::new(&anew)).await;
    let service = SqliteLedger::open(Path::new(&anew), SqliteSettings::default()).unwrap();
    settled(&service, "2021-01-01").await;
    drop(service);
    well(&run(&["ledger", "verify", "--ledger", &anew]));
    refused(&against(&anew, &head), 1, "it was made anew");
    // A receipt says the same of its own event.
    let reference = references(&place).remove(3);
    let receipt = at("receipt.json");
    let of = ["outcomes", "receipt", &reference, "--ledger", &ledger, "--key", &key];
    well(&run(&[&of[..], &["--out", &receipt]].concat()));
    well(&against(&ledger, &receipt));
    refused(&against(&earlier, &receipt), 1, "its end was cut off");
    let altered =
        std::fs::read_to_string(&head).unwrap().replacen("\"sequence\": 8", "\"sequence\": 2", 1);
    std::fs::write(&head, altered).unwrap();
    refused(&against(&ledger, &head), 1, "it was altered");
    refused(&run(&["ledger", "verify", "--ledger", &ledger, "--against", &head]), 2, "--pub");
}
