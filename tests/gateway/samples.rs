//! Supporters who were made up, with data that must be found nowhere afterwards.

use serde_json::{Value, json};

/// Fields of a form, by name.
pub(crate) type Fields = Vec<(String, String)>;

/// A gift as a supporter would fill it in.
pub(crate) fn gift(token: &str) -> Fields {
    owned(&[
        ("client_token", token),
        ("amount", "25.00"),
        ("frequency", "once"),
        ("method", "card"),
        ("appeal", "XMAS26"),
        ("gift_aid", "true"),
        ("title", "Ms"),
        ("first_name", "Canaryfirst"),
        ("last_name", "Canarylast"),
        ("email", "canary.mail@example.org"),
        ("phone", "+44 808 157 0192"),
        ("line1", "1 Canarystreet"),
        ("town", "Canarytown"),
        ("postcode", "CN1 9RY"),
        ("country", "GB"),
    ])
}

/// A membership by Direct Debit.
pub(crate) fn membership(token: &str) -> Fields {
    let no_gift = [("amount", ""), ("frequency", ""), ("appeal", "")];
    let fields = with_changes(&gift(token), &no_gift);
    with_changes(&fields, &[("plan", "friend"), ("method", "direct_debit")])
}

/// Changes fields by name; an unknown name is added, an empty value leaves the field out.
pub(crate) fn with_changes(fields: &[(String, String)], changes: &[(&str, &str)]) -> Fields {
    let mut fields = fields.to_vec();
    for (name, value) in changes {
        fields.retain(|(given, _)| given != name);
        if !value.is_empty() {
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    fields
}

/// The gift for the API.
pub(crate) fn request() -> Value {
    json!({
        "kind": "donate", "amount": { "value": 2500, "currency": "GBP" }, "frequency": "once", "method": "card",
        "appeal": "XMAS26", "gift_aid": true, "merchant_reference": "crm:4711",
        "contact": {
            "title": "Ms", "first_name": "Canaryfirst", "last_name": "Canarylast", "email": "canary.mail@example.org",
            "phone": "+44 808 157 0192",
            "address": { "line1": "1 Canarystreet", "town": "Canarytown", "postcode": "CN1 9RY", "country": "GB" }
        }
    })
}

/// The gift with one value changed or added, or taken away where the value is null.
pub(crate) fn request_with(pointer: &str, value: Value) -> Value {
    let mut request = request();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = request.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(name);
    } else {
        parent.insert(name.to_owned(), value);
    }
    request
}

/// Where the API has a contact field.
pub(crate) fn pointer(field: &str) -> String {
    match field {
        "line1" | "line2" | "line3" | "town" | "county" | "postcode" | "country" => {
            format!("/contact/address/{field}")
        }
        _ => format!("/contact/{field}"),
    }
}

/// An idempotency key, or anything else that was never used before.
pub(crate) fn fresh() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// As a browser writes a form.
pub(crate) fn encoded(fields: &[(impl AsRef<str>, impl AsRef<str>)]) -> String {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    body.finish()
}

/// Fields from texts.
pub(crate) fn owned(fields: &[(&str, &str)]) -> Fields {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
