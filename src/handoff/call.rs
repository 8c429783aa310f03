//! Handing over by a call: written down as in doubt, then the mark that the processor can be asked
//! by, then sent, once. Whatever interrupts this leaves a doubt, which the chaser resolves.

use super::{HandOffs, HandedOver, NotHandedOver, Request};
use crate::clock::Clock;
use crate::ledger::{Conclusion, Entry, HandOff, IdempotencyKey, Ledger, Opening, Purpose, Trace};
use crate::payment::{
    Asked, EventId, Evidence, Fact, FieldError, Outcome, ProcessorText, Reference, Source, State,
};
use crate::processor::{Order, Processor, Reply};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How long after the end of a call its doubt is first asked about.
const ASK_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// What a call needs while the supporter may be gone already.
struct Caller {
    ledger: Arc<dyn Ledger>,
    processor: Arc<Processor>,
    clock: Clock,
}

impl HandOffs {
    /// Calls the processor. A repeat is not sent again: it gets what is known by now.
    pub(super) async fn call(&self, request: Request) -> Result<HandedOver, NotHandedOver> {
        let now = self.clock.now();
        let Request { reference, asked, contact, account, key, return_url: _ } = request;
        // A day that was offered then may be over now: what was sent is told before that is checked.
        if let Some(entry) = self.known(reference, &asked, key).await? {
            return Ok(HandedOver { entry, redirect: None, refused: Vec::new(), repeated: true });
        }
        let reference = reference.unwrap_or_else(|| Reference::at(now));
        let hand_off = HandOff { reference, opened_at: now, opened_as: State::InDoubt, asked };
        let instruction = self.instruction(account).map_err(NotHandedOver::Unfit)?;
        let order = self
            .processor
            .order(&hand_off, &contact, &instruction, now)
            .map_err(NotHandedOver::Unfit)?;
        // The account is in the order now, and nowhere else.
        drop((instruction, contact));
        let wait = self.call_timeout.saturating_add(ASK_AFTER);
        let due_at = now.saturating_add(wait).unwrap_or(now);
        let (entry, repeated) = self.open(hand_off, key, due_at).await?;
        if repeated {
            return Ok(HandedOver { entry, redirect: None, refused: Vec::new(), repeated });
        }
        let caller = Caller {
            ledger: Arc::clone(&self.ledger),
            processor: Arc::clone(&self.processor),
            clock: self.clock.clone(),
        };
        let doubtful = entry.clone();
        let sending = self.tasks.spawn(async move { caller.send(entry, order).await });
        // Whether the supporter's patience ends or the task is lost: the doubt is on disk.
        let (entry, refused) = match tokio::time::timeout(self.patience, sending).await {
            Ok(Ok(answered)) => answered,
            Ok(Err(_)) | Err(_) => (doubtful, Vec::new()),
        };
        Ok(HandedOver { entry, redirect: None, refused, repeated: false })
    }

    /// What was handed over under this token or key before.
    async fn known(
        &self,
        reference: Option<Reference>,
        asked: &Asked,
        key: Option<IdempotencyKey>,
    ) -> Result<Option<Entry>, NotHandedOver> {
        let opening = match (key, reference) {
            (Some(key), _) => self.ledger.kept(key).await?,
            (None, Some(reference)) => self.ledger.find(reference).await?.map(|entry| {
                let HandOff { asked: known, opened_as, .. } = &entry.hand_off;
                let same = known == asked && *opened_as == State::InDoubt;
                if same { Opening::Repeated(entry) } else { Opening::Conflicting }
            }),
            (None, None) => None,
        };
        match opening {
            None => Ok(None),
            Some(Opening::Opened(entry) | Opening::Repeated(entry)) => Ok(Some(entry)),
            Some(Opening::Conflicting) => Err(NotHandedOver::Conflicting),
        }
    }
}

impl Caller {
    /// Marks, sends, and writes the answer down. What cannot be written down stays a doubt.
    async fn send(&self, entry: Entry, order: Order) -> (Entry, Vec<FieldError>) {
        let hand_off = &entry.hand_off;
        let reference = hand_off.reference;
        let trace = Trace { mark: order.mark(), purpose: Purpose::Lodge, at: self.clock.now() };
        let started = self.clock.now();
        let reply = match self.ledger.send(reference, trace).await {
            Ok(()) => self.processor.place(order, started).await,
            Err(error) => {
                tracing::error!(event = "not_marked", %reference, reason = %error);
                Reply::NotSent("not_marked")
            }
        };
        let now = self.clock.now();
        let (evidence, refused) = match reply {
            Reply::Decided(evidence, refused) => (evidence, refused),
            Reply::NotSent(why) => (withdrawn(hand_off, why, now), Vec::new()),
            Reply::Lost(why) => {
                tracing::warn!(event = "in_doubt", %reference, reason = why);
                let soon = now.saturating_add(ASK_AFTER).unwrap_or(now);
                if let Err(error) = self.ledger.reschedule(reference, Some(soon)).await {
                    tracing::warn!(event = "not_rescheduled", %reference, reason = %error);
                }
                return (entry, Vec::new());
            }
        };
        match self.ledger.conclude(reference, evidence, now).await {
            Ok(Conclusion::Recorded { before, after }) => {
                tracing::info!(event = "answered", %reference, before = before.word(), after = after.state.word());
                (Entry { standing: after, changed_at: now, ..entry }, refused)
            }
            Ok(Conclusion::Repeated | Conclusion::Parked) => (entry, refused),
            Err(error) => {
                tracing::error!(event = "answer_not_written", %reference, reason = %error);
                (entry, Vec::new())
            }
        }
    }
}

/// Nothing was sent, or nothing was done with it, for no fault of the supporter's.
fn withdrawn(hand_off: &HandOff, why: &str, now: Timestamp) -> Evidence {
    Evidence {
        id: EventId::of(Source::Reply, &[hand_off.reference.as_bytes(), b"withdrawn"]),
        source: Source::Reply,
        fact: Fact::Outcome(Outcome::Lapsed),
        amount: Some(hand_off.asked.amount),
        mode: None,
        processor_reference: None,
        code: ProcessorText::parse(why),
        occurred_at: now,
    }
}
