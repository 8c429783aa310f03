//! What a receipt says, to the byte, and of what there is none.

use super::{Head, NoOutcome, Receipt};
use crate::keys::signed::{PublicKey, SigningKey, Statement as _, prove, sign};
use crate::ledger::chain::Link;
use crate::ledger::{Chained, Entry, HandOff, Place};
use crate::payment::{
    Amount, Asked, Development, Dialect, Flag, Frequency, Happening, Kind, Method, Mode,
    ProcessorText, Reference, Standing, State,
};
use iso_currency::Currency;
use jiff::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn told(state: State) -> Chained {
    let amount = Amount::new(2500, Currency::GBP).unwrap();
    let asked = Asked {
        kind: Kind::Donate,
        method: Method::Card,
        dialect: Dialect::Signed,
        mode: Mode::Live,
        amount,
        frequency: Frequency::Once,
        plan: None,
        appeal: None,
        gift_aid: true,
        merchant_reference: None,
    };
    let mut bytes = [0; 16];
    bytes[6] = 0x70;
    let reference = Reference::from_bytes(&bytes).unwrap();
    let opened_at = at("2026-11-26T10:00:00Z");
    let refund = Happening {
        at: at("2026-11-27T10:00:00Z"),
        what: Development::Refunded,
        amount: Amount::new(500, Currency::GBP).ok(),
        code: None,
    };
    let standing = Standing {
        state,
        attention: [Flag::Mismatch].into(),
        processor_reference: ProcessorText::parse("T-1"),
        code: ProcessorText::parse("00"),
        developments: vec![refund],
    };
    let hand_off = HandOff { reference, opened_at, opened_as: State::HandedOff, asked };
    let changed_at = at("2026-11-27T10:00:01Z");
    Chained {
        entry: Entry { hand_off, standing, changed_at },
        settled_at: state.is_concluded().then_some(at("2026-11-26T10:01:00Z")),
        link: Link { instance: [0; 16], sequence: 3, hash: [0xAB; 32] },
    }
}

/// Another program makes these bytes from the file, and so can hold us to them.
#[test]
fn a_receipt_is_these_bytes_and_no_others() {
    let receipt = Receipt::of(&told(State::Accepted), at("2026-11-28T00:00:00Z")).unwrap();
    let (chain, hash) = ("00".repeat(16), "ab".repeat(32));
    let expected = format!(
        "{{\"amount\":2500,\"appeal\":null,\"attention\":[\"mismatch\"],\"changed_at\":\"2026-11-27T10:00:01Z\",\
         \"code\":\"00\",\"currency\":\"GBP\",\"developments\":[{{\"amount\":500,\"at\":\"2026-11-27T10:00:00Z\",\
         \"code\":null,\"currency\":\"GBP\",\"development\":\"refunded\"}}],\"event\":{{\"chain\":\"{chain}\",\
         \"hash\":\"{hash}\",\"sequence\":3}},\"frequency\":\"once\",\"issued_at\":\"2026-11-28T00:00:00Z\",\
         \"kind\":\"donate\",\"merchant_reference\":null,\"method\":\"card\",\"mode\":\"live\",\
         \"opened_at\":\"2026-11-26T10:00:00Z\",\"plan\":null,\"processor_reference\":\"T-1\",\
         \"reference\":\"0000000000E000000000000000\",\"settled_at\":\"2026-11-26T10:01:00Z\",\"state\":\"accepted\"}}"
    );
    assert_eq!(serde_json::to_value(&receipt).unwrap().to_string(), expected);
    assert_eq!((Receipt::LABEL, Head::LABEL), ("almoner-receipt-v1", "almoner-head-v1"));
    let key = SigningKey::of(&[7; 32]).unwrap();
    let public = PublicKey::parse(&key.public()).unwrap();
    let text = sign(&receipt, &key).unwrap();
    assert_eq!(prove::<Receipt>(&text, &public).unwrap(), receipt);
    assert!(prove::<Head>(&text, &public).is_err());
}

#[test]
fn there_is_none_of_what_has_no_outcome() {
    for state in [State::HandedOff, State::InDoubt] {
        let none = Receipt::of(&told(state), Timestamp::UNIX_EPOCH);
        assert_eq!(none, Err(NoOutcome(state)));
    }
    for state in [State::Lapsed, State::Cancelled, State::Declined, State::Accepted] {
        assert_eq!(Receipt::of(&told(state), Timestamp::UNIX_EPOCH).unwrap().state, state.word());
    }
}

#[test]
fn a_link_is_read_back_and_what_is_none_is_not() {
    let link = Link { instance: [1; 16], sequence: 9, hash: [2; 32] };
    let place = Place::from(&link);
    assert_eq!(place.link(), Some(link));
    let (short, none) = ("00".to_owned(), 0);
    assert_eq!(Place { chain: short.clone(), ..place.clone() }.link(), None);
    assert_eq!(Place { hash: short, ..place.clone() }.link(), None);
    assert_eq!(Place { sequence: none, ..place }.link(), None);
}
