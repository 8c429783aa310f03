//! `almoner mock-rsm`, from its arguments.

use crate::port::free_port;
use crate::stage::{Authority, KEY, TOKEN, WEBHOOK_KEY};
use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Every file the command needs, private ones closed to others; and its arguments.
fn prepare(folder: &Path, port: u16) -> (Authority, Command) {
    let authority = Authority::new();
    let (certificate, key) = authority.issue();
    for (name, content) in [
        ("certificate.pem", certificate.pem()),
        ("key.pem", key.serialize_pem()),
        ("ca.pem", authority.pem()),
        ("signing", format!("{KEY}\n")),
        ("webhook", format!("{WEBHOOK_KEY}\n")),
        ("token", format!("{TOKEN}\n")),
        ("api-password", "1234567890\n".to_owned()),
    ] {
        write(folder.join(name), content).unwrap();
        set_permissions(folder.join(name), Permissions::from_mode(0o600)).unwrap();
    }
    let file = |name: &str| folder.join(name).display().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_almoner"));
    command.stdout(Stdio::null()).stderr(Stdio::piped()).args([
        "mock-rsm".to_owned(),
        format!("--listen=127.0.0.1:{port}"),
        format!("--certificate={}", file("certificate.pem")),
        format!("--private-key={}", file("key.pem")),
        "--merchant=hope".to_owned(),
        format!("--signing-key-file=k1={}", file("signing")),
        "--webhook-url=https://localhost:1/webhooks/signed".to_owned(),
        format!("--webhook-secret-file={}", file("webhook")),
        format!("--webhook-ca={}", file("ca.pem")),
        format!("--control-token-file={}", file("token")),
    ]);
    (authority, command)
}

fn why_not(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap().trim_end().to_owned()
}

/// Ends the process with the test, however that goes.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn serves_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let (authority, mut command) = prepare(folder.path(), port);
    let mut running = Running(command.spawn().unwrap());
    let browser = authority.browser();
    for _ in 0..2400 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(running.0.try_wait().unwrap().is_none(), "ended by itself");
        if let Ok(answer) = browser.get(format!("https://localhost:{port}/")).send().await {
            assert!(answer.text().await.unwrap().contains("Mock RSM"));
            return;
        }
    }
    panic!("never answered");
}

/// RSM's side by options, asked by a client that knows the user and the password alone.
#[tokio::test]
async fn speaks_rsm_s_own_formats_when_asked_to() {
    use crate::rsm2000::client::{document, request, wire};
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let (authority, mut command) = prepare(folder.path(), port);
    let file = |name: &str| folder.path().join(name).display().to_string();
    command.args([
        "--rsm2000".to_owned(),
        "--rsm2000-username=client".to_owned(),
        format!("--rsm2000-password-file={}", file("api-password")),
        format!("--rsm2000-callback-secret-file={}", file("signing")),
        "--rsm2000-without=cancels".to_owned(),
        "--rsm2000-mandate-columns=status,created".to_owned(),
        "--rsm2000-address=return-debit=https://give.example.org/debit".to_owned(),
    ]);
    let mut running = Running(command.spawn().unwrap());
    let client = authority.browser();
    let inner = request("heartbeat", "", 1).replace("testuser", "client");
    for _ in 0..2400 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(running.0.try_wait().unwrap().is_none(), "ended by itself");
        let asked = client.post(format!("https://localhost:{port}/demo/ddcm/ddcmApi.php"));
        let asked = asked.header("content-type", "application/x-www-form-urlencoded");
        if let Ok(answer) = asked.body(wire(&document("heartbeat", &inner))).send().await {
            assert!(answer.text().await.unwrap().contains("<status>SUCCESS</status>"));
            return;
        }
    }
    panic!("never answered");
}

#[test]
fn says_what_is_wrong_with_rsm_s_options() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    for (argument, code, told) in [
        ("--rsm2000-with=rain", 2, "auto-reference"),
        ("--rsm2000-address=nowhere=https://give.example.org", 1, "return-debit"),
        ("--rsm2000-mandate-columns=rain", 1, "columns"),
        ("--rsm2000-address=return-debit=http://give.example.org", 1, "https"),
    ] {
        let (_, mut command) = prepare(folder.path(), free_port());
        command.args(["--rsm2000", argument]);
        command.arg(format!("--rsm2000-password-file={}", file("api-password")));
        command.arg(format!("--rsm2000-callback-secret-file={}", file("signing")));
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains(told), "{text}");
    }
    let (_, mut command) = prepare(folder.path(), free_port());
    let output = command.arg("--rsm2000").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn says_in_a_line_what_is_wrong_and_never_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let signing = folder.path().join("signing");
    for (change, told) in [
        (Change::Open, "chmod 0600"),
        (Change::Short, "at least 24 bytes"),
        (Change::Gone, "cannot be read"),
    ] {
        let (_, command) = prepare(folder.path(), free_port());
        match change {
            Change::Open => set_permissions(&signing, Permissions::from_mode(0o644)).unwrap(),
            Change::Short => write(&signing, "changeme").unwrap(),
            Change::Gone => std::fs::remove_file(&signing).unwrap(),
        }
        let line = why_not(command);
        assert!(line.contains(told) && !line.contains('\n'), "{line}");
        assert!(!line.contains(KEY) && !line.contains("changeme"), "{line}");
    }
    for (file, content, told) in [
        ("token", "\n", "at least 16 characters"),
        ("ca.pem", "nothing", "CA certificate"),
        ("key.pem", "nothing", "key.pem"),
    ] {
        let (_, command) = prepare(folder.path(), free_port());
        write(folder.path().join(file), content).unwrap();
        let line = why_not(command);
        assert!(line.contains(told), "{line}");
    }
}

enum Change {
    Open,
    Short,
    Gone,
}
