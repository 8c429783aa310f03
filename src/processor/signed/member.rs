//! The link that leads a member to the processor's own page (docs/signed.md): by whom, and until when.

use super::Signed;
use super::redirect::canonical;
use crate::processor::self_service::SignedLink;
use jiff::Timestamp;
use url::Url;

/// What the signature begins with, so that none of a form is one of a link.
const VERSION: &[u8] = b"almoner-manage-v1\n";

impl Signed {
    /// The page's address with its parameters, and the signature over all of them.
    pub(crate) fn member_link(&self, page: &Url, link: &SignedLink, now: Timestamp) -> Url {
        let names = &link.names;
        let ends = now.as_second().saturating_add(link.valid_for.as_secs());
        let mut url = page.clone();
        url.query_pairs_mut()
            .append_pair(&names.merchant, &self.merchant)
            .append_pair(&names.key_id, &self.key_id)
            .append_pair(&names.expires, &ends.to_string());
        let fields: Vec<_> = url
            .query_pairs()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let signature = self.signing.current.sign(&[VERSION, canonical(&fields).as_bytes()]);
        url.query_pairs_mut().append_pair(&names.signature, &hex::encode(signature));
        url
    }
}

#[cfg(test)]
mod tests {
    use crate::processor::self_service::{LinkNames, SignedLink};
    use crate::processor::signed::samples::{NOW, key, now, signed};
    use jiff::SignedDuration;
    use url::Url;

    fn link(names: [&str; 4]) -> SignedLink {
        let [merchant, key_id, expires, signature] = names.map(str::to_owned);
        let names = LinkNames { merchant, key_id, expires, signature };
        SignedLink { valid_for: SignedDuration::from_mins(5), names }
    }

    #[test]
    fn all_of_a_link_is_signed_and_nobody_stands_in_it() {
        let page: Url = "https://processor.example/members?vendor=149".parse().unwrap();
        let usual = link(["merchant", "key_id", "expires", "signature"]);
        let given = signed(1, None).member_link(&page, &usual, now());
        let (rest, signature) = given.as_str().rsplit_once("&signature=").unwrap();
        let ends = NOW + 300;
        let expected = format!(
            "https://processor.example/members?vendor=149&merchant=charity&key_id=k1&expires={ends}"
        );
        assert_eq!(rest, expected);
        let text =
            format!("7:expires10:{ends}\n6:key_id2:k1\n8:merchant7:charity\n6:vendor3:149\n");
        let tag = hex::decode(signature).unwrap();
        assert!(key(9).verify(&[b"almoner-manage-v1\n", text.as_bytes()], &tag));
        assert!(!key(9).verify(&[b"almoner-handoff-v1\n", text.as_bytes()], &tag));
    }

    #[test]
    fn its_parts_are_called_what_the_processor_calls_them() {
        let page: Url = "https://processor.example/members".parse().unwrap();
        let theirs = link(["client", "kid", "until", "mac"]);
        let given = signed(1, None).member_link(&page, &theirs, now());
        let names: Vec<_> = given.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["client", "kid", "until", "mac"]);
    }
}
