//! What a request can be asked by, whose the processor's references are, and how far reports were read.

use crate::samples::{at, conclude, hand_off, notice, opened};
use almoner::ledger::{HandOff, IdempotencyKey, Ledger, Opening, Purpose, Report, Trace};
use almoner::payment::{Dialect, Evidence, Outcome, ProcessorText};
use std::sync::Arc;

fn trace(mark: u8, purpose: Purpose, second: i64) -> Trace {
    Trace { mark: [mark; 32], purpose, at: at(second) }
}

pub(crate) async fn what_was_about_to_be_sent_is_found_oldest_first(ledger: Arc<dyn Ledger>) {
    let reference = opened(&ledger, &hand_off(0)).await.hand_off.reference;
    let other = opened(&ledger, &hand_off(1)).await.hand_off.reference;
    let first = trace(9, Purpose::Lodge, 1);
    let second = trace(1, Purpose::Cancel, 2);
    for trace in [second, first] {
        ledger.send(reference, trace).await.unwrap();
    }
    assert_eq!(ledger.traces(reference).await.unwrap(), [first, second]);
    assert_eq!(ledger.traces(other).await.unwrap(), []);
}

pub(crate) async fn a_mark_is_written_once_and_only_of_what_was_opened(ledger: Arc<dyn Ledger>) {
    let reference = opened(&ledger, &hand_off(0)).await.hand_off.reference;
    let mark = trace(1, Purpose::Lodge, 1);
    ledger.send(reference, mark).await.unwrap();
    assert!(ledger.send(reference, mark).await.is_err(), "the same request is never sent twice");
    assert!(ledger.send(hand_off(7).reference, trace(2, Purpose::Lodge, 1)).await.is_err());
    assert_eq!(ledger.traces(reference).await.unwrap(), [mark]);
}

pub(crate) async fn fm_2_fm_3_what_is_opened_to_be_sent_is_marked_at_once_or_says_that_it_is_not(
    ledger: Arc<dyn Ledger>,
) {
    let (one, mark) = (hand_off(0), trace(1, Purpose::Lodge, 1));
    let key = IdempotencyKey { key: [1; 32], fingerprint: [2; 32], other: None };
    let open = async |hand_off: &HandOff, key, mark| {
        let due_at = hand_off.opened_at;
        ledger.open_to_send(hand_off.clone(), Some(key), due_at, mark).await.unwrap()
    };
    let (opening, marked) = open(&one, key, mark).await;
    assert!(matches!(opening, Opening::Opened(_)), "{opening:?}");
    let marks = ledger.traces(one.reference).await.unwrap();
    assert_eq!(marks, if marked { vec![mark] } else { vec![] });
    // A repeat under the key, and another request, are not about to be sent: nothing is marked of them.
    let other = hand_off(1);
    let (opening, marked) = open(&other, key, trace(2, Purpose::Lodge, 2)).await;
    assert!(matches!(opening, Opening::Repeated(entry) if entry.hand_off == one) && !marked);
    let conflicting = IdempotencyKey { fingerprint: [3; 32], ..key };
    let (opening, marked) = open(&other, conflicting, trace(2, Purpose::Lodge, 2)).await;
    assert!(opening == Opening::Conflicting && !marked);
    assert_eq!(ledger.traces(one.reference).await.unwrap(), marks);
    assert_eq!(ledger.find(other.reference).await.unwrap(), None);
}

pub(crate) async fn a_processor_reference_belongs_to_one_hand_off(ledger: Arc<dyn Ledger>) {
    let [mut first, mut second] = [hand_off(0), hand_off(1)];
    for hand_off in [&mut first, &mut second] {
        // The one dialect that asks: every other signs the processor's reference.
        hand_off.asked.dialect = Dialect::Rsm2000;
    }
    for hand_off in [&first, &second] {
        opened(&ledger, hand_off).await;
    }
    let (first, second) = (first.reference, second.reference);
    let theirs = ProcessorText::parse("P-1").unwrap();
    assert!(!ledger.is_anothers(theirs.clone(), second).await.unwrap());
    conclude(&ledger, first, &notice(1, Outcome::Accepted)).await;
    assert!(ledger.is_anothers(theirs.clone(), second).await.unwrap());
    assert!(!ledger.is_anothers(theirs.clone(), first).await.unwrap());
    // Of one that is not known (yet) as well.
    let early = Evidence {
        processor_reference: ProcessorText::parse("P-2"),
        ..notice(2, Outcome::Accepted)
    };
    conclude(&ledger, hand_off(2).reference, &early).await;
    assert!(ledger.is_anothers(ProcessorText::parse("P-2").unwrap(), first).await.unwrap());
    // The same message twice, and another with the same reference, change nothing.
    for id in [1, 3] {
        conclude(&ledger, first, &notice(id, Outcome::Accepted)).await;
    }
    assert!(!ledger.is_anothers(theirs, first).await.unwrap());
}

pub(crate) async fn reports_are_read_further_and_never_less_far(ledger: Arc<dyn Ledger>) {
    assert_eq!(ledger.progress(Report::Mandates).await.unwrap(), None);
    for second in [5, 9, 7] {
        ledger.advance(Report::Mandates, at(second)).await.unwrap();
    }
    assert_eq!(ledger.progress(Report::Mandates).await.unwrap(), Some(at(9)));
    // A clock that was a week ahead, and is right again.
    for second in [9 + 7 * 86_400, 10] {
        ledger.advance(Report::Mandates, at(second)).await.unwrap();
    }
    assert_eq!(ledger.progress(Report::Mandates).await.unwrap(), Some(at(10)));
    assert_eq!(ledger.progress(Report::Collections).await.unwrap(), None);
}
