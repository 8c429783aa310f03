//! Whatever is posted as a call-back of RSM's: as it is, and with the right proof put to it, which no
//! fuzzer finds by itself. The first byte chooses the door and what is hashed.
#![no_main]

use almoner::keys::{Phrase, Phrases};
use almoner::payment::{Fact, Outcome};
use almoner::processor::rsm::{Callbacks, Canonical, Charset, Merchant, Rsm};
use almoner::processor::{Door, Forged, Headers, Message, Processor};
use bytes::Bytes;
use iso_currency::Currency;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode;
use sha1::{Digest, Sha1};

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
/// The most parameters that are looked at, one of them the proof.
const MOST: usize = 256;

fuzz_target!(|input: &[u8]| {
    let Some((choice, body)) = input.split_first() else { return };
    let door = if choice & 1 == 0 { Door::Success } else { Door::Failure };
    let canonical = match choice >> 1 & 3 {
        0 | 1 => Canonical::RawOrderDecodedOnce,
        2 => Canonical::RawOrderUndecoded,
        _ => Canonical::NameOrderDecodedOnce,
    };
    let processor = Processor::Rsm2000(Box::new(rsm(canonical)));
    let hear = |body: Vec<u8>| {
        processor.hear(door, &Headers::new(), &Bytes::from(body), Timestamp::UNIX_EPOCH)
    };
    // As it is: believed only where a seed's own proof was kept.
    let plain = hear(body.to_vec());
    assert!(plain.is_err() || body.windows(13).any(|name| name == b"IdentityCheck"));

    let pairs: Vec<&[u8]> = body.split(|b| *b == b'&').filter(|pair| !pair.is_empty()).collect();
    let claims = |pair: &&[u8]| decoded(pair).0.eq_ignore_ascii_case(b"IdentityCheck");
    if pairs.iter().any(claims) {
        return;
    }
    let proof = hex::encode(Sha1::digest([&hashed(&pairs, canonical), SECRET].concat()));
    let signed = [body, b"&IdentityCheck=", proof.as_bytes()].concat();
    let heard = hear(signed.clone());
    assert_eq!(heard, hear(signed), "the same bytes say the same");
    match heard {
        Ok(Message::Notice(notice)) => {
            let accepted = notice.evidence.fact == Fact::Outcome(Outcome::Accepted);
            assert!(!accepted || door == Door::Success);
            if let Some(amount) = notice.evidence.amount {
                let parts = notice.parts.expect("a sum has parts");
                assert_eq!(Some(amount.minor()), parts.goods.checked_add(parts.gift));
                assert!(amount.minor() > 0);
            }
        }
        Ok(Message::Foreign | Message::Empty) | Err(Forged::Grammar | Forged::Duplicated) => {}
        Err(Forged::TooMany) => assert!(pairs.len() >= MOST),
        Err(wrong) => panic!("rightly signed and refused as {wrong}"),
    }
});

fn rsm(canonical: Canonical) -> Rsm {
    Rsm {
        merchant: Merchant { vendor_id: "8953".into(), campaign: "3835.8965".into() },
        currency: Currency::GBP,
        charset: Charset::Ascii,
        card: None,
        debit: None,
        ddcm: None,
        callbacks: Callbacks {
            canonical,
            secrets: Phrases { current: Phrase::new(SECRET).unwrap(), next: None },
        },
    }
}

/// What RSM would hash (rsm-protocol.md, 4.2), by this target's own hand.
fn hashed(pairs: &[&[u8]], canonical: Canonical) -> Vec<u8> {
    let mut texts: Vec<(Vec<u8>, Vec<u8>)> = pairs
        .iter()
        .map(|pair| {
            let (name, value) = decoded(pair);
            let plain = [name.as_slice(), b"=", &value].concat();
            (name, if canonical == Canonical::RawOrderUndecoded { pair.to_vec() } else { plain })
        })
        .collect();
    if canonical == Canonical::NameOrderDecodedOnce {
        texts.sort_by(|one, other| one.0.cmp(&other.0));
    }
    texts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(&b'&')
}

fn decoded(pair: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let once = |text: &[u8]| {
        let spaced: Vec<u8> = text.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
        percent_decode(&spaced).collect::<Vec<u8>>()
    };
    let mut halves = pair.splitn(2, |byte| *byte == b'=');
    (once(halves.next().unwrap_or_default()), once(halves.next().unwrap_or_default()))
}
