//! What a person found out where no machine could: written into the record like any other evidence,
//! once, and never against what the processor itself has proved.

use crate::ledger::{Conclusion, Entry, Ledger, LedgerError};
use crate::payment::{
    EventId, Evidence, Fact, Flag, Outcome, ProcessorText, Reference, Source, Standing, State,
};
use jiff::{SignedDuration, Timestamp};

/// What was found out.
#[derive(Clone, Debug)]
pub struct Finding {
    /// About which hand-off.
    pub reference: Reference,
    /// What became of it.
    pub outcome: Outcome,
    /// Where it can be looked up: the processor's transaction, a ticket's number. Never a name.
    pub evidence: ProcessorText,
    /// Whether it is meant although the processor said that it knows the payment.
    pub although_known: bool,
}

/// When something is found out.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Now.
    pub now: Timestamp,
    /// How long a call to the processor can take, once it has its turn.
    pub call_timeout: SignedDuration,
}

/// How a finding is marked in the record that stands against the processor's word.
const ALTHOUGH_KNOWN: &str = "although_known:";

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
    /// The call may still be under way.
    #[error(
        "its call may still be under way: nobody can have found out before {}, so look again then", .0.strftime("%H:%M:%S UTC")
    )]
    UnderWay(Timestamp),
    /// The processor knows it.
    #[error(
        "the processor has said that it knows this payment, so it may still be taken: where the processor itself has told you what became of it, say --although-known"
    )]
    KnownThere,
    /// With the mark before it, the evidence is too long.
    #[error(
        "the evidence is too long to be kept with --although-known: use 49 characters at the most"
    )]
    TooLong,
    /// It could not be written down.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Finding {
    /// Whether it may be recorded: where it stands, if so. `None` where it says nothing new.
    pub async fn check(
        &self,
        ledger: &dyn Ledger,
        moment: Moment,
    ) -> Result<(Entry, bool), NotFound> {
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
        if is_news && entry.standing.state == State::InDoubt {
            // A call waits for its turn as long as for its answer, at the most.
            let longest = moment.call_timeout.saturating_mul(2);
            let over = entry.hand_off.opened_at.saturating_add(longest).unwrap_or(moment.now);
            if moment.now < over {
                return Err(NotFound::UnderWay(over));
            }
        }
        if is_news && !self.although_known && self.is_against_what_is_known(ledger, &entry).await? {
            return Err(NotFound::KnownThere);
        }
        if self.although_known && self.code().is_none() {
            return Err(NotFound::TooLong);
        }
        Ok((entry, is_news))
    }

    /// Whether it says that nothing was taken, of a payment that the processor knows and has not
    /// decided, or has decided for another sum.
    async fn is_against_what_is_known(
        &self,
        ledger: &dyn Ledger,
        entry: &Entry,
    ) -> Result<bool, LedgerError> {
        if self.outcome == Outcome::Accepted || entry.standing.state.is_concluded() {
            return Ok(false);
        }
        let history = ledger.history(self.reference).await?;
        let known = history.iter().filter_map(|event| event.evidence.as_ref()).any(|evidence| {
            let theirs = !matches!(evidence.source, Source::Person | Source::Clock);
            theirs && evidence.fact != Fact::NotFound
        });
        Ok(known || entry.standing.attention.contains(&Flag::Mismatch))
    }

    /// The evidence as it is kept: with a mark where it stands against the processor's word.
    fn code(&self) -> Option<ProcessorText> {
        if self.although_known {
            ProcessorText::parse(&format!("{ALTHOUGH_KNOWN}{}", self.evidence.as_str()))
        } else {
            Some(self.evidence.clone())
        }
    }

    /// Records it.
    pub async fn record(&self, ledger: &dyn Ledger, moment: Moment) -> Result<Found, NotFound> {
        let (entry, is_news) = self.check(ledger, moment).await?;
        let now = moment.now;
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
            code: self.code(),
            occurred_at: now,
        };
        match ledger.conclude(self.reference, evidence, now).await? {
            Conclusion::Recorded { before, after } => {
                let attention: Vec<_> = after.attention.iter().map(|flag| flag.word()).collect();
                tracing::info!(event = "resolved", audit = true, reference = %self.reference, before = before.word(), after = after.state.word(), evidence = self.evidence.as_str(), although_known = self.although_known, attention = attention.join(","));
                Ok(Found::Recorded { before, after })
            }
            Conclusion::Repeated => Ok(Found::AlreadySo),
            Conclusion::Parked => Err(NotFound::Unknown(self.reference)),
        }
    }
}
