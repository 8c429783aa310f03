use super::*;
use crate::payment::{Amount, Code, Dialect, Flag, Frequency, Mode};

fn asked(method: Method, appeal: Option<&str>) -> Asked {
    Asked {
        kind: Kind::Join,
        method,
        dialect: Dialect::Signed,
        mode: Mode::Test,
        amount: Amount::new(1234, iso_currency::Currency::GBP).unwrap(),
        frequency: Frequency::Monthly,
        plan: None,
        appeal: appeal.and_then(Code::parse),
        gift_aid: true,
        merchant_reference: None,
    }
}

#[test]
fn each_state_has_its_truth() {
    for (state, truth) in [
        (State::Accepted, Truth::Received),
        (State::Declined, Truth::NotTaken),
        (State::Cancelled, Truth::NotTaken),
        (State::Lapsed, Truth::NotTaken),
        (State::HandedOff, Truth::Unconfirmed),
        (State::InDoubt, Truth::Unconfirmed),
    ] {
        let standing = Standing::of(state);
        assert_eq!(Truth::of(&standing), truth, "{state:?}");
        let attention = [Flag::Mismatch].into();
        let disputed = Truth::of(&Standing { attention, ..standing });
        let taken = truth == Truth::Received;
        assert_eq!(disputed, if taken { truth } else { Truth::Unconfirmed }, "{state:?}");
    }
}

/// What is said of a call by card that ended like this.
fn by_call(state: State, code: &str) -> String {
    let (truth, code) = (Truth::of(&Standing::of(state)), Some(code));
    let reference = Reference::at(jiff::Timestamp::UNIX_EPOCH);
    let said = Said { truth, state, code, remark: None, disputed: false, reference };
    not_taken_by_call(&Look::example(), &asked(Method::Card, None), &said).1.into_string()
}

/// No more is said than is known, and no less.
#[test]
fn each_code_of_a_lapsed_call_is_told_for_what_it_is() {
    for (code, told) in [
        ("unreachable", "RSM could not be reached, and nothing was sent."),
        ("not_sent", "Something went wrong on our side, and nothing was sent to RSM."),
        ("held_up", "Something went wrong on our side, and nothing was sent to RSM."),
        ("not_processed", "RSM said that it could not take it, and did nothing with it."),
        ("refused_us", "RSM said that it could not take it, and did nothing with it."),
        ("timed_out", "It was not finished."),
    ] {
        let page = by_call(State::Lapsed, code);
        assert!(page.contains(told), "{code}: {page}");
        assert!(!page.contains("your bank") && !page.contains("As far as"), "{code}");
    }
    for code in ["not_found", "never_arrived"] {
        let page = by_call(State::Lapsed, code);
        assert!(page.contains("As far as RSM knows: No money has been taken."), "{page}");
    }
    assert!(by_call(State::Cancelled, "").contains("It was cancelled before it was finished."));
    assert!(by_call(State::Declined, "").contains("declined by RSM or by your bank"));
}

#[test]
fn a_second_attempt_is_of_the_same_appeal() {
    let page = |appeal| {
        let asked = asked(Method::Card, appeal);
        not_taken(&Look::example(), &asked, State::Declined, &html! {}).1.into_string()
    };
    assert!(page(Some("spring-26")).contains(r#"href="/join?appeal=spring-26""#));
    assert!(page(None).contains(r#"href="/join""#));
}

#[test]
fn a_direct_debit_is_called_one() {
    let look = Look::example();
    let (title, page) =
        not_taken(&look, &asked(Method::DirectDebit, None), State::Lapsed, &html! {});
    assert_eq!(look.say(title), "Your Direct Debit was not set up");
    assert!(!page.into_string().contains("card"));
}
