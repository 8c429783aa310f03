//! Table B, rows 9 to 12, 15 and 17 to 19: what a body is made of and says it is made of.

use super::doors::{Doors, refusals, twice, with_parameter};
use super::samples::{fresh, gift, request, request_with};
use super::visitor::{FORM, JSON};
use serde_json::json;

/// Puts bytes in place of the first name.
fn named(body: &[u8], name: &[u8]) -> Vec<u8> {
    let usual = b"Canaryfirst";
    let at = body.windows(usual.len()).position(|part| part == usual).unwrap();
    [&body[..at], name, &body[at + usual.len()..]].concat()
}

#[tokio::test]
async fn b_9_b_10_bytes_that_are_no_utf_8() {
    let doors = Doors::open().await;
    for name in [
        "%FF",
        "%C3",
        "%C0%AF",
        "%E0%80%AF",
        "%ED%A0%80",
        "%F5%80%80%80",
        "Andr%E9",
        "%80",
        "a%F0%9F%92",
    ] {
        let body = super::samples::encoded(&gift(&doors.token)).replace("Canaryfirst", name);
        let answer = doors.house.post_raw("/donate", body).await;
        assert_eq!(answer.refusal(), (400, "bad_utf8".into()), "{name}");
        assert!(!answer.body.contains('\u{FFFD}'));
    }
    for name in [&b"\xFF"[..], b"\xC3", b"\xC0\xAF", b"\xED\xA0\x80", b"Andr\xE9"] {
        let answers = doors.bodies(|body| named(&body, name)).await;
        assert_eq!(refusals(&answers), twice(400, "bad_utf8"), "{name:?}");
    }
    for escaped in [r"\ud800", r"\udfff\ud800", r"\uD83D", r"\u12"] {
        let body = request().to_string().replace("Canaryfirst", escaped);
        let answer = doors.house.create_raw(&fresh(), body).await;
        assert_eq!(answer.refusal(), (400, "malformed".into()), "{escaped}");
    }
    doors.nothing_is_kept().await;
    doors.still_open().await;
}

#[tokio::test]
async fn b_12_other_character_sets_and_byte_order_marks() {
    let doors = Doors::open().await;
    for charset in
        ["utf-7", "utf-16", "UTF-16LE", "iso-8859-1", "windows-1252", "utf-8, utf-16", ""]
    {
        let [form, json] = with_parameter(&format!("charset={charset}"));
        let [by_form, _] = doors.under(&[("content-type", &form)]).await;
        let [_, by_api] = doors.under(&[("content-type", &json)]).await;
        assert_eq!(refusals(&[by_form, by_api]), twice(415, "charset"), "{charset}");
    }
    for mark in [&b"\xEF\xBB\xBF"[..], b"\xFE\xFF", b"\xFF\xFE"] {
        let answers = doors.bodies(|body| [mark, &body].concat()).await;
        assert_eq!(refusals(&answers), twice(415, "charset"), "{mark:?}");
    }
    let wide = |body: Vec<u8>| {
        let text = String::from_utf8(body).unwrap();
        text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    for answer in doors.bodies(wide).await {
        assert_eq!(answer.status, 400, "{}", answer.body);
    }
    doors.nothing_is_kept().await;
    for charset in ["utf-8", "UTF-8", "\"utf-8\""] {
        let [form, json] = with_parameter(&format!("charset={charset}"));
        let [by_form, _] = doors.under(&[("content-type", &form)]).await;
        let [_, by_api] = doors.under(&[("content-type", &json)]).await;
        assert_eq!((by_form.status, by_api.status), (200, 201), "{charset}");
    }
}

#[tokio::test]
async fn b_15_a_body_under_another_type() {
    let doors = Doors::open().await;
    for kind in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/xml",
        "text/json",
        "application/json, application/x-www-form-urlencoded",
        "",
    ] {
        let answers = doors.under(&[("content-type", kind)]).await;
        assert_eq!(refusals(&answers), twice(415, "ctype"), "{kind}");
    }
    for kinds in [&[][..], &[FORM, JSON], &[FORM, FORM], &[JSON, JSON]] {
        assert_eq!(refusals(&doors.under(kinds).await), twice(415, "ctype"), "{kinds:?}");
    }
    doors.nothing_is_kept().await;
    let [json_form, _] = doors.under(&[JSON]).await;
    let [_, form_json] = doors.under(&[FORM]).await;
    assert_eq!(refusals(&[json_form, form_json]), twice(415, "ctype"), "each in the other's type");
}

#[tokio::test]
async fn b_17_nested_too_deeply() {
    let doors = Doors::open().await;
    let deep =
        |levels: usize| format!("{{\"kind\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
    for body in ["[".repeat(9), "[".repeat(30_000), deep(8), deep(200), "{\"a\":".repeat(9)] {
        let answer = doors.house.create_raw(&fresh(), body).await;
        assert_eq!(answer.refusal(), (400, "depth".into()));
    }
    let shallow = doors.house.create_raw(&fresh(), deep(7)).await;
    assert_eq!((shallow.status, shallow.wrong_fields()), (422, vec!["/kind".to_owned()]));
    let endless = doors.house.create_raw(&fresh(), "[".repeat(1024 * 1024)).await;
    assert_eq!(endless.refusal(), (413, "too_large".into()));
    // Brackets within a text are text.
    let answer = doors.api("/contact/first_name", "[[[[[[[[[[\"\\").await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

#[tokio::test]
async fn b_18_numbers_that_are_no_minor_units() {
    let doors = Doors::open().await;
    for value in [
        "1e3",
        "25E2",
        "10.0",
        "25.00",
        "1E400",
        "-0",
        "1e-2",
        "\"2500\"",
        "\"25.00\"",
        "null",
        "true",
        "[2500]",
        "{}",
        "9223372036854775808",
    ] {
        let body =
            request_with("/amount/value", json!("HERE")).to_string().replace("\"HERE\"", value);
        let answer = doors.house.create_raw(&fresh(), body).await;
        assert_eq!(answer.status, 422, "{value}: {}", answer.body);
        assert_eq!(answer.wrong_fields(), ["/amount/value"], "{value}");
    }
    for value in ["+2500", "02500", "0x10", "NaN", "Infinity", "2500.", ".5", "2_500"] {
        let body =
            request_with("/amount/value", json!("HERE")).to_string().replace("\"HERE\"", value);
        let answer = doors.house.create_raw(&fresh(), body).await;
        assert_eq!(answer.refusal(), (400, "malformed".into()), "{value}: no JSON at all");
    }
    doors.nothing_is_kept().await;
}

#[tokio::test]
async fn b_19_compressed_bodies() {
    let doors = Doors::open().await;
    for coding in ["gzip", "br", "deflate", "identity", "gzip, gzip", "x"] {
        let [by_form, _] = doors.under(&[FORM, ("content-encoding", coding)]).await;
        let [_, by_api] = doors.under(&[JSON, ("content-encoding", coding)]).await;
        assert_eq!(refusals(&[by_form, by_api]), twice(415, "cenc"), "{coding}");
    }
    doors.nothing_is_kept().await;
}

/// Objects that are lists, texts that are numbers, and bodies that are nothing.
#[tokio::test]
async fn b_16_bodies_of_another_shape() {
    let doors = Doors::open().await;
    for body in ["", "null", "1", "\"x\"", "{", "{} x", "{}{}", "\u{0}", "kind=donate"] {
        let answer = doors.house.create_raw(&fresh(), body).await;
        assert!([400, 422].contains(&answer.status), "{body:?}: {}", answer.body);
    }
    for body in ["", "&", "&&&", "amount", "client_token", "%", "%2", "a=b=c"] {
        let answer = doors.house.post_raw("/donate", body).await;
        assert!([400, 403].contains(&answer.status), "{body:?}: {}", answer.status);
    }
    doors.nothing_is_kept().await;
}
