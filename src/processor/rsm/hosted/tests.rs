use super::*;
use crate::payment::Kind;
use crate::processor::rsm::samples::{contact, hand_off, rsm};

fn posted(rsm: &Rsm, kind: Kind, method: Method) -> (String, Vec<(&'static str, String)>, String) {
    let hand_off = hand_off(kind, method);
    let redirect = rsm.redirect(&hand_off, &contact("", "").unwrap()).unwrap();
    let fields = redirect.fields.iter().map(|(name, value)| (*name, value.to_string())).collect();
    (redirect.url.to_string(), fields, hand_off.reference.to_string())
}

fn get<'a>(fields: &'a [(&'static str, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
}

#[test]
fn a_donation_on_the_campaign_page() {
    let (url, fields, reference) = posted(&rsm(), Kind::Donate, Method::Card);
    assert_eq!(url, "https://rsm.test/cpterminal/cpweb.php");
    for (name, value) in [
        ("campaign", Some("3835.8965")),
        ("vendorid", None),
        ("uniqueid", Some(reference.as_str())),
        ("donationfix", Some("25.00")),
        ("purchasefix", None),
        ("appealcode", Some("XMAS16")),
        ("giftaid", Some("Y")),
        ("firstname", Some("Pat")),
        ("country", Some("GBR")),
    ] {
        assert_eq!(get(&fields, name), value, "{name}");
    }
}

#[test]
fn the_vendor_page_knows_us_by_number_and_a_membership_is_bought() {
    let mut rsm = rsm();
    if let Some(page) = &mut rsm.card {
        page.kind = CardPageKind::Vendor;
    }
    let (_, fields, _) = posted(&rsm, Kind::Join, Method::Card);
    for (name, value) in [
        ("campaign", None),
        ("vendorid", Some("8953")),
        ("donationfix", None),
        ("purchasefix", Some("25.00")),
        ("giftaid", Some("N")),
    ] {
        assert_eq!(get(&fields, name), value, "{name}");
    }
}

#[test]
fn a_membership_on_the_debit_page() {
    let (url, fields, reference) = posted(&rsm(), Kind::Join, Method::DirectDebit);
    assert_eq!(url, "https://rsm.test/directdebit/dd.php");
    for (name, value) in [
        ("campaign", "3835.8965"),
        ("accountholder", "Pat O'Brien"),
        ("purchasefix", "25.00"),
        ("purchasedesc", "friend"),
        ("repeat", "1"),
        ("donorref", &reference),
        ("appealcode", &reference),
    ] {
        assert_eq!(get(&fields, name), Some(value), "{name}");
    }
    let mut rsm = rsm();
    if let Some(crate::processor::rsm::Debit::Page(page)) = &mut rsm.debit {
        (page.repeat, page.appeal_code) = (Repeat::Months, AppealCode::Appeal);
    }
    let (_, fields, _) = posted(&rsm, Kind::Join, Method::DirectDebit);
    assert_eq!((get(&fields, "repeat"), get(&fields, "appealcode")), (Some("3"), Some("XMAS16")));
}
