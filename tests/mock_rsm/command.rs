//! `almoner mock-rsm`, from its arguments.

use crate::stage::{Authority, KEY, TOKEN, WEBHOOK_KEY};
use almoner::cli::mock_rsm::{Args, CannotRun, run};
use clap::Parser;
use std::fs::{Permissions, set_permissions, write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

/// Every file the command needs, private ones closed to others; and its arguments.
fn prepare(folder: &Path, port: u16) -> (Authority, Args) {
    let authority = Authority::new();
    let (certificate, key) = authority.issue();
    for (name, content) in [
        ("certificate.pem", certificate.pem()),
        ("key.pem", key.serialize_pem()),
        ("ca.pem", authority.pem()),
        ("signing", format!("{KEY}\n")),
        ("webhook", format!("{WEBHOOK_KEY}\n")),
        ("token", format!("{TOKEN}\n")),
    ] {
        write(folder.join(name), content).unwrap();
        set_permissions(folder.join(name), Permissions::from_mode(0o600)).unwrap();
    }
    let file = |name: &str| folder.join(name).display().to_string();
    let line = Line::try_parse_from([
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
    (authority, line.unwrap().args)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn why_not(args: Args) -> String {
    let ended: Result<(), CannotRun> =
        tokio::time::timeout(Duration::from_secs(5), run(args)).await.unwrap();
    ended.unwrap_err().to_string()
}

#[tokio::test]
async fn serves_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let (authority, args) = prepare(folder.path(), port);
    let browser = authority.browser();
    let asked = async {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if let Ok(answer) = browser.get(format!("https://localhost:{port}/")).send().await {
                return answer.text().await.unwrap();
            }
        }
    };
    tokio::select! {
        ended = run(args) => panic!("ended by itself: {:?}", ended.err()),
        page = asked => assert!(page.contains("Mock RSM")),
        () = tokio::time::sleep(Duration::from_secs(10)) => panic!("never answered"),
    }
}

#[tokio::test]
async fn says_in_a_line_what_is_wrong_and_never_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let signing = folder.path().join("signing");
    for (change, told) in [
        (Change::Open, "chmod 600"),
        (Change::Short, "at least 24 bytes"),
        (Change::Gone, "No such file"),
    ] {
        let (_, args) = prepare(folder.path(), free_port());
        match change {
            Change::Open => set_permissions(&signing, Permissions::from_mode(0o644)).unwrap(),
            Change::Short => write(&signing, "changeme").unwrap(),
            Change::Gone => std::fs::remove_file(&signing).unwrap(),
        }
        let line = why_not(args).await;
        assert!(line.contains(told) && !line.contains('\n'), "{line}");
        assert!(!line.contains(KEY) && !line.contains("changeme"), "{line}");
    }
    let (_, args) = prepare(folder.path(), free_port());
    write(folder.path().join("token"), "\n").unwrap();
    assert!(why_not(args).await.contains("at least 16 characters"));
    let (_, args) = prepare(folder.path(), free_port());
    write(folder.path().join("ca.pem"), "nothing").unwrap();
    assert!(why_not(args).await.contains("CA certificate"));
    let (_, args) = prepare(folder.path(), free_port());
    write(folder.path().join("key.pem"), "nothing").unwrap();
    assert!(why_not(args).await.contains("key.pem"));
    assert!(Line::try_parse_from(["mock-rsm", "--signing-key-file=k1"]).is_err());
}

enum Change {
    Open,
    Short,
    Gone,
}
