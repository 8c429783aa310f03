//! What is kept between two starts.

use super::house::{Ground, eventually};
use almoner::tls::development::Authority as Maker;
use jiff::SignedDuration;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Takes the authority's place and counts who calls.
fn count_calls(port: u16) -> Arc<AtomicUsize> {
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    std::thread::spawn(move || {
        while listener.accept().is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    calls
}

#[test]
fn a_restart_shows_what_is_kept_and_asks_nobody_before_its_time() {
    let ground = Ground::new(&["kept.charity.example"]);
    let site = ground.site();
    let authority = site.start();
    let house = ground.open(&site);
    let shown = house.obtains(None);
    drop((house, authority));

    let calls = count_calls(site.port());
    let house = ground.open(&site);
    assert_eq!(house.shown(), Some(shown.clone()), "at once");
    // It looks by its clock: up to here it had no reason to call, and from here on it has.
    let facts = house.certificates.facts().unwrap();
    let life = facts.not_after.duration_since(facts.not_before).as_secs();
    ground.clock.advance(SignedDuration::from_secs(life / 2));
    assert_eq!(house.shown(), Some(shown.clone()));
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    ground.clock.advance(SignedDuration::from_secs(life / 5));
    eventually("it asks for the next one", || calls.load(Ordering::SeqCst) > 0);
    let told = house.told("certificate_not_obtained");
    assert_eq!(told["level"], "WARN", "there is time");
    assert_eq!(house.shown(), Some(shown), "what is good is shown");
}

#[test]
fn what_is_kept_and_cannot_be_used_is_refused_aloud_and_replaced() {
    let ground = Ground::new(&["wrong.charity.example"]);
    let site = ground.site();
    let _authority = site.start();
    let mut before = None;
    let maker = Maker::new(&ground.clock, 90).unwrap();
    let stranger = maker.server(&["wrong.charity.example"]).unwrap();
    let two = maker.server(&["wrong.charity.example"]).unwrap();
    let of_another = maker.server(&["other.charity.example"]).unwrap();
    let file = ground.certificate_file(&site);
    for (content, mode) in [
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(), 0o600),
        (format!("{}{}", *stranger.key, two.certificate), 0o600),
        (format!("{}{}", *stranger.key, stranger.certificate), 0o644),
        (format!("{}{}", *of_another.key, of_another.certificate), 0o600),
    ] {
        std::fs::write(&file, &content).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let house = ground.open(&site);
        // Another name's is good for something, until there is the right one.
        let shown = house.certificates.facts().map(|facts| facts.names);
        assert!(shown.is_none_or(|names| names == ["other.charity.example"]));
        eventually("the right one comes", || {
            ground.clock.advance(SignedDuration::from_mins(1));
            let facts = house.certificates.facts();
            facts.is_some_and(|facts| {
                !facts.self_issued && facts.names == ground.names && facts.chain > 1
            })
        });
        let shown = house.shown();
        assert_ne!(shown, before);
        before = shown;
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
