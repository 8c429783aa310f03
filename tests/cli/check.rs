//! `almoner check`: what a newcomer is told.

use super::hearer::{Hearer, Manner};
use super::place::{Place, free_port, run, said};
use almoner::clock::Clock;
use almoner::mock_rsm::{MockRsm, MockSettings, Pace};
use secrecy::SecretString;
use std::path::Path;

fn example(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(name).display().to_string()
}

#[test]
fn the_production_example_tells_a_newcomer_everything_that_is_missing() {
    let output = run(&["check", "--config", &example("production.toml"), "--offline"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for missing in [
        "secrets.install",
        "secrets.processor_signing",
        "secrets.processor_webhook",
        "fullchain.pem",
        "theme.logo_file",
        "/var/lib/almoner",
        "public.origin is still the example's",
        "almoner keygen api",
    ] {
        assert!(text.contains(missing), "{missing} is not in\n{text}");
    }
}

#[test]
fn a_wrong_setting_is_one_line_with_file_line_key_and_advice() {
    let place = Place::new();
    place.change("listen = \"127.0.0.1", "listen = \"hunter2 127.0.0.1");
    let output = run(&["check", "--config", &place.config()]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains("almoner.toml:")
            && text.contains("public.listen")
            && text.contains("write it like"),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
    let output = run(&["serve", "--config", &place.config()]);
    assert_eq!(
        (output.status.code(), said(&output).lines().count()),
        (Some(1), 1),
        "{}",
        said(&output)
    );
}

#[test]
fn live_and_test_are_never_mixed() {
    let place = Place::new();
    place.change("mode = \"test\"", "mode = \"live\"");
    let output = run(&["check", "--config", &place.config(), "--offline"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("test system's"), "{}", said(&output));
}

#[test]
fn findings_can_be_read_by_programs() {
    let output = run(&["check", "--config", &example("production.toml"), "--offline", "--json"]);
    let findings: Vec<serde_json::Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        findings
            .iter()
            .any(|finding| finding["grade"] == "wrong" && finding["subject"] == "secrets")
    );
}

#[test]
fn arguments_that_are_wrong_end_with_two() {
    for arguments in [["chek", "--config"], ["check", "--confi"], ["outcomes", "list"]] {
        assert_eq!(run(&arguments).status.code(), Some(2), "{arguments:?}");
    }
}

/// Against a processor that answers, with the signature agreed and with another.
#[tokio::test]
async fn the_processor_s_heartbeat_is_signed() {
    let place = Place::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    place.change(
        "origin = \"https://localhost:8444",
        &format!("origin = \"https://localhost:{port}"),
    );
    let secret = std::fs::read_to_string(place.file("dev/signing.key")).unwrap();
    let mock = MockRsm::start(
        mock_settings(&place, port, secret.trim()),
        listener,
        server_config(&place),
        Clock::system(),
    )
    .unwrap();
    let check =
        |config: String| tokio::task::spawn_blocking(move || run(&["check", "--config", &config]));
    let output = check(place.config()).await.unwrap();
    assert!(said(&output).contains("knows our signature"), "{}", said(&output));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    std::fs::write(place.file("dev/signing.key"), "another secret of more than 24 bytes").unwrap();
    let output = check(place.config()).await.unwrap();
    assert!(said(&output).contains("does not know our signature"), "{}", said(&output));
    assert_eq!(output.status.code(), Some(1));
    mock.shutdown().await;
    let output = check(place.config()).await.unwrap();
    assert!(said(&output).contains("does not answer"), "{}", said(&output));
}

/// Each subscriber is called as an event's courier would call it, and told nothing.
#[tokio::test(flavor = "multi_thread")]
async fn subscribers_are_called_and_told_nothing() {
    let place = Place::new();
    let crm = Hearer::subscribed(&place, "crm").await;
    Hearer::subscribed(&place, "down").await.behaves(Manner::Fails);
    Hearer::subscribed(&place, "private").await;
    Hearer::subscribed(&place, "stranger").await;
    let other = place.file("other").display().to_string();
    assert!(run(&["dev-certs", "--out", &other]).status.success());
    // One that is not there, one whose address is not meant, one of another authority.
    let config = std::fs::read_to_string(place.config()).unwrap();
    let (before, private) = config.split_once("[[subscribers]]\nname = \"private\"").unwrap();
    let (private, stranger) = private.split_once("[[subscribers]]\nname = \"stranger\"").unwrap();
    let private = private.replace("allow_private = true\n", "");
    let stranger = stranger.replace("dev/tls/authority.pem", "other/authority.pem");
    let nobody = stranger.lines().find(|line| line.starts_with("url = ")).unwrap();
    let gone = stranger.replace(nobody, &format!("url = \"https://localhost:{}/\"", free_port()));
    let text = format!(
        "{before}[[subscribers]]\nname = \"private\"{private}[[subscribers]]\nname = \"stranger\"{stranger}\n\
         [[subscribers]]\nname = \"gone\"{gone}"
    );
    std::fs::write(place.config(), text).unwrap();
    let config = place.config();
    let check = move |more: &'static [&'static str]| {
        let config = config.clone();
        tokio::task::spawn_blocking(move || {
            run(&[&["check", "--config", &config][..], more].concat())
        })
    };
    let text = said(&check(&[]).await.unwrap());
    for told in [
        "crm: it answers, with a certificate that is trusted\n",
        "look   subscribers    down: it answers, with a certificate that is trusted, but with an error of its own",
        "private: it is at a private address",
        "stranger: its certificate is over, of another name, or of no authority",
        "gone: nobody answers there",
    ] {
        assert!(text.contains(told), "{told} is not in\n{text}");
    }
    let text = said(&check(&["--offline"]).await.unwrap());
    assert!(
        text.contains("5, which were not called") && !text.contains("nobody answers"),
        "{text}"
    );
    let keys = said(&check(&["--keys"]).await.unwrap());
    assert!(keys.contains("subscribers.crm.ca_file"), "{keys}");
    assert_eq!(crm.heard(), [], "no event");
}

pub(crate) fn mock_settings(place: &Place, port: u16, secret: &str) -> MockSettings {
    MockSettings {
        merchant: "example".into(),
        signing_keys: vec![("dev".into(), SecretString::from(secret))],
        webhook_url: place.url("/webhooks/signed"),
        webhook_keys: vec![SecretString::from(
            "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        )],
        webhook_roots: std::fs::read_to_string(place.file("dev/tls/authority.pem")).unwrap(),
        origin: format!("https://localhost:{port}"),
        control_token: None,
        return_origins: None,
        rsm2000: None,
        pace: Pace::default(),
    }
}

pub(crate) fn server_config(place: &Place) -> std::sync::Arc<rustls::ServerConfig> {
    use rustls::pki_types::pem::PemObject as _;
    let chain = rustls::pki_types::CertificateDer::pem_file_iter(place.file("dev/tls/server.pem"))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let key = rustls::pki_types::PrivateKeyDer::from_pem_file(place.file("dev/tls/server-key.pem"))
        .unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    std::sync::Arc::new(versions.with_no_client_auth().with_single_cert(chain, key).unwrap())
}
