//! What the environment may not change: whom the service talks to, and whom it trusts.

use super::check::{mock_settings, server_config};
use super::place::{Place, almoner, run, said};
use almoner::clock::Clock;
use almoner::mock_rsm::MockRsm;
use std::net::TcpListener;
use std::process::Output;

/// A heartbeat to the processor with these variables set.
async fn check(place: &Place, variables: Vec<(&'static str, String)>) -> Output {
    let config = place.config();
    let mut command = almoner();
    command.args(["check", "--config", &config]).envs(variables);
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

#[tokio::test]
async fn e_15_proxies_key_logs_and_further_authorities_are_ignored() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    place.change(
        "origin = \"https://localhost:8444",
        &format!("origin = \"https://localhost:{port}"),
    );
    let secret = std::fs::read_to_string(place.file("dev/signing.key")).unwrap();
    let settings = mock_settings(&place, port, secret.trim());
    let tls = server_config(&place);
    let mock = MockRsm::start(settings, listener, tls, Clock::system()).unwrap();

    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY"];
    let mut variables: Vec<(&str, String)> = names.map(|name| (name, address.clone())).into();
    let keys = place.file("keys.log");
    variables.push(("SSLKEYLOGFILE", keys.display().to_string()));
    let output = check(&place, variables).await;
    assert!(said(&output).contains("knows our signature"), "{}", said(&output));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(proxy.accept().is_err(), "nobody came to the proxy");
    assert!(!keys.exists(), "no key was written down");

    // The authority of the settings is another; the environment's is not trusted beside it.
    let right = place.file("dev/tls/authority.pem").display().to_string();
    let others = place.file("others");
    assert!(run(&["dev-certs", "--out", &others.display().to_string()]).status.success());
    place.change("ca_file = \"dev/tls/authority.pem\"", "ca_file = \"others/authority.pem\"");
    let output = check(&place, vec![("SSL_CERT_FILE", right)]).await;
    assert!(said(&output).contains("does not answer"), "{}", said(&output));
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    mock.shutdown().await;
}
