use super::*;
use crate::ledger::HandOff;
use crate::payment::{Fact, Flag, State, judge};
use crate::processor::signed::samples::{hand_off, now, signed};
use serde_json::{Value, json};

fn ask(hand_off: &HandOff, status: u16, body: &[u8]) -> Reply {
    let answer = Answer { status, date: None, retry_after: None, body: body.to_vec().into() };
    read(&signed(1, None), hand_off, &answer, now())
}

fn statement(hand_off: &HandOff, state: &str) -> Value {
    json!({
        "reference": hand_off.reference.to_string(), "state": state, "amount": 2500, "currency": "GBP", "mode": "test",
        "processor_reference": "T1:1", "code": "00", "occurred_at": "2026-01-01T00:00:00Z"
    })
}

fn told(status: u16, change: impl FnOnce(&mut Value)) -> Reply {
    let hand_off = hand_off(Method::Card);
    let mut statement = statement(&hand_off, "accepted");
    change(&mut statement);
    ask(&hand_off, status, statement.to_string().as_bytes())
}

fn refusal(status: u16, code: &str) -> Reply {
    let hand_off = hand_off(Method::Card);
    let body = json!({ "reference": hand_off.reference.to_string(), "code": code });
    ask(&hand_off, status, body.to_string().as_bytes())
}

fn lost(reply: &Reply, why: &str) {
    assert!(matches!(reply, Reply::Lost(reason) if *reason == why), "{reply:?} is not {why}");
}

/// A doubt as well, and the processor has heard of it.
fn known(reply: &Reply, why: &str) {
    assert!(matches!(reply, Reply::Known(reason) if *reason == why), "{reply:?} is not {why}");
}

#[test]
fn what_is_decided() {
    for (status, state, outcome) in
        [(201, "accepted", Outcome::Accepted), (402, "declined", Outcome::Declined)]
    {
        let Reply::Decided(evidence, refused) = told(status, |it| it["state"] = state.into())
        else {
            panic!("{state}")
        };
        assert_eq!((evidence.fact, evidence.source), (Fact::Outcome(outcome), Source::Reply));
        assert_eq!(refused, []);
    }
}

#[test]
fn fm_38_fm_41_fm_42_fm_47_what_is_not_as_agreed_may_have_been_done() {
    for status in [500, 501, 502, 504, 599] {
        lost(&told(status, |_| {}), "server_error");
    }
    for status in [301, 302, 303, 307, 308] {
        lost(&told(status, |_| {}), "redirected");
    }
    let hand_off = hand_off(Method::Card);
    for body in
        ["", "<html>We are improving our service</html>", "{}", "[]", "null", "{\"reference\":1}"]
    {
        for status in [200, 201, 402, 404] {
            lost(&ask(&hand_off, status, body.as_bytes()), "malformed");
        }
    }
    known(&told(200, |_| {}), "unexpected_state");
    known(&told(402, |_| {}), "unexpected_state");
    for state in ["declined", "cancelled", "lapsed", "refunded", "paid", ""] {
        known(&told(201, |it| it["state"] = state.into()), "unexpected_state");
    }
    for field in ["occurred_at", "mode"] {
        known(&told(201, |it| it[field] = "yesterday".into()), "malformed");
    }
}

/// An answer that breaks off says nothing, whatever word it got out.
#[test]
fn fm_37_every_part_of_an_answer_is_none() {
    let hand_off = hand_off(Method::Card);
    let whole = statement(&hand_off, "accepted").to_string();
    for length in 0..whole.len() {
        lost(&ask(&hand_off, 201, &whole.as_bytes()[..length]), "malformed");
    }
    let twice = whole.replacen('{', "{\"state\":\"declined\",", 1);
    lost(&ask(&hand_off, 201, twice.as_bytes()), "malformed");
}

#[test]
fn fm_43_an_answer_for_another_is_believed_of_neither() {
    let other = hand_off(Method::Card).reference.to_string();
    for status in [201, 402, 422, 429, 503] {
        lost(&told(status, |it| it["reference"] = other.clone().into()), "other_reference");
    }
    lost(&told(201, |it| it["reference"] = "".into()), "other_reference");
}

#[test]
fn fm_44_another_sum_is_kept_and_moves_nothing() {
    let changes: [(&str, Value); 5] = [
        ("amount", json!(2501)),
        ("amount", Value::Null),
        ("currency", json!("EUR")),
        ("currency", Value::Null),
        ("mode", json!("live")),
    ];
    for (field, value) in changes {
        let Reply::Decided(evidence, _) = told(201, |it| it[field] = value) else { panic!() };
        let standing = judge(State::InDoubt, &hand_off(Method::Card).asked, &[evidence]);
        assert_eq!(standing.state, State::InDoubt, "{field}");
        assert!(standing.attention.contains(&Flag::Mismatch), "{field}");
    }
}

#[test]
fn fm_39_fm_40_only_the_agreed_refusals_say_that_nothing_was_done() {
    let agreed = [
        (400, "malformed"),
        (401, "signature"),
        (403, "forbidden"),
        (404, "no_such_service"),
        (413, "too_large"),
        (415, "content_type"),
        (429, "not_processed"),
        (503, "not_processed"),
    ];
    for (status, code) in agreed {
        let reply = refusal(status, code);
        assert!(matches!(reply, Reply::NotSent(why) if why == code), "{status} {reply:?}");
        lost(&refusal(status, "busy"), "unexpected_status");
        lost(&refusal(status, ""), "unexpected_status");
    }
    for (status, code) in [(402, "malformed"), (418, "not_processed"), (422, "malformed")] {
        lost(&refusal(status, code), "unexpected_status");
    }
    known(&refusal(200, "malformed"), "unexpected_status");
    lost(&refusal(500, "not_processed"), "server_error");
    lost(&refusal(409, "not_processed"), "unexpected_status");
}

#[test]
fn fm_45_fm_46_a_reference_that_was_used_before_is_asked_about() {
    known(&refusal(409, "reference_used"), "reference_used");
}

#[test]
fn fields_that_are_refused_are_named_in_our_own_words() {
    let hand_off = hand_off(Method::Card);
    let wrong = |field: &str| json!({ "field": field, "reason": "<b>4242</b>" });
    let errors = ["card.number", "card.number", "contact.email", "merchant", "x"].map(wrong);
    let body =
        json!({ "reference": hand_off.reference.to_string(), "code": "invalid", "errors": errors });
    let Reply::Decided(evidence, refused) = ask(&hand_off, 422, body.to_string().as_bytes()) else {
        panic!()
    };
    assert_eq!(evidence.fact, Fact::Outcome(Outcome::Declined));
    assert_eq!(
        refused.iter().map(|error| error.field).collect::<Vec<_>>(),
        ["card_number", "email"]
    );
    assert!(!format!("{refused:?}").contains("4242"));
}

#[test]
fn the_supporter_s_bank_is_met_on_the_processor_s_pages_alone() {
    let pending = |url: Value| {
        told(201, |it| {
            it["state"] = "pending".into();
            it["redirect_url"] = url;
        })
    };
    let own = "https://processor.example/3ds/TOKEN?x=1";
    let reply = pending(own.into());
    assert!(matches!(&reply, Reply::Pending { redirect } if redirect.as_str() == own), "{reply:?}");
    // The same origin, spelt otherwise: what is given on is what was understood.
    let reply = pending("https://PROCESSOR.example:443\\@evil.example/".into());
    assert!(
        matches!(&reply, Reply::Pending { redirect } if redirect.as_str() == "https://processor.example/@evil.example/"),
        "{reply:?}"
    );
    for elsewhere in [
        "http://processor.example/3ds/TOKEN",
        "https://processor.example:8443/3ds/TOKEN",
        "https://processor.example.evil.example/",
        "https://evil.example/",
        "https://user@processor.example/",
        "https://:secret@processor.example/",
        "//processor.example/3ds",
        "/3ds/TOKEN",
        "javascript:alert(1)",
        "",
    ] {
        known(&pending(elsewhere.into()), "redirect_elsewhere");
    }
    known(
        &pending(format!("https://processor.example/{}", "x".repeat(2048)).into()),
        "redirect_elsewhere",
    );
    known(&pending(Value::Null), "pending");
    let debit = hand_off(Method::DirectDebit);
    let mut body = statement(&debit, "pending");
    body["redirect_url"] = own.into();
    known(&ask(&debit, 201, body.to_string().as_bytes()), "redirect_elsewhere");
}
