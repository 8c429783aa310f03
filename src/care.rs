//! What supporter care does to a mandate: cancel it, amend it, ask what became of that.
//!
//! The request's mark is on disk before it is sent, and it is sent once. What the answer leaves open is
//! asked about by that mark; until it is known nothing of the same purpose is sent.

use crate::clock::{Clock, london};
use crate::ledger::{Conclusion, Entry, Ledger, LedgerError, Purpose, Trace};
use crate::payment::{
    Development, Dialect, EventId, Evidence, Fact, FieldError, Method, NoStart, Reference, Source,
    State,
};
use crate::processor::{Change, NoChange, Processor};
use std::sync::Arc;
use std::time::Duration;

mod rule;

pub use crate::processor::{Amendment, Objection, Verdict};
pub use rule::StartRule;

/// How long is waited before each question about a request whose answer was lost: half a minute in
/// all, while whoever asked for it looks on.
pub const WAITS: [Duration; 4] = [
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
];

/// Everything that care needs.
pub struct Care {
    /// Where marks and outcomes are written down.
    pub ledger: Arc<dyn Ledger>,
    /// Whom to tell.
    pub processor: Arc<Processor>,
    /// What time it is.
    pub clock: Clock,
    /// When collections may begin; none where the processor alone knows.
    pub rule: Option<StartRule>,
    /// How long is waited before each question: [`WAITS`].
    pub waits: Vec<Duration>,
}

/// How a change ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// This change was sent, and this became of it.
    Sent(Verdict),
    /// An earlier one of its kind turned out to have been made: nothing was sent.
    MadeBefore(Trace),
    /// An earlier one of its kind is still in doubt: nothing was sent.
    EarlierInDoubt(Trace, String),
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// Not one of ours.
    #[error("no hand-off of this reference: almoner outcomes list shows them")]
    Unknown,
    /// Paid by card.
    #[error("this is no Direct Debit: there is no mandate to change")]
    NoMandate,
    /// Set up by another dialect than RSM's own.
    #[error("this Direct Debit was not set up in RSM's own formats: change it with the processor")]
    OtherDialect,
    /// There is no mandate (yet).
    #[error(
        "this Direct Debit was not accepted, it is {}: there is no mandate to change", .0.word()
    )]
    NotAccepted(State),
    /// The processor, as it is set up, takes no changes.
    #[error("{0}")]
    Impossible(String),
    /// What is wrong with the record.
    #[error("the record cannot be sent")]
    Unfit(Vec<FieldError>),
    /// The calendar does not say.
    #[error(transparent)]
    NoStart(#[from] NoStart),
    /// The mark could not be written down.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The change was made, and that could not be written down.
    #[error("the mandate is cancelled, but that could not be written down ({0})")]
    NotWritten(LedgerError),
}

impl Care {
    /// The hand-off of a mandate that can be changed.
    pub async fn mandate(&self, reference: Reference) -> Result<Entry, NotSent> {
        let entry = self.ledger.find(reference).await?.ok_or(NotSent::Unknown)?;
        let asked = &entry.hand_off.asked;
        if asked.method != Method::DirectDebit {
            return Err(NotSent::NoMandate);
        }
        if asked.dialect != Dialect::Rsm2000 {
            return Err(NotSent::OtherDialect);
        }
        match entry.standing.state {
            State::Accepted => Ok(entry),
            state @ (State::HandedOff
            | State::InDoubt
            | State::Lapsed
            | State::Cancelled
            | State::Declined) => Err(NotSent::NotAccepted(state)),
        }
    }

    /// Cancels a mandate. What an earlier cancellation did is found out first.
    pub async fn cancel(&self, reference: Reference) -> Result<Ended, NotSent> {
        let entry = self.mandate(reference).await?;
        for (trace, verdict) in self.became(reference, Some(Purpose::Cancel)).await? {
            match verdict {
                Verdict::Undecided(why) => return Ok(Ended::EarlierInDoubt(trace, why)),
                // Unless it came to life again since, it is cancelled.
                Verdict::Made if !revived(&entry, &trace) => return Ok(Ended::MadeBefore(trace)),
                Verdict::Made | Verdict::Refused(_) | Verdict::NotSent => {}
            }
        }
        let now = self.clock.now();
        let change = self.processor.cancel(reference, now).map_err(not_sent)?;
        self.send(reference, change).await
    }

    /// Amends a mandate to be as this record says.
    pub async fn amend(
        &self,
        reference: Reference,
        amendment: Amendment,
    ) -> Result<Ended, NotSent> {
        let entry = self.mandate(reference).await?;
        if let Some(rule) = &self.rule {
            rule.check(&amendment, london::date(self.clock.now()))?;
        }
        for (trace, verdict) in self.became(reference, Some(Purpose::Amend)).await? {
            if let Verdict::Undecided(why) = verdict {
                return Ok(Ended::EarlierInDoubt(trace, why));
            }
        }
        let theirs = entry.standing.processor_reference.as_ref();
        let change = self
            .processor
            .amend(&entry.hand_off, theirs, &amendment, self.clock.now())
            .map_err(not_sent)?;
        // The account is in the request now, and nowhere else.
        drop(amendment);
        self.send(reference, change).await
    }

    /// What became of every change that was ever sent about a mandate, oldest first.
    pub async fn status(&self, reference: Reference) -> Result<Vec<(Trace, Verdict)>, NotSent> {
        self.mandate(reference).await?;
        self.became(reference, None).await
    }

    /// Asks about every change of this purpose (of any, where none is named), and writes down what
    /// is news.
    async fn became(
        &self,
        reference: Reference,
        purpose: Option<Purpose>,
    ) -> Result<Vec<(Trace, Verdict)>, NotSent> {
        let recorded = self.ledger.history(reference).await?;
        let recorded = |id| {
            let mut evidence = recorded.iter().filter_map(|event| event.evidence.as_ref());
            evidence.any(|evidence| evidence.id == id)
        };
        let mut found = Vec::new();
        for trace in self.ledger.traces(reference).await? {
            let asked = trace.purpose != Purpose::Lodge
                && purpose.is_none_or(|purpose| purpose == trace.purpose);
            if !asked {
                continue;
            }
            let verdict = if recorded(cancelled(reference, &trace).id) {
                Verdict::Made
            } else {
                let verdict = self.ask(reference, &trace).await;
                self.conclude(reference, &trace, &verdict).await?;
                verdict
            };
            found.push((trace, verdict));
        }
        Ok(found)
    }

    /// Asks, and once more where there was no answer to build on.
    async fn ask(&self, reference: Reference, trace: &Trace) -> Verdict {
        let verdict = self.processor.ask(reference, trace, self.clock.now()).await;
        match (&verdict, self.waits.first()) {
            (Verdict::Undecided(_), Some(wait)) => {
                tokio::time::sleep(*wait).await;
                self.processor.ask(reference, trace, self.clock.now()).await
            }
            (_, _) => verdict,
        }
    }

    /// Marks, sends once, and asks where the answer was lost.
    async fn send(&self, reference: Reference, change: Change) -> Result<Ended, NotSent> {
        let at = self.clock.now();
        let trace = Trace { mark: change.mark(), purpose: change.purpose(), at };
        self.ledger.send(reference, trace).await?;
        let mut verdict = self.processor.change(change).await;
        for wait in &self.waits {
            if !matches!(verdict, Verdict::Undecided(_)) {
                break;
            }
            tokio::time::sleep(*wait).await;
            verdict = self.processor.ask(reference, &trace, self.clock.now()).await;
        }
        self.conclude(reference, &trace, &verdict).await?;
        Ok(Ended::Sent(verdict))
    }

    /// Writes down that a mandate was cancelled, unless its newest state says so already, as the
    /// reports do.
    async fn conclude(
        &self,
        reference: Reference,
        trace: &Trace,
        verdict: &Verdict,
    ) -> Result<(), NotSent> {
        if *verdict != Verdict::Made || trace.purpose != Purpose::Cancel {
            return Ok(());
        }
        let write = async {
            let entry = self.ledger.find(reference).await?;
            let newest = entry.as_ref().and_then(|entry| entry.standing.mandate());
            if newest.is_some_and(|newest| newest.what == Development::MandateCancelled) {
                return Ok(());
            }
            let evidence = cancelled(reference, trace);
            match self.ledger.conclude(reference, evidence, self.clock.now()).await? {
                Conclusion::Recorded { .. } => {
                    tracing::info!(event = "evidence", audit = true, %reference, source = Source::Reply.word(), fact = Development::MandateCancelled.word());
                }
                Conclusion::Repeated | Conclusion::Parked => {}
            }
            Ok(())
        };
        write.await.map_err(NotSent::NotWritten)
    }
}

/// Whether the mandate went live after this request was sent.
fn revived(entry: &Entry, trace: &Trace) -> bool {
    let newest = entry.standing.mandate();
    newest.is_some_and(|it| it.what == Development::MandateLive && it.at > trace.at)
}

/// That a mandate was cancelled: the same whether the reply or the answer to a question says it.
fn cancelled(reference: Reference, trace: &Trace) -> Evidence {
    let what = Development::MandateCancelled;
    let identity = [reference.as_bytes().as_slice(), what.word().as_bytes(), &trace.mark];
    Evidence {
        id: EventId::of(Source::Reply, &identity),
        source: Source::Reply,
        fact: Fact::Development(what),
        amount: None,
        mode: None,
        processor_reference: None,
        code: None,
        occurred_at: trace.at,
    }
}

fn not_sent(why: NoChange) -> NotSent {
    match why {
        NoChange::Impossible => NotSent::Impossible(why.to_string()),
        NoChange::Unfit(fields) => NotSent::Unfit(fields),
    }
}
