//! A configuration for RSM: what `almoner check` says of it, and what it refuses.

use super::place::{almoner, said};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

/// The example for RSM in a folder of its own, with certificates and secrets.
struct Account {
    folder: tempfile::TempDir,
}

impl Account {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let account = Self { folder };
        std::fs::set_permissions(account.folder.path(), std::fs::Permissions::from_mode(0o700))
            .unwrap();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let holidays = account.file("bank-holidays.json");
        std::fs::copy(example.join("bank-holidays.json"), holidays).unwrap();
        let text = std::fs::read_to_string(example.join("rsm2000.toml")).unwrap();
        let text = text
            .replace("https://give.charity.example", "https://localhost")
            .replace("/etc/almoner/tls/fullchain.pem", "tls/server.pem")
            .replace("/etc/almoner/tls/privkey.pem", "tls/server-key.pem")
            .replace("/var/lib/almoner/", "")
            .replace("/etc/almoner/secrets/", "");
        std::fs::write(account.file("almoner.toml"), text).unwrap();
        let made =
            almoner().args(["dev-certs", "--out"]).arg(account.file("tls")).output().unwrap();
        assert!(made.status.success(), "{}", said(&made));
        for (name, secret) in [
            ("install.key", "an install key that is long enough to be one"),
            ("rsm-callback.key", "what RSM gave for call-backs"),
            ("rsm-api.key", "what RSM gave for its API"),
        ] {
            account.keep(name, secret);
        }
        account
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn keep(&self, name: &str, secret: &str) {
        std::fs::write(self.file(name), secret).unwrap();
        std::fs::set_permissions(self.file(name), std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// With a text of the configuration replaced.
    fn with(self, from: &str, to: &str) -> Self {
        let text = std::fs::read_to_string(self.file("almoner.toml")).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(self.file("almoner.toml"), text.replace(from, to)).unwrap();
        self
    }

    fn check(&self) -> Output {
        let config = self.file("almoner.toml");
        almoner().args(["check", "--offline", "--config"]).arg(config).output().unwrap()
    }

    /// Refused by `check` and by `serve`, with these words.
    fn is_refused(&self, words: &[&str]) {
        let serve = almoner().args(["serve", "--config"]).arg(self.file("almoner.toml")).output();
        for output in [self.check(), serve.unwrap()] {
            let text = said(&output);
            assert_eq!(output.status.code(), Some(1), "{text}");
            assert!(words.iter().any(|word| text.contains(word)), "{words:?} not in\n{text}");
        }
    }
}

#[test]
fn the_example_for_rsm_is_in_order() {
    let account = Account::new();
    let output = account.check();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    for wanted in [
        "https://localhost/webhooks/rsm2000/success",
        "https://localhost/return/rsm2000/success",
        "the soonest first collection today would be",
        "no modulus tables",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
}

#[test]
fn real_money_and_rsms_test_system_are_never_mixed() {
    let live = Account::new().with("mode = \"test\"", "mode = \"live\"");
    live.is_refused(&["processor.mode is live, but this is RSM's test system"]);
    let told = said(&live.check());
    let of_page = told.lines().filter(|line| line.contains("processor.rsm2000.card_page.url"));
    assert_eq!(of_page.count(), 1, "told once: {told}");
    for page in ["cpterminal/cpweb.php", "ddcm/ddcmApi.php"] {
        Account::new()
            .with(&format!("rsmsecure.com/demo/{page}"), &format!("rsmsecure.com/{page}"))
            .is_refused(&["processor.mode is test, but this is RSM's live system"]);
    }
}

#[test]
fn e_6_an_address_without_tls_is_no_address() {
    Account::new()
        .with("https://rsm5.rsmsecure.com", "http://rsm5.rsmsecure.com")
        .is_refused(&["not an https address"]);
}

#[test]
fn what_cannot_work_is_refused_with_what_to_do() {
    for (from, to, word) in [
        ("vendor_id = \"8953\"", "vendor_id = \"RSM\"", "figures only"),
        ("campaign = \"3835.8965\"", "campaign = \"3835\"", "two numbers joined"),
        ("service_user_number = \"123456\"", "service_user_number = \"12345\"", "six figures"),
        ("collection_days = [1, 15]", "collection_days = [0]", "from 1 to 31"),
        ("guarantee = \"Put", "guarantee = \"\" # Put", "ask your sponsoring bank"),
        ("username = \"charity1\"", "username = \"a b\"", "4 to 40 letters"),
        ("bank-holidays.json", "nowhere.json", "cannot be read"),
        (
            "methods = [\"direct_debit\"]",
            "methods = [\"direct_debit\", \"card\"]",
            "single payments",
        ),
        ("code = \"GBP\"", "code = \"EUR\"", "GBP alone"),
        ("mode = \"test\"", "mode = \"test\"\nnetworks_only = true", "no webhook would be taken"),
        ("kind = \"cpweb\"", "kind = \"cpwub\"", "write \"cpweb\" or \"widget\""),
    ] {
        Account::new().with(from, to).is_refused(&[word]);
    }
    let missing = Account::new();
    std::fs::remove_file(missing.file("rsm-api.key")).unwrap();
    missing.is_refused(&["rsm-api.key"]);
}

#[test]
fn g_3_a_short_secret_of_rsms_is_taken_and_spoken_of() {
    let account = Account::new();
    account.keep("rsm-callback.key", "short");
    let output = account.check();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("secrets.rsm2000_callback has fewer than 16 bytes"));
}
