//! What tokens are good for, and for how long.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "numbers and texts of the tests' own"
)]

use super::*;
use crate::keys::Key;

fn tokens(first: u8) -> Tokens {
    let current = Key::new(&(first..first + 32).collect::<Vec<u8>>()).unwrap();
    Tokens::new(
        Keys { current, next: None },
        SignedDuration::from_secs(3),
        SignedDuration::from_mins(30),
    )
}

fn later(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + seconds).unwrap()
}

#[test]
fn f_1_c_13_a_form_token_is_good_for_its_form_and_terms_alone() {
    let ours = tokens(1);
    let token = ours.for_form(Kind::Donate, "GBP 200-1000000", later(0));
    let check =
        |tokens: &Tokens, token: &str, kind, terms| tokens.check_form(token, kind, terms, later(5));
    assert!(check(&ours, &token, Kind::Donate, "GBP 200-1000000").is_ok());
    assert_eq!(check(&ours, &token, Kind::Join, "GBP 200-1000000"), Err(BadToken::Forged));
    let reference = check(&ours, &token, Kind::Donate, "GBP 200-1000000").unwrap();
    assert_eq!(
        check(&ours, &token, Kind::Donate, "GBP 1-1000000"),
        Err(BadToken::Changed(reference))
    );
    assert_eq!(check(&tokens(2), &token, Kind::Donate, "GBP 200-1000000"), Err(BadToken::Forged));
    for wrong in ["", "x", &token[1..], &token.replace(&token[20..21], "~")] {
        assert_eq!(check(&ours, wrong, Kind::Donate, "GBP 200-1000000"), Err(BadToken::Forged));
    }
    assert_eq!(ours.check_return(&token), None, "a form token opens no return page");
}

#[test]
fn g_6_no_person_fills_a_form_in_two_seconds_and_no_form_stays_open_for_ever() {
    let ours = tokens(1);
    let token = ours.for_form(Kind::Donate, "", later(0));
    let reference = ours.check_form(&token, Kind::Donate, "", later(5)).unwrap();
    for (age, expected) in [
        (2, Some(BadToken::TooYoung(reference))),
        (3, None),
        (1800, None),
        (1801, Some(BadToken::TooOld(reference))),
        (-61, Some(BadToken::TooOld(reference))),
    ] {
        assert_eq!(ours.check_form(&token, Kind::Donate, "", later(age)).err(), expected, "{age}");
    }
}

#[test]
fn what_a_browser_remembers_is_a_time_and_whether_we_wrote_it() {
    let ours = tokens(1);
    for kind in [Kind::Donate, Kind::Join] {
        let text = ours.for_given(kind, later(0));
        for (age, expected) in [(0, true), (599, true), (600, false), (-1, false)] {
            let found = ours.check_given(&text, later(age));
            let wanted = expected.then(|| (kind, SignedDuration::from_secs(age)));
            assert_eq!(found, wanted, "{age}");
        }
        assert_eq!(tokens(2).check_given(&text, later(5)), None, "another's key");
        let (time, tag) = text.split_once('.').unwrap();
        assert_eq!(time, "1767225600");
        for wrong in [
            String::new(),
            time.to_owned(),
            format!("{time}."),
            format!("1767225601.{tag}"),
            format!("+{text}"),
            format!("0{text}"),
            format!("{text}="),
            format!("{time}.{}", &tag[..40]),
            format!("-{}.{tag}", u64::MAX),
        ] {
            assert_eq!(ours.check_given(&wrong, later(5)), None, "{wrong}");
        }
    }
    let form = ours.for_form(Kind::Donate, "", later(0));
    assert_eq!(ours.check_given(&format!("1767225600.{form}"), later(5)), None);
}

#[test]
fn an_api_callers_key_stays_its_own_while_the_install_key_is_rotated() {
    let key = |first: u8| Key::new(&(first..first + 32).collect::<Vec<u8>>()).unwrap();
    let tokens = |current, next: Option<u8>| {
        let keys = Keys { current: key(current), next: next.map(key) };
        Tokens::new(keys, SignedDuration::ZERO, SignedDuration::ZERO)
    };
    let of = |tokens: &Tokens| tokens.idempotency(&[b"shop", b"key"], &[b"donate"]);
    let each = |tokens: &Tokens| of(tokens).each().collect::<Vec<_>>();
    let (before, announced) = (each(&tokens(1, None)), each(&tokens(1, Some(2))));
    let (changed, after) = (each(&tokens(2, Some(1))), each(&tokens(2, None)));
    assert_eq!((before.len(), announced.len()), (1, 2));
    assert_eq!(announced, [before[0], after[0]], "written under both");
    assert_eq!(changed, [after[0], before[0]]);
    let other = tokens(1, None).idempotency(&[b"shopk", b"ey"], &[b"donate"]);
    assert_ne!(other.key, before[0].key, "the parts do not run into each other");
    assert_eq!(other.fingerprint, before[0].fingerprint);
}

#[test]
fn a_return_link_leads_to_its_reference() {
    let reference = Reference::at(later(0));
    assert_eq!(tokens(1).check_return(&tokens(1).for_return(reference)), Some(reference));
    assert_eq!(tokens(2).check_return(&tokens(1).for_return(reference)), None);
}
