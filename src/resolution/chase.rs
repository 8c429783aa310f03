//! The chaser: whatever has no outcome in time is asked about, and never sent again.

use super::Resolution;
use crate::ledger::{Claim, LedgerError};
use crate::payment::{EventId, Evidence, Fact, Reference, Source};
use crate::processor::Enquiry;
use futures_util::stream::{self, StreamExt as _};
use jiff::{SignedDuration, Timestamp};

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

    async fn resolve(&self, claim: Claim) -> Result<(), LedgerError> {
        let now = self.clock.now();
        let reference = claim.hand_off.reference;
        let traces = self.ledger.traces(reference).await?;
        let answer = self.processor.enquire(&claim.hand_off, &traces, now).await;
        let can_be_asked = answer != Enquiry::Impossible;
        let standing = match answer {
            Enquiry::Known(evidence) => self.record(reference, evidence, now).await?,
            Enquiry::Pending | Enquiry::Unknown | Enquiry::Impossible => None,
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
        if !state.can_still_rise(claim.hand_off.opened_as) {
            return Ok(());
        }
        let overdue_at = claim.hand_off.opened_at.saturating_add(self.overdue_after).unwrap_or(now);
        if now >= overdue_at && !state.is_concluded() {
            self.record(reference, overdue(reference, overdue_at), now).await?;
        }
        // What cannot be asked about is looked at once more: when it is overdue.
        let next = next_enquiry(overdue_at, now).filter(|due| can_be_asked || *due <= overdue_at);
        self.ledger.reschedule(reference, next).await
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
