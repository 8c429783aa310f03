//! 150 mandates in one request: each is decided by itself, and none is taken for another.

use crate::account::Account;
use crate::environment::Need;
use almoner::processor::rsm::ddcm::{BATCH, Decision, MandateOrder, MandateRecord, Unfit};
use jiff::ToSpan as _;
use std::collections::BTreeSet;

const SOON: u16 = 25;

/// References that were never used, in the order of their letters.
pub(crate) async fn references(account: &Account, count: usize) -> Vec<String> {
    let first = account.fresh().await;
    (0..count).map(|place| format!("{first}-{place:03}")).collect()
}

pub(crate) fn new(records: Vec<MandateRecord<'_>>) -> Vec<MandateOrder<'_>> {
    records.into_iter().map(MandateOrder::New).collect()
}

/// Every record is wrong, each in its own way, so that nothing comes of it.
#[tokio::test]
async fn refusals_are_told_apart() {
    let account = Account::with(&[]).unwrap();
    let references = references(&account, BATCH).await;
    let far = account.today() + 15.months();
    let starts = [(account.ahead(1), 2193), (far, 2194)];
    let each = references.iter().zip(starts.iter().cycle());
    let orders =
        new(each.map(|(reference, (start, _))| account.record(reference, *start)).collect());
    let decisions = account.ask(|ddcm, at| ddcm.set_mandates(&orders, at)).await.unwrap();
    assert_eq!(decisions.len(), BATCH);
    for (decision, (_, code)) in decisions.iter().zip(starts.iter().cycle()) {
        let Decision::Refused(codes) = decision else { panic!("{decision:?}") };
        assert!(codes.has(*code), "{codes}, not {code}");
    }
}

/// Three wrong ones among 150.
#[tokio::test]
async fn good_and_bad_ones_in_one_request() {
    let Some(account) = Account::with(&[Need::Mandates, Need::Batch]) else { return };
    let references = references(&account, BATCH).await;
    let bad = [0, 74, BATCH - 1];
    let start = |place| account.ahead(if bad.contains(&place) { 1 } else { SOON });
    let each = references.iter().enumerate();
    let orders =
        new(each.map(|(place, reference)| account.record(reference, start(place))).collect());
    let all: Vec<&str> = references.iter().map(String::as_str).collect();
    account
        .clearing(&all, async || {
            let decided = account.ask(|ddcm, at| ddcm.set_mandates(&orders, at)).await;
            let mut numbers = BTreeSet::new();
            for (place, decision) in decided.unwrap().into_iter().enumerate() {
                match decision {
                    Decision::Refused(codes) => assert!(bad.contains(&place) && codes.has(2193)),
                    Decision::Accepted { dd_ref_no: Some(number) } => {
                        assert!(!bad.contains(&place) && numbers.insert(number), "{place}");
                    }
                    Decision::Accepted { dd_ref_no: None }
                    | Decision::NotSent(_)
                    | Decision::InDoubt(_) => panic!("{place}"),
                }
            }
            assert_eq!(numbers.len(), BATCH - bad.len(), "each has a number of its own");
        })
        .await;
}

/// Refused by ourselves: RSM's answer could not be read, or the request is longer than known.
#[tokio::test]
async fn what_could_not_be_told_apart_is_not_sent() {
    let account = Account::with(&[]).unwrap();
    let at = account.moment().await;
    let references = references(&account, BATCH + 1).await;
    let many = new(references.iter().map(|it| account.record(it, account.ahead(1))).collect());
    assert_eq!(account.ddcm.set_mandates(&many, at).err(), Some(Unfit::TooMany));
    let twice = [&references[0], &references[1], &references[0]];
    let twice = new(twice.map(|it| account.record(it, account.ahead(1))).into());
    assert_eq!(account.ddcm.set_mandates(&twice, at).err(), Some(Unfit::Repeated(2)));
    assert_eq!(account.ddcm.set_mandates(&[], at).err(), Some(Unfit::Empty));
}
