//! Keys: what is taken, what is signed and verified, in which time.

#![expect(clippy::string_slice, reason = "numbers and texts of the tests' own")]

use super::*;

#[test]
fn w_4_only_webhook_secrets_of_24_to_64_bytes() {
    use base64::Engine as _;
    let secret = |bytes: usize| {
        let raw: Vec<u8> = (0..bytes).map(|b| u8::try_from(b % 251).unwrap()).collect();
        format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(raw))
    };
    for (bytes, good) in [(23, false), (24, true), (64, true), (65, false)] {
        assert_eq!(Key::webhook(secret(bytes).as_bytes()).is_ok(), good, "{bytes}");
    }
    for wrong in ["", "whsec_", "whsec_!!!!", &secret(32)[6..]] {
        assert_eq!(Key::webhook(wrong.as_bytes()).unwrap_err(), WeakKey::NotWebhook);
    }
}

#[test]
fn a_phrase_is_appended_to_what_it_signs() {
    let request = b"<request><command>heartbeat</command><username>admin</username>\
        <timestamp>1508513754</timestamp></request>";
    let tag = hex::decode("3274f2273abf50e8b31a9fe4aca6874546fe9f5d57d37bcc79165c11e6a24da0");
    let phrases = |current: &[u8], next: Option<&[u8]>| Phrases {
        current: Phrase::new(current).unwrap(),
        next: next.and_then(Phrase::new),
    };
    let tag = tag.unwrap();
    assert!(phrases(b"1234567890", None).verify::<Sha256>(&[request], &tag));
    assert!(phrases(b"another", Some(b"1234567890")).verify::<Sha256>(&[request], &tag));
    assert!(!phrases(b"another", None).verify::<Sha256>(&[request], &tag));
    assert!(!phrases(b"1234567890", None).verify::<Sha256>(&[request], &tag[..31]));
    assert!(Phrase::new(b"").is_none());
}

#[test]
fn g_3_short_and_guessable_secrets_are_refused() {
    for (text, why) in [("changeme", WeakKey::Short), (&"a".repeat(32), WeakKey::Guessable)] {
        assert_eq!(Key::new(text.as_bytes()).unwrap_err(), why);
    }
}

#[test]
fn g_3_how_short_is_too_short() {
    let text: Vec<u8> = (1..=24).collect();
    assert!(Key::new(&text).is_ok());
    assert_eq!(Key::new(&text[..23]).unwrap_err(), WeakKey::Short);
    for (bytes, short) in [(1, true), (15, true), (16, false), (17, false)] {
        assert_eq!(Phrase::new(&text[..bytes]).unwrap().is_short(), short, "{bytes}");
    }
}

#[test]
fn no_secret_is_printed() {
    let key = Key::new(b"0123456789abcdef0123456789abcdef").unwrap();
    assert_eq!(format!("{key:?}"), "[key]");
    assert_eq!(format!("{:?}", Phrase::new(b"hunter2").unwrap()), "[phrase]");
}

#[test]
fn what_is_random_is_never_the_same() {
    assert_ne!(random::<32>().unwrap(), random::<32>().unwrap());
    let tag = Key::fresh().unwrap().sign(&[b"a"]);
    assert!(!Key::fresh().unwrap().verify(&[b"a"], &tag));
}

/// As a rotation begins, or ends, where somebody wrote the one secret in both places.
#[test]
fn w_8_the_next_key_may_be_the_current_one() {
    let key = || Key::new(b"0123456789abcdef0123456789abcdef").unwrap();
    let keys = Keys { current: key(), next: Some(key()) };
    assert!(keys.verify(&[b"a"], &key().sign(&[b"a"])));
    let phrase = || Phrase::new(b"hunter2").unwrap();
    let phrases = Phrases { current: phrase(), next: Some(phrase()) };
    assert!(phrases.verify::<Sha256>(&[b"a"], &phrase().digest::<Sha256>(&[b"a"])));
}

#[test]
fn either_key_of_a_rotation_verifies_and_the_current_one_signs() {
    let key = |b: u8| Key::new(&(b..b + 32).collect::<Vec<u8>>()).unwrap();
    let old = key(1).sign(&[b"a", b"b"]);
    let keys = Keys { current: key(2), next: Some(key(1)) };
    assert!(keys.verify(&[b"ab"], &old));
    assert!(!keys.verify(&[b"ac"], &old));
    assert!(!Keys { current: key(2), next: None }.verify(&[b"ab"], &old));
    assert!(!keys.verify(&[b"ab"], &old[..31]));
}
