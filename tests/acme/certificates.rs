//! A certificate is asked for, shown, and renewed.

use super::house::Ground;
use jiff::SignedDuration;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn a_certificate_for_all_names_is_asked_for_and_shown_and_renewed_at_two_thirds_of_its_life() {
    let names = ["renewed.charity.example", "www.renewed.charity.example"];
    let ground = Ground::new(&names);
    let site = ground.site();
    let authority = site.start();
    let house = ground.open(&site);
    let first = house.obtains(None);
    for name in names {
        assert_eq!(house.get(&authority, name), "hello");
    }
    for file in [ground.certificate_file(&site), ground.terms(&site).account_key_file()] {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    let account = std::fs::read(ground.terms(&site).account_key_file()).unwrap();
    assert_eq!(house.handshake(names[0], &[b"acme-tls/1"]), None, "nothing is proved now");
    let facts = house.certificates.facts().unwrap();
    assert_eq!((facts.key, facts.in_order, facts.self_issued), ("ECDSA", true, false));
    let told = house.told("certificate_obtained");
    assert_eq!((&told["names"], &told["audit"]), (&2.into(), &true.into()));

    let life = facts.not_after.duration_since(facts.not_before);
    ground.clock.advance(SignedDuration::from_secs(life.as_secs() * 2 / 3));
    let second = house.obtains(Some(&first));
    assert_ne!(second, first);
    assert_eq!(house.get(&authority, names[1]), "hello");
    let reasons = house.logged("certificate_ordered");
    assert_eq!(reasons.first().unwrap()["reason"], "none");
    assert_eq!(reasons.last().unwrap()["reason"], "age");
    let same = std::fs::read(ground.terms(&site).account_key_file()).unwrap();
    assert!(same == account, "one account for both");
}

#[test]
fn nonces_that_are_refused_although_they_are_good_delay_it_and_no_more() {
    let ground = Ground::new(&["nonces.charity.example"]);
    let site = ground.site();
    let authority = site.start_with("127.0.0.1", 30);
    let house = ground.open(&site);
    house.obtains(None);
    assert_eq!(house.get(&authority, "nonces.charity.example"), "hello");
}
