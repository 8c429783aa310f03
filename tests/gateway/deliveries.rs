//! What is counted of deliveries, and what is told of a subscriber that does not take them.

use super::events::subscribed;
use super::evidence::log;
use super::house::House;
use super::operator::by_password;

fn stands(metrics: &str, line: &str) -> bool {
    metrics.lines().any(|told| told == line)
}

/// The metrics, once they hold this line; the guard is generous.
async fn until(house: &House, line: &str) -> String {
    for _ in 0..4800 {
        let metrics = house.operations("/metrics").await.body;
        if stands(&metrics, line) {
            return metrics;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("never told: {line}\n{}", house.operations("/metrics").await.body);
}

fn said(event: &str, subscriber: &str) -> usize {
    let log = log();
    let lines = log.lines().filter(|line| line.contains(&format!("\"event\":\"{event}\"")));
    lines.filter(|line| line.contains(&format!("\"subscriber\":\"{subscriber}\""))).count()
}

const LATE: &str = "almoner_alarm{alarm=\"events_not_taken\"}";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_nothing_is_told_of_until_it_does() {
    let mut crm = None;
    let house = House::with(|settings| {
        by_password(settings);
        crm = Some(subscribed(settings, "slow-crm"));
    })
    .await;
    let crm = crm.unwrap();
    let metrics = house.operations("/metrics").await.body;
    for line in [
        "almoner_deliveries_total{subscriber=\"slow-crm\",result=\"taken\"} 0",
        "almoner_deliveries_total{subscriber=\"slow-crm\",result=\"given_up\"} 0",
        "almoner_delivery_oldest_seconds{subscriber=\"slow-crm\"} 0",
        "almoner_subscriber_gone{subscriber=\"slow-crm\"} 0",
        &format!("{LATE} 0"),
    ] {
        assert!(stands(&metrics, line), "{line} is not in\n{metrics}");
    }
    crm.answer([500; 40]);
    house.handed_off().await;
    until(&house, "almoner_deliveries_total{subscriber=\"slow-crm\",result=\"failed\"} 1").await;
    house.later(3600);
    let metrics = house.operations("/metrics").await.body;
    assert!(stands(&metrics, &format!("{LATE} 0")), "an hour is not yet too long");
    assert_eq!(said("events_not_taken", "slow-crm"), 0);
    house.later(2);
    until(&house, &format!("{LATE} 1")).await;
    house.operations("/metrics").await;
    assert_eq!(said("events_not_taken", "slow-crm"), 1, "once");
    // It answers well again.
    crm.answer_well();
    for _ in 0..600 {
        house.later(600);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        if stands(&house.operations("/metrics").await.body, &format!("{LATE} 0")) {
            break;
        }
    }
    until(&house, "almoner_delivery_oldest_seconds{subscriber=\"slow-crm\"} 0").await;
    assert_eq!(said("events_taken", "slow-crm"), 1);
    let cookie = house.enter().await;
    let page = house.inside("/console", &cookie).await.body;
    let row = page.split("slow-crm</th>").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(row.contains(" ago</td><td>nothing</td><td>in order</td>"), "{row}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_gone_is_shown_as_that_and_not_as_late() {
    let mut crm = None;
    let house = House::with(|settings| {
        by_password(settings);
        crm = Some(subscribed(settings, "gone-crm"));
    })
    .await;
    crm.unwrap().answer([410]);
    house.handed_off().await;
    until(&house, "almoner_subscriber_gone{subscriber=\"gone-crm\"} 1").await;
    house.later(7200);
    let metrics = house.operations("/metrics").await.body;
    assert!(stands(&metrics, &format!("{LATE} 0")), "{metrics}");
    assert!(!stands(&metrics, "almoner_delivery_oldest_seconds{subscriber=\"gone-crm\"} 0"));
    assert_eq!(said("events_not_taken", "gone-crm"), 0);
    let cookie = house.enter().await;
    let page = house.inside("/console", &cookie).await.body;
    let row = page.split("gone-crm</th>").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(row.starts_with("<td>–</td>") && row.contains("disabled"), "{row}");
    // Where its authority's certificate ends is told as of every other file.
    let ends = "almoner_certificate_ends_timestamp_seconds{file=\"subscribers.gone-crm.ca_file\"} ";
    assert!(metrics.lines().any(|line| line.starts_with(ends)), "{metrics}");
    house.stop().await;
}
