//! Secrets and certificates: made private, refused when they are not.

use super::place::{Place, run, said, signal};
use std::os::unix::fs::PermissionsExt as _;

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn g_13_everything_private_is_made_private_and_never_overwritten() {
    let place = Place::new();
    for name in [
        "dev/install.key",
        "dev/signing.key",
        "dev/webhook.key",
        "dev/tls/server-key.pem",
        "dev/tls/client-key.pem",
    ] {
        assert_eq!(mode(&place.file(name)), 0o600, "{name}");
    }
    let file = place.file("dev/install.key").display().to_string();
    let before = std::fs::read(&file).unwrap();
    assert_eq!(run(&["keygen", "install", "--out", &file]).status.code(), Some(1));
    assert_eq!(std::fs::read(&file).unwrap(), before);
    let folder = place.file("dev/tls").display().to_string();
    assert_eq!(run(&["dev-certs", "--out", &folder]).status.code(), Some(1));
}

/// Whatever umask the service was started with.
#[tokio::test]
async fn g_13_the_ledger_and_what_stands_beside_it_are_their_owners_alone() {
    let place = Place::new();
    let mut service = std::process::Command::new("sh")
        .args(["-c", "umask 000; exec \"$0\" serve --config \"$1\" 2> \"$2\""])
        .args([env!("CARGO_BIN_EXE_almoner"), &place.config()])
        .arg(place.file("log"))
        .spawn()
        .unwrap();
    place.answers().await;
    let folder = std::fs::read_dir(place.file("dev")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path());
    let ledger = files.filter(|file| file.display().to_string().contains("/ledger"));
    let modes: Vec<_> = ledger.map(|file| (mode(&file), file)).collect();
    assert!(modes.len() > 1, "the ledger and its log: {modes:?}");
    assert!(modes.iter().all(|(mode, _)| mode.trailing_zeros() >= 6), "{modes:?}");
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
}

#[test]
fn g_4_p_10_a_secret_or_key_that_others_can_read_stops_the_start() {
    for name in ["dev/install.key", "dev/webhook.key", "dev/tls/server-key.pem"] {
        let place = Place::new();
        std::fs::set_permissions(place.file(name), std::fs::Permissions::from_mode(0o644)).unwrap();
        let output = run(&["serve", "--config", &place.config()]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(said(&output).contains(name), "{}", said(&output));
    }
}

#[test]
fn g_3_a_short_secret_stops_the_start_and_is_not_shown() {
    let place = Place::new();
    std::fs::write(place.file("dev/install.key"), "changeme").unwrap();
    let output = run(&["serve", "--config", &place.config()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("24 bytes") && !said(&output).contains("changeme"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_secret_may_come_from_the_environment_or_a_systemd_credential() {
    let place = Place::new();
    let secret = std::fs::read_to_string(place.file("dev/install.key")).unwrap();
    place.change(
        "install = { file = \"dev/install.key\" }",
        "install = { env = \"ALMONER_INSTALL\" }",
    );
    let check = |name: &str, value: &str| {
        let arguments = ["check", "--offline", "--config", &place.config()];
        super::place::almoner().args(arguments).env(name, value).output().unwrap()
    };
    assert!(said(&check("OTHER", "x")).contains("ALMONER_INSTALL is not set"));
    assert_eq!(check("ALMONER_INSTALL", secret.trim()).status.code(), Some(0));
    place.change("{ env = \"ALMONER_INSTALL\" }", "{ credential = \"install.key\" }");
    let folder = place.file("dev").display().to_string();
    let output = check("CREDENTIALS_DIRECTORY", &folder);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}
