//! The service as the kernel holds it.

use super::place::{GIFT, Place, said, signal};

fn status(pid: u32, field: &str) -> String {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim_start_matches(':').trim().to_owned()
}

fn event(place: &Place, name: &str) -> serde_json::Value {
    let log = std::fs::read_to_string(place.file("log")).unwrap();
    let mut lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.find(|line: &serde_json::Value| line["event"] == name).unwrap()
}

#[tokio::test]
async fn it_is_confined_before_it_serves_and_serves() {
    let place = Place::new();
    let mut service = place.serve();
    place.answers().await;
    let told = event(&place, "confined");
    assert_eq!(told["calls"], "whole");
    assert_eq!(status(service.id(), "Seccomp"), "2");
    assert_eq!(status(service.id(), "NoNewPrivs"), "1");
    let request = place.client().post(place.url("/v1/handoffs")).bearer_auth(&place.api_key);
    let request = request.header("idempotency-key", "sandbox-00000001");
    let request = request.header("content-type", "application/json").body(GIFT);
    assert_eq!(request.send().await.unwrap().status(), 201);
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn switched_off_it_says_so_at_every_start() {
    let place = Place::new();
    let text = std::fs::read_to_string(place.config()).unwrap();
    std::fs::write(place.config(), text + "\n[sandbox]\nmode = \"off\"\n").unwrap();
    let mut service = place.serve();
    place.answers().await;
    let told = event(&place, "not_confined");
    assert_eq!((&told["level"], &told["setting"]), (&"WARN".into(), &"sandbox.mode".into()));
    assert_eq!(status(service.id(), "Seccomp"), "0");
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
}

/// An older kernel is played by a filter around the service that knows no Landlock.
#[test]
fn required_where_the_kernel_cannot_it_does_not_start() {
    let place = Place::new();
    let text = std::fs::read_to_string(place.config()).unwrap();
    std::fs::write(place.config(), text + "\n[sandbox]\nmode = \"require\"\n").unwrap();
    let ended = std::process::Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", "inject=landlock_create_ruleset:error=ENOSYS"])
        .args([env!("CARGO_BIN_EXE_almoner"), "serve", "--config", &place.config()])
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(said(&ended).contains("files not, ports not"), "{}", said(&ended));
}
