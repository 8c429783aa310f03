use super::*;
use crate::http::json::{HandOffBody, read};
use std::collections::BTreeSet;

fn whole() -> Value {
    serde_json::from_str(&described().unwrap()).unwrap()
}

/// The names that the reader itself lists when it refuses one that it does not know.
fn read_at(place: &[&str]) -> BTreeSet<String> {
    let unknown = "{\"no_such_field\":1}".to_owned();
    let body = place.iter().rfold(unknown, |body, name| format!("{{\"{name}\":{body}}}"));
    let refused = serde_json::from_str::<HandOffBody>(&body).err().unwrap().to_string();
    assert!(refused.starts_with("unknown field `no_such_field`, expected"), "{refused}");
    refused.split('`').skip(3).step_by(2).map(ToOwned::to_owned).collect()
}

fn said_at(schema: &Value) -> BTreeSet<String> {
    assert_eq!(schema["additionalProperties"], false);
    schema["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn every_field_that_is_read_is_described_and_no_other() {
    let whole = whole();
    let schemas = &whole["components"]["schemas"];
    assert_eq!(said_at(&schemas["HandOffRequest"]), read_at(&[]));
    assert_eq!(said_at(&schemas["Amount"]), read_at(&["amount"]));
    assert_eq!(said_at(&schemas["Contact"]), read_at(&["contact"]));
    let address = &schemas["Contact"]["properties"]["address"];
    assert_eq!(said_at(address), read_at(&["contact", "address"]));
    assert_eq!(said_at(&schemas["Bank"]), read_at(&["bank"]));
    #[cfg(feature = "card-api")]
    assert_eq!(said_at(&schemas["Card"]), read_at(&["card"]));
    assert_eq!(schemas.get("Card").is_some(), cfg!(feature = "card-api"));
}

/// What is said to be optional may be left out, and what is said to be `null` may be that.
#[test]
fn what_may_be_left_out_or_null_is_read_so() {
    let whole = whole();
    let request = &whole["components"]["schemas"]["HandOffRequest"];
    for (name, said) in request["properties"].as_object().unwrap() {
        let body = json!({ "kind": "donate", "contact": {} });
        let mut body = body.as_object().unwrap().clone();
        body.insert(name.clone(), Value::Null);
        let text = serde_json::to_vec(&body).unwrap();
        let nullable = said["type"].as_array().is_some_and(|types| types.contains(&json!("null")))
            || said["anyOf"].as_array().is_some_and(|any| any.contains(&json!({ "type": "null" })));
        assert_eq!(read::<HandOffBody>(&text, 8).is_ok(), nullable, "{name}");
    }
}

/// A reference that leads nowhere, or a schema that nothing leads to, is a slip.
#[test]
fn every_reference_leads_somewhere_and_every_part_is_led_to() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(ToOwned::to_owned));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let whole = whole();
    let mut found = BTreeSet::new();
    references(&whole, &mut found);
    let mut parts = BTreeSet::new();
    for room in ["headers", "responses", "schemas"] {
        let names = whole["components"][room].as_object().unwrap().keys();
        parts.extend(names.map(|name| format!("#/components/{room}/{name}")));
    }
    assert_eq!(found, parts);
}

/// A closed list that nobody fills, or a second answer of the same status, would be lost in silence.
#[test]
fn what_is_put_in_was_missing() {
    let whole = whole();
    for (name, words) in words() {
        assert_eq!(whole["components"]["schemas"][name]["enum"], json!(words), "{name}");
    }
    for Operation { method, path, .. } in operations() {
        let said = &whole["paths"][path][method];
        assert!(said["operationId"].is_string(), "{method} {path}");
        assert_eq!(said["responses"]["401"]["$ref"], "#/components/responses/401");
    }
}
