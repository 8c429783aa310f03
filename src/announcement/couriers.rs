//! All couriers: what they were answered, and how far those whom they tell are behind. That one of the charity's
//! systems takes nothing is an alarm, with what is likely behind it: nobody else would notice.

use super::courier::Courier;
use crate::clock::Clock;
use crate::ledger::{Answer, Backlog, Deliveries, LedgerError, Outbox};
use jiff::{SignedDuration, Timestamp};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// What came of attempts, counted by subscriber and result: one of the answers, or `given_up`.
pub type Results = Family<Delivered, Counter>;

/// An attempt, by the subscriber's name in the configuration and by what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Delivered {
    subscriber: String,
    result: &'static str,
}

/// What stands beside the answers: nothing is tried any more.
pub(super) const GIVEN_UP: &str = "given_up";

impl Delivered {
    pub(super) fn of(subscriber: &str, result: &'static str) -> Self {
        Self { subscriber: subscriber.to_owned(), result }
    }

    /// Each result of one subscriber at nought, so that the first of them is a change.
    pub(super) fn begin(results: &Results, subscriber: &str) {
        for result in Answer::ALL.iter().map(|answer| answer.word()).chain([GIVEN_UP]) {
            drop(results.get_or_create(&Self::of(subscriber, result)));
        }
    }
}

/// A courier for each that is told by itself.
pub struct Couriers {
    all: Vec<Arc<Courier>>,
    outbox: Option<Arc<dyn Outbox>>,
    results: Results,
    clock: Clock,
    /// How old an event may be that was not taken.
    late_after: SignedDuration,
    /// Of whom it was said.
    late: Mutex<BTreeSet<String>>,
}

/// Among how many of the newest events the last one taken is looked for.
const LOOKED_AT: usize = 50;

/// How one of them is behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// Whom.
    pub subscriber: String,
    /// The age of the oldest event that it has not taken, in seconds; nought where it has all.
    pub seconds: i64,
    /// Whether it wants to hear no more.
    pub gone: bool,
    /// Whether it is so old that somebody must look.
    pub late: bool,
}

impl Behind {
    /// That one of them is late, as people say it.
    pub const TOLD: &str = "A system of the charity's does not take its events";
    /// What is likely behind it.
    pub const CAUSE: &str = "it is down, refuses what it is told, or cannot be reached";
    /// What to do.
    pub const REMEDY: &str = "almoner events list --open says how it answered: docs/events.md";
}

impl Couriers {
    /// Nobody is told.
    #[must_use]
    pub fn none(clock: Clock) -> Self {
        Self::new(Vec::new(), None, Results::default(), (clock, SignedDuration::MAX))
    }

    /// These, over their outbox; `results` are what they count.
    #[must_use]
    pub fn new(
        all: Vec<Arc<Courier>>,
        outbox: Option<Arc<dyn Outbox>>,
        results: Results,
        (clock, late_after): (Clock, SignedDuration),
    ) -> Self {
        Self { all, outbox, results, clock, late_after, late: Mutex::default() }
    }

    /// Each of them.
    pub fn each(&self) -> impl Iterator<Item = &Arc<Courier>> {
        self.all.iter()
    }

    /// What is counted.
    #[must_use]
    pub fn results(&self) -> Results {
        self.results.clone()
    }

    /// How far each is behind; says in the log of whom that is too far, and when it is over.
    pub async fn behind(&self) -> Result<Vec<Behind>, LedgerError> {
        let Some(outbox) = &self.outbox else { return Ok(Vec::new()) };
        let mut backlog = outbox.backlog().await?;
        // The ledger remembers those too that are configured no more.
        backlog.retain(|of| self.all.iter().any(|courier| courier.name() == of.subscriber));
        let behind: Vec<_> = backlog.into_iter().map(|of| self.judge(of)).collect();
        self.tell(&behind);
        Ok(behind)
    }

    /// When each last took an event, of the newest [`LOOKED_AT`] of each.
    pub async fn taken(&self) -> Result<BTreeMap<String, Timestamp>, LedgerError> {
        let mut taken = BTreeMap::new();
        let Some(outbox) = &self.outbox else { return Ok(taken) };
        for courier in &self.all {
            let subscriber = courier.name().to_owned();
            let which = Deliveries {
                subscriber: Some(subscriber.clone()),
                limit: LOOKED_AT,
                ..Deliveries::default()
            };
            let newest = outbox.deliveries(which).await?.into_iter().filter_map(|it| it.taken_at);
            taken.extend(newest.max().map(|at| (subscriber, at)));
        }
        Ok(taken)
    }

    fn judge(&self, Backlog { subscriber, oldest, gone }: Backlog) -> Behind {
        let age = oldest.map_or(SignedDuration::ZERO, |at| self.clock.now().duration_since(at));
        let late = !gone && age > self.late_after;
        Behind { subscriber, seconds: age.as_secs().max(0), gone, late }
    }

    fn tell(&self, behind: &[Behind]) {
        let mut known = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        for Behind { subscriber, seconds, late, .. } in behind {
            if *late && known.insert(subscriber.clone()) {
                let (reason, advice) = (Behind::CAUSE, Behind::REMEDY);
                tracing::error!(event = "events_not_taken", %subscriber, seconds, reason, advice);
            } else if !late && known.remove(subscriber) {
                tracing::info!(event = "events_taken", %subscriber);
            }
        }
    }
}
