//! Table B, rows 1 to 6, 16, 26 and 27: which fields there are, and how often.

use super::doors::Doors;
use super::samples::{gift, pointer, request, request_with, with_changes};
use super::visitor::{API_KEY, JSON};
use serde_json::{Value, json};

#[tokio::test]
async fn b_1_b_16_a_field_given_twice() {
    let doors = Doors::open().await;
    for again in ["amount=1.00", "amount=25.00", "first_name=", "client_token=x"] {
        assert_eq!(doors.form_and(again).await.refusal(), (400, "dup_param".into()), "{again}");
    }
    for again in [r#""kind":"join""#, r#""kind":"donate""#, r#""amount":null"#, r#""contact":{}"#] {
        assert_eq!(doors.api_and(again).await.refusal(), (400, "dup_param".into()), "{again}");
    }
    let inside = r#"{"kind":"donate","amount":{"value":1,"value":2,"currency":"GBP"}}"#;
    let answer = doors.house.create_raw("b_16_duplicate_key", inside).await;
    assert_eq!(answer.refusal(), (400, "dup_param".into()));
    doors.nothing_is_kept().await;
    doors.still_open().await;
}

#[tokio::test]
async fn b_2_a_field_in_the_query_and_in_the_body() {
    let doors = Doors::open().await;
    let fields = gift(&doors.token);
    for query in ["amount=1.00", "utm_source=x&amount=25.00", "first_name", "%61mount=1.00"] {
        let answer = doors.house.post_form(&format!("/donate?{query}"), &fields).await;
        assert_eq!(answer.refusal(), (400, "dup_param".into()), "{query}");
    }
    let authorization = format!("Bearer {API_KEY}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("idempotency-key", "b_2_query_and_body"),
        JSON,
    ];
    for query in ["kind=join", "x", "amount.value=1"] {
        let path = format!("/v1/handoffs?{query}");
        let answer = doors.house.post(&path, &headers, request().to_string()).await;
        assert_eq!(answer.refusal(), (400, "unknown_key".into()), "{query}");
    }
    doors.nothing_is_kept().await;
    // What a newsletter adds to its links is nobody's field.
    let answer = doors.house.post_form("/donate?utm_source=newsletter", &fields).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn b_3_names_that_other_readers_would_take_apart() {
    let doors = Doors::open().await;
    for name in ["amount[]=1", "amount%5B%5D=1", "amount.0=1", "amount%00=1", "amount+=1", "=1"] {
        assert_eq!(doors.form_and(name).await.refusal(), (400, "bad_key".into()), "{name}");
    }
    let twice = doors.form_and("%61mount=1").await;
    assert_eq!(twice.refusal(), (400, "dup_param".into()));
    for name in [r#""amount[]":1"#, r#""amount.value":1"#, r#""amount\u0000":1"#, r#""":1"#] {
        assert_eq!(doors.api_and(name).await.refusal(), (400, "unknown_key".into()), "{name}");
    }
    let twice = doors.api_and(r#""\u0061mount":null"#).await;
    assert_eq!(twice.refusal(), (400, "dup_param".into()));
    doors.nothing_is_kept().await;
}

#[tokio::test]
async fn b_4_other_spellings_of_a_name() {
    let doors = Doors::open().await;
    for name in ["Amount", "AMOUNT", "First_Name", "UNIQUEID", "first-name"] {
        let (reason, answer) = match name {
            "first-name" => ("bad_key", doors.form_and("first-name=x").await),
            name => ("unknown_key", doors.form_and(&format!("{name}=x")).await),
        };
        assert_eq!(answer.refusal(), (400, reason.into()), "{name}");
        let answer = doors.api_and(&format!("\"{name}\":\"x\"")).await;
        assert_eq!(answer.refusal(), (400, "unknown_key".into()), "{name}");
    }
    doors.nothing_is_kept().await;
}

#[tokio::test]
async fn b_5_fields_that_are_not_known_card_and_bank_fields_among_them() {
    let doors = Doors::open().await;
    for name in
        ["pan", "card", "number", "cvc", "sort_code", "account_number", "iban", "newsletter"]
    {
        let answer = doors.form_and(&format!("{name}=4242424242424242")).await;
        assert_eq!(answer.refusal(), (400, "unknown_key".into()), "{name}");
        assert!(!answer.body.contains("42424242"), "{name}");
        for place in [format!("/{name}"), format!("/contact/{name}"), format!("/amount/{name}")] {
            let answer = doors.api(&place, "4242424242424242").await;
            // The API has a card, where cards are taken; here it is refused as one that stands there wrongly.
            let refusal = if place == "/card" { (422, "invalid") } else { (400, "unknown_key") };
            assert_eq!(answer.refusal(), (refusal.0, refusal.1.to_owned()), "{place}");
            assert!(!answer.body.contains("42424242"), "{place}");
        }
    }
    doors.nothing_is_kept().await;
}

#[tokio::test]
async fn b_6_what_is_missing_is_named_and_nothing_else() {
    let doors = Doors::open().await;
    let contact =
        ["title", "first_name", "last_name", "email", "line1", "town", "postcode", "country"];
    for field in contact {
        for blank in ["", "   "] {
            doors.refuse(field, blank, "required").await;
        }
        let left_out = doors.form(&[(field, "")]).await;
        assert_eq!((left_out.status, left_out.wrong_fields()), (422, vec![field.to_owned()]));
        let left_out = doors.api(&pointer(field), Value::Null).await;
        assert_eq!((left_out.status, left_out.wrong_fields()), (422, vec![pointer(field)]));
    }
    for field in ["amount", "frequency", "method"] {
        assert_eq!(doors.form(&[(field, "")]).await.wrong_fields(), [field]);
    }
    for (place, named) in [
        ("/kind", "/kind"),
        ("/amount", "/amount/value"),
        ("/amount/currency", "/amount/currency"),
        ("/frequency", "/frequency"),
        ("/method", "/method"),
        ("/contact", "/contact"),
        ("/contact/address", "/contact/address/line1"),
    ] {
        let answer = doors.api(place, Value::Null).await;
        assert_eq!(answer.status, 422, "{place}: {}", answer.body);
        assert_eq!(answer.wrong_fields()[0], named, "{place}");
    }
    doors.nothing_is_kept().await;
    doors.still_open().await;
}

/// A membership needs its plan, by either door.
#[tokio::test]
async fn b_6_a_membership_without_its_plan() {
    let doors = Doors::open().await;
    let token = doors.house.token("/join").await;
    let fields = with_changes(&super::samples::membership(&token), &[("plan", "")]);
    assert_eq!(doors.house.post_form("/join", &fields).await.wrong_fields(), ["plan"]);
    for plan in [json!(""), json!("no-such-plan")] {
        let mut request = request_with("/kind", json!("join"));
        request["plan"] = plan;
        assert_eq!(doors.house.try_create(&request).await.wrong_fields(), ["/plan"]);
    }
}

#[tokio::test]
async fn b_26_nothing_is_loosened_by_a_parameter() {
    let doors = Doors::open().await;
    for (name, value) in
        [("profile", "legacy"), ("debug", "1"), ("test", "1"), ("mode", "test"), ("dialect", "x")]
    {
        let answer = doors.form_and(&format!("{name}={value}")).await;
        assert_eq!(answer.refusal(), (400, "unknown_key".into()), "{name}");
        let answer = doors.api(&format!("/{name}"), value).await;
        assert_eq!(answer.refusal(), (400, "unknown_key".into()), "{name}");
    }
    doors.nothing_is_kept().await;
}

#[tokio::test]
async fn b_27_references_are_ours_to_give() {
    let doors = Doors::open().await;
    for name in ["reference", "uniqueid", "id", "state", "processor_reference"] {
        let answer = doors.form_and(&format!("{name}=06F0Z8QZ8W7ZR8Q8QZ8W7ZR8QG")).await;
        assert_eq!(answer.refusal(), (400, "unknown_key".into()), "{name}");
        let answer = doors.api(&format!("/{name}"), "06F0Z8QZ8W7ZR8Q8QZ8W7ZR8QG").await;
        assert_eq!(answer.refusal(), (400, "unknown_key".into()), "{name}");
    }
    doors.nothing_is_kept().await;
}
