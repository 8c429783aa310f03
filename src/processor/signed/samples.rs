//! What the tests of this room share.

use super::Signed;
use crate::keys::{Key, Keys};
use crate::ledger::HandOff;
use crate::payment::{
    Amount, Asked, Code, Contact, Dialect, Frequency, Kind, Method, Mode, Reference, State,
};
use crate::processor::client::{Client, Reach};
use iso_currency::Currency;
use jiff::Timestamp;
use std::time::Duration;

pub(super) const NOW: i64 = 1_767_225_600;

pub(super) fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

pub(super) fn key(first: u8) -> Key {
    Key::new(&(first..first + 32).collect::<Vec<u8>>()).unwrap()
}

pub(super) fn reach() -> Reach {
    Reach {
        roots: None,
        identity: None,
        connect_timeout: Duration::from_secs(1),
        total_timeout: Duration::from_secs(1),
        answer_bytes: 1000,
        at_once: 1,
    }
}

pub(super) fn signed(current: u8, next: Option<u8>) -> Signed {
    Signed {
        base: "https://processor.example".parse().unwrap(),
        merchant: "charity".into(),
        key_id: "k1".into(),
        signing: Keys { current: key(9), next: None },
        webhook: Keys { current: key(current), next: next.map(key) },
        client: Client::new(&reach()).unwrap(),
        card_api: true,
        mandate_api: true,
    }
}

/// A gift of 25 pounds with an appeal and nothing else that may be left out.
pub(super) fn hand_off(method: Method) -> HandOff {
    HandOff {
        reference: Reference::at(now()),
        opened_at: now(),
        opened_as: State::InDoubt,
        asked: Asked {
            kind: Kind::Donate,
            method,
            dialect: Dialect::Signed,
            mode: Mode::Test,
            amount: Amount::new(2500, Currency::GBP).unwrap(),
            frequency: Frequency::Once,
            plan: None,
            appeal: Code::parse("XMAS26"),
            gift_aid: true,
            merchant_reference: None,
        },
    }
}

pub(super) fn contact() -> Contact {
    Contact::check(|field| match field {
        "title" => "Ms",
        "first_name" => "Zo\u{eb} \"Z\"",
        "last_name" => "O'Neil\\",
        "email" => "z@example.org",
        "line1" => "1 High Street",
        "town" => "Bedford",
        "postcode" => "TE1 2ST",
        "country" => "GB",
        _ => "",
    })
    .unwrap()
}
