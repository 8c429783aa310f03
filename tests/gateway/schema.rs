//! As much of JSON Schema as the description of the API is written in.

use regex::Regex;
use serde_json::Value;

/// Everything in which a value is not as the schema says, each by its place.
pub(crate) fn differences(whole: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    look(whole, schema, value, "", &mut found);
    found
}

fn look(whole: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    for (keyword, says) in schema.as_object().unwrap() {
        let fits = match keyword.as_str() {
            "$ref" => {
                let place = says.as_str().unwrap().strip_prefix('#').unwrap();
                look(whole, whole.pointer(place).unwrap(), value, at, found);
                true
            }
            "type" => says.as_array().map_or_else(
                || is(says, value),
                |types| types.iter().any(|named| is(named, value)),
            ),
            "const" => says == value,
            "enum" => says.as_array().unwrap().contains(value),
            "anyOf" => {
                let any = says.as_array().unwrap();
                any.iter().any(|one| differences(whole, one, value).is_empty())
            }
            "if" => {
                let branch =
                    if differences(whole, says, value).is_empty() { "then" } else { "else" };
                look(whole, &schema[branch], value, at, found);
                true
            }
            "pattern" => value
                .as_str()
                .is_none_or(|text| Regex::new(says.as_str().unwrap()).unwrap().is_match(text)),
            "minLength" => value.as_str().is_none_or(|text| text.chars().count() >= number(says)),
            "maxLength" => value.as_str().is_none_or(|text| text.chars().count() <= number(says)),
            "minimum" => value.as_i64().is_none_or(|value| value >= says.as_i64().unwrap()),
            "maximum" => value.as_i64().is_none_or(|value| value <= says.as_i64().unwrap()),
            "required" => {
                let mut names = says.as_array().unwrap().iter();
                value.is_null() || names.all(|name| value.get(name.as_str().unwrap()).is_some())
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                items.for_each(|(n, item)| look(whole, says, item, &format!("{at}/{n}"), found));
                true
            }
            "properties" => {
                for (name, says) in says.as_object().unwrap() {
                    if let Some(member) = value.get(name) {
                        look(whole, says, member, &format!("{at}/{name}"), found);
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = |name: &str| schema["properties"].get(name).is_some();
                let others = value.as_object().into_iter().flatten();
                let mut others = others.filter(|(name, _)| !known(name)).peekable();
                let barred = says == false && others.peek().is_some();
                if says.is_object() {
                    others.for_each(|(name, of)| {
                        look(whole, says, of, &format!("{at}/{name}"), found);
                    });
                }
                !barred
            }
            "description" | "default" | "examples" | "format" | "then" | "else" => true,
            other => panic!("{other} is not known here"),
        };
        if !fits {
            found.push(format!("{at}: {keyword} {says}"));
        }
    }
}

fn is(named: &Value, value: &Value) -> bool {
    match named.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    }
}

fn number(says: &Value) -> usize {
    usize::try_from(says.as_u64().unwrap()).unwrap()
}
