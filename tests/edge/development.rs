//! Throw-away certificates on disk.

use almoner::clock::Clock;
use almoner::tls::development::{Authority, DAYS, DevelopmentError, LOOPBACK};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn keys_are_written_for_their_owner_alone() {
    let folder = TempDir::new().unwrap();
    let target = folder.path().join("new/certs");
    let authority = Authority::new(&Clock::system(), DAYS).unwrap();
    let written = authority.write(&target, &LOOPBACK).unwrap();
    assert_eq!(mode(&target), 0o700);
    for key in [&written.server_key, &written.client_key] {
        assert_eq!(mode(key), 0o600);
        assert!(std::fs::read_to_string(key).unwrap().contains("PRIVATE KEY"));
    }
    for certificate in [&written.authority, &written.server, &written.client] {
        assert!(!std::fs::read_to_string(certificate).unwrap().contains("PRIVATE KEY"));
    }
}

#[test]
fn nothing_is_overwritten() {
    let folder = TempDir::new().unwrap();
    let authority = Authority::new(&Clock::system(), DAYS).unwrap();
    let theirs = folder.path().join("client-key.pem");
    std::fs::write(&theirs, "precious").unwrap();
    let error = authority.write(folder.path(), &LOOPBACK).unwrap_err();
    assert!(matches!(&error, DevelopmentError::Exists { file } if *file == theirs), "{error}");
    assert_eq!(std::fs::read_to_string(theirs).unwrap(), "precious");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else was written");
}

#[test]
fn what_is_no_name_is_refused() {
    let authority = Authority::new(&Clock::system(), DAYS).unwrap();
    assert!(matches!(authority.server(&["ché.example"]), Err(DevelopmentError::Making(_))));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let authority = Authority::new(&Clock::system(), DAYS).unwrap();
    let error = authority.write(&file.join("certs"), &LOOPBACK).unwrap_err();
    assert!(error.to_string().starts_with(&file.display().to_string()), "{error}");
}
