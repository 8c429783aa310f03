//! A look for tests.

use super::{FormText, Look};
use crate::http::language::Words;
use axum::body::Bytes;

impl Look {
    /// A charity's that says nothing of its own.
    pub(in crate::http) fn example() -> Self {
        let [name, website, processor] =
            ["The Example Trust", "https://charity.example", "RSM"].map(str::to_owned);
        let form = || FormText {
            title: "Make a donation".to_owned(),
            introduction: String::new(),
            gift_aid: String::new(),
        };
        Self {
            name,
            website,
            processor,
            registration: String::new(),
            contact: String::new(),
            privacy_url: String::new(),
            debits_here: false,
            cards_here: false,
            self_service: false,
            logo: None,
            donate: form(),
            join: form(),
            amounts: Vec::new(),
            style: Bytes::new(),
            words: Words::default(),
        }
    }
}
