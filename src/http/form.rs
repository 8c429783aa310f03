//! Forms, read strictly: once, as UTF-8, each field known and given once (security.md, table B).
//! The usual readers turn bad bytes into U+FFFD and keep the last of two fields; this one refuses.

use super::problem::Trouble;
use percent_encoding::percent_decode;
use zeroize::Zeroizing;

/// The fields of a form. Their values are wiped when dropped.
pub(super) struct Form(Vec<(&'static str, Zeroizing<String>)>);

impl Form {
    /// Reads a body whose names must all be among `known`.
    pub(super) fn read(body: &[u8], known: &[&'static str], most: usize) -> Result<Self, Trouble> {
        let mut fields: Vec<(&'static str, Zeroizing<String>)> = Vec::new();
        for (place, pair) in body.split(|byte| *byte == b'&').enumerate() {
            if place >= most {
                return Err(Trouble::TooManyFields);
            }
            if pair.is_empty() {
                continue;
            }
            let equals = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at(equals);
            let value = decode(value.strip_prefix(b"=").unwrap_or_default())?;
            let name = decode(name)?;
            if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') || name.is_empty() {
                return Err(Trouble::BadKey);
            }
            let name = known.iter().find(|known| **known == *name).ok_or(Trouble::UnknownField)?;
            if fields.iter().any(|(given, _)| given == name) {
                return Err(Trouble::DuplicateField);
            }
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    /// A form that nobody has filled in but for these fields.
    pub(super) fn prefilled(fields: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name, Zeroizing::new(value))).collect())
    }

    /// A field's value, empty where it is absent.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(given, _)| *given == name).map_or("", |(_, value)| value.as_str())
    }
}

/// A query is not read where a form is posted; one that names a field could be meant to win over
/// the body (security.md, B-2).
pub(super) fn refuse_query(query: Option<&str>, known: &[&str]) -> Result<(), Trouble> {
    let mut names = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    if names.any(|(name, _)| known.contains(&name.as_ref())) {
        return Err(Trouble::DuplicateField);
    }
    Ok(())
}

/// `+` is a space, `%XX` a byte, all of it UTF-8: decoded exactly once.
fn decode(text: &[u8]) -> Result<Zeroizing<String>, Trouble> {
    let spaced: Zeroizing<Vec<u8>> =
        Zeroizing::new(text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect());
    let mut decoded = Zeroizing::new(Vec::with_capacity(spaced.len()));
    decoded.extend(percent_decode(&spaced));
    let text = std::str::from_utf8(&decoded).ok().ok_or(Trouble::BadUtf8)?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(body: &[u8]) -> Result<Form, Trouble> {
        Form::read(body, &["amount", "first_name"], 40)
    }

    fn refused(body: &[u8]) -> Option<Trouble> {
        read(body).err()
    }

    #[test]
    fn b_1_b_3_b_4_b_5_names() {
        for body in ["amount=1&amount=2", "amount=1&%61mount=2"] {
            assert_eq!(refused(body.as_bytes()), Some(Trouble::DuplicateField), "{body}");
        }
        for body in ["amount[]=1", "amount.0=1", "amount%00=1", "=1"] {
            assert_eq!(refused(body.as_bytes()), Some(Trouble::BadKey), "{body}");
        }
        for body in ["Amount=1", "pan=4111111111111111", "debug=1", "reference=x"] {
            assert_eq!(refused(body.as_bytes()), Some(Trouble::UnknownField), "{body}");
        }
    }

    #[test]
    fn b_9_b_10_bad_utf_8_is_never_guessed_at() {
        for body in [
            "first_name=%FF",
            "first_name=%C0%AF",
            "first_name=%ED%A0%80",
            "first_name=Andr%E9",
            "first_name=%C3",
        ] {
            assert_eq!(refused(body.as_bytes()), Some(Trouble::BadUtf8), "{body}");
        }
        assert_eq!(refused(b"first_name=\xFF"), Some(Trouble::BadUtf8));
    }

    #[test]
    fn b_13_b_14_decoded_once_and_only_at_ampersands() {
        assert_eq!(
            read(b"first_name=%2541;amount=1+1").unwrap().get("first_name"),
            "%41;amount=1 1"
        );
        assert_eq!(read(b"first_name=%26amount%3D1").unwrap().get("amount"), "");
    }

    #[test]
    fn d_26_not_more_than_forty_fields() {
        assert_eq!(refused("&".repeat(40).as_bytes()), Some(Trouble::TooManyFields));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_arrives_as_it_was_typed(value in ".*") {
            let encoded = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC);
            let body = format!("first_name={encoded}&amount=1");
            let form = read(body.as_bytes()).unwrap();
            prop_assert_eq!(form.get("first_name"), value);
        }

        #[test]
        fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(read(&body));
        }
    }
}
