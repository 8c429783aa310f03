//! The processor's webhooks: really signed, by the reference implementation, and sent until they are
//! taken; some never, some twice, in any order.

use super::house::{House, NEXT_SECRET, SECRET};
use super::{World, spawn};
use almoner::payment::{EventId, Reference, Source};
use almoner::processor::Headers;
use almoner::resolution::{Door, Heard};
use bytes::Bytes;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use std::sync::Arc;
use std::time::Duration;

/// One message, whatever number of times it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) id: String,
    pub(crate) reference: Reference,
    pub(crate) data: Value,
}

impl Notice {
    /// The id of the event that it becomes.
    pub(crate) fn event(&self) -> EventId {
        EventId::of(Source::Notice, &[self.id.as_bytes()])
    }

    /// Its bytes and the headers that prove them.
    pub(crate) fn sign(&self, world: &World) -> (Headers, Bytes) {
        let body = json!({"type": "payment.outcome", "data": self.data}).to_string();
        let now = world.now().as_second();
        let secret = if world.witness().signs_with_next { NEXT_SECRET } else { SECRET };
        let signature = Webhook::new(secret).unwrap().sign(&self.id, now, body.as_bytes()).unwrap();
        let mut headers = Headers::new();
        for (name, value) in [
            ("webhook-id", self.id.as_str()),
            ("webhook-timestamp", &now.to_string()),
            ("webhook-signature", &signature),
        ] {
            headers.insert(name.parse::<axum::http::HeaderName>().unwrap(), value.parse().unwrap());
        }
        (headers, Bytes::from(body))
    }
}

/// How long the processor waits before it sends a message again, in seconds.
const AGAIN: [u64; 8] = [5, 30, 120, 600, 3600, 7200, 14_400, 28_800];

/// Begins to send a message, unless the test delivers it.
pub(crate) fn begin(world: &Arc<World>, notice: Notice) {
    if world.bank().holds {
        world.bank().held.push(notice);
    } else {
        spawn(send(Arc::clone(world), notice));
    }
}

/// Sends a message until it is taken.
async fn send(world: Arc<World>, notice: Notice) {
    let (chance, odds) = (&world.chance, world.chance.odds);
    if chance.strikes(odds.notice_never) {
        return world.note(&format!("webhook {} never comes", notice.id));
    }
    let copies = if chance.strikes(odds.notice_twice) { 1 + chance.below(4) } else { 0 };
    for _ in 0..copies {
        let (world, notice) = (Arc::clone(&world), notice.clone());
        let later = world.chance.millis(1..600_000);
        spawn({
            let world = Arc::clone(&world);
            async move {
                tokio::time::sleep(later).await;
                deliver_to_any(&world, &notice).await;
            }
        });
    }
    // Messages overtake one another.
    tokio::time::sleep(chance.millis(1..20_000)).await;
    for pause in AGAIN {
        if deliver_to_any(&world, &notice).await {
            return;
        }
        tokio::time::sleep(Duration::from_secs(pause)).await;
    }
}

async fn deliver_to_any(world: &Arc<World>, notice: &Notice) -> bool {
    if world.chance.strikes(world.chance.odds.notice_lost) {
        world.note(&format!("webhook {} lost", notice.id));
        return false;
    }
    match world.any_house() {
        Some(house) => deliver(world, &house, notice).await == Some(Heard::Recorded),
        None => false,
    }
}

/// Delivers a message once; `None` where no answer comes back.
pub(crate) async fn deliver(world: &Arc<World>, house: &House, notice: &Notice) -> Option<Heard> {
    let (headers, body) = notice.sign(world);
    let hearing = async {
        world.step(&house.life, "hear").await;
        let heard = house.resolution.hear(Door::Signed, &headers, &body).await;
        world.step(&house.life, "acknowledge").await;
        world.note(&format!("webhook {} {heard:?}", notice.id));
        if heard == Heard::Recorded {
            world.witness().acknowledged.push((notice.reference, notice.event()));
            world.check();
        }
        world.step(&house.life, "acknowledged").await;
        heard
    };
    let heard = house.serve(hearing).await?;
    let lost = world.chance.strikes(world.chance.odds.notice_lost);
    (!lost).then_some(heard)
}
