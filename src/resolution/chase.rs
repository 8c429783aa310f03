//! The chaser: whatever has no outcome in time is asked about, and never sent again.

use super::{Resolution, schedule};
use crate::clock::Course;
use crate::ledger::{Claim, HandOff, LedgerError, Trace, is_given_up};
use crate::payment::{EventId, Evidence, Fact, Reference, Source, Standing, State};
use crate::processor::{Enquiry, UNMARKED};
use futures_util::stream::{self, StreamExt as _};
use jiff::{SignedDuration, Timestamp};

/// How many overdue hand-offs are asked about in one round.
const CLAIMS_PER_ROUND: usize = 64;
/// How many of them at the same time, so that one slow answer does not hold the others.
const CLAIMS_AT_ONCE: usize = 16;
/// How long a claim is ours before it may be claimed again.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// How long nothing is asked after the clock jumped: longer than a call can be on its way, so that
/// nothing passes for older than it is, and long enough for a wrong clock to be set right.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_mins(20);
/// What is put off for longer was put off by a wrong clock.
const PUT_OFF: SignedDuration = schedule::LONGEST.saturating_add(LEASE);
/// How many doubts are looked through at once for those that were put off for too long.
const REELED_IN: usize = 10_000;

impl Resolution {
    /// One round of the chaser: asks about hand-offs that are due. Returns how many there were.
    pub async fn chase(&self) -> Result<usize, LedgerError> {
        let Course { in_step_for, jumped_to, .. } = self.clock.look();
        if jumped_to.is_some() && in_step_for < SETTLED_AFTER {
            return Ok(0);
        }
        let now = self.clock.now();
        let lease_until = now.saturating_add(LEASE).unwrap_or(now);
        let claims = self.ledger.claim(now, lease_until, CLAIMS_PER_ROUND).await?;
        let found = claims.len();
        let each = |claim: Claim| async move {
            let reference = claim.hand_off.reference;
            if let Err(error) = self.resolve(claim).await {
                tracing::error!(event = "not_resolved", %reference, reason = %error);
            }
        };
        stream::iter(claims).for_each_concurrent(CLAIMS_AT_ONCE, each).await;
        Ok(found)
    }

    async fn resolve(&self, claim: Claim) -> Result<(), LedgerError> {
        let now = self.clock.now();
        let reference = claim.hand_off.reference;
        let traces = self.traces(&claim.hand_off, now).await?;
        let answer = self.processor.enquire(&claim.hand_off, &traces, now).await;
        let can_be_asked = answer != Enquiry::Impossible;
        // One that is too busy says when to come back, and is not asked before.
        let unanswered = matches!(answer, Enquiry::Unanswered(_));
        let not_before = self.processor.wait().filter(|_| unanswered);
        let not_before = not_before.and_then(|wait| now.checked_add(wait).ok());
        let standing = self.take_down(&claim.hand_off, answer, now).await?;
        let state = if let Some(standing) = standing {
            standing.state
        } else {
            let entry = self.ledger.find(reference).await?;
            entry.map_or(claim.hand_off.opened_as, |entry| entry.standing.state)
        };
        let HandOff { opened_at, opened_as, .. } = claim.hand_off;
        let tries = claim.tries.saturating_add(1);
        if !state.can_still_rise(opened_as) {
            return Ok(());
        }
        let in_doubt = opened_as == State::InDoubt;
        let after = if in_doubt { self.doubt_overdue_after } else { self.overdue_after };
        let overdue_at = opened_at.saturating_add(after).unwrap_or(now);
        if now >= overdue_at && !state.is_concluded() {
            self.record(reference, overdue(reference, overdue_at), now).await?;
        }
        let next = if in_doubt {
            // It is flagged on time, whatever the schedule says.
            let due = schedule::of_call(reference, opened_at, tries, now);
            Some(if now < overdue_at { due.min(overdue_at) } else { due })
        } else {
            schedule::of_page(overdue_at, tries, now)
        };
        // What cannot be asked about is looked at once more: when it is overdue.
        let next = next.filter(|due| can_be_asked || *due <= overdue_at);
        let next = next.map(|due| not_before.map_or(due, |earliest| due.max(earliest)));
        if in_doubt && is_given_up(opened_at, tries, next) {
            tracing::error!(event = "doubt_given_up", %reference, tries);
        }
        self.ledger.reschedule(reference, next).await
    }

    /// Asks soon about every doubt whose next question a wrong clock has put off: further than the
    /// schedule ever does. Returns how many there were.
    pub async fn reel_in(&self) -> Result<usize, LedgerError> {
        let now = self.clock.now();
        let mut found = 0_usize;
        for doubt in self.ledger.doubts(REELED_IN).await? {
            let put_off = doubt.due_at.is_some_and(|due| due.duration_since(now) > PUT_OFF);
            if put_off {
                let reference = doubt.entry.hand_off.reference;
                tracing::warn!(event = "doubt_reeled_in", %reference);
                self.ledger.reschedule(reference, Some(now)).await?;
                found = found.saturating_add(1);
            }
        }
        Ok(found)
    }

    /// What was about to be sent. Where there is nothing, and it is late, the sending is forbidden
    /// first: what is told from its absence must stay true.
    async fn traces(&self, hand_off: &HandOff, now: Timestamp) -> Result<Vec<Trace>, LedgerError> {
        let HandOff { reference, opened_at, opened_as, .. } = *hand_off;
        let traces = self.ledger.traces(reference).await?;
        let is_late = now.duration_since(opened_at) >= UNMARKED;
        if opened_as != State::InDoubt || !is_late || !traces.is_empty() {
            return Ok(traces);
        }
        self.ledger.send(reference, Trace::forbidding(reference, now)).await?;
        self.ledger.traces(reference).await
    }

    /// Writes down what the answer says; `None` where that moved nothing.
    async fn take_down(
        &self,
        hand_off: &HandOff,
        answer: Enquiry,
        now: Timestamp,
    ) -> Result<Option<Standing>, LedgerError> {
        let reference = hand_off.reference;
        // A supporter may have left our page and never reached the processor's: that proves nothing.
        let in_doubt = hand_off.opened_as == State::InDoubt;
        match answer {
            Enquiry::Known(evidence) => self.record(reference, evidence, now).await,
            Enquiry::Unknown if in_doubt => self.never_heard_of(hand_off, now).await,
            Enquiry::Pending if in_doubt => self.undecided(reference, now).await,
            Enquiry::Pending | Enquiry::Unknown | Enquiry::Impossible => Ok(None),
            Enquiry::Unanswered(reason) => {
                tracing::warn!(event = "enquiry_unanswered", %reference, reason);
                Ok(None)
            }
        }
    }
}

/// The tick of our clock that says "overdue", the same however often it ticks.
fn overdue(reference: Reference, at: Timestamp) -> Evidence {
    Evidence {
        id: EventId(reference.as_bytes().map(|byte| !byte)),
        source: Source::Clock,
        fact: Fact::Overdue,
        amount: None,
        mode: None,
        processor_reference: None,
        code: None,
        occurred_at: at,
    }
}
