//! Sockets that are handed over, as systemd does, and secrets that it gives.

use super::place::{Place, almoner, said};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use tokio::task::JoinSet;

/// The service with these sockets from descriptor 3 on, as systemd starts it.
fn handed(place: &Place, sockets: [&TcpListener; 2], wrapped: &str) -> Child {
    let descriptor = |socket: &TcpListener| Stdio::from(OwnedFd::from(socket.try_clone().unwrap()));
    let log = std::fs::OpenOptions::new().create(true).append(true).open(place.file("log"));
    let [first, second] = sockets.map(descriptor);
    // The shell takes its input and its output for the two, and becomes the service.
    let script = format!(
        "exec 3<&0 4<&1 </dev/null >/dev/null; LISTEN_PID=$$ LISTEN_FDS={wrapped} exec \"$0\" \"$@\""
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_almoner")]);
    command.args(["serve", "--config", &place.config()]);
    command.stdin(first).stdout(second).stderr(log.unwrap()).spawn().unwrap()
}

fn log(place: &Place) -> String {
    std::fs::read_to_string(place.file("log")).unwrap()
}

#[tokio::test]
async fn what_systemd_listens_on_is_served_and_waits_while_nobody_is_there() {
    let place = Place::new();
    let bind = |address: &str, port| TcpListener::bind((address, port)).unwrap();
    // A unit that names the port alone listens on every address.
    let public = bind("0.0.0.0", place.port);
    let operations = bind("127.0.0.1", place.operations);
    // Whoever comes before it is there waits in the socket.
    let mut visits = JoinSet::new();
    visits.spawn(place.client().get(place.url("/donate")).send());
    // In the other order than the configuration has them: each is known by its address.
    let mut service = handed(&place, [&operations, &public], "2");
    assert_eq!(visits.join_next().await.unwrap().unwrap().unwrap().status(), 200);
    place.answers().await;
    service.kill().unwrap();
    service.wait().unwrap();
    visits.spawn(place.client().get(place.url("/join")).send());
    let mut service = handed(&place, [&public, &operations], "2");
    let between = visits.join_next().await.unwrap().unwrap().unwrap();
    assert_eq!(between.status(), 200, "a restart turns nobody away");
    super::place::signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
}

#[test]
fn what_is_not_handed_over_is_bound_and_what_nobody_listens_on_is_refused() {
    let place = Place::new();
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let public = TcpListener::bind(("127.0.0.1", place.port)).unwrap();
    let mut refused = handed(&place, [&public, &stranger], "2");
    assert_eq!(refused.wait().unwrap().code(), Some(1));
    let told = log(&place);
    let address = stranger.local_addr().unwrap().to_string();
    assert!(told.contains(&address) && told.contains("almoner.socket"), "{told}");
    // The operations listener never opens to every address because a unit named the port alone.
    let everywhere = TcpListener::bind(("0.0.0.0", place.operations)).unwrap();
    let mut refused = handed(&place, [&public, &everywhere], "2");
    assert_eq!(refused.wait().unwrap().code(), Some(1));
    assert!(log(&place).contains(&format!("0.0.0.0:{}", place.operations)), "{}", log(&place));
    // Those of another process, as its children would inherit them, are none of ours.
    let mut inherited = handed(&place, [&public, &stranger], "2 LISTEN_PID=1");
    assert_eq!(inherited.wait().unwrap().code(), Some(1));
    assert!(log(&place).contains("stop what listens there"), "it binds its own: {}", log(&place));
}

#[tokio::test]
async fn one_socket_is_handed_over_and_the_other_bound() {
    let place = Place::new();
    let public = TcpListener::bind(("127.0.0.1", place.port)).unwrap();
    let unused = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut service = handed(&place, [&public, &unused], "1");
    place.answers().await;
    assert_eq!(place.client().get(place.url("/donate")).send().await.unwrap().status(), 200);
    super::place::signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
}

/// Every file may be one of the unit's credentials, the certificate's key above all: it is root's alone.
#[tokio::test]
async fn keys_and_secrets_come_as_credentials() {
    let place = Place::new();
    place.change("{ file = \"dev/install.key\" }", "{ credential = \"almoner.install.key\" }");
    let key = "private_key_file = \"";
    place.change(
        &format!("{key}dev/tls/server-key.pem"),
        &format!("{key}credential:almoner.privkey.pem"),
    );
    let folder = place.file("credentials");
    std::fs::create_dir(&folder).unwrap();
    let check = || {
        let mut command = almoner();
        command.args(["check", "--offline", "--config", &place.config()]);
        command.env("CREDENTIALS_DIRECTORY", &folder).output().unwrap()
    };
    let missing = said(&check());
    for (name, advice) in [
        ("almoner.install.key", "LoadCredential="),
        ("almoner.privkey.pem", "name a file that is there"),
    ] {
        let line = missing.lines().find(|line| line.contains(name));
        assert!(line.is_some_and(|line| line.contains(advice)), "{missing}");
    }
    for (from, to) in [
        ("dev/install.key", "almoner.install.key"),
        ("dev/tls/server-key.pem", "almoner.privkey.pem"),
    ] {
        std::fs::copy(place.file(from), folder.join(to)).unwrap();
    }
    assert_eq!(check().status.code(), Some(0), "{}", said(&check()));
    let mut service = almoner()
        .args(["serve", "--config", &place.config()])
        .env("CREDENTIALS_DIRECTORY", &folder)
        .stderr(std::fs::File::create(place.file("log")).unwrap())
        .spawn()
        .unwrap();
    place.answers().await;
    super::place::signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    // Without the unit it is looked for where systemd would take it from.
    let elsewhere = almoner().args(["check", "--offline", "--config", &place.config()]).output();
    let told = said(&elsewhere.unwrap());
    assert!(told.contains("/etc/credstore/almoner.install.key"), "{told}");
}
