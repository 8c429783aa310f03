use super::*;
use crate::keys::Key;
use crate::processor::signed::samples::{key, signed};
use base64::Engine as _;
use std::sync::LazyLock;

const NOW: i64 = 1_767_225_600;
const BODY: &str = r#"{"type":"handoff.accepted","data":{"reference":"06F0Z8QZ8W7ZR8Q8QZ8W7ZR8QG","state":"accepted","amount":2500,"currency":"GBP","processor_reference":"P-1","code":"00","occurred_at":"2026-01-01T00:00:00Z","mode":"test"}}"#;

fn body() -> String {
    let reference = Reference::at(Timestamp::from_second(NOW).unwrap());
    BODY.replace("06F0Z8QZ8W7ZR8Q8QZ8W7ZR8QG", &reference.to_string())
}

fn headers(key: &Key, id: &str, sent: &str, body: impl AsRef<[u8]>) -> Headers {
    let tag = key.sign(&[id.as_bytes(), b".", sent.as_bytes(), b".", body.as_ref()]);
    let signature = format!("v1,{}", base64::engine::general_purpose::STANDARD.encode(tag));
    let mut headers = Headers::new();
    headers.insert("webhook-id", id.parse().unwrap());
    headers.insert("webhook-timestamp", sent.parse().unwrap());
    headers.insert("webhook-signature", signature.parse().unwrap());
    headers
}

fn hear(headers: &Headers, body: impl AsRef<[u8]>) -> Result<Notice, Forged> {
    // Its client takes longer to make than all the rest.
    static SIGNED: LazyLock<Signed> = LazyLock::new(|| signed(1, Some(2)));
    SIGNED.hear(headers, body.as_ref(), Timestamp::from_second(NOW).unwrap())
}

#[test]
fn w_8_either_key_of_a_rotation_and_no_other() {
    let body = body();
    for (key_byte, heard) in [(1, true), (2, true), (3, false)] {
        let result = hear(&headers(&key(key_byte), "msg_1", &NOW.to_string(), &body), &body);
        assert_eq!(result.is_ok(), heard, "{key_byte}");
    }
}

#[test]
fn w_2_the_public_library_signs_what_we_verify() {
    let body = body();
    let secret = base64::engine::general_purpose::STANDARD.encode((1..33).collect::<Vec<u8>>());
    let oracle = standardwebhooks::Webhook::new(&secret).unwrap();
    let mut headers = headers(&key(7), "msg_1", &NOW.to_string(), &body);
    headers.insert(
        "webhook-signature",
        oracle.sign("msg_1", NOW, body.as_bytes()).unwrap().parse().unwrap(),
    );
    assert!(hear(&headers, &body).is_ok());
}

#[test]
fn w_5_w_6_a_8_a_10_the_window_is_five_minutes_both_ways() {
    let body = body();
    for (offset, expected) in [
        (-301, Some(Forged::Stale)),
        (-300, None),
        (0, None),
        (300, None),
        (301, Some(Forged::Future)),
    ] {
        let result = hear(&headers(&key(1), "msg_1", &(NOW + offset).to_string(), &body), &body);
        assert_eq!(result.err(), expected, "{offset}");
    }
    let forged = headers(&key(3), "msg_1", &(NOW - 9999).to_string(), &body);
    assert_eq!(hear(&forged, &body).err(), Some(Forged::BadSignature));
}

#[test]
fn a_1_a_2_a_4_a_11_a_19_a_20_a_21_a_25_a_29_forgeries() {
    let body = body();
    let now = NOW.to_string();
    let good = headers(&key(1), "msg_1", &now, &body);
    assert_eq!(hear(&good, body.replace("2500", "1")).err(), Some(Forged::BadSignature));
    assert_eq!(hear(&good, format!("{body} ")).err(), Some(Forged::BadSignature));
    assert_eq!(hear(&Headers::new(), &body).err(), Some(Forged::Unsigned));
    for sent in ["1e9", "+1767225600", "1767225600.0", "", &"1".repeat(40)] {
        assert_eq!(
            hear(&headers(&key(1), "msg_1", sent, &body), &body).err(),
            Some(Forged::BadTimestamp),
            "{sent}"
        );
    }
    assert_eq!(hear(&headers(&key(1), "msg.1", &now, &body), &body).err(), Some(Forged::Unsigned));
    let tag = good["webhook-signature"].to_str().unwrap().to_owned();
    let with = |value: &str| {
        let mut headers = good.clone();
        headers.insert("webhook-signature", value.parse().unwrap());
        hear(&headers, &body).err()
    };
    assert_eq!(with(&tag.replace("v1,", "v0,")), Some(Forged::Unsigned));
    assert_eq!(with(&tag.replace("v1,", "none,")), Some(Forged::Unsigned));
    assert_eq!(with(""), Some(Forged::Unsigned));
    assert_eq!(with(&tag.to_lowercase()), Some(Forged::BadSignature));
    assert_eq!(with(&tag.replace('=', "")), Some(Forged::BadSignature));
    assert_eq!(with(&format!("v1,AAAA {tag}")), None);
    assert_eq!(with(&format!("{}{tag}", "v1,AAAA ".repeat(5))), Some(Forged::TooMany));
    let mut twice = good.clone();
    twice.append("webhook-signature", tag.parse().unwrap());
    assert_eq!(hear(&twice, &body).err(), Some(Forged::Duplicated));
}

#[test]
fn how_long_an_id_may_be_and_how_many_signatures_are_tried() {
    let body = body();
    let now = NOW.to_string();
    for (id, refused) in [
        ("", Some(Forged::Unsigned)),
        ("a b", Some(Forged::Unsigned)),
        (&"x".repeat(127), None),
        (&"x".repeat(128), None),
        (&"x".repeat(129), Some(Forged::Unsigned)),
        (&"x".repeat(130), Some(Forged::Unsigned)),
    ] {
        assert_eq!(hear(&headers(&key(1), id, &now, &body), &body).err(), refused, "{id}");
    }
    let good = headers(&key(1), "msg_1", &now, &body);
    let tag = good["webhook-signature"].to_str().unwrap();
    for (signatures, refused) in [
        (format!("{tag} {tag}"), None),
        (format!("{}{tag}", "v1,AAAA ".repeat(4)), None),
        (format!("{tag}{}", " v1,AAAA".repeat(5)), Some(Forged::TooMany)),
        (format!("{tag}{}", " v1,AAAA".repeat(6)), Some(Forged::TooMany)),
        (format!("{tag}{}", " v2,AAAA".repeat(9)), None),
    ] {
        let mut with = good.clone();
        with.insert("webhook-signature", signatures.parse().unwrap());
        assert_eq!(hear(&with, &body).err(), refused, "{signatures}");
    }
    let padded = headers(&key(1), "msg_1", &format!("{NOW:013}"), &body);
    assert_eq!(hear(&padded, &body).err(), Some(Forged::BadTimestamp));
    let padded = headers(&key(1), "msg_1", &format!("{NOW:012}"), &body);
    assert_eq!(hear(&padded, &body).err(), None);
}

#[test]
fn all_that_it_says_is_evidence() {
    let said = |from: &str, to: &str| {
        let body = body().replace(from, to);
        hear(&headers(&key(1), "msg_1", &NOW.to_string(), &body), &body).unwrap()
    };
    let notice = said("00:00:00Z", "00:00:00.1234567Z");
    assert_eq!(notice.reference.made_at().as_second(), NOW);
    assert_eq!((notice.parts, notice.ours), (None, true));
    let evidence = notice.evidence;
    assert_eq!(evidence.source, Source::Notice);
    assert_eq!(evidence.fact, Fact::Outcome(Outcome::Accepted));
    assert_eq!(
        evidence.amount,
        amount::currency("GBP").and_then(|gbp| Amount::new(2500, gbp)).ok()
    );
    assert_eq!(evidence.mode, Some(Mode::Test));
    assert_eq!(evidence.processor_reference, ProcessorText::parse("P-1"));
    assert_eq!(evidence.code, ProcessorText::parse("00"));
    assert_eq!(evidence.occurred_at.as_microsecond(), NOW * 1_000_000 + 123_456);
    for (from, to) in [(",\"mode\":\"test\"", ""), ("\"mode\":\"test\"", "\"mode\":\"\"")] {
        assert_eq!(said(from, to).evidence.mode, None, "{to}");
    }
}

/// However the processor's own words look, no card number is among them.
#[test]
fn inv_8_a_card_number_is_no_reference_and_no_code() {
    let body = body().replace("P-1", "4242424242424242").replace("\"00\"", "\"4242424242424242\"");
    let heard = hear(&headers(&key(1), "msg_1", &NOW.to_string(), &body), &body).unwrap();
    assert_eq!((heard.evidence.processor_reference, heard.evidence.code), (None, None));
}

#[test]
fn what_nobody_signed_is_not_read() {
    let good = headers(&key(1), "msg_1", &NOW.to_string(), body());
    for nonsense in ["", "{", "<html>", "{\"data\":{}}", "{\"data\":{},\"data\":{}}"] {
        assert_eq!(hear(&good, nonsense).err(), Some(Forged::BadSignature), "{nonsense}");
        assert_eq!(hear(&Headers::new(), nonsense).err(), Some(Forged::Unsigned), "{nonsense}");
    }
}

#[test]
fn a_17_words_we_do_not_know_are_kept_and_nonsense_is_refused() {
    let said = |from: &str, to: &str| {
        let body = body().replace(from, to);
        hear(&headers(&key(1), "msg_1", &NOW.to_string(), &body), &body)
    };
    assert_eq!(
        said("accepted\",\"amount", "on_hold\",\"amount").unwrap().evidence.fact,
        Fact::Unrecognised
    );
    assert_eq!(
        said("accepted\",\"amount", "refunded\",\"amount").unwrap().evidence.fact,
        Fact::Development(Development::Refunded)
    );
    assert_eq!(
        said("accepted\",\"amount", &format!("{}\",\"amount", "x".repeat(32)))
            .unwrap()
            .evidence
            .fact,
        Fact::Unrecognised
    );
    let long = "x".repeat(33);
    let wrong = [
        ("accepted\",\"amount", format!("{long}\",\"amount")),
        ("accepted\",\"amount", "\",\"amount".to_owned()),
        ("accepted\",\"amount", "on hold\",\"amount".to_owned()),
        ("accepted\",\"amount", "ACCEPTED\",\"amount".to_owned()),
        ("2026-01-01T00:00:00Z", "1999-12-31T23:59:59Z".to_owned()),
        ("2500", "25.00".to_owned()),
        ("\"amount\":2500", "\"amount\":2500,\"amount\":2500".to_owned()),
        ("2026-01-01T00:00:00Z", "9999-12-31T00:00:00Z".to_owned()),
        ("2026-01-01T00:00:00Z", "1767225600".to_owned()),
        ("\"mode\":\"test\"", "\"mode\":\"demo\"".to_owned()),
    ];
    for (from, to) in wrong {
        assert_eq!(said(from, &to).err(), Some(Forged::Grammar), "{to}");
    }
}

#[test]
fn copies_of_a_message_have_one_id() {
    let body = body();
    let heard =
        |id: &str| hear(&headers(&key(1), id, &NOW.to_string(), &body), &body).unwrap().evidence.id;
    assert_eq!(heard("msg_1"), heard("msg_1"));
    assert_ne!(heard("msg_1"), heard("msg_2"));
}

#[test]
fn inv_7_what_only_decorates_never_drops_an_outcome() {
    let said = |from: &str, to: &str| {
        let body = body().replace(from, to);
        hear(&headers(&key(1), "msg_1", &NOW.to_string(), &body), &body).unwrap().evidence
    };
    let accepted = Fact::Outcome(Outcome::Accepted);
    let evidence = said("P-1", "Pat Example");
    assert_eq!((evidence.fact, evidence.processor_reference), (accepted, None));
    let evidence = said("\"code\":\"00\"", "\"code\":\"Do not honour\"");
    assert_eq!((evidence.fact, evidence.code), (accepted, None));
    for (from, to) in [("2500", "0"), ("2500", "-1"), ("GBP", "gbp"), ("\"amount\":2500,", "")] {
        let evidence = said(from, to);
        assert_eq!((evidence.fact, evidence.amount), (accepted, None), "{to}: kept, as a mismatch");
    }
}

#[test]
fn b_9_a_signature_does_not_make_bytes_a_text() {
    let mut body = body().into_bytes();
    assert!(hear(&headers(&key(1), "msg_1", &NOW.to_string(), &body), &body).is_ok());
    // Within a field that is not read.
    let place = body.windows(8).position(|window| window == b"accepted").unwrap();
    body[place] = 0xc4;
    let heard = hear(&headers(&key(1), "msg_1", &NOW.to_string(), &body), &body);
    assert_eq!(heard.err(), Some(Forged::Grammar));
}
