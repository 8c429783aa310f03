//! How often keys are used, by which it is known when an old one may go.

use std::sync::atomic::{AtomicU64, Ordering};

/// How often a key has made something, or proved that something was made with it (security.md, W-8).
#[derive(Debug, Default)]
pub struct Uses(AtomicU64);

impl Uses {
    /// Once more.
    pub fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Since it was read.
    #[must_use]
    pub fn so_far(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A key's and its next one's, by their names in the configuration.
pub(super) fn named(name: &str, current: &Uses, next: Option<&Uses>) -> Vec<(String, u64)> {
    let next = next.map(|next| (format!("{name}.next"), next.so_far()));
    std::iter::once((name.to_owned(), current.so_far())).chain(next).collect()
}

#[cfg(test)]
mod tests {
    use crate::keys::{Key, Keys, Phrase, Phrases};
    use sha2::Sha256;

    #[test]
    fn w_8_each_key_of_a_rotation_counts_what_it_signed_and_verified_and_nothing_else() {
        let key = |b: u8| Key::new(&(b..b + 32).collect::<Vec<u8>>()).unwrap();
        let (old, new) = (key(1).sign(&[b"a"]), key(2).sign(&[b"a"]));
        let keys = Keys { current: key(2), next: Some(key(1)) };
        let uses = || keys.uses("webhook").into_iter().map(|(_, uses)| uses).collect::<Vec<_>>();
        assert!(!keys.verify(&[b"b"], &old) && !keys.verify(&[b"b"], &new));
        assert_eq!(uses(), [0, 0], "what is forged is no use of a key");
        assert!(keys.verify(&[b"a"], &old));
        assert_eq!(uses(), [0, 1]);
        assert!(keys.verify(&[b"a"], &new));
        assert_ne!(keys.current.sign(&[b"b"]), new);
        assert_eq!(uses(), [2, 1]);
        let names: Vec<_> = keys.uses("webhook").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["webhook", "webhook.next"]);
        assert_ne!(key(1).id(), key(2).id());
        assert_eq!(key(1).id(), key(1).id());
        let phrase = |text: &[u8]| Phrase::new(text).unwrap();
        let tag = phrase(b"old").digest::<Sha256>(&[b"a"]);
        let phrases = Phrases { current: phrase(b"new"), next: Some(phrase(b"old")) };
        assert!(
            phrases.verify::<Sha256>(&[b"a"], &tag) && !phrases.verify::<Sha256>(&[b"b"], &tag)
        );
        let uses: Vec<_> = phrases.uses("callback").into_iter().map(|(_, uses)| uses).collect();
        assert_eq!(uses, [0, 1]);
    }
}
