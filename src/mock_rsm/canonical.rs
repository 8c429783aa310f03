//! The string that the signature of a hand-off or of a member's link covers (gateway.md, section 6), written from the specification
//! and not from the service, so that each checks the other.

use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// What a hand-off's begins with, and a link's.
pub(super) const HAND_OFF: &str = "almoner-handoff-v1\n";
pub(super) const MEMBER_LINK: &str = "almoner-manage-v1\n";

/// The version, then a line for each non-empty field but `signature`, by name.
pub(super) fn canonical<'a>(
    version: &str,
    fields: impl Iterator<Item = (&'a str, &'a str)>,
) -> Zeroizing<String> {
    let by_name: BTreeMap<&[u8], (&str, &str)> = fields
        .filter(|(name, value)| !value.is_empty() && *name != "signature")
        .map(|(name, value)| (name.as_bytes(), (name, value)))
        .collect();
    let mut text = Zeroizing::new(String::from(version));
    for (name, value) in by_name.into_values() {
        for piece in [
            name.len().to_string().as_str(),
            ":",
            name,
            value.len().to_string().as_str(),
            ":",
            value,
            "\n",
        ] {
            text.push_str(piece);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock_rsm::key::Key;
    use serde_json::Value;

    #[test]
    fn golden_vectors() {
        let file = include_str!("../../tests/vectors/handoff.json");
        let file: Value = serde_json::from_str(file).unwrap();
        let vectors = file["vectors"].as_array().unwrap();
        assert!(vectors.len() >= 3);
        for vector in vectors {
            let fields = vector["fields"].as_object().unwrap();
            let text = canonical(
                HAND_OFF,
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())),
            );
            assert_eq!(text.as_str(), vector["canonical"].as_str().unwrap());
            let key = Key::of_hand_off(&vector["key"].as_str().unwrap().into()).unwrap();
            assert_eq!(
                hex::encode(key.sign(text.as_bytes())),
                vector["signature"].as_str().unwrap()
            );
        }
    }
}
