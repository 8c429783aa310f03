//! Rows D-20 to D-24: what is spoken at the door, and in which words.

use crate::client::{Client, config, member, socket, until_closed};
use crate::house::House;
use almoner::tls::{Limits, Profile};
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{
    AlertDescription, ClientConfig, Error, HandshakeKind, NamedGroup, ProtocolVersion,
    SupportedProtocolVersion,
};
use std::io::{self, Write};
use std::sync::Arc;

const ALERT: u8 = 21;

/// What TLS itself said when it failed.
fn reason(result: io::Result<Client>) -> Error {
    let error = result.err().expect("refused");
    *error.into_inner().expect("a reason").downcast().expect("of TLS")
}

fn only(house: &House, version: &'static SupportedProtocolVersion) -> ClientConfig {
    let any = config(house, &[b"http/1.1"]);
    let provider = Arc::clone(any.crypto_provider());
    let mut roots = rustls::RootCertStore::empty();
    let pem = house.authority.certificate();
    let authority = rustls::pki_types::pem::PemObject::from_pem_slice(pem.as_bytes()).unwrap();
    roots.add(authority).unwrap();
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// A client hello of an old version, with one cipher suite and no extensions.
fn hello(version: [u8; 2], suite: [u8; 2]) -> Vec<u8> {
    let mut body = version.to_vec();
    body.extend([7; 32]);
    body.extend([0, 0, 2]);
    body.extend(suite);
    body.extend([1, 0]);
    let length = u8::try_from(body.len()).unwrap();
    [vec![22, 3, 1, 0, length + 4, 1, 0, 0, length], body].concat()
}

#[test]
fn d_20_plain_http_is_closed_without_an_answer() {
    let house = House::open(Limits::default());
    let mut socket = socket(&house);
    socket.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let answer = until_closed(&mut socket);
    assert!(answer.first().is_none_or(|first| *first == ALERT), "{answer:?}");
    assert!(answer.len() < 16, "nothing but an alert");
    assert_eq!(house.seen(), 0);
}

#[test]
fn d_21_old_versions_and_suites_are_refused() {
    let house = House::open(Limits::default());
    for (version, suite) in [
        ([3, 0], [0xC0, 0x13]),
        ([3, 1], [0xC0, 0x13]),
        ([3, 2], [0xC0, 0x13]),
        ([3, 3], [0xC0, 0x13]), // ECDHE with AES-CBC and SHA-1
        ([3, 3], [0x00, 0x9C]), // no forward secrecy
        ([3, 3], [0x00, 0x05]), // RC4
        ([3, 3], [0x00, 0x0A]), // 3DES
        ([3, 3], [0x00, 0x02]), // no encryption
        ([3, 3], [0x00, 0x03]), // export
    ] {
        let mut socket = socket(&house);
        socket.write_all(&hello(version, suite)).unwrap();
        let answer = until_closed(&mut socket);
        assert_eq!(answer.first(), Some(&ALERT), "{version:?} {suite:?}: {answer:?}");
        assert_eq!(answer.len(), 7, "{version:?} {suite:?}: an alert alone");
    }
}

#[test]
fn d_21_the_intermediate_profile_speaks_tls_1_2_and_1_3() {
    let house = House::open(Limits::default());
    for (version, spoken) in
        [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)]
    {
        let mut client = Client::with(&house, only(&house, version)).unwrap();
        assert_eq!(client.stream.conn.protocol_version(), Some(spoken));
        assert_eq!(client.get("/").body, "hello");
    }
}

#[test]
fn d_21_the_modern_profile_speaks_tls_1_3_alone() {
    let house = House::with(Limits::default(), Profile::Modern);
    let refused = reason(Client::with(&house, only(&house, &TLS12)));
    assert_eq!(refused, Error::AlertReceived(AlertDescription::ProtocolVersion));
    assert_eq!(Client::with(&house, only(&house, &TLS13)).unwrap().get("/").body, "hello");
}

#[test]
fn d_21_keys_are_agreed_on_by_a_group_that_outlives_quantum_computers() {
    let house = House::open(Limits::default());
    let client = Client::http1(&house);
    let group = client.stream.conn.negotiated_key_exchange_group().unwrap();
    assert_eq!(group.name(), NamedGroup::X25519MLKEM768);
}

#[test]
fn d_22_without_a_name_the_one_certificate_is_shown() {
    let house = House::open(Limits::default());
    let mut nameless = config(&house, &[b"http/1.1"]);
    nameless.enable_sni = false;
    assert_eq!(Client::with(&house, nameless).unwrap().get("/").body, "hello");
}

#[test]
fn d_22_a_foreign_name_gets_the_one_certificate_and_nothing_else() {
    let house = House::open(Limits::default());
    let foreign = ServerName::try_from("another-charity.example").unwrap();
    let refused = reason(Client::over(socket(&house), config(&house, &[]), foreign));
    assert!(
        matches!(&refused, Error::InvalidCertificate(
            rustls::CertificateError::NotValidForNameContext { presented, .. }
        ) if presented.iter().any(|name| name.contains("localhost"))),
        "{refused:?}"
    );
}

#[test]
fn d_23_nothing_can_be_resumed_so_nothing_can_be_sent_early() {
    let house = House::open(Limits::default());
    for version in [&TLS12, &TLS13] {
        let mut config = only(&house, version);
        config.enable_early_data = true;
        for _ in 0..2 {
            let mut client = Client::with(&house, config.clone()).unwrap();
            assert_eq!(client.get("/").body, "hello");
            assert_eq!(client.stream.conn.handshake_kind(), Some(HandshakeKind::Full));
            assert_eq!(client.stream.conn.tls13_tickets_received(), 0);
            assert!(client.stream.conn.early_data().is_none());
        }
    }
}

#[test]
fn d_24_an_upgrade_to_http_2_is_ignored() {
    let house = House::open(Limits::default());
    let mut client = Client::http1(&house);
    client.send(
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n\
         Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    );
    let answer = client.answer();
    assert_eq!((answer.status, answer.body.as_str()), (200, "hello"));
}

#[test]
fn d_24_http_2_that_was_not_agreed_on_is_closed() {
    let house = House::open(Limits::default());
    for protocols in [&[][..], &[b"http/1.1".as_slice()][..]] {
        let mut client = Client::with(&house, config(&house, protocols)).unwrap();
        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
        assert!(client.closed().is_empty());
    }
}

#[test]
fn d_24_http_1_is_closed_where_http_2_was_agreed_on() {
    let house = House::open(Limits::default());
    let mut client = Client::with(&house, config(&house, &[b"h2"])).unwrap();
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(!client.closed().windows(5).any(|word| word == b"HTTP/"));
    assert_eq!(house.seen(), 0);
}

#[test]
fn a_listener_for_members_lets_in_nobody_else() {
    let house = House::for_members(Limits::default());
    let stranger = Client::with(&house, config(&house, &[b"http/1.1"]));
    // In TLS 1.3 the client is content before the server has looked.
    if let Ok(mut stranger) = stranger {
        stranger.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(stranger.closed().is_empty());
    }
    let other = House::open(Limits::default());
    let forged = other.authority.client("somebody").unwrap();
    if let Ok(mut forger) = Client::with(&house, member(&house, &forged)) {
        forger.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(forger.closed().is_empty());
    }
    assert_eq!(house.seen(), 0);
    let pair = house.authority.client("operations").unwrap();
    let mut welcome = Client::with(&house, member(&house, &pair)).unwrap();
    assert_eq!(welcome.get("/").body, "hello");
}
