//! Handing over by a call: written down as in doubt, then the mark that the processor can be asked
//! by, then sent, once. Whatever interrupts this leaves a doubt, which the chaser resolves.

use super::breaker::{Pass, Went};
use super::unwritten::{Page, Unwritten};
use super::{HandOffs, HandedOver, NotHandedOver, Request};
use crate::clock::Clock;
use crate::ledger::{
    Conclusion, Entry, HandOff, IdempotencyKey, Ledger, LedgerError, Opening, Purpose, Trace,
};
use crate::payment::{Asked, Evidence, FieldError, Reference, State};
use crate::processor::client::Stopwatch;
use crate::processor::{Order, Processor, Reply, UNMARKED, Wanted};
use crate::shield::Declines;
use crate::spans;
use begin::Begun;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;
use url::Url;
use word::{known_there, withdrawn};

mod begin;
mod word;

/// How long after the end of a call its doubt is first asked about.
const ASK_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// What a call needs while the supporter may be gone already.
struct Caller {
    ledger: Arc<dyn Ledger>,
    processor: Arc<Processor>,
    clock: Clock,
    tasks: TaskTracker,
    unwritten: Unwritten,
    declines: Declines,
}

/// What a call ended with.
struct Answered {
    entry: Entry,
    challenge: Option<Url>,
    refused: Vec<FieldError>,
}

impl HandOffs {
    /// Calls the processor. A repeat is not sent again: it gets what is known by now.
    pub(super) async fn call(&self, request: Request) -> Result<HandedOver, NotHandedOver> {
        let now = self.clock.now();
        let Request { reference, asked, contact, means, key, return_url, gate } = request;
        // A day that was offered then may be over now: what was sent is told before that is checked.
        if let Some(entry) = self.known(reference, &asked, key).await? {
            return self.repeat(entry);
        }
        let reference = reference.unwrap_or_else(|| Reference::at(now));
        let hand_off = HandOff { reference, opened_at: now, opened_as: State::InDoubt, asked };
        let instruction =
            self.instruction(hand_off.asked.method, means).map_err(NotHandedOver::Unfit)?;
        let back = return_url.unwrap_or_else(|| self.return_url(reference));
        let wanted = Wanted {
            hand_off: &hand_off,
            contact: &contact,
            instruction: &instruction,
            return_url: &back,
        };
        let order = self.processor.order(&wanted, now).map_err(NotHandedOver::Unfit)?;
        // What is private is in the order now, and nowhere else.
        drop((instruction, contact));
        let pass = self.leave_to_call(&hand_off, &gate, now)?;
        let wait = self.call_timeout.saturating_add(ASK_AFTER);
        let due_at = now.saturating_add(wait).unwrap_or(now);
        let trace = Trace { mark: order.mark(), purpose: Purpose::Lodge, at: now };
        let caller = Caller {
            ledger: Arc::clone(&self.ledger),
            processor: Arc::clone(&self.processor),
            clock: self.clock.clone(),
            tasks: self.tasks.clone(),
            unwritten: self.unwritten.clone(),
            declines: self.declines.clone(),
        };
        // From the opening on in a task of its own: a browser that goes away, as at the first of two
        // clicks, leaves nothing behind that was opened and is never sent.
        let (tell, begun) = oneshot::channel();
        let sending = self.tasks.spawn(spans::carried(Stopwatch::carried(async move {
            let begun = caller.begin(hand_off, key, due_at, trace).await;
            let sends = match &begun {
                Ok(Begun::ToSend(entry, unmarked)) => Some((entry.clone(), *unmarked)),
                Ok(Begun::Known(_)) | Err(_) => None,
            };
            // The supporter may be gone.
            tell.send(begun).ok();
            let (entry, unmarked) = sends?;
            Some(caller.send(entry, order, unmarked, pass).await)
        })));
        let lost = || LedgerError::Unavailable("the writing broke off".to_owned());
        let entry = match begun.await.map_err(|_gone| lost())?? {
            Begun::Known(entry) => return self.repeat(entry),
            Begun::ToSend(entry, _) => entry,
        };
        let doubtful = Answered { entry, challenge: None, refused: Vec::new() };
        // Whether the supporter's patience ends or the task is lost: the doubt is on disk.
        let answered = match tokio::time::timeout(self.patience, sending).await {
            Ok(Ok(Some(answered))) => answered,
            Ok(Ok(None) | Err(_)) | Err(_) => doubtful,
        };
        let Answered { entry, challenge, refused } = answered;
        if entry.standing.state == State::InDoubt {
            self.told.note(reference, self.clock.now(), self.call_timeout);
        }
        Ok(HandedOver { entry, redirect: None, challenge, refused, repeated: false })
    }

    /// What was handed over under this key before.
    pub async fn kept(&self, key: IdempotencyKey) -> Result<Option<Entry>, NotHandedOver> {
        before(self.ledger.kept(key).await?)
    }

    /// The answer to a repeat of a call: what is known, or that the first may still be under way.
    pub fn repeat(&self, entry: Entry) -> Result<HandedOver, NotHandedOver> {
        let now = self.clock.now();
        let HandOff { reference, opened_at, opened_as, .. } = entry.hand_off;
        let in_doubt = opened_as == State::InDoubt && entry.standing.state == State::InDoubt;
        let in_time = now.duration_since(opened_at) < self.call_timeout;
        if in_doubt && in_time && !self.told.holds(reference) {
            return Err(NotHandedOver::UnderWay(reference));
        }
        let (redirect, challenge, refused) = (None, None, Vec::new());
        Ok(HandedOver { entry, redirect, challenge, refused, repeated: true })
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
        before(opening)
    }
}

/// What was opened before, if anything was.
fn before(opening: Option<Opening>) -> Result<Option<Entry>, NotHandedOver> {
    match opening {
        None => Ok(None),
        Some(Opening::Opened(entry) | Opening::Repeated(entry)) => Ok(Some(entry)),
        Some(Opening::Conflicting) => Err(NotHandedOver::Conflicting),
    }
}

impl Caller {
    /// Marks, sends, and writes the answer down. What cannot be written down stays a doubt.
    async fn send(
        &self,
        entry: Entry,
        order: Order,
        unmarked: Option<Trace>,
        pass: Pass,
    ) -> Answered {
        let reply = self.place(&entry.hand_off, order, unmarked).await;
        let now = self.clock.now();
        pass.tell(health(&reply), now);
        let (evidence, refused) = match reply {
            Reply::Decided(evidence, refused) => (evidence, refused),
            Reply::NotSent(why) => (withdrawn(&entry.hand_off, why, now), Vec::new()),
            Reply::Pending { redirect } => {
                tracing::info!(event = "challenged", audit = true, reference = %entry.hand_off.reference);
                let known = known_there(&entry.hand_off, "challenged", now);
                let answered = self.conclude(entry, known, Vec::new(), now).await;
                return Answered { challenge: Some(redirect), ..answered };
            }
            Reply::Lost(why) => {
                tracing::warn!(event = "in_doubt", audit = true, reference = %entry.hand_off.reference, reason = why);
                return self.doubt(entry, now).await;
            }
            Reply::Known(why) => {
                tracing::warn!(event = "in_doubt", audit = true, reference = %entry.hand_off.reference, reason = why);
                let known = known_there(&entry.hand_off, why, now);
                return self.conclude(entry, known, Vec::new(), now).await;
            }
        };
        self.conclude(entry, evidence, refused, now).await
    }

    /// The mark first, unless it was written with the hand-off; then the request.
    async fn place(&self, hand_off: &HandOff, order: Order, unmarked: Option<Trace>) -> Reply {
        let reference = hand_off.reference;
        let started = self.clock.now();
        if let Some(trace) = unmarked {
            match self.mark(reference, trace).await {
                Ok(true) => {}
                Ok(false) => {
                    tracing::error!(event = "held_up", %reference);
                    return Reply::NotSent("held_up");
                }
                Err(error) => {
                    tracing::error!(event = "not_marked", %reference, reason = %error);
                    return Reply::NotSent("not_marked");
                }
            }
        }
        if self.clock.now().duration_since(hand_off.opened_at) >= UNMARKED {
            tracing::error!(event = "held_up", %reference);
            return Reply::NotSent("held_up");
        }
        self.processor.place(order, started).await
    }

    /// Writes the mark. `false` for whoever was held up for so long that the hand-off passes for one
    /// that was never sent: it must not be sent any more (see [`Trace::forbidding`]).
    async fn mark(&self, reference: Reference, trace: Trace) -> Result<bool, LedgerError> {
        self.ledger.send(reference, trace).await?;
        let traces = self.ledger.traces(reference).await?;
        Ok(!traces.iter().any(|trace| trace.forbids(reference)))
    }

    /// The processor is asked soon. A webhook may have told meanwhile what came of it.
    async fn doubt(&self, entry: Entry, now: Timestamp) -> Answered {
        let reference = entry.hand_off.reference;
        let soon = now.saturating_add(ASK_AFTER).unwrap_or(now);
        if let Err(error) = self.ledger.reschedule(reference, Some(soon)).await {
            tracing::warn!(event = "not_rescheduled", %reference, reason = %error);
        }
        let entry = match self.ledger.find(reference).await {
            Ok(Some(known)) => known,
            Ok(None) | Err(_) => entry,
        };
        Answered { entry, challenge: None, refused: Vec::new() }
    }

    async fn conclude(
        &self,
        entry: Entry,
        evidence: Evidence,
        refused: Vec<FieldError>,
        now: Timestamp,
    ) -> Answered {
        let reference = entry.hand_off.reference;
        match self.ledger.conclude(reference, evidence.clone(), now).await {
            Ok(Conclusion::Recorded { before, after }) => {
                let attention: Vec<_> = after.attention.iter().map(|flag| flag.word()).collect();
                self.declines.answered(reference, before, after.state, now);
                tracing::info!(event = "answered", audit = true, %reference, before = before.word(), after = after.state.word(), attention = attention.join(","));
                let entry = Entry { standing: after, changed_at: now, ..entry };
                if entry.standing.state.is_concluded() {
                    // A webhook may have been quicker, and have told of a payment.
                    let not_taken = entry.standing.is_not_taken();
                    let refused = if not_taken { refused } else { Vec::new() };
                    return Answered { entry, challenge: None, refused };
                }
                // What was decided about another sum decides nothing.
                self.doubt(entry, now).await
            }
            Ok(Conclusion::Repeated | Conclusion::Parked) => self.doubt(entry, now).await,
            Err(error) => {
                tracing::error!(event = "answer_not_written", %reference, reason = %error);
                let page = Page {
                    ledger: Arc::clone(&self.ledger),
                    clock: self.clock.clone(),
                    tasks: self.tasks.clone(),
                    declines: self.declines.clone(),
                };
                self.unwritten.keep(page, reference, evidence);
                // Whatever it says, nobody is told before it is on disk.
                Answered { entry, challenge: None, refused: Vec::new() }
            }
        }
    }
}

/// What a reply says of the processor's health.
fn health(reply: &Reply) -> Went {
    match reply {
        // Known there, and not decided: it answers.
        Reply::Decided(..) | Reply::Pending { .. } | Reply::Known("pending" | "reference_used") => {
            Went::Well
        }
        // It answers, and takes this one not: one stranger with bad cards may have brought that about,
        // and would shut the door to everybody.
        Reply::NotSent("not_processed") | Reply::Known("redirect_elsewhere") => Went::Unsaid,
        Reply::NotSent("unreachable") | Reply::Lost(_) | Reply::Known(_) => Went::Failed,
        // We were held up, or it does not take what we send: others fare no better or worse.
        Reply::NotSent(_) => Went::Unsaid,
    }
}

#[cfg(test)]
mod tests;
