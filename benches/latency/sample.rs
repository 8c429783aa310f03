//! A payment that is accepted at once, and about which no webhook is sent.

#[path = "../shared/asked.rs"]
mod asked;

pub(crate) use asked::asked;

pub(crate) const CARD: [(&str, &str); 4] = [
    ("card_number", "4000000000000077"),
    ("card_expiry", "12/39"),
    ("card_cvc", "123"),
    ("card_holder", "P EXAMPLE"),
];

pub(crate) const CONTACT: [(&str, &str); 8] = [
    ("title", "Ms"),
    ("first_name", "Pat"),
    ("last_name", "Example"),
    ("email", "pat@example.org"),
    ("line1", "1 High Street"),
    ("town", "Bedford"),
    ("postcode", "MK40 1AA"),
    ("country", "GB"),
];

/// What stands in a field of this name.
pub(crate) fn text(fields: &'static [(&'static str, &'static str)], name: &str) -> &'static str {
    fields.iter().find(|(given, _)| *given == name).map_or("", |(_, text)| text)
}
