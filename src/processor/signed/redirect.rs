//! What the supporter's browser posts, and its signature.

use super::Signed;
use crate::keys::Key;
use crate::ledger::HandOff;
use crate::payment::{Code, Contact};
use crate::processor::Redirect;
use jiff::Timestamp;
use zeroize::Zeroizing;

type Field = (&'static str, Zeroizing<String>);

impl Signed {
    /// The signed form: kept fields, contact fields, then the signature over all that are not empty.
    pub(crate) fn redirect(
        &self,
        hand_off: &HandOff,
        contact: &Contact,
        return_url: &str,
        now: Timestamp,
    ) -> Redirect {
        let asked = &hand_off.asked;
        let code = |code: &Option<Code>| {
            code.as_ref().map(|code| code.as_str().to_owned()).unwrap_or_default()
        };
        let plain = [
            ("merchant", self.merchant.clone()),
            ("reference", hand_off.reference.to_string()),
            ("kind", asked.kind.word().to_owned()),
            ("method", asked.method.word().to_owned()),
            ("amount", asked.amount.minor().to_string()),
            ("currency", asked.amount.currency().code().to_owned()),
            ("frequency", asked.frequency.word().to_owned()),
            ("plan", code(&asked.plan)),
            ("appeal", code(&asked.appeal)),
            ("gift_aid", asked.gift_aid.to_string()),
            ("return_url", return_url.to_owned()),
            ("timestamp", now.as_second().to_string()),
            ("key_id", self.key_id.clone()),
        ];
        let mut fields: Vec<Field> = plain
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name, Zeroizing::new(value)))
            .collect();
        let personal = contact.fields().into_iter();
        fields.extend(
            personal.map(|(name, value)| (name, Zeroizing::new(value.reveal().to_owned()))),
        );
        let signature = hex::encode(sign(&self.signing.current, &fields));
        fields.push(("signature", Zeroizing::new(signature)));
        Redirect { url: self.url("/handoff"), fields, charset: "UTF-8" }
    }
}

/// HMAC-SHA256 over the version line and every field in byte order of names, each with its length,
/// so that no two field lists give the same bytes.
fn sign(key: &Key, fields: &[Field]) -> [u8; 32] {
    key.sign(&[b"almoner-handoff-v1\n", canonical(fields).as_bytes()])
}

pub(super) fn canonical<N: AsRef<str>, V: AsRef<str>>(fields: &[(N, V)]) -> Zeroizing<String> {
    let mut sorted: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    sorted.sort_by_key(|(name, _)| *name);
    // Room for all at once: a string that grows leaves its old place unwiped.
    let room = sorted
        .iter()
        .map(|(name, value)| name.len().saturating_add(value.len()).saturating_add(44))
        .sum();
    let mut text = Zeroizing::new(String::with_capacity(room));
    for (name, value) in sorted {
        for part in [name, value] {
            text.push_str(&part.len().to_string());
            text.push(':');
            text.push_str(part);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::Method;
    use crate::processor::signed::samples::{contact, hand_off, key, now, signed};
    use proptest::prelude::*;

    #[test]
    fn every_field_that_is_not_empty_is_posted_and_signed() {
        let hand_off = hand_off(Method::Card);
        let redirect =
            signed(1, None).redirect(&hand_off, &contact(), "https://charity.org/", now());
        assert_eq!(redirect.url.as_str(), "https://processor.example/handoff");
        let ((name, signature), fields) = redirect.fields.split_last().unwrap();
        let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            names.join(" "),
            "merchant reference kind method amount currency frequency appeal gift_aid return_url \
             timestamp key_id title first_name last_name email line1 town postcode country"
        );
        let text = canonical(fields);
        let tag = hex::decode(signature.as_str()).unwrap();
        assert_eq!(*name, "signature");
        assert!(key(9).verify(&[b"almoner-handoff-v1\n", text.as_bytes()], &tag));
    }

    fn field(name: &'static str, value: &str) -> Field {
        (name, Zeroizing::new(value.to_owned()))
    }

    #[test]
    fn lengths_are_bytes_and_names_are_sorted() {
        let text = canonical(&[field("town", "Lłeyn"), field("amount", "2500")]);
        assert_eq!(*text, "6:amount4:2500\n4:town6:Lłeyn\n");
    }

    /// Reads the canonical form back: if this is always possible, no two lists share one form.
    fn read_back(mut text: &str) -> Vec<(String, String)> {
        let part = |text: &mut &str| {
            let (length, rest) = text.split_once(':').unwrap();
            let (value, rest) = rest.split_at(length.parse().unwrap());
            *text = rest;
            value.to_owned()
        };
        let mut fields = Vec::new();
        while !text.is_empty() {
            let pair = (part(&mut text), part(&mut text));
            text = text.strip_prefix('\n').unwrap();
            fields.push(pair);
        }
        fields
    }

    proptest! {
        #[test]
        fn the_signed_text_holds_exactly_the_fields(values in proptest::collection::vec(".*", 3)) {
            let fields = [field("amount", &values[0]), field("email", &values[1]), field("last_name", &values[2])];
            let expected: Vec<_> = fields.iter().map(|(n, v)| ((*n).to_owned(), v.to_string())).collect();
            prop_assert_eq!(read_back(&canonical(&fields)), expected);
        }
    }
}
