//! The whole service as a process, held by the kernel to what is its own.

use super::authority::Site;
use super::house::eventually;
use super::place::{Place, run, said, signal};
use serde_json::Value;
use std::process::Child;

const NAME: &str = "give.charity.example";

/// A place whose certificate an authority gives.
fn place() -> (Place, Site) {
    let place = Place::new();
    let site = Site::new(place.port);
    place.change("origin = \"https://localhost:", &format!("origin = \"https://{NAME}:"));
    place.change("certificate_file = \"dev/tls/server.pem\"", "");
    place.change("private_key_file = \"dev/tls/server-key.pem\"", "");
    let own = "[operations]\ncertificate_file = \"dev/tls/server.pem\"\nprivate_key_file = \"dev/tls/server-key.pem\"";
    place.change("[operations]", own);
    let acme = format!(
        "\n[public.acme]\ndirectory = \"{}\"\nterms_agreed = true\nfolder = \"state/acme\"\nca_file = \"{}\"\n\n[sandbox]\nmode = \"warn\"\n",
        site.directory(),
        site.roots().display()
    );
    let text = std::fs::read_to_string(place.config()).unwrap();
    std::fs::write(place.config(), text + &acme).unwrap();
    (place, site)
}

/// What `/readyz` says, once it says anything.
async fn readiness(place: &Place) -> (u16, String) {
    let url = format!("https://localhost:{}/readyz", place.operations);
    let client = place.client();
    for _ in 0..1200 {
        if let Ok(answer) = client.get(&url).send().await {
            return (answer.status().as_u16(), answer.text().await.unwrap());
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("no answer: {}", std::fs::read_to_string(place.file("log")).unwrap());
}

fn events(place: &Place, name: &str) -> Vec<Value> {
    let log = std::fs::read_to_string(place.file("log")).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.filter(|line: &Value| line["event"] == name).collect()
}

fn stop(mut service: Child) {
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
}

fn check(place: &Place, more: &[&str]) -> String {
    said(&run(&[&["check", "--config", &place.config()], more].concat()))
}

#[tokio::test(flavor = "multi_thread")]
async fn confined_and_without_a_certificate_it_says_why_and_hangs_up_for_the_rest() {
    let (place, site) = place();
    let none_yet = check(&place, &["--offline"]);
    assert!(none_yet.contains("none yet: the authority is asked at the start"), "{none_yet}");
    let service = place.serve();
    let (status, why) = readiness(&place).await;
    assert_eq!((status, why.contains("there is no certificate yet")), (503, true), "{why}");
    tokio::task::block_in_place(|| {
        eventually("it says that none came", || {
            !events(&place, "certificate_not_obtained").is_empty()
        });
    });
    assert_eq!(events(&place, "confined").len(), 1);
    let health = format!("https://{NAME}:{}/healthz", place.port);
    let address = ([127, 0, 0, 1], place.port).into();
    let public = |root| {
        let client = reqwest::Client::builder().tls_certs_only([root]).resolve(NAME, address);
        client.build().unwrap()
    };
    let authority = tokio::task::block_in_place(|| site.start());
    let client = public(authority.root().await);
    assert!(client.get(&health).send().await.is_err(), "not before there is one");
    // It would wait for minutes; whoever started the authority says so.
    tokio::task::block_in_place(|| {
        eventually("a certificate comes", || {
            signal(&service, "HUP");
            !events(&place, "certificate_obtained").is_empty()
        });
    });
    assert!(client.get(&health).send().await.is_ok());
    place.answers().await;
    stop(service);
    let root = authority.root().await;
    drop(authority);

    let service = place.serve();
    place.answers().await;
    assert!(public(root).get(&health).send().await.is_ok(), "from what is kept");
    stop(service);
    assert_eq!(events(&place, "certificate_obtained").len(), 1);
    assert!(events(&place, "certificates_refused").is_empty(), "none was there to be refused");
    let keys = check(&place, &["--keys", "--json"]);
    for key in [
        "public.acme certificate[0]",
        "public.acme key_file",
        "public.acme account_key_file",
        "public.acme.ca_file[0]",
    ] {
        assert!(keys.contains(&format!("\"key\":\"{key}\"")), "{key}: {keys}");
    }
    let well = check(&place, &["--offline"]);
    assert!(well.contains("2 in the chain"), "{well}");
}

#[test]
fn a_folder_that_others_may_enter_stops_the_start() {
    use std::os::unix::fs::PermissionsExt as _;
    let (place, _site) = place();
    let folder = place.file("state/acme");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    let ended = run(&["serve", "--config", &place.config()]);
    assert_eq!(ended.status.code(), Some(1));
    assert!(said(&ended).contains("run chmod 700 on it"), "{}", said(&ended));
}
