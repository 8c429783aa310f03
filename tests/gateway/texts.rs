//! Table B, rows 7, 8, 13, 14 and 20 to 25: what stands in a field.

use super::doors::Doors;
use super::house::House;
use super::samples::{fresh, gift, pointer, request_with};
use super::visitor::{created, handed};

/// Texts that some reader on the way might take for more than a text.
const NASTY: [&str; 8] = [
    "'; DROP TABLE hand_off; --",
    "\" OR \"\"=\"",
    "Robert'); DELETE FROM event;--",
    "a&amount=1",
    "a=1;amount=1",
    "%41%00%26amount%3D1",
    "</name><amount>0</amount>",
    "$(reboot) `id` {{7*7}} ${7*7}",
];

/// Both doors take this text, and the processor gets exactly it.
async fn arrives(doors: &Doors, field: &str, value: &str) {
    let by_form = doors.house.donate(&[(field, value)]).await;
    let by_api = doors.house.try_create(&request_with(&pointer(field), value.into())).await;
    assert_eq!(by_api.status, 201, "{field}: {value:?}: {}", by_api.body);
    for (reference, fields) in [handed(&by_form), created(&by_api)] {
        doors.house.arrive(&fields).await;
        let books = doors.house.mock.books();
        assert!(books.contact_is(&reference, field, value), "{field}: {value:?}");
        assert_eq!(books.payment(&reference).unwrap().asked.amount.minor(), 2500);
    }
}

#[tokio::test]
async fn b_7_longer_than_a_field_may_be() {
    let doors = Doors::open().await;
    let long_mail = format!("{}@{}.example.org", "a".repeat(60), "b".repeat(190));
    for (field, value) in [
        ("title", "M".repeat(21)),
        ("first_name", "a".repeat(101)),
        ("last_name", "ü".repeat(101)),
        ("email", long_mail),
        ("phone", "0".repeat(21)),
        ("line1", "a".repeat(101)),
        ("line2", "a".repeat(101)),
        ("town", "a".repeat(101)),
        ("county", "a".repeat(101)),
        ("postcode", "A1".repeat(7)),
        ("country", "GBR".to_owned()),
    ] {
        doors.refuse(field, &value, "too_long").await;
        doors.refuse(field, &"a".repeat(1000), "too_long").await;
    }
    for field in ["appeal", "merchant_reference", "plan", "method", "frequency", "amount"] {
        let answer = doors.form(&[(field, &"1".repeat(1000))]).await;
        assert_eq!((answer.status, answer.wrong_fields()), (422, vec![field.to_owned()]));
        if field != "amount" {
            let answer = doors.api(&format!("/{field}"), "1".repeat(1000)).await;
            assert_eq!((answer.status, answer.wrong_fields()), (422, vec![format!("/{field}")]));
        }
    }
    doors.nothing_is_kept().await;
    arrives(&doors, "first_name", &"ü".repeat(100)).await;
}

/// Elsewhere they have other forms, and none of ours.
#[tokio::test]
async fn a_postcode_of_the_uk_has_the_form_of_one_at_both_doors() {
    let doors = Doors::open().await;
    for text in ["ZZ", "12345", "SW1A", "ZZ9 9ZZ", "M1-1AA"] {
        doors.refuse("postcode", text, "malformed").await;
    }
    doors.nothing_is_kept().await;
    let page = doors.form(&[("postcode", "ZZ")]).await;
    let advice =
        "This is not a UK postcode: enter all of it, like SW1A 1AA, or choose another country";
    assert_eq!(
        page.body.matches(advice).count(),
        2,
        "in the summary and by the field: {}",
        page.body
    );
    let token = doors.house.token("/donate").await;
    let fields = super::samples::with_changes(&gift(&token), &[("postcode", "ZZ")]);
    let page = doors.house.post_form("/donate?lang=cy", &fields).await;
    assert!(page.body.contains("Nid cod post yn y DU yw hwn"), "{}", page.body);
    for text in ["sw1a1aa", "GIR 0AA", "BF1 2AU", "CF10 1AA"] {
        arrives(&doors, "postcode", text).await;
    }
    let abroad = doors.house.donate(&[("postcode", "1011"), ("country", "NL")]).await;
    handed(&abroad);
}

#[tokio::test]
async fn b_8_control_characters_in_a_line() {
    let doors = Doors::open().await;
    for text in
        ["a\0b", "a\rb", "a\nb", "a\r\nBcc: x", "a\tb", "a\u{1b}[31mb", "a\u{7f}b", "a\u{85}b"]
    {
        for field in ["first_name", "line2", "town", "phone", "email", "title"] {
            doors.refuse(field, text, "ctrl_char").await;
        }
        for field in ["appeal", "merchant_reference", "amount", "method", "frequency", "gift_aid"] {
            let answer = doors.form(&[(field, text)]).await;
            assert_eq!(
                (answer.status, answer.wrong_fields()),
                (422, vec![field.to_owned()]),
                "{text:?}"
            );
        }
        for place in
            ["/appeal", "/merchant_reference", "/kind", "/method", "/frequency", "/amount/currency"]
        {
            let answer = doors.api(place, text).await;
            assert_eq!(answer.status, 422, "{place}: {}", answer.body);
            assert!(answer.wrong_fields().contains(&place.to_owned()), "{place}: {}", answer.body);
        }
    }
    doors.nothing_is_kept().await;
}

#[tokio::test]
async fn b_13_b_14_decoded_once_and_parted_at_ampersands_alone() {
    let doors = Doors::open().await;
    arrives(&doors, "line2", "%41").await;
    arrives(&doors, "line2", "%2541 + 1").await;
    arrives(&doors, "line2", "a;amount=1.00;b").await;
    let token = doors.house.token("/donate").await;
    let fields = gift(&token).into_iter().filter(|(name, _)| name != "town");
    let body = super::samples::encoded(&fields.collect::<Vec<_>>());
    let answer = doors.house.post_raw("/donate", format!("{body}&town=%2541;county=x")).await;
    let (reference, fields) = handed(&answer);
    doors.house.arrive(&fields).await;
    assert!(doors.house.mock.books().contact_is(&reference, "town", "%41;county=x"));
}

#[tokio::test]
async fn b_20_what_cannot_be_seen_is_refused_and_look_alikes_are_names() {
    let doors = Doors::open().await;
    for unseen in [
        '\u{202E}', '\u{202A}', '\u{2066}', '\u{200E}', '\u{200F}', '\u{061C}', '\u{200B}',
        '\u{2060}', '\u{FEFF}', '\u{2028}',
    ] {
        for field in ["first_name", "line1", "county"] {
            doors.refuse(field, &format!("Pat{unseen}Example"), "bidi").await;
        }
    }
    doors.nothing_is_kept().await;
    for name in ["Р\u{0430}t", "Pаt", "نرگس", "می\u{200C}خواهم", "क\u{94D}\u{200D}ष"]
    {
        arrives(&doors, "first_name", name).await;
    }
    // A look-alike is a name, never a code.
    let answer = doors.form(&[("appeal", "XM\u{0410}S26")]).await;
    assert_eq!((answer.status, answer.wrong_fields()), (422, vec!["appeal".to_owned()]));
}

#[tokio::test]
async fn b_21_real_names_are_welcome() {
    let doors = Doors::open().await;
    for name in [
        "O'Brien",
        "D\u{2019}Arcy",
        "Nguyễn Thị Ngọc",
        "王",
        "Ng",
        "Smith-Jones",
        "Łukasz",
        "Bláth Ní Éigeartaigh",
        "van der Berg",
        "Ŵyn",
    ] {
        arrives(&doors, "last_name", name).await;
    }
}

#[tokio::test]
async fn b_22_text_is_signed_as_it_was_typed() {
    let doors = Doors::open().await;
    arrives(&doors, "last_name", "Ame\u{301}lie").await;
    arrives(&doors, "last_name", "Am\u{e9}lie").await;
}

#[tokio::test]
async fn b_23_b_25_texts_stay_texts_all_the_way() {
    let doors = Doors::open().await;
    for text in NASTY {
        for field in ["first_name", "last_name", "line1", "town"] {
            arrives(&doors, field, text).await;
        }
        for field in ["appeal", "merchant_reference", "plan", "return_url", "client_token"] {
            let answer = doors.form(&[(field, text)]).await;
            assert!([400, 403, 422].contains(&answer.status), "{field}: {text}: {}", answer.status);
        }
    }
    let (hand_offs, _) = doors.house.recorded().await;
    assert_eq!(hand_offs, i64::try_from(NASTY.len() * 4 * 2).unwrap());
}

/// No statement is put together from pieces: whatever a row may hold is a parameter.
#[test]
fn b_23_statements_are_written_not_made() {
    let mut rooms =
        vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/ledger"))];
    while let Some(room) = rooms.pop() {
        for entry in std::fs::read_dir(room).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                rooms.push(entry);
                continue;
            }
            let text = std::fs::read_to_string(&entry).unwrap();
            for made in text.split("format!(").skip(1) {
                let made: String = made.chars().take(200).collect();
                for word in ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "PRAGMA "] {
                    assert!(!made.contains(word), "{}: {made}", entry.display());
                }
            }
        }
    }
}

/// What the processor is posted is one field for each, whatever stands in it.
#[tokio::test]
async fn b_25_the_processor_sees_the_fields_that_were_sent_and_no_more() {
    let house = House::new().await;
    let answer =
        house.create(&request_with("/contact/first_name", "a&amount=1&x=y".into()), &fresh()).await;
    let (_, fields) = created(&answer);
    let amounts: Vec<_> = fields.iter().filter(|(name, _)| name == "amount").collect();
    assert_eq!(amounts, [&("amount".to_owned(), "2500".to_owned())]);
    assert!(!fields.iter().any(|(name, _)| name == "x"));
    house.arrive(&fields).await;
}
