//! Row T-4: certificates that are swapped while we serve.

use crate::client::{Client, config, member};
use crate::house::{House, eventually};
use almoner::clock::Clock;
use almoner::tls::development::{Authority, LOOPBACK};
use almoner::tls::{CertificateError, Limits};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

const NEVER: Duration = Duration::from_hours(1);
const OFTEN: Duration = Duration::from_millis(20);

/// The certificate that a newcomer is shown.
fn shown(house: &House) -> Vec<u8> {
    let client = Client::with(house, config(house, &[])).unwrap();
    client.stream.conn.peer_certificates().unwrap()[0].to_vec()
}

fn watch(house: &House, every: Duration) -> Arc<Notify> {
    let (hangup, certificates) = (Arc::new(Notify::new()), house.certificates.clone());
    let notified = Arc::clone(&hangup);
    house.runtime.spawn(async move { certificates.watch(every, &notified).await });
    hangup
}

#[test]
fn fm_82_t_4_a_new_certificate_is_shown_to_newcomers_and_old_connections_go_on() {
    let house = House::open(Limits::default());
    let before = shown(&house);
    let mut old = Client::http1(&house);
    house.replace(&house.authority.server(&["localhost", "renewed.example"]).unwrap());
    assert_eq!(shown(&house), before, "nobody has said so yet");
    let facts = house.certificates.reload().unwrap();
    assert_eq!(facts.names, ["localhost", "renewed.example"]);
    assert_eq!(house.certificates.not_after(), Some(facts.not_after));
    assert_ne!(shown(&house), before);
    assert_eq!(old.get("/").body, "hello");
}

#[test]
fn fm_81_t_4_what_is_broken_leaves_the_old_certificate_in_place() {
    let house = House::open(Limits::default());
    let before = shown(&house);
    let facts = house.certificates.facts().unwrap();
    let good = std::fs::read(&house.files.chain).unwrap();
    std::fs::write(&house.files.chain, "half a file").unwrap();
    let error = house.certificates.reload().unwrap_err();
    assert!(matches!(error, CertificateError::NoCertificate { .. }), "{error}");
    let past = Clock::set_to("2020-01-01T00:00:00Z".parse().unwrap());
    house.replace(&Authority::new(&past, 30).unwrap().server(&LOOPBACK).unwrap());
    let error = house.certificates.reload().unwrap_err();
    assert!(matches!(error, CertificateError::Expired { .. }), "{error}");
    std::fs::write(&house.files.chain, good).unwrap();
    let error = house.certificates.reload().unwrap_err();
    assert!(matches!(error, CertificateError::NotAPair { .. }), "{error}");
    assert_eq!(shown(&house), before);
    assert_eq!(house.certificates.facts().unwrap(), facts);
}

#[test]
fn t_4_a_change_of_the_files_is_noticed() {
    let house = House::open(Limits::default());
    let before = shown(&house);
    let _hangup = watch(&house, OFTEN);
    let renewed = house.authority.server(&LOOPBACK).unwrap();
    std::fs::write(&house.files.chain, &renewed.certificate).unwrap();
    std::thread::sleep(OFTEN * 5);
    assert_eq!(shown(&house), before, "its key is not there yet");
    std::fs::write(&house.files.key, renewed.key.as_bytes()).unwrap();
    eventually("the new certificate is shown", || shown(&house) != before);
}

#[test]
fn t_4_a_hangup_reloads_at_once() {
    let house = House::open(Limits::default());
    let before = shown(&house);
    let hangup = watch(&house, NEVER);
    house.replace(&house.authority.server(&LOOPBACK).unwrap());
    hangup.notify_one();
    eventually("the new certificate is shown", || shown(&house) != before);
}

#[test]
fn t_4_client_authorities_outlive_a_reload() {
    let house = House::for_members(Limits::default());
    house.replace(&house.authority.server(&["localhost", "renewed.example"]).unwrap());
    house.certificates.reload().unwrap();
    if let Ok(mut stranger) = Client::with(&house, config(&house, &[b"http/1.1"])) {
        stranger.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(stranger.closed().is_empty());
    }
    assert_eq!(house.seen(), 0);
    let pair = house.authority.client("operations").unwrap();
    assert_eq!(Client::with(&house, member(&house, &pair)).unwrap().get("/").body, "hello");
}

#[test]
fn t_4_client_authorities_can_be_exchanged() {
    let house = House::for_members(Limits::default());
    let _hangup = watch(&house, OFTEN);
    let others = Authority::new(&Clock::system(), 30).unwrap();
    let file = house.files.client_authorities.clone().unwrap();
    std::fs::write(file, others.certificate()).unwrap();
    let current = others.client("operations").unwrap();
    eventually("the new authority's clients are let in", || {
        Client::with(&house, member(&house, &current)).is_ok_and(|mut client| {
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            client.try_answer().is_ok_and(|answer| answer.body == "hello")
        })
    });
    let former = house.authority.client("operations").unwrap();
    if let Ok(mut former) = Client::with(&house, member(&house, &former)) {
        former.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(former.closed().is_empty());
    }
    assert_eq!(house.seen(), 1);
}
