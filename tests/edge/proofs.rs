//! Handshakes in which an authority looks whether a name is ours: they show that and nothing else, and the
//! connection ends with them.

use crate::anybody::{connect, shown};
use crate::client::until_closed;
use almoner::clock::Clock;
use almoner::tls::acme::Challenges;
use almoner::tls::development::{Authority, LOOPBACK};
use almoner::tls::{Certificates, Files, Limits, Profile, serve};
use axum::Router;
use axum::routing::get;
use axum_server::Handle;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const NAME: &str = "give.charity.example";
const PROOF: &[u8] = b"acme-tls/1";

/// A service that proves a name, with or without a certificate for everybody else.
struct House {
    address: SocketAddr,
    certificates: Certificates,
    challenges: Challenges,
    files: Files,
    authority: Authority,
    handle: Handle<SocketAddr>,
    /// Live as long as the house does.
    _kept: (TempDir, Runtime),
}

impl House {
    fn open(profile: Profile) -> Self {
        let (folder, challenges) = (TempDir::new().unwrap(), Challenges::default());
        let authority = Authority::new(&Clock::system(), 9).unwrap();
        let both = folder.path().join("certificate.pem");
        let files = Files { chain: both.clone(), key: both, client_authorities: None };
        let awaited =
            Certificates::awaited(files.clone(), profile, Clock::system(), challenges.clone());
        let certificates = awaited.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (runtime, handle) = (Runtime::new().unwrap(), Handle::new());
        runtime.spawn({
            let (certificates, handle) = (certificates.clone(), handle.clone());
            let router = Router::new().route("/", get(|| async { "hello" }));
            async move { serve(listener, router, &certificates, Limits::default(), handle).await }
        });
        let kept = (folder, runtime);
        Self { address, certificates, challenges, files, authority, handle, _kept: kept }
    }

    /// Whether what is shown for this name, where these protocols are offered, holds the proof.
    fn proves(&self, name: &str, protocols: &[&[u8]]) -> Option<bool> {
        let own = shown(self.address, name, protocols)?;
        Some(own.windows(32).any(|part| part == [7; 32]))
    }

    fn give_one(&self) {
        let pair = self.authority.server(&LOOPBACK).unwrap();
        std::fs::write(&self.files.chain, format!("{}{}", *pair.key, pair.certificate)).unwrap();
        std::fs::set_permissions(&self.files.chain, PermissionsExt::from_mode(0o600)).unwrap();
        self.certificates.reload().unwrap();
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

#[test]
fn a_proof_is_shown_to_who_asks_for_nothing_else_and_only_while_there_is_one() {
    for profile in [Profile::Modern, Profile::Intermediate] {
        let house = House::open(profile);
        assert_eq!(house.certificates.facts(), None);
        for protocols in [&[PROOF][..], &[b"h2"], &[]] {
            assert_eq!(house.proves(NAME, protocols), None, "there is nothing to show");
        }
        house.challenges.answer(NAME, &[7; 32]).unwrap();
        assert_eq!(house.proves(NAME, &[PROOF]), Some(true));
        assert_eq!(house.proves("other.charity.example", &[PROOF]), None);
        for others in [&[b"h2", PROOF][..], &[PROOF, b"h2"], &[b"http/1.1"], &[]] {
            assert_eq!(house.proves(NAME, others), None, "nothing else yet");
        }
        house.give_one();
        assert_eq!(house.proves(NAME, &[PROOF]), Some(true), "a reload leaves it");
        for others in [&[b"h2", PROOF][..], &[PROOF, b"h2"], &[b"http/1.1"], &[]] {
            assert_eq!(house.proves(NAME, others), Some(false));
        }
        house.challenges.clear();
        assert_eq!(house.proves(NAME, &[PROOF]), None);
        assert_eq!(house.proves(NAME, &[b"h2"]), Some(false));
    }
}

#[test]
fn no_request_is_answered_in_a_connection_that_proves_a_name() {
    let house = House::open(Profile::Modern);
    house.give_one();
    house.challenges.answer(NAME, &[7; 32]).unwrap();
    let ask = b"GET / HTTP/1.1\r\nHost: give.charity.example\r\nConnection: close\r\n\r\n";
    let mut stream = connect(house.address, NAME, &[b"http/1.1"]).unwrap();
    stream.write_all(ask).unwrap();
    assert!(until_closed(&mut stream).ends_with(b"hello"), "elsewhere it is");
    let mut stream = connect(house.address, NAME, &[PROOF]).unwrap();
    // It may have been closed already.
    stream.write_all(ask).ok();
    assert_eq!(until_closed(&mut stream), b"");
}

#[test]
fn where_files_are_shown_no_name_is_ever_proved() {
    let house = crate::house::House::open(Limits::default());
    let offered = crate::client::config(&house, &[PROOF]);
    let refused = crate::client::Client::with(&house, offered).err().unwrap();
    assert!(refused.to_string().contains("NoApplicationProtocol"), "{refused}");
}
