//! The second life of Direct Debits, by RSM's calendar and its reports.

use super::house::House;
use super::rsm::GOOD_ACCOUNT;
use almoner::payment::Reference;
use serde_json::json;

#[tokio::test]
async fn a_membership_through_the_api_goes_live_is_paid_and_comes_back_unpaid() {
    let house = House::rsm().await;
    let good = house.joined(GOOD_ACCOUNT).await;
    let poor = house.joined("00012352").await;
    assert!(house.office().bank_is(&good.to_string(), "accountNumber", GOOD_ACCOUNT));
    assert!(house.developments(good).await.is_empty());
    house.working_days(7);
    house.follow().await;
    assert_eq!(words(&house, good).await, ["mandate_live"]);
    house.working_days(35);
    house.follow().await;
    let developments = words(&house, good).await;
    assert_eq!(developments.first().map(String::as_str), Some("mandate_live"));
    assert!(developments.contains(&"collection_paid".to_owned()), "{developments:?}");
    let unpaid = house.developments(poor).await;
    assert!(unpaid.contains(&("collection_unpaid".into(), json!("0"))), "{unpaid:?}");
    let events = house.recorded().await;
    house.follow().await;
    assert_eq!(house.recorded().await, events, "the same reports again are no news");
    assert_eq!(house.office().requests("setMandates"), 2);
}

async fn words(house: &House, reference: Reference) -> Vec<String> {
    house.developments(reference).await.into_iter().map(|(word, _)| word).collect()
}

#[tokio::test]
async fn mandates_that_the_bank_rejects_ends_or_that_are_claimed_back() {
    let house = House::rsm().await;
    let rejected = house.joined("00012351").await;
    let ended = house.joined(GOOD_ACCOUNT).await;
    house.working_days(8);
    let theirs = house.outcome(ended).await["processor_reference"].as_str().unwrap().to_owned();
    house.office().end_mandate(&theirs, "2: Payer deceased");
    house.follow().await;
    assert_eq!(house.developments(rejected).await, [("mandate_failed".to_owned(), json!("5"))]);
    assert_eq!(
        house.developments(ended).await.last(),
        Some(&("mandate_cancelled".to_owned(), json!("2")))
    );
    let claimed = house.joined(GOOD_ACCOUNT).await;
    house.working_days(30);
    let theirs = house.outcome(claimed).await["processor_reference"].as_str().unwrap().to_owned();
    house.office().claim_back(&theirs, "5: No authority given");
    house.working_days(3);
    house.follow().await;
    let words = words(&house, claimed).await;
    assert!(words.contains(&"charged_back".to_owned()), "{words:?}");
}

/// What becomes of each of the mock's accounts within three months.
#[tokio::test]
async fn every_fate_an_account_can_have() {
    for (account, wanted) in [
        (
            "00012353",
            vec![
                ("mandate_live", None),
                ("collection_unpaid", Some("B")),
                ("mandate_cancelled", Some("B")),
            ],
        ),
        ("00012354", vec![("mandate_live", None), ("charged_back", Some("5"))]),
        ("00012355", vec![("mandate_live", None), ("mandate_cancelled", Some("1"))]),
        ("00012356", vec![("mandate_live", None), ("collection_paid", None)]),
    ] {
        let house = House::rsm().await;
        let reference = house.joined(account).await;
        for _ in 0..12 {
            house.working_days(5);
            house.follow().await;
        }
        let developments = house.developments(reference).await;
        for (word, code) in wanted {
            let one = (word.to_owned(), json!(code));
            assert!(developments.contains(&one), "{account}: {one:?} is not in {developments:?}");
        }
        assert_eq!(house.outcome(reference).await["state"], "accepted");
        assert_eq!(house.outcome(reference).await["attention"], json!([]), "{account}");
    }
}
