//! JSON, read strictly: no unknown or doubled fields, no floats for money, no deep nesting.
//! Errors name the place, never what stood there.

use super::problem::Trouble;
use crate::payment::{FieldError, Private};
use serde::Deserialize;

mod unknown;

pub(super) use unknown::unknown;

/// `POST /v1/handoffs` (gateway.md, section 3).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandOffBody {
    pub(super) kind: String,
    pub(super) amount: Option<AmountBody>,
    #[serde(default)]
    pub(super) frequency: String,
    #[serde(default)]
    pub(super) method: String,
    #[serde(default)]
    pub(super) plan: String,
    #[serde(default)]
    pub(super) appeal: String,
    #[serde(default)]
    pub(super) gift_aid: bool,
    pub(super) contact: ContactBody,
    pub(super) bank: Option<BankBody>,
    #[cfg(feature = "card-api")]
    pub(super) card: Option<CardBody>,
    /// `YYYY-MM-DD`, the first collection; the soonest possible where it is left out.
    #[serde(default)]
    pub(super) start_date: String,
    pub(super) return_url: Option<String>,
    #[serde(default)]
    pub(super) merchant_reference: String,
    pub(super) client_token: Option<String>,
}

/// Money: integer minor units and an ISO 4217 code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmountBody {
    pub(crate) value: i64,
    pub(crate) currency: String,
}

/// The supporter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactBody {
    title: Option<Private>,
    first_name: Option<Private>,
    last_name: Option<Private>,
    email: Option<Private>,
    phone: Option<Private>,
    #[serde(default)]
    address: AddressBody,
}

/// The account to debit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BankBody {
    account_name: Option<Private>,
    sort_code: Option<Private>,
    account_number: Option<Private>,
}

/// The card to pay with.
#[cfg(feature = "card-api")]
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CardBody {
    number: Option<Private>,
    expiry: Option<Private>,
    cvc: Option<Private>,
    holder: Option<Private>,
}

#[cfg(feature = "card-api")]
impl CardBody {
    /// A field's text by its name on a form, empty where it is absent.
    pub(super) fn text(&self, field: &str) -> &str {
        let value = match field {
            "card_number" => &self.number,
            "card_expiry" => &self.expiry,
            "card_cvc" => &self.cvc,
            "card_holder" => &self.holder,
            _ => &None,
        };
        value.as_ref().map_or("", Private::reveal)
    }
}

impl BankBody {
    /// A field's text by its name, empty where it is absent.
    pub(crate) fn text(&self, field: &str) -> &str {
        let value = match field {
            "account_name" => &self.account_name,
            "sort_code" => &self.sort_code,
            "account_number" => &self.account_number,
            _ => &None,
        };
        value.as_ref().map_or("", Private::reveal)
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressBody {
    line1: Option<Private>,
    line2: Option<Private>,
    line3: Option<Private>,
    town: Option<Private>,
    county: Option<Private>,
    postcode: Option<Private>,
    country: Option<Private>,
}

impl ContactBody {
    /// A field's text by its name, empty where it is absent.
    pub(crate) fn text(&self, field: &str) -> &str {
        let address = &self.address;
        let value = match field {
            "title" => &self.title,
            "first_name" => &self.first_name,
            "last_name" => &self.last_name,
            "email" => &self.email,
            "phone" => &self.phone,
            "line1" => &address.line1,
            "line2" => &address.line2,
            "line3" => &address.line3,
            "town" => &address.town,
            "county" => &address.county,
            "postcode" => &address.postcode,
            "country" => &address.country,
            _ => &None,
        };
        value.as_ref().map_or("", Private::reveal)
    }
}

/// The JSON pointer of a field.
pub(crate) fn pointer(field: &str) -> String {
    match field {
        "title" | "first_name" | "last_name" | "email" | "phone" => format!("/contact/{field}"),
        "line1" | "line2" | "line3" | "town" | "county" | "postcode" | "country" => {
            format!("/contact/address/{field}")
        }
        "account_name" | "sort_code" | "account_number" => format!("/bank/{field}"),
        "card_number" => "/card/number".to_owned(),
        "card_expiry" => "/card/expiry".to_owned(),
        "card_cvc" => "/card/cvc".to_owned(),
        "card_holder" => "/card/holder".to_owned(),
        "currency" => "/amount/currency".to_owned(),
        "amount" => "/amount/value".to_owned(),
        other => format!("/{other}"),
    }
}

/// Reads a body.
pub(crate) fn read<'a, T: Deserialize<'a>>(body: &'a [u8], depth: usize) -> Result<T, Trouble> {
    if std::str::from_utf8(body).is_err() {
        return Err(Trouble::BadUtf8);
    }
    let holds_list = check_depth(body, depth)?;
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| sort(&error))?;
    reader.end().map_err(|_rest| Trouble::Malformed)?;
    // The reader would take a list for an object, its items for the fields in their order.
    if holds_list {
        return Err(invalid(String::new(), "invalid", SHAPE));
    }
    Ok(value)
}

/// What to do about a value that is not as it should be.
const SHAPE: &str = "Send this as the documentation shows: money is whole minor units";

fn invalid(pointer: String, reason: &'static str, advice: &'static str) -> Trouble {
    Trouble::Invalid(vec![(pointer, FieldError { field: "", reason, advice })])
}

/// Objects and lists within one another, counted before anything is built of them; and whether there are lists.
fn check_depth(body: &[u8], most: usize) -> Result<bool, Trouble> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    let mut holds_list = false;
    for byte in body {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, open @ (b'{' | b'[')) => {
                depth = depth.saturating_add(1);
                holds_list |= *open == b'[';
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return Err(Trouble::TooDeep);
        }
    }
    Ok(holds_list)
}

/// What kind of mistake it is, by the reader's own fixed words; the rest of its message may hold
/// a value and is dropped.
fn sort(error: &serde_path_to_error::Error<serde_json::Error>) -> Trouble {
    let message = error.inner().to_string();
    // A number too great for any type is well-formed JSON all the same (security.md, B-18).
    if !error.inner().is_data() && !message.starts_with("number out of range") {
        return Trouble::Malformed;
    }
    if message.starts_with("unknown field") {
        return Trouble::UnknownField;
    }
    if message.starts_with("duplicate field") {
        return Trouble::DuplicateField;
    }
    // A path's names are those of our own types here: an unknown name is another error.
    let missing = message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split_once('`'))
        .map(|(name, _)| name);
    let path = error.path().to_string();
    // There are no lists here: what is wrong with an item is wrong with what holds it.
    let (place, missing) = match path.split_once('[') {
        Some((holder, _)) => (holder.replace('.', "/"), None),
        None => (path.replace('.', "/"), missing),
    };
    let pointer = match (place.as_str(), missing) {
        ("/" | "" | "?", None) => String::new(),
        ("/" | "" | "?", Some(name)) => format!("/{name}"),
        (place, None) => format!("/{place}"),
        (place, Some(name)) if place.ends_with(name) => format!("/{place}"),
        (place, Some(name)) => format!("/{place}/{name}"),
    };
    match missing {
        Some(_) => invalid(pointer, "required", "Add this field"),
        None => invalid(pointer, "invalid", SHAPE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> Trouble {
        read::<HandOffBody>(body.as_bytes(), 8).err().expect("refused")
    }

    #[test]
    fn b_5_b_16_b_17_b_26_b_27_shapes() {
        assert_eq!(refused("{"), Trouble::Malformed);
        assert_eq!(refused(r#"{"kind":"donate","kind":"join"}"#), Trouble::DuplicateField);
        for field in ["reference", "pan", "debug", "profile"] {
            assert_eq!(refused(&format!(r#"{{"{field}":1}}"#)), Trouble::UnknownField, "{field}");
        }
        assert_eq!(refused(&"[".repeat(9)), Trouble::TooDeep);
        assert_eq!(
            refused(&format!(r#"{{"kind":"{}"}}"#, "[".repeat(20))),
            invalid("/contact", "required")
        );
        assert_eq!(read::<HandOffBody>(b"{\"kind\":\"\xFF\"}", 8).err(), Some(Trouble::BadUtf8));
        assert_eq!(refused(r#"{"kind":"donate","contact":{}} x"#), Trouble::Malformed);
    }

    fn invalid(pointer: &str, reason: &'static str) -> Trouble {
        let advice = if reason == "required" { "Add this field" } else { SHAPE };
        super::invalid(pointer.into(), reason, advice)
    }

    #[test]
    fn a_list_is_no_object_whose_fields_stand_in_order() {
        assert_eq!(refused("[null]"), invalid("", "invalid"));
        assert_eq!(
            refused(r#"{"kind":"donate","contact":{"address":[1]}}"#),
            invalid("/contact/address", "invalid")
        );
        let whole = r#"{"kind":"donate","amount":[2500,"GBP"],"contact":{}}"#;
        assert!(serde_json::from_str::<HandOffBody>(whole).is_ok(), "the reader alone takes it");
        assert_eq!(refused(whole), invalid("", "invalid"));
    }

    #[test]
    fn b_18_money_is_whole_and_no_value_is_repeated() {
        for value in ["1e3", "10.0", "1E400", "\"10\"", "null", "9223372036854775808"] {
            let trouble = refused(&format!(
                r#"{{"kind":"donate","amount":{{"value":{value},"currency":"GBP"}},"contact":{{}}}}"#
            ));
            assert_eq!(trouble, invalid("/amount/value", "invalid"), "{value}");
        }
    }
}
