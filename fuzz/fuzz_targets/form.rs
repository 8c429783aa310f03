//! Whatever is posted as a form: read or refused, and what was read reads the same again.
#![no_main]

use almoner::http::fuzzing;
use almoner::payment::{Bank, Contact};
use libfuzzer_sys::fuzz_target;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

fuzz_target!(|body: &[u8]| {
    let known: Vec<&'static str> =
        Contact::FIELDS.into_iter().chain(Bank::FIELDS).chain(["amount", "token"]).collect();
    let Some(fields) = fuzzing::form(body, &known) else { return };
    let encoded: Vec<String> = fields
        .iter()
        .map(|(name, value)| {
            format!("{name}={}", percent_encode(value.as_bytes(), NON_ALPHANUMERIC))
        })
        .collect();
    assert_eq!(fuzzing::form(encoded.join("&").as_bytes(), &known), Some(fields.clone()));

    let value =
        |name: &str| fields.iter().find(|(given, _)| *given == name).map_or("", |(_, value)| value);
    if let Ok(contact) = Contact::check(value) {
        for (_, value) in contact.fields() {
            assert!(!value.reveal().is_empty() && !value.reveal().chars().any(char::is_control));
        }
    }
    if let Ok(bank) = Bank::check(value) {
        let lengths = bank.fields().map(|(_, value)| value.reveal().chars().count());
        assert!((1..=50).contains(&lengths[0]) && lengths[1] == 6 && lengths[2] == 8);
    }
});
