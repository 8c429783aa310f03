//! Whatever is posted as a webhook of the dialect `signed`: with the signature that it brings, and rightly
//! signed as Standard Webhooks has it, which no fuzzer finds by itself. The first byte chooses the key
//! and the clock; a line with the id follows, then a line of signatures, then the body.
#![no_main]

use almoner::keys::{Key, Keys};
use almoner::processor::client::{Client, Reach};
use almoner::processor::signed::Signed;
use almoner::processor::{Door, Forged, Headers, Message, Processor};
use base64::Engine as _;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use sha2::Sha256;
use std::sync::OnceLock;
use std::time::Duration;

const CURRENT: [u8; 32] = *b"0123456789abcdef0123456789abcdef";
const NEXT: [u8; 32] = *b"fedcba9876543210fedcba9876543210";
const NOW: i64 = 1_767_225_600;

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else { return };
    let mut lines = rest.splitn(3, |byte| *byte == b'\n');
    let (Some(id), Some(brought), Some(body)) = (lines.next(), lines.next(), lines.next()) else {
        return;
    };
    let late = [0, 300, -300, 301, -301][usize::from(choice >> 1) % 5];
    let sent = (NOW - late).to_string();
    // With what it brings it is never believed: nobody here gave it a signature.
    if let Some(heard) = hear(id, &sent, brought, body) {
        assert!(heard.is_err());
    }

    let key = if choice & 1 == 0 { &CURRENT } else { &NEXT };
    let signature = sign(key, &[id, b".", sent.as_bytes(), b".", body].concat());
    let Some(heard) = hear(id, &sent, &signature, body) else { return };
    assert_eq!(Some(&heard), hear(id, &sent, &signature, body).as_ref(), "the same says the same");
    let plain = (1..=128).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'.');
    match heard {
        _ if !plain => assert_eq!(heard, Err(Forged::Unsigned)),
        _ if late == 301 => assert_eq!(heard, Err(Forged::Stale)),
        _ if late == -301 => assert_eq!(heard, Err(Forged::Future)),
        Ok(Message::Notice(notice)) => {
            assert!(notice.evidence.amount.is_none_or(|amount| amount.minor() > 0));
            assert!(serde_json::from_slice::<serde_json::Value>(body).is_ok());
        }
        Err(Forged::Grammar) => {}
        wrong => panic!("rightly signed, and {wrong:?}"),
    }
    let other = [body, b" "].concat();
    let forged = if plain { Forged::BadSignature } else { Forged::Unsigned };
    assert_eq!(hear(id, &sent, &signature, &other), Some(Err(forged)));
});

/// `None` where HTTP has no such header.
fn hear(id: &[u8], sent: &str, signatures: &[u8], body: &[u8]) -> Option<Result<Message, Forged>> {
    let mut headers = Headers::new();
    for (name, value) in [
        ("webhook-id", id),
        ("webhook-timestamp", sent.as_bytes()),
        ("webhook-signature", signatures),
    ] {
        headers.insert(name, value.try_into().ok()?);
    }
    let (body, now) = (Bytes::copy_from_slice(body), Timestamp::from_second(NOW).unwrap());
    Some(processor().hear(Door::Signed, &headers, &body, now))
}

/// By this target's own hand.
fn sign(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    let tag = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    format!("v1,{tag}").into_bytes()
}

fn processor() -> &'static Processor {
    static PROCESSOR: OnceLock<Processor> = OnceLock::new();
    PROCESSOR.get_or_init(|| {
        let reach = Reach {
            roots: None,
            identity: None,
            connect_timeout: Duration::from_secs(1),
            total_timeout: Duration::from_secs(1),
            answer_bytes: 65_536,
            at_once: 1,
        };
        let key = |bytes: &[u8]| Key::new(bytes).unwrap();
        Processor::Signed(Box::new(Signed {
            base: "https://processor.example".parse().unwrap(),
            merchant: "charity".into(),
            key_id: "k1".into(),
            signing: Keys { current: key(&CURRENT), next: None },
            webhook: Keys { current: key(&CURRENT), next: Some(key(&NEXT)) },
            client: Client::new(&reach).unwrap(),
            card_api: true,
            mandate_api: true,
        }))
    })
}
