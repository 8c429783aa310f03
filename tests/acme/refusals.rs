//! An authority that is not there, or does not believe that the names are ours.

use super::house::{Ground, eventually};

#[test]
fn an_authority_that_is_down_stops_nothing_and_is_asked_again() {
    let ground = Ground::new(&["down.charity.example"]);
    let site = ground.site();
    let house = ground.open(&site);
    let line = house.told("certificate_not_obtained");
    assert_eq!(line["level"], "ERROR", "there is none");
    assert_eq!(line["reason"], "the authority cannot be reached over TLS");
    assert!(line["advice"].as_str().unwrap().contains("public.acme.directory"), "{line}");
    assert!(line["seconds"].as_i64().unwrap() >= 299, "{line}");
    assert_eq!(house.shown(), None, "nobody's handshake succeeds");
    let authority = site.start();
    house.obtains(None);
    assert_eq!(house.get(&authority, "down.charity.example"), "hello");
}

#[test]
fn an_authority_that_does_not_find_us_at_the_name_says_so_and_somebody_who_put_it_right_need_not_wait()
 {
    let ground = Ground::new(&["refused.charity.example"]);
    let site = ground.site();
    // Somewhere else, where nobody listens.
    let authority = site.start_with("127.0.0.2", 0);
    let house = ground.open(&site);
    let line = house.told("certificate_not_obtained");
    assert_eq!(line["reason"], "the authority said unauthorized");
    assert!(line["advice"].as_str().unwrap().contains("port 443"), "{line}");
    assert!(!line.to_string().contains("127.0.0."), "nothing of what it wrote: {line}");
    assert_eq!(house.shown(), None);
    drop(authority);
    let _authority = site.start();
    house.renewal.look();
    eventually("a certificate comes", || {
        // Its own refusals of good nonces aside.
        house.renewal.look();
        house.shown().is_some()
    });
    let file = std::fs::read_to_string(ground.certificate_file(&site)).unwrap();
    assert_eq!(file.matches("BEGIN PRIVATE KEY").count(), 1);
    assert_eq!(file.matches("BEGIN CERTIFICATE").count(), 2);
}
