//! A payment that is accepted at once, and about which no webhook is sent.

use almoner::payment::{Amount, Asked, Dialect, Frequency, Kind, Method, Mode};
use iso_currency::Currency;

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

pub(crate) fn asked() -> Asked {
    Asked {
        kind: Kind::Donate,
        method: Method::Card,
        dialect: Dialect::Signed,
        mode: Mode::Test,
        amount: Amount::new(2500, Currency::GBP).unwrap(),
        frequency: Frequency::Once,
        plan: None,
        appeal: None,
        gift_aid: true,
        merchant_reference: None,
    }
}
