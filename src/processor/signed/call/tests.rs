use super::*;
use crate::payment::{Bank, Method};
use crate::processor::Debit;
use crate::processor::signed::samples::{contact, hand_off, key, now, signed};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const BACK: &str = "https://gateway.example/return/TOKEN";

fn debit() -> Instruction {
    let bank = Bank::check(|field| match field {
        "account_name" => "Z O",
        "sort_code" => "08-99-99",
        _ => "66374958",
    });
    Instruction::Debit(Debit { bank: bank.unwrap(), start: "2026-02-02".parse().unwrap() })
}

#[cfg(feature = "card-api")]
fn card() -> Instruction {
    let today = "2026-01-01".parse().unwrap();
    let card = crate::payment::Card::check(
        |field| match field {
            "card_number" => "4000 0000 0000 0002",
            "card_expiry" => "12/29",
            "card_cvc" => "123",
            _ => "Z O",
        },
        today,
    );
    Instruction::Card(card.unwrap())
}

fn order(method: Method, instruction: &Instruction) -> Order {
    let (hand_off, contact) = (hand_off(method), contact());
    let wanted = Wanted { hand_off: &hand_off, contact: &contact, instruction, return_url: BACK };
    signed(1, None).order(&wanted, now()).unwrap()
}

fn content(order: &Order) -> Value {
    serde_json::from_slice(&order.body).unwrap()
}

#[test]
#[cfg(feature = "card-api")]
fn a_payment_says_all_that_is_needed_and_no_more() {
    let order = order(Method::Card, &card());
    assert_eq!(order.url.as_str(), "https://processor.example/v1/payments");
    let expected = json!({
        "merchant": "charity", "reference": order.hand_off.reference.to_string(), "kind": "donate", "amount": 2500,
        "currency": "GBP", "frequency": "once", "appeal": "XMAS26", "gift_aid": true, "return_url": BACK,
        "contact": {
            "title": "Ms", "first_name": "Zo\u{eb} \"Z\"", "last_name": "O'Neil\\", "email": "z@example.org",
            "address": { "line1": "1 High Street", "town": "Bedford", "postcode": "TE1 2ST", "country": "GB" }
        },
        "card": { "number": "4000000000000002", "expiry": "12/29", "cvc": "123", "holder": "Z O" }
    });
    assert_eq!(content(&order), expected);
}

#[test]
fn a_mandate_holds_the_account_and_its_first_day() {
    let order = order(Method::DirectDebit, &debit());
    assert_eq!(order.url.as_str(), "https://processor.example/v1/mandates");
    let content = content(&order);
    let bank =
        json!({ "account_name": "Z O", "sort_code": "089999", "account_number": "66374958" });
    assert_eq!((&content["bank"], &content["start_date"]), (&bank, &json!("2026-02-02")));
    assert_eq!(content.get("card"), None);
}

/// A buffer that grows leaves what it held in its old place.
#[test]
fn m_2_the_content_is_written_into_exactly_its_own_room() {
    let order = order(Method::DirectDebit, &debit());
    assert_eq!(order.body.capacity(), order.body.len());
}

#[test]
fn the_signature_covers_method_address_digest_and_key() {
    let order = order(Method::DirectDebit, &debit());
    let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(&*order.body)));
    assert_eq!(order.digest, digest);
    let parameters = format!(
        "(\"@method\" \"@target-uri\" \"content-digest\" \"idempotency-key\");created={};keyid=\"k1\";alg=\"hmac-sha256\"",
        now().as_second()
    );
    let base = format!(
        "\"@method\": POST\n\"@target-uri\": https://processor.example/v1/mandates\n\"content-digest\": {digest}\n\
         \"idempotency-key\": {}\n\"@signature-params\": {parameters}",
        order.hand_off.reference
    );
    assert_eq!(order.mark(), key(9).sign(&[base.as_bytes()]));
    let headers = order.signature.onto(Outgoing::get(order.url.clone())).headers;
    assert_eq!(headers[0], ("signature-input", format!("sig1={parameters}")));
    assert_eq!(headers[1].1, format!("sig1=:{}:", STANDARD.encode(order.mark())));
}
