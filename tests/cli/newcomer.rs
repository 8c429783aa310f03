//! `almoner check` takes a newcomer by the hand: each time it names the command to type next.

use super::place::{Place, free_port, said};
use std::path::Path;
use std::process::{Child, Command, Output};

/// A shell in a folder, in which `almoner` is the binary under test.
pub(crate) fn shell(folder: &Path, script: &str) -> Command {
    let own = Path::new(env!("CARGO_BIN_EXE_almoner")).parent().unwrap();
    let script = format!("export PATH=\"$0:$PATH\"; {script}");
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", &script]).arg(own).current_dir(folder);
    command.env("EDITOR", "true").env_remove("CREDENTIALS_DIRECTORY");
    command
}

pub(crate) fn typed(folder: &Path, script: &str) -> Output {
    shell(folder, script).output().unwrap()
}

/// What is to be typed next.
fn next(output: &Output) -> String {
    let told = said(output);
    let next = told.lines().find_map(|line| line.strip_prefix("Next:  "));
    next.unwrap_or_else(|| panic!("nothing is next: {told}")).to_owned()
}

/// Ends a process that runs on, whatever becomes of the test.
pub(crate) struct Kept(pub(crate) Child);

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn from_nothing_each_next_command_leads_to_a_service_that_can_start() {
    let folder = tempfile::tempdir().unwrap();
    let ports = [("8443", free_port()), ("8444", free_port()), ("9443", free_port())];
    let (mut typed_so_far, mut mock) = (Vec::new(), None);
    for _ in 0..12 {
        let output = typed(folder.path(), "almoner check");
        let command = next(&output);
        if output.status.success() {
            typed_so_far.push(command);
            break;
        }
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        if command.starts_with("almoner mock-rsm") {
            let log = std::fs::File::create(folder.path().join("mock.log")).unwrap();
            mock = Some(Kept(
                shell(folder.path(), &format!("exec {command}")).stdout(log).spawn().unwrap(),
            ));
            let said = || std::fs::read_to_string(folder.path().join("mock.log")).unwrap();
            let there = (0..1200).any(|_| {
                std::thread::sleep(std::time::Duration::from_millis(25));
                !said().is_empty()
            });
            assert!(there, "the mock says where it is");
        } else {
            let output = typed(folder.path(), &command);
            assert!(output.status.success(), "{command}: {}", said(&output));
        }
        // The example's ports may be somebody else's here.
        if command.contains("almoner example") {
            let file = folder.path().join("almoner.toml");
            let mut text = std::fs::read_to_string(&file).unwrap();
            for (from, to) in ports {
                text = text.replace(from, &to.to_string());
            }
            std::fs::write(file, text).unwrap();
        }
        typed_so_far.push(command);
    }
    let begins = |start: &str| typed_so_far.iter().any(|command| command.starts_with(start));
    for start in [
        "almoner example development > almoner.toml",
        "install -d -m 0700 dev && almoner keygen install --out dev/install.key",
        "almoner keygen signing --out dev/signing.key",
        "almoner keygen webhook --out dev/webhook.key",
        "almoner dev-certs --out dev/tls",
        "almoner mock-rsm --listen 127.0.0.1:",
    ] {
        assert!(begins(start), "{start}: {typed_so_far:#?}");
    }
    assert_eq!(typed_so_far.len(), 7, "{typed_so_far:#?}");
    assert_eq!(
        typed_so_far.last().map(String::as_str),
        Some("almoner serve --config almoner.toml")
    );
    assert!(mock.is_some());
}

#[test]
fn of_a_part_it_is_said_what_is_there_and_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let check = |text: &str| {
        std::fs::write(folder.path().join("almoner.toml"), text).unwrap();
        typed(folder.path(), "almoner check")
    };
    let whole = include_str!("../../config/development.toml");
    let (part, _) = whole.split_once("[charity]").unwrap();
    let output = check(part);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        told.contains("there: [public], [operations], [ledger], [processor], [secrets]"),
        "{told}"
    );
    assert!(told.contains("missing: [charity], [currencies], [donate], [join]"), "{told}");
    assert_eq!(next(&output), "${EDITOR:-vi} almoner.toml");
    assert!(typed(folder.path(), &next(&output)).status.success());
    // A wrong setting is told with its line, and the editor opens there.
    let output = check(&part.replace("dialect = \"signed\"", "dialect = \"hunter2\""));
    let told = said(&output);
    assert!(told.contains("missing: [charity]") && told.contains("processor.dialect"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
    let line = part.lines().position(|line| line.starts_with("dialect")).unwrap() + 1;
    assert_eq!(next(&output), format!("${{EDITOR:-vi}} +{line} almoner.toml"));
    let output = check("[public\n");
    assert!(
        said(&output).contains("not TOML here") && next(&output).contains("+1 almoner.toml"),
        "{}",
        said(&output)
    );
    // One that is named and not there is not replaced by another.
    let output = typed(folder.path(), "almoner check --config other.toml");
    assert!(said(&output).contains("other.toml is not there"), "{}", said(&output));
    assert_eq!(next(&output), "almoner example development > other.toml");
}

#[test]
fn each_secret_has_the_command_of_its_kind() {
    let place = Place::new();
    let subscribers = "\n[[subscribers]]\nname = \"crm\"\nurl = \"https://crm.test/hooks\"\nsecret = { file = \"dev/crm.key\" }\n\
        signing_key = { file = \"dev/events.key\" }\n";
    let text = std::fs::read_to_string(place.config()).unwrap();
    std::fs::write(place.config(), text + subscribers).unwrap();
    let check = || typed(place.folder.path(), "almoner check --offline");
    for (kind, file) in [("webhook", "dev/crm.key"), ("events", "dev/events.key")] {
        let output = check();
        assert!(
            said(&output).contains(&format!("`almoner keygen {kind} --out FILE`")),
            "{}",
            said(&output)
        );
        assert_eq!(next(&output), format!("almoner keygen {kind} --out {file}"));
        assert!(typed(place.folder.path(), &next(&output)).status.success());
    }
    assert!(check().status.success(), "{}", said(&check()));
    typed(place.folder.path(), "chmod 0644 dev/signing.key");
    assert_eq!(next(&check()), "chmod 0600 dev/signing.key");
    typed(place.folder.path(), "chmod 0600 dev/signing.key; rm dev/webhook.key");
    assert_eq!(next(&check()), "almoner keygen webhook --out dev/webhook.key");
}

/// What others issue is typed in; and for real money nobody is led to certificates that nobody trusts.
#[test]
fn for_real_money_it_names_no_throw_away_certificate() {
    let folder = tempfile::tempdir().unwrap();
    for example in ["rsm2000", "production"] {
        typed(folder.path(), &format!("almoner example {example} > almoner.toml"));
        typed(folder.path(), "sed -i 's/^mode = \"test\"/mode = \"live\"/' almoner.toml");
        let told = said(&typed(folder.path(), "almoner check --offline"));
        assert!(told.contains("cannot be read") && !told.contains("dev-certs"), "{told}");
        let lines = typed(folder.path(), "almoner check --offline --json || true");
        let findings = String::from_utf8(lines.stdout).unwrap();
        let next = |subject: &str| {
            let of = findings.lines().map(|line| serde_json::from_str(line).unwrap());
            let mut of = of.filter(|it: &serde_json::Value| it["subject"] == subject);
            of.find_map(|it| it["next"].as_str().map(str::to_owned)).unwrap()
        };
        assert_eq!(next("certificate"), "certbot certonly --standalone -d give.charity.example");
        assert!(next("example").starts_with("${EDITOR:-vi} +"), "{}", next("example"));
        if example == "rsm2000" {
            assert!(findings.contains("install -m 0600 /dev/stdin "), "{findings}");
        }
    }
}
