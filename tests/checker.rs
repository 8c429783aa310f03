//! The judge of `scripts/chaos`, judged: every planted wrong is reported, and a right history is not.

#[path = "chaos/verdict.rs"]
mod verdict;

use verdict::{Answer, Booked, Call, Fault, History, Kept};

const PAID: &str = "01PAID";
const DECLINED: &str = "01DECLINED";
const OPEN: &str = "01OPEN";

fn created(reference: &str, state: &str) -> Answer {
    Answer::Created { reference: reference.into(), state: state.into() }
}

fn shown(reference: &str, state: &str) -> Answer {
    Answer::Shown { reference: reference.into(), state: state.into() }
}

/// Three payments under faults that went as they should: paid, declined, and never begun.
fn right() -> History {
    let call = |key: &str, answers: Vec<Answer>| Call {
        key: key.into(),
        minor: 2500,
        direct: true,
        answers,
    };
    let booked = |charges, state: &str| Booked { minor: 2500, charges, state: state.into() };
    let kept = |state: &str| Kept { minor: 2500, state: state.into(), listed: false };
    History {
        calls: vec![
            call("key-1", vec![Answer::Broken, created(PAID, "in_doubt"), shown(PAID, "accepted")]),
            call("key-2", vec![Answer::Later(503), created(DECLINED, "declined")]),
            call("key-3", vec![created(OPEN, "in_doubt"), shown(OPEN, "lapsed")]),
        ],
        books: [(PAID.into(), booked(1, "accepted")), (DECLINED.into(), booked(0, "declined"))]
            .into(),
        ledger: [(PAID, "accepted"), (DECLINED, "declined"), (OPEN, "lapsed")]
            .map(|(reference, state)| (reference.to_owned(), kept(state)))
            .into(),
        acknowledged: vec![(PAID.into(), "accepted".into())],
        broken: None,
    }
}

/// What is found once something is planted.
fn planted(plant: impl FnOnce(&mut History)) -> Vec<Fault> {
    let mut history = right();
    plant(&mut history);
    history.judge().into_iter().map(|finding| finding.fault).collect()
}

#[test]
fn a_right_history_is_right() {
    assert_eq!(right().judge(), []);
    assert!(right().is_settled());
    assert_eq!((right().doubts(), right().open(), right().charged()), (0, 0, 1));
}

#[test]
fn charged_twice_is_found() {
    assert_eq!(planted(|seen| seen.books.get_mut(PAID).unwrap().charges = 2), [Fault::Twice]);
    let two_references = planted(|seen| {
        let answer = created(OPEN, "in_doubt");
        seen.calls.first_mut().unwrap().answers.insert(1, answer);
    });
    assert_eq!(two_references, [Fault::Twice]);
}

#[test]
fn lost_is_found() {
    // Charged and in doubt for good; the caller was told accepted, the webhook was acknowledged.
    let doubt = planted(|seen| seen.ledger.get_mut(PAID).unwrap().state = "in_doubt".into());
    assert_eq!(doubt, [Fault::Lost, Fault::Lost, Fault::Lost]);
    // The processor declined, and nobody heard of it.
    let deaf = planted(|seen| {
        seen.ledger.get_mut(DECLINED).unwrap().state = "handed_off".into();
        seen.calls.remove(1);
    });
    assert_eq!(deaf, [Fault::Lost]);
    // What a caller was told is gone, row and all.
    assert_eq!(planted(|seen| drop(seen.ledger.remove(OPEN))), [Fault::Lost]);
    // The processor was sent what was never written down.
    let unwritten = planted(|seen| drop(seen.books.insert("01NEW".into(), Booked::default())));
    assert_eq!(unwritten, [Fault::Lost]);
    // An acknowledged webhook left no trace.
    let unheard = planted(|seen| seen.acknowledged.push((OPEN.into(), "cancelled".into())));
    assert_eq!(unheard, [Fault::Lost]);
}

#[test]
fn wrong_is_found() {
    // Accepted without a charge.
    assert_eq!(planted(|seen| seen.books.get_mut(PAID).unwrap().charges = 0), [Fault::Wrong]);
    // Told that nothing was taken, and charged.
    let told = planted(|seen| {
        seen.calls.first_mut().unwrap().answers.insert(1, created(PAID, "lapsed"));
    });
    assert_eq!(told, [Fault::Wrong]);
    let told = planted(|seen| {
        seen.calls.first_mut().unwrap().answers.insert(1, created(PAID, "declined"));
    });
    assert_eq!(told, [Fault::Wrong]);
    // Another amount: there, or in our own record.
    assert_eq!(planted(|seen| seen.books.get_mut(PAID).unwrap().minor = 2600), [Fault::Wrong]);
    assert_eq!(planted(|seen| seen.ledger.get_mut(OPEN).unwrap().minor = 2600), [Fault::Wrong]);
    // The same request was refused as another.
    let refused = planted(|seen| {
        seen.calls.first_mut().unwrap().answers.insert(1, Answer::Refused(422, "conflict".into()));
    });
    assert_eq!(refused, [Fault::Wrong]);
    // The chain of the record.
    assert_eq!(planted(|seen| seen.broken = Some("row 3".into())), [Fault::Wrong]);
}

#[test]
fn what_is_open_is_not_settled() {
    let mut charged = right();
    charged.ledger.get_mut(PAID).unwrap().state = "handed_off".into();
    assert!(!charged.is_settled());
    let mut doubtful = right();
    doubtful.ledger.get_mut(OPEN).unwrap().state = "in_doubt".into();
    assert_eq!((doubtful.is_settled(), doubtful.doubts()), (false, 1));
    doubtful.ledger.get_mut(OPEN).unwrap().listed = true;
    assert!(doubtful.is_settled(), "a person finds it");
    let mut silent = right();
    silent.calls.push(Call { answers: vec![Answer::Broken], ..Call::default() });
    assert!(!silent.is_settled());
}

#[test]
fn a_hosted_page_may_decline_and_then_take() {
    let mut second_card = right();
    let call = second_card.calls.first_mut().unwrap();
    call.direct = false;
    call.answers.insert(1, shown(PAID, "declined"));
    assert_eq!(second_card.judge(), []);
    assert!(right().judge().iter().all(|finding| finding.to_string().contains(&finding.what)));
}
