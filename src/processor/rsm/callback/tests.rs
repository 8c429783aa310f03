use super::*;
use crate::payment::{Kind, Method};
use crate::processor::rsm::samples::{hand_off, rsm, signed};

const NOW: i64 = 1_767_225_600;

fn hear(door: Door, pairs: &[(&str, &str)]) -> Result<Message, Forged> {
    rsm().hear(door, &signed(pairs), Timestamp::from_second(NOW).unwrap())
}

/// An authorised card, with some parameters changed, added or, where empty, left out.
fn with<'a>(reference: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut pairs = vec![
        ("uniqueid", reference),
        ("title", "Ms"),
        ("forename", "Pat"),
        ("surname", "Example Person"),
        ("purchase", "0.00"),
        ("donation", "25.00"),
        ("authAmount", "25.00"),
        ("transId", "286433088"),
        ("transStatus", "Y"),
        ("transTime", "1767225000123"),
        ("rawAuthMessage", "cardbe.msg.authorised"),
        ("cardType", "Visa"),
        ("baseStatus", "OK"),
    ];
    for (name, value) in changes {
        match pairs.iter_mut().find(|(given, _)| given == name) {
            Some(pair) => pair.1 = value,
            None => pairs.push((name, value)),
        }
    }
    pairs.retain(|(name, value)| !value.is_empty() || ["uniqueid"].contains(name));
    pairs
}

fn notice(door: Door, changes: &[(&str, &str)]) -> Notice {
    let reference = hand_off(Kind::Donate, Method::Card).reference.to_string();
    match hear(door, &with(&reference, changes)) {
        Ok(Message::Notice(notice)) => notice,
        other => panic!("{changes:?}: {other:?}"),
    }
}

#[test]
fn an_authorised_card() {
    let said = notice(Door::Success, &[]);
    assert_eq!(said.parts, Some(Parts { goods: 0, gift: 2500 }));
    assert!(said.ours);
    let evidence = said.evidence;
    assert_eq!(evidence.fact, Fact::Outcome(Outcome::Accepted));
    assert_eq!(evidence.amount, Amount::new(2500, Currency::GBP).ok());
    assert_eq!(evidence.processor_reference, ProcessorText::parse("286433088"));
    assert_eq!(evidence.occurred_at.as_millisecond(), 1_767_225_000_123);
    assert_eq!(evidence.code, ProcessorText::parse("OK"));
}

#[test]
fn the_same_bytes_are_the_same_evidence_and_the_door_counts() {
    let reference = hand_off(Kind::Donate, Method::Card).reference.to_string();
    let pairs = with(&reference, &[]);
    let id = |door| match hear(door, &pairs) {
        Ok(Message::Notice(notice)) => notice.evidence.id,
        other => panic!("{other:?}"),
    };
    assert_eq!(id(Door::Success), id(Door::Success));
    assert_ne!(id(Door::Success), id(Door::Failure));
}

#[test]
fn what_was_not_taken() {
    use Outcome::{Cancelled, Declined};
    for (changes, outcome) in [
        (vec![("baseStatus", "FAIL"), ("transStatus", "C")], Cancelled),
        (vec![("baseStatus", "INVALID"), ("transStatus", "C")], Cancelled),
        (vec![("baseStatus", "FAIL"), ("transStatus", ""), ("errors[0][code]", "3001")], Cancelled),
        (vec![("baseStatus", "FAIL"), ("transStatus", "")], Declined),
        (vec![("baseStatus", "INVALID"), ("transStatus", "")], Declined),
        (vec![("baseStatus", "INVALID"), ("transStatus", "N"), ("rawAuthCode", "D")], Declined),
    ] {
        let said = notice(Door::Failure, &changes);
        assert_eq!(said.evidence.fact, Fact::Outcome(outcome), "{changes:?}");
    }
}

#[test]
fn a_17_only_what_says_so_in_every_way_is_an_acceptance() {
    for (door, changes) in [
        (Door::Failure, vec![]),
        (Door::Success, vec![("baseStatus", "FAIL")]),
        (Door::Success, vec![("baseStatus", "")]),
        (Door::Success, vec![("baseStatus", "ok")]),
        (Door::Success, vec![("transStatus", "C")]),
        (Door::Success, vec![("transStatus", "N")]),
        (Door::Success, vec![("rawAuthCode", "D")]),
        (Door::Success, vec![("baseStatus", "NEWWORD")]),
    ] {
        assert_eq!(notice(door, &changes).evidence.fact, Fact::Unrecognised, "{changes:?}");
    }
    let reference = hand_off(Kind::Donate, Method::Card).reference.to_string();
    let long = "A".repeat(10_000);
    for word in [long.as_str(), "O K", "OK;"] {
        let pairs = with(&reference, &[("baseStatus", word)]);
        assert_eq!(hear(Door::Success, &pairs), Err(Forged::Grammar), "{word:.9}");
    }
}

#[test]
fn a_13_a_14_a_sum_that_is_no_money_or_does_not_add_up_is_none() {
    for changes in [
        [("authAmount", "24.99")],
        [("donation", "25.0")],
        [("donation", "25.00 ")],
        [("donation", "-25.00")],
        [("donation", "2.5e1")],
        [("donation", "25,00")],
        [("purchase", "1.00")],
        [("authCurrency", "USD")],
        [("currency", "usd")],
    ] {
        assert_eq!(notice(Door::Success, &changes).evidence.amount, None, "{changes:?}");
    }
    for changes in [
        vec![("donation", "25"), ("authAmount", "25")],
        vec![("purchase", "")],
        vec![("authAmount", "")],
        vec![("authCurrency", "GBP")],
        vec![("purchase", "20.00"), ("donation", "5.00")],
    ] {
        assert!(notice(Door::Success, &changes).evidence.amount.is_some(), "{changes:?}");
    }
}

#[test]
fn a_15_another_vendor_or_campaign_is_not_ours() {
    for (name, own, other) in [("vendorid", "8953", "8954"), ("campaign", "3835.8965", "1.2")] {
        assert!(notice(Door::Success, &[(name, own)]).ours);
        assert!(!notice(Door::Success, &[(name, other)]).ours);
    }
}

#[test]
fn a_12_strange_references_and_empty_records() {
    let reference = hand_off(Kind::Donate, Method::Card).reference.to_string();
    for other in ["100017", "", "../../etc/passwd"] {
        assert_eq!(hear(Door::Success, &with(other, &[])), Ok(Message::Foreign), "{other}");
    }
    let empty = with(&reference, &[("purchase", ""), ("donation", "")]);
    assert_eq!(hear(Door::Success, &empty), Ok(Message::Empty));
}

#[test]
fn times_in_milliseconds_and_seconds_and_none() {
    for (text, second) in [
        ("1767225000123", 1_767_225_000),
        ("1767225000", 1_767_225_000),
        ("", NOW),
        ("soon", NOW),
        ("1", NOW),
    ] {
        let said = notice(Door::Success, &[("transTime", text)]);
        assert_eq!(said.evidence.occurred_at.as_second(), second, "{text}");
    }
}

#[test]
fn test_mode_is_told_apart_where_it_is_said() {
    for (text, mode) in [("0", Some(Mode::Live)), ("100", Some(Mode::Test)), ("", None)] {
        assert_eq!(notice(Door::Success, &[("testMode", text)]).evidence.mode, mode);
    }
}

/// What is heard of parameters whose values are encoded as RSM does it.
fn told(door: Door, pairs: &[(&str, &str)]) -> Notice {
    let plain = signed(pairs);
    let (_, proof) = str::from_utf8(&plain).unwrap().rsplit_once('&').unwrap();
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    let body = format!("{}&{proof}", form.extend_pairs(pairs).finish());
    match rsm().hear(door, body.as_bytes(), Timestamp::from_second(NOW).unwrap()) {
        Ok(Message::Notice(notice)) => notice,
        other => panic!("{other:?}"),
    }
}

/// The supporter chose the surname; whoever has RSM's own message of the decline signs nothing, and moves a boundary.
#[test]
fn b_3_a_decline_that_could_be_parted_into_an_acceptance_proves_neither() {
    let reference = hand_off(Kind::Donate, Method::Card).reference.to_string();
    let surname = "A&purchase=0.00&donation=25.00&authAmount=25.00&transStatus=Y&baseStatus=OK&q=";
    let after =
        [("purchase", "0.00"), ("donation", "25.00"), ("transStatus", "N"), ("baseStatus", "FAIL")];
    let theirs: Vec<_> =
        [("uniqueid", reference.as_str()), ("surname", surname)].into_iter().chain(after).collect();
    let declined = told(Door::Failure, &theirs);
    let swallowed: Vec<_> = after.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let swallowed = format!("&{}", swallowed.join("&"));
    let made = [
        ("uniqueid", reference.as_str()),
        ("surname", "A"),
        ("purchase", "0.00"),
        ("donation", "25.00"),
        ("authAmount", "25.00"),
        ("transStatus", "Y"),
        ("baseStatus", "OK"),
        ("q", swallowed.as_str()),
    ];
    let accepted = told(Door::Success, &made);
    assert_eq!(declined.evidence.fact, Fact::Outcome(Outcome::Declined));
    assert_eq!(accepted.evidence.fact, Fact::Outcome(Outcome::Accepted));
    assert!(!declined.ours && !accepted.ours, "kept as mismatches, which move nothing");
    // Without a value it cannot be parted: that would be proved otherwise.
    for surname in ["A&currency", "O'Neil & Son = Co & name=x"] {
        assert!(told(Door::Success, &with(&reference, &[("surname", surname)])).ours, "{surname}");
    }
}

#[test]
fn inv_8_no_card_number_is_kept_whoever_says_it() {
    let said = notice(Door::Success, &[("transId", "4242424242424242")]).evidence;
    assert_eq!(said.processor_reference, None);
    let said = notice(Door::Success, &[("baseStatus", "5555555555554444")]).evidence;
    assert_eq!((said.fact, said.code), (Fact::Unrecognised, None));
}

/// Where a card was declined nothing was authorised, and a message may say so; of what was taken all must be.
#[test]
fn a_2_what_was_authorised_is_the_whole_of_what_was_taken_and_nothing_of_what_was_declined() {
    let whole = Amount::new(2500, Currency::GBP).ok();
    let declined = [("baseStatus", "FAIL"), ("transStatus", "N")];
    for (door, authorised, named) in [
        (Door::Success, "25.00", whole),
        (Door::Success, "0.00", None),
        (Door::Success, "24.00", None),
        (Door::Failure, "25.00", whole),
        (Door::Failure, "0.00", whole),
        (Door::Failure, "1.00", None),
    ] {
        let said = if door == Door::Failure { &declined[..] } else { &[] };
        let changes = [said, &[("authAmount", authorised)]].concat();
        assert_eq!(notice(door, &changes).evidence.amount, named, "{door:?} {authorised}");
    }
}
