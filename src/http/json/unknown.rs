//! All the fields of a hand-off that nobody knows, at once, by their places. Their values are not looked at, and a
//! name that is not plain is not repeated: it could be anything.

use crate::http::problem::Trouble;
use crate::payment::FieldError;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// The longest name that is repeated.
const LONGEST: usize = 32;

/// An object: its fields, and those that are objects themselves.
struct Object {
    fields: &'static [&'static str],
    within: &'static [(&'static str, Self)],
}

const HAND_OFF: Object = Object {
    fields: &[
        "kind",
        "frequency",
        "method",
        "plan",
        "appeal",
        "gift_aid",
        "start_date",
        "return_url",
        "merchant_reference",
        "client_token",
    ],
    within: &[
        ("amount", flat(&["value", "currency"])),
        (
            "contact",
            Object {
                fields: &["title", "first_name", "last_name", "email", "phone"],
                within: &[(
                    "address",
                    flat(&["line1", "line2", "line3", "town", "county", "postcode", "country"]),
                )],
            },
        ),
        ("bank", flat(&["account_name", "sort_code", "account_number"])),
        #[cfg(feature = "card-api")]
        ("card", flat(&["number", "expiry", "cvc", "holder"])),
    ],
};

const fn flat(fields: &'static [&'static str]) -> Object {
    Object { fields, within: &[] }
}

/// What to say of a hand-off that the reader refused for a field that it does not know.
pub(in crate::http) fn unknown(body: &[u8]) -> Trouble {
    let mut found = Vec::new();
    let look = Look { at: &HAND_OFF, place: String::new(), found: &mut found };
    let read = look.deserialize(&mut serde_json::Deserializer::from_slice(body));
    if read.is_err() || found.is_empty() {
        Trouble::UnknownField
    } else {
        Trouble::UnknownFields(found)
    }
}

struct Look<'a> {
    at: &'static Object,
    place: String,
    found: &'a mut Vec<(String, FieldError)>,
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            let within = self.at.within.iter().find(|(known, _)| *known == name);
            if let Some((name, at)) = within {
                let place = format!("{}/{name}", self.place);
                map.next_value_seed(Look { at, place, found: &mut *self.found })?;
                continue;
            }
            map.next_value::<IgnoredAny>()?;
            if !self.at.fields.contains(&name.as_ref()) {
                self.found.push(said(&self.place, &name));
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

fn said(place: &str, name: &str) -> (String, FieldError) {
    let plain = (1..=LONGEST).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let (pointer, advice) = if plain {
        (format!("{place}/{name}"), "Leave this out: no field of this name is known here")
    } else {
        (place.to_owned(), "A field in here has a name that is not known: leave it out")
    };
    (pointer, FieldError { field: "", reason: "unknown", advice })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::json::{HandOffBody, read};

    fn places(body: &str) -> Vec<String> {
        let Trouble::UnknownFields(found) = unknown(body.as_bytes()) else { return Vec::new() };
        found.into_iter().map(|(pointer, _)| pointer).collect()
    }

    #[test]
    fn all_that_is_unknown_is_told_by_its_place() {
        let body = r#"{"kind":"donate","colour":{"a":[1]},"contact":{"nick":"x","address":{"planet":1,"town":"B"}},
            "amount":[1,{"x":2}],"4242424242424242":1,"bank":{"Pat Example":true},"gift_aid":null}"#;
        assert_eq!(
            places(body),
            ["/colour", "/contact/nick", "/contact/address/planet", "", "/bank"]
        );
    }

    /// Whatever the reader knows is known here, and the other way round.
    #[test]
    fn what_is_known_is_what_the_reader_knows() {
        fn check(object: &Object, open: &str, close: &str) {
            for name in object.fields {
                let body = format!("{open}\"{name}\":0{close}");
                assert_ne!(
                    read::<HandOffBody>(body.as_bytes(), 8).err(),
                    Some(Trouble::UnknownField),
                    "{name}"
                );
            }
            for (name, within) in object.within {
                check(within, &format!("{open}\"{name}\":{{"), &format!("}}{close}"));
            }
        }
        check(&HAND_OFF, "{", "}");
    }
}
