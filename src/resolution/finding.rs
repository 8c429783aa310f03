//! What a person found out where no machine could: written into the record like any other evidence,
//! once, and never against what the processor itself has proved.

use crate::ledger::{Conclusion, Entry, Ledger, LedgerError};
use crate::payment::{
    EventId, Evidence, Fact, Outcome, ProcessorText, Reference, Source, Standing, State,
};
use jiff::Timestamp;

/// What was found out.
#[derive(Clone, Debug)]
pub struct Finding {
    /// About which hand-off.
    pub reference: Reference,
    /// What became of it.
    pub outcome: Outcome,
    /// Where it can be looked up: the processor's transaction, a ticket's number. Never a name.
    pub evidence: ProcessorText,
}

/// What became of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is in the record.
    Recorded {
        /// The state before.
        before: State,
        /// The standing after.
        after: Standing,
    },
    /// The hand-off stands there already: nothing was written.
    AlreadySo,
}

/// Why a finding was not recorded. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum NotFound {
    /// No such hand-off.
    #[error("no hand-off of reference {0}")]
    Unknown(Reference),
    /// There is stronger evidence already.
    #[error(
        "the record holds evidence that it is {}: a weaker finding is refused, look at it with `almoner outcomes show`",
        .0.word()
    )]
    Stronger(State),
    /// It could not be written down.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Finding {
    /// Whether it may be recorded: where it stands, if so. `None` where it says nothing new.
    pub async fn check(&self, ledger: &dyn Ledger) -> Result<(Entry, bool), NotFound> {
        let entry = ledger.find(self.reference).await?.ok_or(NotFound::Unknown(self.reference))?;
        let found = State::of(self.outcome);
        let mut proved = entry.standing.state;
        // What happens to a payment happens to one that was taken.
        if entry.standing.mandate().is_some() || !entry.standing.developments.is_empty() {
            proved = State::Accepted;
        }
        if proved.is_concluded() && proved > found {
            return Err(NotFound::Stronger(proved));
        }
        let is_news = entry.standing.state != found;
        Ok((entry, is_news))
    }

    /// Records it.
    pub async fn record(&self, ledger: &dyn Ledger, now: Timestamp) -> Result<Found, NotFound> {
        let (entry, is_news) = self.check(ledger).await?;
        if !is_news {
            return Ok(Found::AlreadySo);
        }
        let asked = &entry.hand_off.asked;
        let parts = [
            self.reference.as_bytes().as_slice(),
            self.outcome.word().as_bytes(),
            self.evidence.as_str().as_bytes(),
        ];
        let evidence = Evidence {
            id: EventId::of(Source::Person, &parts),
            source: Source::Person,
            fact: Fact::Outcome(self.outcome),
            amount: Some(asked.amount),
            mode: Some(asked.mode),
            processor_reference: None,
            code: Some(self.evidence.clone()),
            occurred_at: now,
        };
        match ledger.conclude(self.reference, evidence, now).await? {
            Conclusion::Recorded { before, after } => {
                let attention: Vec<_> = after.attention.iter().map(|flag| flag.word()).collect();
                tracing::info!(event = "resolved", reference = %self.reference, before = before.word(), after = after.state.word(), evidence = self.evidence.as_str(), attention = attention.join(","));
                Ok(Found::Recorded { before, after })
            }
            Conclusion::Repeated => Ok(Found::AlreadySo),
            Conclusion::Parked => Err(NotFound::Unknown(self.reference)),
        }
    }
}
