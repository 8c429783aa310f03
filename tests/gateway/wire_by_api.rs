//! The wire under our orders: whom we trust, how often something is sent, and what becomes of an answer
//! that cannot be written down.

use super::answers::told;
use super::house::House;
use super::paying::{GOOD_CARD, take_cards_here};
use super::relay::{Passing, Relay};
use super::standin::{Issuer, Show, StandIn, self_signed};
use almoner::config::{Origin, Setting as _};
use almoner::mock_rsm::{EnquiryFault, Fault, WebhookFault};
use almoner::payment::Source;
use serde_json::json;
use std::time::Duration;

/// Nobody is spoken to who cannot prove who they are: nothing was sent, and that is certain.
#[tokio::test]
async fn fm_32_a_server_that_cannot_be_trusted_is_told_nothing() {
    let issuer = Issuer::new();
    for show in [
        issuer.server("localhost", [2019, 2020]),
        issuer.server("elsewhere.example", [2020, 2120]),
        Issuer::new().server("localhost", [2020, 2120]),
        self_signed("localhost", [2020, 2120]),
        // A server hello of TLS 1.1.
        Show::Bytes(
            [vec![22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2], vec![7; 32], vec![0, 0, 0x2f, 0]].concat(),
        ),
    ] {
        let server = StandIn::start(show).await;
        let bundle = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(bundle.path(), issuer.pem()).unwrap();
        let house = House::with(|settings| {
            take_cards_here(settings);
            settings.processor.ca_file = Some(bundle.path().to_owned());
            let origin = format!("https://localhost:{}", server.port());
            settings.processor.signed.as_mut().unwrap().origin.0 = Origin::read(&origin).unwrap();
        })
        .await;
        let (reference, answer) = house.paid_with(GOOD_CARD).await;
        assert_eq!(house.outcome(reference).await["state"], "lapsed");
        told(reference, "order_not_sent", "unreachable");
        assert!(
            house
                .get(answer.header("location"))
                .await
                .body
                .contains("could not be reached, and nothing was sent")
        );
        let (connections, requests) = server.heard();
        assert_eq!((connections, requests.len()), (1, 0), "tried once, and nothing was said");
    }
}

/// The network repeats our request: the processor knows it by its reference, and takes it once.
#[tokio::test]
async fn fm_48_a_request_that_the_network_doubles_is_taken_once() {
    let (house, relay) = Relay::house(Passing::Times(3)).await;
    let (reference, _) = house.paid_with(GOOD_CARD).await;
    let outcome = house.outcome(reference).await;
    assert_eq!((&outcome["state"], &outcome["attention"]), (&json!("accepted"), &json!([])));
    assert_eq!((relay.requests(), house.charges(reference)), (1, 1));
}

/// No kept connection can turn out to be closed in the middle of an order: each has one of its own.
#[tokio::test]
async fn fm_49_every_order_has_a_connection_of_its_own_and_none_is_sent_again() {
    let (house, relay) = Relay::house(Passing::Times(1)).await;
    for count in 1..=3 {
        let (reference, _) = house.paid_with(GOOD_CARD).await;
        assert_eq!(house.outcome(reference).await["state"], "accepted");
        assert_eq!((relay.connections(), relay.requests()), (count, count));
    }
    let (house, relay) = Relay::house(Passing::Closing).await;
    let (reference, _) = house.paid_with(GOOD_CARD).await;
    assert_eq!(house.outcome(reference).await["state"], "in_doubt");
    told(reference, "order_in_doubt", "lost");
    assert_eq!((relay.connections(), house.charges(reference)), (1, 0), "one try, and no more");
}

fn sql(house: &House, text: &str) {
    let file = rusqlite::Connection::open(house.ledger_file()).unwrap();
    file.busy_timeout(Duration::from_secs(9)).unwrap();
    file.execute_batch(text).unwrap();
}

/// What the processor answered cannot be written: the supporter is told that it is being confirmed, and it
/// is written as soon as that can be done, without anybody asking again.
#[tokio::test]
async fn fm_16_an_answer_that_cannot_be_written_is_kept_and_written_late() {
    let house = House::by_api().await;
    house.mock.faults().script(Fault::Enquiry(EnquiryFault::Error), 1000);
    house.mock.faults().script(Fault::Webhook(WebhookFault::Drop), 1000);
    sql(
        &house,
        "CREATE TRIGGER full BEFORE INSERT ON event WHEN NEW.source = 'reply' BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    let page = house.pay_with(GOOD_CARD).await;
    let shown = house.get(page.header("location")).await;
    assert!(shown.body.contains("We are checking. Do not pay again."), "{}", shown.body);
    let reference = house.mock.books().payments()[0].reference;
    assert_eq!(
        (&house.outcome(reference).await["state"], house.charges(reference)),
        (&json!("in_doubt"), 1)
    );
    told(reference, "answer_not_written", "full");
    sql(&house, "DROP TRIGGER full");
    let outcome = house.becomes(reference, "accepted").await;
    assert_eq!(outcome["attention"], json!([]));
    let history = house.history(reference).await;
    let evidence = history.iter().filter_map(|event| event.evidence.as_ref());
    assert!(evidence.map(|it| it.source).eq([Source::Reply]), "{history:?}");
    assert_eq!((house.charges(reference), house.recorded().await.0), (1, 1));
}
