//! How a payment ends: a webhook is heard, an overdue hand-off is asked about. Both end in one
//! call, [`Ledger::conclude`]. Nobody is called on the way of a webhook.

use crate::clock::Clock;
use crate::ledger::{Claim, Conclusion, Ledger, LedgerError};
use crate::payment::{EventId, Evidence, Fact, Reference, Source, Standing};
use crate::processor::{Enquiry, Forged, Headers, Processor};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

pub mod nudge;

/// Everything a resolution needs.
pub struct Resolution {
    /// Where outcomes are written down.
    pub ledger: Arc<dyn Ledger>,
    /// Whom to ask.
    pub processor: Arc<Processor>,
    /// What time it is.
    pub clock: Clock,
    /// After how long without an outcome a hand-off is overdue.
    pub overdue_after: SignedDuration,
    /// Who was asked about lately.
    pub nudges: nudge::Nudges,
}

/// What became of a webhook. The reasons are in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is on disk, now or since earlier.
    Recorded,
    /// It was not believed.
    Forged,
    /// It cannot be read, or says things twice.
    Malformed,
    /// It could not be written down: the processor must send it again.
    NotWritten,
}

/// How many overdue hand-offs are asked about in one round.
const CLAIMS_PER_ROUND: usize = 64;
/// How many of them at the same time, so that one slow answer does not hold the others.
const CLAIMS_AT_ONCE: usize = 16;
/// How long a claim is ours before it may be claimed again.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// After the hand-off is overdue, it is asked about at these ages beyond that, in minutes, then
/// daily to 72 hours (security.md, 4.3).
const ENQUIRIES: [i64; 8] = [0, 30, 60, 120, 240, 480, 1440, 2880];
/// When nothing more is asked: a person must look.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(72);

impl Resolution {
    /// A webhook, from raw bytes to disk.
    pub async fn hear(&self, headers: &Headers, body: &Bytes) -> Heard {
        let now = self.clock.now();
        let notice = match self.processor.hear(headers, body, now) {
            Ok(notice) => notice,
            Err(forged) => {
                tracing::warn!(event = "webhook_refused", reason = %forged);
                return match forged {
                    Forged::Grammar | Forged::Duplicated => Heard::Malformed,
                    Forged::Unsigned
                    | Forged::BadSignature
                    | Forged::TooMany
                    | Forged::BadTimestamp
                    | Forged::Stale
                    | Forged::Future => Heard::Forged,
                };
            }
        };
        match self.record(notice.reference, notice.evidence, now).await {
            Ok(_) => Heard::Recorded,
            Err(_) => Heard::NotWritten,
        }
    }

    /// One round of the chaser: asks about hand-offs that are due. Returns how many there were.
    pub async fn chase(&self) -> Result<usize, LedgerError> {
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

    /// The supporter is back and nothing is known: the processor is asked at the next round, once
    /// in a while for each reference.
    pub async fn nudge(&self, reference: Reference) {
        if self.nudges.allow(reference) {
            let due = self.ledger.reschedule(reference, Some(self.clock.now())).await;
            if let Err(error) = due {
                tracing::warn!(event = "nudge_failed", %reference, reason = %error);
            }
        }
    }

    async fn resolve(&self, claim: Claim) -> Result<(), LedgerError> {
        let now = self.clock.now();
        let reference = claim.hand_off.reference;
        let answer = self.processor.enquire(&claim.hand_off, now).await;
        let standing = match answer {
            Enquiry::Known(evidence) => self.record(reference, evidence, now).await?,
            Enquiry::Pending | Enquiry::Unknown => None,
            Enquiry::Unanswered(reason) => {
                tracing::warn!(event = "enquiry_unanswered", %reference, reason);
                None
            }
        };
        let state = if let Some(standing) = standing {
            standing.state
        } else {
            let entry = self.ledger.find(reference).await?;
            entry.map_or(claim.hand_off.opened_as, |entry| entry.standing.state)
        };
        if !state.can_still_rise() {
            return Ok(());
        }
        let overdue_at = claim.hand_off.opened_at.saturating_add(self.overdue_after).unwrap_or(now);
        if now >= overdue_at && !state.is_concluded() {
            self.record(reference, overdue(reference, overdue_at), now).await?;
        }
        self.ledger.reschedule(reference, next_enquiry(overdue_at, now)).await
    }

    /// Writes evidence down and says so in the log. `None` for what was known or is parked.
    async fn record(
        &self,
        reference: Reference,
        evidence: Evidence,
        now: Timestamp,
    ) -> Result<Option<Standing>, LedgerError> {
        let source = evidence.source.word();
        let fact = evidence.fact.word();
        match self.ledger.conclude(reference, evidence, now).await {
            Ok(Conclusion::Recorded { before, after }) => {
                let attention: Vec<_> = after.attention.iter().map(|flag| flag.word()).collect();
                tracing::info!(event = "evidence", %reference, source, fact, before = before.word(), after = after.state.word(), attention = attention.join(","));
                Ok(Some(after))
            }
            Ok(Conclusion::Repeated) => {
                tracing::debug!(event = "evidence_repeated", %reference, source, fact);
                Ok(None)
            }
            Ok(Conclusion::Parked) => {
                tracing::warn!(event = "evidence_parked", %reference, source, fact);
                Ok(None)
            }
            Err(error) => {
                tracing::error!(event = "evidence_not_written", %reference, source, reason = %error);
                Err(error)
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

/// When to ask next; `None` once it has been asked for long enough.
fn next_enquiry(overdue_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let ages = ENQUIRIES.into_iter().map(SignedDuration::from_mins).chain([GIVE_UP]);
    ages.filter_map(|age| overdue_at.checked_add(age).ok()).find(|due| *due > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enquiries_thin_out_and_end() {
        let at = |minutes: i64| Timestamp::from_second(1_767_225_600 + minutes * 60).unwrap();
        assert_eq!(next_enquiry(at(0), at(-90)), Some(at(0)), "a nudge before it is overdue");
        assert_eq!(next_enquiry(at(0), at(0)), Some(at(30)));
        assert_eq!(next_enquiry(at(0), at(31)), Some(at(60)));
        assert_eq!(next_enquiry(at(0), at(2881)), Some(at(72 * 60)));
        assert_eq!(next_enquiry(at(0), at(72 * 60)), None);
    }
}
