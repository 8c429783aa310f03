//! A processor that is down: payments through its API are refused before anything is written, and it
//! is found again by a question that concerns nobody.

use super::house::House;
use super::paying::GOOD_CARD;
use super::samples::fresh;
use almoner::config::Span;
use almoner::ledger::Ledger as _;
use almoner::mock_rsm::{CallFault, EnquiryFault, Fault};
use std::time::Duration;

/// The breaker opens after three failures here.
async fn house() -> House {
    House::by_api_with(|settings| {
        settings.limits.breaker_failures = 3;
        settings.limits.breaker_wait = Span::seconds(20);
    })
    .await
}

async fn metric(house: &House, name: &str) -> String {
    let metrics = house.operations("/metrics").await.body;
    let line = metrics.lines().find(|line| line.starts_with(&format!("almoner_{name} ")));
    line.unwrap().rsplit(' ').next().unwrap().to_owned()
}

/// As long as the breaker stays open, and not some other time.
fn told_to_wait(seconds: &str, expected: std::ops::RangeInclusive<u64>) {
    assert!(expected.contains(&seconds.parse().unwrap()), "{seconds}");
}

/// A stranger with bad cards has call after call not processed: the others' are.
#[tokio::test]
async fn fm_39_what_is_not_processed_shuts_nobody_out() {
    let house = house().await;
    for status in [429, 503, 429, 503] {
        house.mock.faults().script(Fault::Call(CallFault::NotProcessed(status)), 1);
        let (reference, _) = house.paid_with(GOOD_CARD).await;
        assert_eq!(house.outcome(reference).await["state"], "lapsed");
    }
    assert_eq!(metric(&house, "breaker_open").await, "0");
    let (reference, _) = house.paid_with(GOOD_CARD).await;
    assert_eq!(house.outcome(reference).await["state"], "accepted");
}

/// The processor says when to come back while it is down: so is everybody else told.
#[tokio::test]
async fn fm_39_the_processors_own_retry_after_is_passed_on() {
    let house = House::by_api_with(|settings| {
        settings.limits.breaker_failures = 1;
        settings.limits.breaker_wait = Span::seconds(2);
    })
    .await;
    house.mock.faults().script(Fault::Call(CallFault::Status(502)), 1);
    house.paid_with(GOOD_CARD).await;
    told_to_wait(house.pay_with(GOOD_CARD).await.header("retry-after"), 1..=5);
    house.mock.faults().script(Fault::Enquiry(EnquiryFault::Busy), 100_000);
    house.later(3);
    let mut told = String::new();
    for _ in 0..2400 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        house.pay_with(GOOD_CARD).await.header("retry-after").clone_into(&mut told);
        if told.len() > 1 {
            break;
        }
    }
    told_to_wait(&told, 20..=31);
}

#[tokio::test]
async fn fm_50_a_processor_that_is_down_is_not_called_until_it_is_well() {
    let house = house().await;
    let faults = house.mock.faults();
    faults.script(Fault::Call(CallFault::Status(502)), 3);
    faults.script(Fault::Enquiry(EnquiryFault::Error), 100_000);
    for _ in 0..3 {
        let (reference, _) = house.paid_with(GOOD_CARD).await;
        assert_eq!(house.outcome(reference).await["state"], "in_doubt");
    }
    assert_eq!(
        (metric(&house, "breaker_open").await, metric(&house, "doubts").await),
        ("1".into(), "3".into())
    );
    let recorded = house.recorded().await;
    for _ in 0..8 {
        let page = house.pay_with(GOOD_CARD).await;
        assert_eq!(page.status, 503);
        told_to_wait(page.header("retry-after"), 20..=41);
        assert!(page.body.contains("nothing was sent this time"), "{}", page.body);
        let answer = house.charge(GOOD_CARD, &fresh()).await;
        assert_eq!(answer.status, 503);
        told_to_wait(answer.header("retry-after"), 20..=41);
        assert!(answer.body.contains("urn:almoner:problem:unavailable"), "{}", answer.body);
    }
    assert_eq!(house.recorded().await, recorded, "nothing was written");
    assert_eq!(metric(&house, "calls_under_way").await, "0");
    // Down for an hour: it is asked, and stays shut.
    for _ in 0..3 {
        house.later(20 * 60);
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(house.pay_with(GOOD_CARD).await.status, 503);
    }
    // Back: within 30 seconds of the service's clock it is found so.
    faults.clear();
    house.later(30);
    for _ in 0..2400 {
        if metric(&house, "breaker_open").await == "0" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (reference, _) = house.paid_with(GOOD_CARD).await;
    assert_eq!(house.outcome(reference).await["state"], "accepted");
    assert_eq!(metric(&house, "breaker_open").await, "0");
    house.ledger().verify().await.unwrap();
}

/// More calls than the door lets in: told at once, and nothing of theirs is written.
#[tokio::test(flavor = "multi_thread")]
async fn fm_51_a_slow_processor_sheds_what_it_cannot_take() {
    let house = House::by_api_with(|settings| settings.limits.calls_at_once = 2).await;
    let slow = Fault::Call(CallFault::Slow(Duration::from_secs(6)));
    house.mock.faults().script(slow, 2);
    let calls = (0..6).map(|_| {
        let house = &house;
        async move { house.charge(GOOD_CARD, &fresh()).await.status }
    });
    let mut statuses = futures_util::future::join_all(calls).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 503, 503, 503, 503]);
    assert_eq!(house.recorded().await.0, 2);
}
