//! What is refused at the start, and with which words.

use almoner::clock::Clock;
use almoner::tls::development::{Authority, LOOPBACK, Pair};
use almoner::tls::{CertificateError, Certificates, Facts, Files, Profile};
use jiff::{SignedDuration, Timestamp};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

fn place(folder: &TempDir, pair: &Pair) -> Files {
    let files = Files {
        chain: folder.path().join("chain.pem"),
        key: folder.path().join("key.pem"),
        client_authorities: None,
    };
    std::fs::write(&files.chain, &pair.certificate).unwrap();
    std::fs::write(&files.key, pair.key.as_bytes()).unwrap();
    std::fs::set_permissions(&files.key, Permissions::from_mode(0o600)).unwrap();
    files
}

fn load(files: &Files, clock: &Clock) -> Result<Facts, CertificateError> {
    let loaded = Certificates::load(files.clone(), Profile::Modern, clock.clone());
    loaded.map(|certificates| certificates.facts().unwrap())
}

/// One line, the file's name in it, and nothing of what the file holds.
fn plain(error: &CertificateError, file: &Path) {
    let text = error.to_string();
    let words = text.strip_prefix(&file.display().to_string()).expect("the file's name");
    assert!(!words.contains('\n') && !words.contains("BEGIN") && !words.contains("TUlN"), "{text}");
}

fn noon() -> Clock {
    Clock::set_to("2026-11-23T12:00:00Z".parse().unwrap())
}

#[test]
fn tells_what_a_certificate_is_good_for() {
    let (folder, clock) = (TempDir::new().unwrap(), noon());
    let authority = Authority::new(&clock, 90).unwrap();
    let mut pair = authority.server(&["pay.charity.example", "192.0.2.1", "2001:db8::1"]).unwrap();
    pair.certificate.push_str(&authority.certificate());
    let facts = load(&place(&folder, &pair), &clock).unwrap();
    assert_eq!(facts.names, ["pay.charity.example", "192.0.2.1", "2001:db8::1"]);
    assert_eq!(facts.not_before, "2026-11-22T00:00:00Z".parse::<Timestamp>().unwrap());
    assert_eq!(facts.not_after, "2027-02-21T00:00:00Z".parse::<Timestamp>().unwrap());
    assert_eq!((facts.key, facts.chain, facts.in_order), ("ECDSA", 2, true));
    assert!(!facts.self_issued);
    assert_eq!(facts.days_left(clock.now()), 89);
}

#[test]
fn tells_a_chain_that_is_out_of_order() {
    let (folder, clock) = (TempDir::new().unwrap(), noon());
    let (authority, stranger) = (Authority::new(&clock, 90), Authority::new(&clock, 9));
    let mut pair = authority.unwrap().server(&LOOPBACK).unwrap();
    let other = stranger.unwrap().server(&LOOPBACK).unwrap();
    pair.certificate.push_str(&other.certificate);
    let facts = load(&place(&folder, &pair), &clock).unwrap();
    assert!(!facts.in_order);
    assert!(facts.chain_not_after < facts.not_after);
}

#[test]
fn fm_82_t_4_an_expired_certificate_is_refused_at_the_start() {
    let (folder, clock) = (TempDir::new().unwrap(), noon());
    let files = place(&folder, &Authority::new(&clock, 30).unwrap().server(&LOOPBACK).unwrap());
    load(&files, &clock).unwrap();
    clock.advance(SignedDuration::from_hours(31 * 24));
    let error = load(&files, &clock).unwrap_err();
    assert!(matches!(error, CertificateError::Expired { .. }), "{error}");
    plain(&error, &files.chain);
    clock.advance(SignedDuration::from_hours(-40 * 24));
    let error = load(&files, &clock).unwrap_err();
    assert!(matches!(error, CertificateError::NotYetValid { .. }), "{error}");
    plain(&error, &files.chain);
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let (folder, clock) = (TempDir::new().unwrap(), noon());
    let files = place(&folder, &Authority::new(&clock, 30).unwrap().server(&LOOPBACK).unwrap());
    for mode in [0o644, 0o640, 0o604, 0o620, 0o601] {
        std::fs::set_permissions(&files.key, Permissions::from_mode(mode)).unwrap();
        let error = load(&files, &clock).unwrap_err();
        assert_eq!(error, CertificateError::KeyOpenToOthers { file: files.key.clone(), mode });
        assert!(error.to_string().contains(&format!("{mode:04o}")), "{error}");
        plain(&error, &files.key);
    }
    std::fs::set_permissions(&files.key, Permissions::from_mode(0o400)).unwrap();
    load(&files, &clock).unwrap();
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let (folder, clock) = (TempDir::new().unwrap(), noon());
    let authority = Authority::new(&clock, 30).unwrap();
    let (pair, other) = (authority.server(&LOOPBACK), authority.server(&LOOPBACK));
    let files = place(&folder, &Pair { key: other.unwrap().key, ..pair.unwrap() });
    let error = load(&files, &clock).unwrap_err();
    assert!(matches!(error, CertificateError::NotAPair { .. }), "{error}");
    plain(&error, &files.key);
}

#[test]
fn what_is_no_certificate_or_no_key_is_refused() {
    let clock = noon();
    let good = || Authority::new(&clock, 30).unwrap().server(&LOOPBACK).unwrap();
    let broken = "-----BEGIN CERTIFICATE-----\nTUlNSQ==\n-----END CERTIFICATE-----\n";
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nTUlNSQ==\n-----END ENCRYPTED PRIVATE KEY-----\n";
    for (chain, key, chain_at_fault) in [
        (Some(""), None, true),
        (Some("no PEM at all"), None, true),
        (Some(broken), None, true),
        (Some("-----BEGIN CERTIFICATE-----\n"), None, true),
        (None, Some(""), false),
        (None, Some(broken), false),
        (None, Some(encrypted), false),
    ] {
        let (folder, mut pair) = (TempDir::new().unwrap(), good());
        if let Some(chain) = chain {
            pair.certificate = chain.to_owned();
        }
        if let Some(key) = key {
            pair.key = key.to_owned().into();
        }
        let files = place(&folder, &pair);
        let error = load(&files, &clock).unwrap_err();
        plain(&error, if chain_at_fault { &files.chain } else { &files.key });
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let (folder, clock) = (TempDir::new().unwrap(), noon());
    let files = place(&folder, &Authority::new(&clock, 30).unwrap().server(&LOOPBACK).unwrap());
    let missing = Files { key: folder.path().join("gone.pem"), ..files.clone() };
    plain(&load(&missing, &clock).unwrap_err(), &missing.key);
    let a_folder = Files { chain: folder.path().to_owned(), ..files.clone() };
    plain(&load(&a_folder, &clock).unwrap_err(), &a_folder.chain);
    let enormous = Files { client_authorities: Some(folder.path().join("big.pem")), ..files };
    let big = enormous.client_authorities.clone().unwrap();
    std::fs::write(&big, vec![b'\n'; 2 * 1024 * 1024]).unwrap();
    plain(&load(&enormous, &clock).unwrap_err(), &big);
    std::fs::write(&big, "").unwrap();
    plain(&load(&enormous, &clock).unwrap_err(), &big);
}
