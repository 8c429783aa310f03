//! `almoner check --keys`: everything that is held is told of, and nothing of what it is.

use super::place::{Place, run, said};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;

impl Place {
    fn inventory(&self, more: &[&str]) -> (Vec<Value>, Option<i32>) {
        let config = self.config();
        let plain = ["check", "--keys", "--json", "--config", &config];
        let output = run(&[plain.as_slice(), more].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        (
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
            output.status.code(),
        )
    }
}

fn of<'a>(rows: &'a [Value], key: &str) -> &'a Value {
    let row = rows.iter().find(|row| row["key"].as_str().unwrap().starts_with(key));
    row.unwrap_or_else(|| panic!("{key} is not listed"))
}

#[test]
fn p_6_p_10_every_key_and_certificate_is_listed_and_no_secret_is_shown() {
    let place = Place::new();
    let next = place.file("dev/install-2.key").display().to_string();
    assert!(run(&["keygen", "install", "--out", &next]).status.success());
    let install = "install = { file = \"dev/install.key\"";
    place.change(install, &format!("{install}, next = {{ file = \"dev/install-2.key\" }}"));
    let (rows, code) = place.inventory(&[]);
    assert_eq!(code, Some(0));
    for key in [
        "secrets.install",
        "secrets.install.next",
        "secrets.processor_signing",
        "secrets.processor_webhook",
    ] {
        let row = of(&rows, key);
        assert_eq!((&row["mode"], &row["file_age_days"]), (&"0600".into(), &0.into()), "{row}");
        assert_eq!(row["id"].as_str().unwrap().len(), 8);
        assert!(row["kind"].as_str().unwrap().contains("bytes") && row["last_used"].is_null());
    }
    assert_ne!(of(&rows, "secrets.install")["id"], of(&rows, "secrets.install.next")["id"]);
    assert_eq!(of(&rows, "public.private_key_file")["mode"], "0600");
    for key in ["public.certificate_file[0]", "processor.ca_file[0]"] {
        let row = of(&rows, key);
        assert!(row["days_left"].as_i64().unwrap() > 0 && row["ends"].is_string(), "{row}");
        assert_eq!(row["id"].as_str().unwrap().len(), 64);
    }
    assert_eq!(of(&rows, "api.keys.tests (")["kind"], "SHA-256 of a bearer key");
    let told = said(&run(&["check", "--keys", "--config", &place.config()]));
    let all = format!("{told}{rows:?}");
    for name in ["install", "install-2", "signing", "webhook", "tls/server-key"] {
        let file = ["key", "pem"].map(|end| place.file(&format!("dev/{name}.{end}")));
        let file = file.into_iter().find(|file| file.exists()).unwrap();
        let secret = std::fs::read_to_string(file).unwrap();
        for line in secret.lines().filter(|line| !line.starts_with("-----")) {
            assert!(!all.contains(line), "{name} is shown");
        }
    }
    assert!(!all.contains(&place.api_key));
}

#[test]
fn w_8_with_the_metrics_it_says_when_each_key_was_last_used() {
    let place = Place::new();
    let page = "almoner_ready 1\nalmoner_key_last_used_timestamp_seconds{key=\"secrets.install\"} 1795689820\n# EOF\n";
    std::fs::write(place.file("metrics"), page).unwrap();
    let file = place.file("metrics").display().to_string();
    let (rows, code) = place.inventory(&["--metrics", &file]);
    assert_eq!(code, Some(0));
    assert_eq!(of(&rows, "secrets.install")["last_used"], "2026-11-26T10:43:40Z");
    assert!(of(&rows, "secrets.processor_webhook")["last_used"].is_null());
    let told = said(&run(&["check", "--keys", "--metrics", &file, "--config", &place.config()]));
    assert!(told.contains("last used 2026-11-26 10:43:40 UTC"), "{told}");
    assert!(told.contains("not used since the service started"), "{told}");
    std::fs::write(place.file("metrics"), "another page").unwrap();
    assert_eq!(place.inventory(&["--metrics", &file]).1, Some(1));
}

#[test]
fn p_6_p_10_what_is_exposed_or_broken_is_said_and_the_exit_code_is_1() {
    let place = Place::new();
    let file = place.file("dev/signing.key");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::write(place.file("dev/tls/authority.pem"), "no PEM").unwrap();
    let (rows, code) = place.inventory(&[]);
    assert_eq!(code, Some(1));
    let signing = of(&rows, "secrets.processor_signing");
    assert!(signing["problem"].as_str().unwrap().contains("chmod 0600"), "{signing}");
    assert_eq!(signing["mode"], "0644");
    assert!(of(&rows, "processor.ca_file")["problem"].is_string());
    let told = said(&run(&["check", "--keys", "--config", &place.config()]));
    assert!(told.contains("WRONG"), "{told}");
}

#[test]
fn w_8_a_next_that_does_nothing_is_told_of() {
    let place = Place::new();
    let signing = "processor_signing = { file = \"dev/signing.key\"";
    place.change(signing, &format!("{signing}, next = {{ file = \"dev/install.key\" }}"));
    let told = said(&run(&["check", "--offline", "--config", &place.config()]));
    assert!(told.contains("secrets.processor_signing.next does nothing"), "{told}");
}
