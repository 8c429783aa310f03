//! How a payment ends: a webhook is heard, an overdue hand-off is asked about. Both end in one
//! call, [`Ledger::conclude`]. Nobody is called on the way of a webhook.

use crate::clock::Clock;
use crate::ledger::{Conclusion, Ledger};
use crate::payment::{Evidence, Fact, Outcome, Parts, Reference, Source, Standing, State};
use crate::processor::{Forged, Headers, Message, Notice, Processor};
use crate::shield::Declines;

pub use crate::ledger::{Doubt, Event, Group, LedgerError, Stretch, Survey};
pub use crate::processor::{Door, Remark, Returned};
pub use age::Doubtful;
pub use alarms::{Alarm, AlarmTerms, Alarms, Raised};
use bytes::Bytes;
pub use finding::{Finding, Found, Moment, NotFound};
pub use follow::{Followed, Following, NotFollowed};
use jiff::{SignedDuration, Timestamp};
pub use schedule::asked_about;
use std::sync::Arc;

mod age;
mod alarms;
mod chase;
mod finding;
mod follow;
pub mod nudge;
mod schedule;
mod shown;
mod unknown;

/// Everything a resolution needs.
pub struct Resolution {
    /// Where outcomes are written down.
    pub ledger: Arc<dyn Ledger>,
    /// Whom to ask.
    pub processor: Arc<Processor>,
    /// What time it is.
    pub clock: Clock,
    /// After how long without an outcome a hosted page is overdue.
    pub overdue_after: SignedDuration,
    /// After how long without an outcome a call is flagged.
    pub doubt_overdue_after: SignedDuration,
    /// How long a call to the processor can take, once it has its turn.
    pub call_timeout: SignedDuration,
    /// Who was asked about lately.
    pub nudges: nudge::Nudges,
    /// Who is told how cards fare.
    pub declines: Declines,
    /// What is told of webhooks that fail.
    pub alarms: Alarms,
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

/// What the processor's page says of each card that it declines, of the first as of every further one.
const ANOTHER_CARD: (Source, Fact) = (Source::Notice, Fact::Outcome(Outcome::Declined));

impl Resolution {
    /// Whether the processor's dialect knocks at this door.
    #[must_use]
    pub fn answers(&self, door: Door) -> bool {
        self.processor.dialect() == door.dialect()
    }

    /// What a browser that came back from the processor's page says; nothing of it is believed.
    #[must_use]
    pub fn returned(&self, fields: &[u8]) -> Option<Returned> {
        self.processor.returned(fields)
    }

    /// A webhook, from raw bytes to disk.
    pub async fn hear(&self, door: Door, headers: &Headers, body: &Bytes) -> Heard {
        let now = self.clock.now();
        let notice = match self.processor.hear(door, headers, body, now) {
            Ok(Message::Notice(notice)) => {
                self.alarms.believed(notice.evidence.mode);
                notice
            }
            Ok(Message::Foreign) => {
                tracing::warn!(event = "webhook_orphan", door = door.word());
                return Heard::Recorded;
            }
            Ok(Message::Empty) => {
                tracing::info!(event = "webhook_empty", door = door.word());
                return Heard::Recorded;
            }
            Err(forged) => {
                self.alarms.refused(forged);
                tracing::warn!(event = "webhook_refused", audit = true, door = door.word(), reason = %forged);
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
        match self.compare_and_record(notice, now).await {
            Ok(()) => Heard::Recorded,
            Err(_) => Heard::NotWritten,
        }
    }

    /// Authentic is not yet right: what a notice says besides its sum is compared with the hand-off,
    /// and where it differs the sum is no longer believed, so that the outcome is kept as a mismatch
    /// (security.md, 0.4 and 0.5).
    async fn compare_and_record(&self, notice: Notice, now: Timestamp) -> Result<(), LedgerError> {
        let Notice { reference, mut evidence, parts, ours } = notice;
        if !(ours && self.agrees(reference, parts, &evidence).await?) {
            tracing::warn!(event = "webhook_differs", %reference);
            evidence.amount = None;
        }
        self.record(reference, evidence, now).await.map(|_| ())
    }

    /// Whether the parts are those asked for, and the processor's id is no other hand-off's.
    async fn agrees(
        &self,
        reference: Reference,
        parts: Option<Parts>,
        evidence: &Evidence,
    ) -> Result<bool, LedgerError> {
        // Dialects that sign every field apart say no parts, and their ids are covered by the signature.
        let Some(parts) = parts else { return Ok(true) };
        let known = self.ledger.find(reference).await?;
        if known.is_some_and(|entry| entry.hand_off.asked.parts() != parts) {
            return Ok(false);
        }
        match evidence.processor_reference.clone() {
            Some(theirs) => Ok(!self.ledger.is_anothers(theirs, reference).await?),
            None => Ok(true),
        }
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

    /// Writes evidence down and says so in the log. `None` for what was known or is parked.
    async fn record(
        &self,
        reference: Reference,
        evidence: Evidence,
        now: Timestamp,
    ) -> Result<Option<Standing>, LedgerError> {
        let source = evidence.source.word();
        let fact = evidence.fact.word();
        let of_a_card = (evidence.source, evidence.fact);
        match self.ledger.conclude(reference, evidence, now).await {
            Ok(Conclusion::Recorded { before, after }) => {
                if of_a_card == ANOTHER_CARD && [before, after.state] == [State::Declined; 2] {
                    self.declines.declined_again(reference, now);
                } else {
                    self.declines.concluded(reference, before, after.state, now);
                }
                let attention: Vec<_> = after.attention.iter().map(|flag| flag.word()).collect();
                tracing::info!(event = "evidence", audit = true, %reference, source, fact, before = before.word(), after = after.state.word(), attention = attention.join(","));
                Ok(Some(after))
            }
            Ok(Conclusion::Repeated) => {
                tracing::debug!(event = "evidence_repeated", %reference, source, fact);
                Ok(None)
            }
            Ok(Conclusion::Parked) => {
                tracing::warn!(event = "evidence_parked", audit = true, %reference, source, fact);
                Ok(None)
            }
            Err(error) => {
                tracing::error!(event = "evidence_not_written", %reference, source, reason = %error);
                Err(error)
            }
        }
    }
}
