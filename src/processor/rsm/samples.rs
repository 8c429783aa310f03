//! What the tests of this room share.

use super::{
    AppealCode, Callbacks, Canonical, CardPage, CardPageKind, Charset, Debit, DebitPage, Merchant,
    Repeat, Rsm,
};
use crate::keys::{Phrase, Phrases};
use crate::ledger::HandOff;
use crate::payment::{
    Amount, Asked, Code, Contact, Dialect, FieldError, Frequency, Kind, Method, Mode, Reference,
    State,
};
use iso_currency::Currency;
use jiff::Timestamp;
use sha1::Sha1;

pub(super) const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

pub(super) fn rsm() -> Rsm {
    let url = |path: &str| format!("https://rsm.test{path}").parse().unwrap();
    Rsm {
        merchant: Merchant { vendor_id: "8953".into(), campaign: "3835.8965".into() },
        currency: Currency::GBP,
        charset: Charset::Ascii,
        card: Some(CardPage { url: url("/cpterminal/cpweb.php"), kind: CardPageKind::Campaign }),
        debit: Some(Debit::Page(DebitPage {
            url: url("/directdebit/dd.php"),
            appeal_code: AppealCode::Reference,
            repeat: Repeat::Flag,
        })),
        ddcm: None,
        callbacks: Callbacks {
            canonical: Canonical::RawOrderDecodedOnce,
            secrets: Phrases { current: Phrase::new(SECRET).unwrap(), next: None },
        },
    }
}

pub(super) fn hand_off(kind: Kind, method: Method) -> HandOff {
    let now = Timestamp::from_second(1_767_225_600).unwrap();
    let membership = kind == Kind::Join;
    HandOff {
        reference: Reference::at(now),
        opened_at: now,
        opened_as: State::HandedOff,
        asked: Asked {
            kind,
            method,
            dialect: Dialect::Rsm2000,
            mode: Mode::Test,
            amount: Amount::new(2500, Currency::GBP).unwrap(),
            frequency: if membership { Frequency::Quarterly } else { Frequency::Once },
            plan: membership.then(|| Code::parse("friend").unwrap()),
            appeal: Code::parse("XMAS16"),
            gift_aid: !membership,
            merchant_reference: None,
        },
    }
}

/// A contact with one field changed.
pub(super) fn contact(changed: &str, value: &'static str) -> Result<Contact, Vec<FieldError>> {
    Contact::check(|field| match field {
        name if name == changed => value,
        "title" => "Ms",
        "first_name" => "Pat",
        "last_name" => "O'Brien",
        "email" => "pat@example.org",
        "line1" => "1 High Street",
        "line2" => "Elm Court",
        "line3" => "Westfield",
        "town" => "Bedford",
        "county" => "Beds",
        "postcode" => "TE1 2ST",
        "country" => "GB",
        _ => "",
    })
}

/// A body that is rightly signed, made from pairs that need no encoding but a space.
pub(super) fn signed(pairs: &[(&str, &str)]) -> Vec<u8> {
    let join = |space: &str| {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace(' ', space)))
            .collect();
        pairs.join("&")
    };
    let proof = Phrase::new(SECRET).unwrap().digest::<Sha1>(&[join(" ").as_bytes()]);
    format!("{}&IdentityCheck={}", join("+"), hex::encode(proof)).into_bytes()
}
