//! Row D-27: ten times as much as can be done, of everything at once.

use super::house::{House, client};
use super::message::Message;
use super::paying::{GOOD_CARD, charge};
use super::samples::fresh;
use super::visitor::API_KEY;
use almoner::mock_rsm::{CallFault, Fault};
use almoner::payment::Reference;
use futures_util::future::join_all;
use std::time::Duration;

/// Payments that may be under way at once here.
const AT_ONCE: usize = 4;
/// Of each kind.
const FLOOD: usize = 10 * AT_ONCE;

/// What is turned away was not written and says when to come again; what is taken is answered in time, and as
/// it should be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d_27_a_mixed_flood_is_shed_before_anything_is_written() {
    let house = House::by_api_with(|settings| settings.limits.calls_at_once = AT_ONCE).await;
    let slow = Fault::Call(CallFault::Slow(Duration::from_secs(3)));
    house.mock.faults().script(slow, FLOOD);
    let clients: Vec<_> =
        (0..4).map(|_| client(&house.authority).http2_prior_knowledge().build().unwrap()).collect();
    let send = |number: usize| {
        let (house, client) = (&house, &clients[number % clients.len()]);
        async move {
            let body = charge(GOOD_CARD).to_string();
            let request = client.post(house.url("/v1/handoffs")).bearer_auth(API_KEY).body(body);
            let request = request.header("content-type", "application/json");
            request.header("idempotency-key", fresh()).send().await.unwrap()
        }
    };
    let payments = join_all((0..FLOOD).map(send));
    let nobody = Reference::at(house.clock.now());
    let forged = Message::new(&house, &house.statement(nobody, "accepted"));
    // A stranger's connection is ended after the first answer: theirs are not those of the visitors.
    let strangers: Vec<_> = (0..8).map(|_| client(&house.authority).build().unwrap()).collect();
    let forge = |number: usize| {
        let request = strangers[number % strangers.len()].post(house.url("/webhooks/signed"));
        let request = request.header("webhook-id", "m").header("webhook-timestamp", "1");
        let request = request.header("webhook-signature", "v1,AAAA").body(forged.body.clone());
        async { request.send().await.unwrap().status().as_u16() }
    };
    let forgeries = join_all((0..FLOOD).map(forge));
    let visits = join_all((0..FLOOD).map(|_| async { house.get("/donate").await.status }));
    let (payments, forgeries, visits) = tokio::join!(payments, forgeries, visits);
    let mut taken = 0;
    for answer in payments {
        let again = answer.headers().get("retry-after").is_some();
        match answer.status().as_u16() {
            201 => taken += 1,
            status => assert_eq!((status, again), (503, true)),
        }
        let body: serde_json::Value =
            serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert!(again || body["state"] == "accepted", "{body}");
    }
    assert!((AT_ONCE..FLOOD).contains(&taken), "{taken}");
    let written = i64::try_from(taken).unwrap();
    assert_eq!(house.recorded().await.0, written, "whoever was turned away was not written down");
    assert_eq!(house.mock.books().payments().len(), taken, "nor sent");
    assert!(visits.iter().all(|status| *status == 200), "{visits:?}");
    assert!(forgeries.iter().all(|status| [401, 415, 429].contains(status)), "{forgeries:?}");
    assert_eq!(house.charge(GOOD_CARD, &fresh()).await.status, 201, "well again by itself");
}
