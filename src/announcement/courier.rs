//! Tells one subscriber what happens, at least once, and of each hand-off in order. Each has a courier of its own:
//! a slow one holds no other.

use super::couriers::{Delivered, GIVEN_UP, Results};
use super::message::Message;
use super::post::Post;
use super::schedule::again;
use super::subscriber::Subscriber;
use crate::clock::Clock;
use crate::ledger::{Answer, Attempt, Delivery, LedgerError, Outbox};
use crate::spans::{self, Part};
use crate::way_out::NoWayOut;
use futures_util::future::join_all;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How many messages to one subscriber are under way at once.
const AT_ONCE: usize = 8;
/// How long a message is leased for: longer than an attempt can take.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How often it is looked whether there is something to tell.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long a subscriber that took nothing is left alone.
const REST: Duration = Duration::from_secs(5);

/// The way to one subscriber.
pub struct Courier {
    subscriber: Subscriber,
    post: Post,
    outbox: Arc<dyn Outbox>,
    results: Results,
    clock: Clock,
}

/// What came of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// There was nothing to tell.
    Quiet,
    /// Something was taken: there may be more.
    Told,
    /// Nothing was.
    InVain,
}

impl Courier {
    /// To this one, over this outbox; what comes of it is counted among the results.
    pub fn new(
        subscriber: Subscriber,
        outbox: Arc<dyn Outbox>,
        results: Results,
        clock: Clock,
    ) -> Result<Self, NoWayOut> {
        let post = Post::to(&subscriber)?;
        Delivered::begin(&results, &subscriber.name);
        Ok(Self { subscriber, post, outbox, results, clock })
    }

    pub(super) fn name(&self) -> &str {
        &self.subscriber.name
    }

    /// Its keys by their names in the configuration, and how often each was used.
    #[must_use]
    pub fn uses(&self) -> Vec<(String, u64)> {
        let Subscriber { name, keys, signing, .. } = &self.subscriber;
        let signing = signing
            .iter()
            .map(|key| (format!("subscribers.{name}.signing_key"), key.uses().so_far()));
        keys.uses(&format!("subscribers.{name}.secret")).into_iter().chain(signing).collect()
    }

    /// Goes on until the service stops; what is under way then is seen to its end.
    pub async fn go(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            // A ledger that cannot be written is alarmed of by its own; leases end by themselves.
            let pause = match self.round().await {
                Ok(Round::Told) => continue,
                Ok(Round::Quiet) | Err(_) => LOOK_EVERY,
                Ok(Round::InVain) => REST,
            };
            stop.run_until_cancelled(tokio::time::sleep(pause)).await;
        }
    }

    async fn round(&self) -> Result<Round, LedgerError> {
        let now = self.clock.now();
        let lease_until = now.saturating_add(LEASE).unwrap_or(now);
        let name = &self.subscriber.name;
        let due = self.outbox.claim_deliveries(name, now, lease_until, AT_ONCE).await?;
        if due.is_empty() {
            return Ok(Round::Quiet);
        }
        let answers = join_all(due.iter().map(|delivery| self.deliver(delivery))).await;
        let taken = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
        let any = taken.into_iter().any(|answer| answer == Answer::Taken);
        Ok(if any { Round::Told } else { Round::InVain })
    }

    async fn deliver(&self, delivery: &Delivery) -> Result<Answer, LedgerError> {
        let (subscriber, item) = (&self.subscriber.name, &delivery.item);
        let (reference, tries) = (item.event.reference, delivery.tries.saturating_add(1));
        let message = Message::of(item);
        let telling = self.post.tell(&self.subscriber, &message, self.clock.now());
        let (answer, wait) = spans::around(Part::Delivery, telling, |(answer, _), said| {
            said.of(reference);
            said.result(answer.word());
        })
        .await;
        let at = self.clock.now();
        let again = match answer {
            Answer::Taken => None,
            // It stays due: whoever has it told again misses nothing.
            Answer::Gone => Some(at),
            Answer::Elsewhere
            | Answer::Refused
            | Answer::Failed
            | Answer::Lost
            | Answer::Unreachable
            | Answer::Forbidden => again(item.cursor, (delivery.tries, delivery.since), at, wait),
        };
        let position = item.cursor.position;
        let name = subscriber.clone();
        self.outbox.settle(Attempt { subscriber: name, position, at, answer, again }).await?;
        let word = answer.word();
        self.results.get_or_create(&Delivered::of(subscriber, word)).inc();
        if answer == Answer::Gone {
            let advice = "it wants to hear no more: almoner events resend has it told again";
            tracing::error!(event = "subscriber_gone", %subscriber, advice);
        } else if answer != Answer::Taken && again.is_none() {
            self.results.get_or_create(&Delivered::of(subscriber, GIVEN_UP)).inc();
            tracing::error!(event = "event_given_up", %subscriber, %reference, tries, answer = word);
        } else if answer != Answer::Taken {
            tracing::warn!(event = "event_not_taken", %subscriber, %reference, tries, answer = word);
        }
        Ok(answer)
    }
}
