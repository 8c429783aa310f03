use super::*;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

fn redactor() -> Redactor {
    Redactor::new().unwrap()
}

/// The text as it is written, and what was found.
fn blotted(text: &str) -> (String, Vec<Kind>) {
    let mut line = Map::from_iter([("reason".to_owned(), json!(text))]);
    let found = redactor().blot(&mut line);
    (line["reason"].as_str().unwrap().to_owned(), found)
}

#[test]
fn g_r1_each_kind_is_blotted_out() {
    for (text, clean, kind) in [
        ("of 4929420573595709.", "of [redacted].", Kind::Card),
        ("of 4929 4205 7359 5709.", "of [redacted].", Kind::Card),
        ("of 4929-4205-7359-5709.", "of [redacted].", Kind::Card),
        ("x4929420573595709x", "x[redacted]x", Kind::Card),
        ("3782 822463 10005", "[redacted]", Kind::Card),
        ("4929420573595709 4929420573595709", "[redacted]", Kind::Card),
        ("4929420573595709 12/27", "[redacted]/27", Kind::Card),
        ("49294205735957094929420573595709", "[redacted]", Kind::Card),
        ("\"cvc\":\"123\"", "\"[redacted]\"", Kind::Named),
        ("cv2=123&x=1", "[redacted]&x=1", Kind::Named),
        ("CardHolder: Pat Example", "[redacted]", Kind::Named),
        ("card: of cvc=123", "[redacted]", Kind::Named),
        ("pan=cvc=123&x=1", "[redacted]&x=1", Kind::Named),
        ("sort code 20-47-61", "sort code [redacted]", Kind::Bank),
        ("204761 70872490", "[redacted]", Kind::Bank),
        ("204761, 70872490", "[redacted]", Kind::Bank),
        ("to pat@example.org now", "to [redacted] now", Kind::Email),
        ("email=p%C3%A4t%40example.org", "email=[redacted]", Kind::Email),
        ("pät@example.org", "[redacted]", Kind::Email),
    ] {
        assert_eq!(blotted(text), (clean.to_owned(), vec![kind]), "{text}");
    }
    // As long as a reference, and none; as long as a hash, and one.
    let long = format!("{}4929420573595709", "0".repeat(10));
    assert_eq!(blotted(&long), ("[redacted]".to_owned(), vec![Kind::Card]));
    let hash = format!("{}4929420573595709", "0".repeat(48));
    assert_eq!(blotted(&hash), (hash, vec![]));
    let both = blotted("4929420573595709 pat@example.org");
    assert_eq!(both, ("[redacted] [redacted]".to_owned(), vec![Kind::Card, Kind::Email]));
}

/// A name that figures hide is one once they are blotted out.
#[test]
fn g_r1_a_second_look_finds_no_more() {
    for text in ["4929420573595709cvc=123", "4929420573595709card: 4929420573595709cvc=123"] {
        let (clean, found) = blotted(text);
        assert!(!clean.contains("123"), "{clean}");
        assert_eq!(found, [Kind::Card, Kind::Named], "{text}");
        assert_eq!(blotted(&clean), (clean, vec![]));
    }
}

#[test]
fn g_r1_each_kind_has_a_word_of_its_own() {
    let kinds = [Kind::Card, Kind::Named, Kind::Bank, Kind::Email, Kind::Unreadable];
    assert_eq!(kinds.map(Kind::word), ["card", "named", "bank", "email", "unreadable"]);
}

#[test]
fn g_r1_a_field_with_a_name_of_a_card_s_holds_nothing() {
    for name in ["card", "card_number", "cardNumber", "cvc", "CVV2", "pan", "the-pan", "sort_code"]
    {
        let mut line = Map::from_iter([(name.to_owned(), json!({ "a": 1 }))]);
        assert_eq!(redactor().blot(&mut line), [Kind::Named], "{name}");
        assert_eq!(line[name], REDACTED, "{name}");
    }
    for number in [
        json!(4_929_420_573_595_709_u64),
        json!(-4_929_420_573_595_709_i64),
        json!(4_929_420_573_595_709.0),
    ] {
        let fields = json!({ "fields": [{ "count": number }] });
        let mut line = fields.as_object().unwrap().clone();
        assert_eq!(redactor().blot(&mut line), [Kind::Card], "{number}");
        assert_eq!(line["fields"][0]["count"], REDACTED, "{number}");
    }
}

#[test]
fn what_is_no_card_stays() {
    for text in [
        "4929420573595708",
        "1234567890123456",
        // Looked into only where it is longer than a card number can be.
        "4929420573595709000",
        "company=1 panic=2",
        "src/payment/card.rs:178:9",
        "2026-11-01 2026-11-30",
        "2026-11-26T10:43:40.123456Z",
        "203.0.113.0/24",
        "the ledger is closed: see docs/ledgers.md",
    ] {
        assert_eq!(blotted(text), (text.to_owned(), vec![]), "{text}");
    }
}

/// Adds the digit that makes it pass.
fn with_check_digit(mut figures: Vec<u8>) -> Vec<u8> {
    for check in b'0'..=b'9' {
        figures.push(check);
        if passes_luhn(&figures) {
            break;
        }
        figures.pop();
    }
    figures
}

/// What our own lines hold.
fn of_our_own() -> impl Strategy<Value = Value> {
    let second = 0_i64..4_000_000_000;
    prop_oneof![
        (second.clone(), 0_i32..1_000_000).prop_map(|(second, micro)| {
            json!(Timestamp::new(second, micro.saturating_mul(1000)).unwrap().to_string())
        }),
        second.clone().prop_map(|second| {
            json!(Reference::at(Timestamp::from_second(second).unwrap()).to_string())
        }),
        second.clone().prop_map(|second| {
            let reference = Reference::at(Timestamp::from_second(second).unwrap());
            json!(format!("the hand-off {reference} is known under another"))
        }),
        second.prop_map(|second| {
            let at = Timestamp::from_second(second).unwrap().to_string();
            json!(at.split('T').next().unwrap())
        }),
        any::<u128>().prop_map(|bits| {
            json!(uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().to_string())
        }),
        any::<[u8; 32]>().prop_map(|bytes| json!(hex::encode(bytes))),
        any::<std::net::SocketAddr>().prop_map(|address| json!(address.to_string())),
        any::<[u8; 3]>().prop_map(|[a, b, c]| json!(format!("{a}.{b}.{c}.0/24"))),
        (0_u64..1_000_000_000_000).prop_map(|count| json!(count)),
        (-1_000_000_000_000_i64..0).prop_map(|seconds| json!(seconds)),
        any::<bool>().prop_map(|flag| json!(flag)),
        proptest::collection::vec(1000_u16..9999, 0..20).prop_map(|codes| {
            json!(codes.iter().map(u16::to_string).collect::<Vec<_>>().join(","))
        }),
        proptest::collection::vec("[a-z_]{1,20}", 1..8).prop_map(|words| json!(words.join(","))),
    ]
}

proptest! {
    #[test]
    fn g_r1_nothing_of_our_own_is_ever_taken_for_a_leak(
        values in proptest::collection::vec(of_our_own(), 1..12)
    ) {
        let names = (0..).map(|nth| format!("field_{nth}"));
        let mut line: Map<String, Value> = names.zip(values).collect();
        let before = line.clone();
        prop_assert_eq!(redactor().blot(&mut line), vec![]);
        prop_assert_eq!(line, before);
    }

    #[test]
    fn g_r1_f_14_a_card_number_is_found_wherever_it_stands(
        figures in proptest::collection::vec(b'0'..=b'9', 12..19),
        gaps in proptest::collection::vec(prop_oneof![3 => Just(""), 1 => Just(" "), 1 => Just("-")], 19),
        before in "(.*[^0-9 -])?",
        after in "([^0-9 -].*)?",
    ) {
        let figures = with_check_digit(figures);
        let mut written = String::new();
        for (nth, (figure, gap)) in figures.iter().zip(gaps).enumerate() {
            written += if nth == 0 { "" } else { gap };
            written.push(char::from(*figure));
        }
        let (clean, found) = blotted(&format!("{before}{written}{after}"));
        prop_assert!(found.contains(&Kind::Card), "{written}");
        prop_assert!(!clean.contains(&written), "{clean}");
    }
}
