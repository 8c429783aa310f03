//! Rows FM-56 and FM-63 to FM-65: webhooks that come again, all at once, unread, or without the supporter.

use super::house::{House, client};
use super::message::Message;
use super::raw::Raw;
use super::samples::{encoded, gift};
use super::visitor::{FORM, OWN_PAGE, handed};
use almoner::config::Span;
use almoner::payment::Reference;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _};
use std::collections::BTreeMap;

#[tokio::test]
async fn fm_56_the_same_webhook_ten_times_at_once() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    let message = Message::new(&house, &house.statement(reference, "accepted"));
    let answers = join_all((0..10).map(|_| house.post_message(&message))).await;
    assert!(answers.iter().all(|answer| (answer.status, answer.body.as_str()) == (200, "OK")));
    assert_eq!(house.recorded().await, (1, 2));
    assert_eq!(house.outcome(reference).await["attention"], serde_json::json!([]));
}

/// After an outage the processor sends everything it has. What has no place is told to come again,
/// nothing is lost over it, and supporters are served all the while.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fm_63_a_storm_of_ten_thousand_webhooks() {
    const HAND_OFFS: usize = 500;
    const EACH: usize = 20;
    const SENDERS: usize = 16;
    let house = House::with(|settings| {
        let limits = &mut settings.limits;
        limits.webhooks_at_once = 32;
        limits.requests_per_connection = u32::MAX;
        limits.connections_per_address = 200;
        // However slow the machine is, no connection is too old in the midst of it.
        limits.connection_age = Span::seconds(3600);
    })
    .await;
    let opening = (0..HAND_OFFS).map(|_| async { house.handed_off().await.0 });
    let references: Vec<Reference> = stream::iter(opening).buffer_unordered(32).collect().await;
    // A message of its own each, as a processor sends that has much to say of each payment.
    let statements = references.iter().map(|reference| house.statement(*reference, "accepted"));
    let mut left: Vec<Message> = statements
        .flat_map(|statement| (0..EACH).map(move |_| statement.clone()))
        .map(|statement| Message::new(&house, &statement))
        .collect();
    let senders: Vec<_> = (0..SENDERS)
        .map(|_| client(&house.authority).http2_prior_knowledge().build().unwrap())
        .collect();
    let mut told: BTreeMap<u16, usize> = BTreeMap::new();
    let supporter = async {
        let mut gifts = 0;
        for _ in 0..5 {
            let token = house.token("/donate").await;
            handed(&house.post("/donate", &[FORM, OWN_PAGE], encoded(&gift(&token))).await);
            gifts += 1;
        }
        gifts
    };
    let storm = async {
        while !left.is_empty() {
            let posts = left.into_iter().enumerate().map(|(place, message)| {
                let sender = &senders[place % SENDERS];
                post(&house, sender, message)
            });
            let answers: Vec<_> =
                stream::iter(posts).buffer_unordered(SENDERS * 32).collect().await;
            left = Vec::new();
            for (status, message) in answers {
                *told.entry(status).or_default() += 1;
                if status != 200 {
                    left.push(message);
                }
            }
        }
    };
    let (gifts, ()) = tokio::join!(supporter, storm);
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), [200, 503], "{told:?}");
    assert_eq!(told[&200], HAND_OFFS * EACH);
    let hand_offs = i64::try_from(HAND_OFFS).unwrap() + gifts;
    let events = i64::try_from(HAND_OFFS * EACH).unwrap() + hand_offs;
    assert_eq!(house.recorded().await, (hand_offs, events), "each message is one event");
    for reference in &references {
        assert_eq!(house.outcome(*reference).await["state"], "accepted");
    }
}

async fn post(house: &House, sender: &reqwest::Client, message: Message) -> (u16, Message) {
    let mut request = sender.post(house.url("/webhooks/signed")).body(message.body.clone());
    for (name, value) in message.headers() {
        request = request.header(name, value);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let again = answer.headers().get("retry-after").map(|wait| wait.to_str().unwrap().to_owned());
    assert_eq!(again.as_deref(), (status == 503).then_some("60"));
    (status, message)
}

/// It was on disk before the 200 left, so nobody has to have read that.
#[tokio::test]
async fn fm_64_a_webhook_whose_answer_nobody_reads() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    let message = Message::new(&house, &house.statement(reference, "accepted"));
    let headers: Vec<_> =
        message.headers().iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "POST /webhooks/signed HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: {}\r\n{}\r\n",
        message.body.len(),
        headers.concat()
    );
    let whole = format!("{head}{}", message.body);
    // Cut somewhere: before it was read, while it was judged, or after it was written.
    for _ in 0..10 {
        Raw::open(&house).await.send(&whole).await;
    }
    let mut unread = Raw::open(&house).await;
    unread.send(&whole).await;
    house.becomes(reference, "accepted").await;
    drop(unread);
    let again = house.post_message(&message).await;
    assert_eq!((again.status, again.body.as_str()), (200, "OK"));
    assert_eq!(house.recorded().await, (1, 2), "sent again, and no new row");
}

#[tokio::test]
async fn fm_65_a_supporter_who_never_comes_back() {
    let house = House::new().await;
    let (reference, fields) = handed(&house.donate(&[]).await);
    let back = house.arrive(&fields).await.pay("4242424242424242").await;
    house.becomes(reference, "accepted").await;
    // Days later the link still tells the truth.
    house.later(3 * 24 * 60 * 60);
    assert!(house.back(&back).await.body.contains("Your donation has been received."));
    assert_eq!(house.recorded().await, (1, 2));
}
