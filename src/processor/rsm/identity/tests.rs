use super::*;
use crate::keys::Phrase;
use proptest::prelude::*;

const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";
/// rsm-protocol.md, 4.2, the worked example.
const EXAMPLE: &str = "uniqueid=100017&title=Mr&forename=Pat&surname=O%27Neil+%26+Son&purchase=20.00&donation=5.00&authAmount=25.00&transId=286433088&transStatus=Y&transTime=1411035063000&rawAuthMessage=cardbe.msg.authorised&cardType=Visa&baseStatus=OK";
const PROVED: &str = "42da9da6f56aa50b487fdef587f987c8aec7c10e";

fn secrets() -> Phrases {
    Phrases { current: Phrase::new(KEY).unwrap(), next: None }
}

fn read(body: &[u8]) -> Result<Vec<Parameter>, Forged> {
    authentic(body, Canonical::RawOrderDecodedOnce, &secrets())
}

/// A rightly signed body, made by its own reading of the formula.
fn signed(parameters: &str, text: &[u8]) -> String {
    format!(
        "{parameters}&IdentityCheck={}",
        hex::encode(Phrase::new(KEY).unwrap().digest::<Sha1>(&[text]))
    )
}

#[test]
fn the_worked_example_wherever_the_proof_stands() {
    let proof = format!("IdentityCheck={PROVED}");
    for body in [
        format!("{EXAMPLE}&{proof}"),
        format!("{proof}&{EXAMPLE}"),
        EXAMPLE.replace("&purchase", &format!("&{proof}&purchase")),
    ] {
        let parameters = read(body.as_bytes()).unwrap();
        assert_eq!(parameters.len(), 13);
        assert!(parameters.contains(&(b"surname".to_vec(), b"O'Neil & Son".to_vec())));
    }
}

#[test]
fn either_secret_of_a_rotation_proves_and_no_other() {
    let body = format!("{EXAMPLE}&IdentityCheck={PROVED}");
    let phrase = |text: &[u8]| Phrase::new(text).unwrap();
    let with = |current: &[u8], next: Option<&[u8]>| {
        let secrets = Phrases { current: phrase(current), next: next.map(phrase) };
        authentic(body.as_bytes(), Canonical::RawOrderDecodedOnce, &secrets)
    };
    assert!(with(b"the one that follows", Some(KEY)).is_ok());
    assert_eq!(with(b"the one that follows", None), Err(Forged::BadSignature));
}

#[test]
fn a_1_a_2_a_4_a_19_a_29_only_the_documented_form_of_the_right_proof() {
    let with = |proof: &str| read(format!("{EXAMPLE}&IdentityCheck={proof}").as_bytes());
    assert_eq!(read(EXAMPLE.as_bytes()), Err(Forged::Unsigned));
    for wrong in [
        "",
        "0",
        &"0".repeat(40),
        PROVED.trim_end_matches('e'),
        &format!("{PROVED}0"),
        &PROVED.to_uppercase(),
        &format!("+{PROVED}"),
        &format!("{PROVED}+"),
        &format!("0x{PROVED}"),
        "Qtqdpvu9pQtIf971h/mHyK7HwQ4=",
    ] {
        assert_eq!(with(wrong), Err(Forged::BadSignature), "{wrong}");
    }
    let doubled = format!("{PROVED}&IdentityCheck={PROVED}");
    assert_eq!(with(&doubled), Err(Forged::Duplicated));
    assert_eq!(with(&format!("{PROVED}&identitycheck={PROVED}")), Err(Forged::Duplicated));
    let lower = format!("{EXAMPLE}&identitycheck={PROVED}");
    assert_eq!(read(lower.as_bytes()), Err(Forged::Unsigned));
    let tampered = EXAMPLE.replace("20.00", "10.00");
    assert_eq!(
        read(format!("{tampered}&IdentityCheck={PROVED}").as_bytes()),
        Err(Forged::BadSignature)
    );
}

#[test]
fn re_ordered_and_re_encoded() {
    let (first, rest) = EXAMPLE.split_once('&').unwrap();
    let reordered = format!("{rest}&{first}");
    let body = format!("{reordered}&IdentityCheck={PROVED}");
    assert_eq!(read(body.as_bytes()), Err(Forged::BadSignature));
    // Another spelling of the same bytes says the same.
    let spelt = EXAMPLE.replace("%27", "'").replace("+%26+", "%20%26%20").replace("Pat", "%50at");
    assert!(read(format!("{spelt}&IdentityCheck={PROVED}").as_bytes()).is_ok());
}

#[test]
fn b_11_a_name_is_whatever_bytes_it_is() {
    for (encoded, bytes) in
        [("Andr%E9", b"surname=Andr\xE9".as_slice()), ("Andr%C3%A9", "surname=André".as_bytes())]
    {
        let body = signed(&format!("surname={encoded}"), bytes);
        assert!(read(body.as_bytes()).is_ok(), "{encoded}");
    }
    assert!(read(signed("a=%2526", b"a=%26").as_bytes()).is_ok(), "decoded once");
}

#[test]
fn a_23_b_4_padding_and_doubled_names_are_refused_though_signed() {
    let padded = signed("a=1%80%00%00&uniqueid=2", b"a=1\x80\0\0&uniqueid=2");
    assert_eq!(read(padded.as_bytes()), Err(Forged::Grammar));
    for doubled in ["uniqueid=1&uniqueid=2", "uniqueid=1&UniqueID=2", "transId=1&transid=1"] {
        let body = signed(doubled, doubled.as_bytes());
        assert_eq!(read(body.as_bytes()), Err(Forged::Duplicated), "{doubled}");
    }
}

#[test]
fn how_many_parameters_are_looked_at() {
    let with = |count: usize| {
        let names: Vec<_> = (1..count).map(|nth| format!("n{nth}=1")).collect();
        let text = names.join("&");
        read(signed(&text, text.as_bytes()).as_bytes()).map(|parameters| parameters.len())
    };
    assert_eq!(with(256), Ok(255));
    assert_eq!(with(257), Err(Forged::TooMany));
    assert_eq!(with(258), Err(Forged::TooMany));
}

#[test]
fn what_is_empty_is_no_parameter_and_what_has_no_value_is_one() {
    let parameters = read(signed("&a=1&&b&", b"a=1&b=").as_bytes()).unwrap();
    assert_eq!(parameters, [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), vec![])]);
    let named = signed("a%0A=1", b"a\n=1");
    assert_eq!(read(named.as_bytes()), Err(Forged::Grammar), "in a name too");
}

#[test]
fn the_other_canonical_forms() {
    let digest = |text: &[u8]| hex::encode(Phrase::new(KEY).unwrap().digest::<Sha1>(&[text]));
    for (canonical, text) in [
        (Canonical::RawOrderDecodedOnce, "b=x y&a=1".to_owned()),
        (Canonical::RawOrderUndecoded, "b=x+y&a=1".to_owned()),
        (Canonical::NameOrderDecodedOnce, "a=1&b=x y".to_owned()),
    ] {
        let body = format!("b=x+y&IdentityCheck={}&a=1", digest(text.as_bytes()));
        for tried in [
            Canonical::RawOrderDecodedOnce,
            Canonical::RawOrderUndecoded,
            Canonical::NameOrderDecodedOnce,
        ] {
            let result = authentic(body.as_bytes(), tried, &secrets());
            assert_eq!(result.is_ok(), tried == canonical, "{tried:?} of {canonical:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_panic_and_none_are_believed(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read(&body).is_err());
    }
}
