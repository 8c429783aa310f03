//! RSM's mandate and collection reports, read as what became of hand-offs (rsm-protocol.md, 7.5 to
//! 7.8). Names and bank details in them are never read.

use super::Rsm;
use super::ddcm::{
    self, CollectionFilter, CollectionRow, CollectionState, CollectionType, Ddcm, Doubt, Failure,
    MandateFilter, MandateRow, MandateState, PayState, Reason, Stated,
};
use crate::clock::london;
use crate::ledger::{HandOff, Report};
use crate::payment::{
    Amount, Development, EventId, Evidence, Fact, Outcome, ProcessorText, Reference, Source,
};
use crate::processor::report::{Money, NoReport, Period, Reported, Row};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

/// A collection is money only some days after it was due: until then the bank may return it
/// (rsm-protocol.md, 7.5, as production counts).
const SETTLED_AFTER_DAYS: i64 = 2;

/// The state of a collection that never went to the bank.
const NOT_SENT: &str = "FAILED";

impl Rsm {
    /// One report over a period.
    pub(crate) async fn report(
        &self,
        report: Report,
        period: Period,
        now: Timestamp,
    ) -> Result<Reported, NoReport> {
        let ddcm = self.ddcm.as_ref().ok_or(NoReport::Impossible)?;
        let wire = ddcm::Period { first: period.first, last: period.last };
        let said = |why: &dyn std::fmt::Display| NoReport::Unanswered(why.to_string());
        match report {
            Report::Mandates => {
                let filter = MandateFilter { period: Some(wire), ..MandateFilter::default() };
                let prepared = ddcm.mandate_report(&filter, now).map_err(|unfit| said(&unfit))?;
                let found = ddcm.send(prepared).await.map_err(|failure| none(&failure))?;
                Ok(Reported {
                    is_whole: found.is_whole(),
                    unreadable: found.unreadable.len(),
                    rows: found.rows.iter().map(|row| mandate(row, now)).collect(),
                })
            }
            Report::Collections => {
                let filter = CollectionFilter { period: Some(wire), ..CollectionFilter::default() };
                let prepared =
                    ddcm.collection_report(&filter, now).map_err(|unfit| said(&unfit))?;
                let found = ddcm.send(prepared).await.map_err(|failure| none(&failure))?;
                let today = london::date(now);
                Ok(Reported {
                    is_whole: found.is_whole(),
                    unreadable: found.unreadable.len(),
                    rows: found.rows.iter().map(|row| collection(row, today)).collect(),
                })
            }
        }
    }

    /// That a mandate of this hand-off was lodged, if there is one.
    pub(super) async fn mandates_of(
        &self,
        ddcm: &Ddcm,
        hand_off: &HandOff,
        now: Timestamp,
    ) -> Result<Option<Evidence>, Failure> {
        let reference = hand_off.reference.to_string();
        let filter = MandateFilter { client_ref: Some(&reference), ..MandateFilter::default() };
        let Ok(prepared) = ddcm.mandate_report(&filter, now) else { return Ok(None) };
        let found = ddcm.send(prepared).await?;
        let ours = found
            .rows
            .iter()
            .map(|row| mandate(row, now))
            .find(|row| row.reference == Some(hand_off.reference) && row.lodged.is_some());
        // Rows that do not say whose they are or how they stand, or fewer than there are, are no
        // proof that there is no mandate.
        if ours.is_none() && !(found.rows.is_empty() && found.is_whole()) {
            return Err(Doubt::Contradictory.into());
        }
        // A column that was taken out of the report says nothing against the sum that was asked for.
        Ok(ours.and_then(|row| row.lodged).map(|lodged| Evidence {
            amount: lodged.amount.or(Some(hand_off.asked.amount)),
            ..lodged
        }))
    }
}

fn none(failure: &Failure) -> NoReport {
    match failure {
        Failure::InDoubt(Doubt::TooLarge) => NoReport::TooLong,
        Failure::NotSent | Failure::Refused(_) | Failure::InDoubt(_) => {
            NoReport::Unanswered(failure.to_string())
        }
    }
}

fn mandate(row: &MandateRow, now: Timestamp) -> Row {
    let reference = ours([row.client_ref.as_deref(), row.payment_reference.as_deref()]);
    let theirs = row.dd_ref_no.as_deref().and_then(ProcessorText::heard);
    let at = row.updated.or(row.created);
    let moment = at.map_or(now, london::time);
    let state = row.status.known();
    let development = match row.status {
        Stated::Is(MandateState::Live) => Some(Development::MandateLive),
        Stated::Is(MandateState::Failed) => Some(Development::MandateFailed),
        Stated::Is(MandateState::Cancelled | MandateState::Deleted) => {
            Some(Development::MandateCancelled)
        }
        Stated::Is(
            MandateState::New
            | MandateState::Pending
            | MandateState::Amend
            | MandateState::Resubmit
            | MandateState::Cancel,
        )
        | Stated::Nothing
        | Stated::Unknown => None,
    };
    let word = state.map_or("unknown", MandateState::word);
    let said = |fact: Fact, kind: &str, code| {
        let identity = [
            row.client_ref.as_deref().unwrap_or_default(),
            row.dd_ref_no.as_deref().unwrap_or_default(),
            kind,
        ];
        evidence(&identity, fact, theirs.as_ref(), code, moment)
    };
    let lodged =
        Evidence { amount: row.amount, ..said(Fact::Outcome(Outcome::Accepted), "lodged", None) };
    let dated = format!("{word} {}", at.map(|at| at.to_string()).unwrap_or_default());
    Row {
        reference,
        amount: row.amount,
        frequency: row.frequency.known(),
        money: None,
        on: at.map(jiff::civil::DateTime::date),
        word,
        lodged: state.map(|_| lodged),
        development: development
            .map(|what| said(Fact::Development(what), &dated, code(row.fail_reason))),
        processor_reference: theirs,
    }
}

fn collection(row: &CollectionRow, today: Date) -> Row {
    let reference = ours([row.client_ref.as_deref(), row.payment_reference.as_deref()]);
    let theirs = row.dd_ref_no.as_deref().and_then(ProcessorText::heard);
    let settled = row.date_due.is_some_and(|due| {
        due.checked_add(SETTLED_AFTER_DAYS.days()).is_ok_and(|settled| settled < today)
    });
    let (word, development) = match (row.collection_type, row.pay_status, row.status) {
        (Stated::Is(CollectionType::Indemnity), _, _) => {
            ("INDEMNITY", Some(Development::ChargedBack))
        }
        (_, Stated::Is(PayState::Unpaid), _) => ("UNPAID", Some(Development::CollectionUnpaid)),
        (_, _, Stated::Is(CollectionState::Failed)) => {
            (NOT_SENT, Some(Development::CollectionUnpaid))
        }
        (_, Stated::Is(PayState::Paid), _) => {
            ("PAID", settled.then_some(Development::CollectionPaid))
        }
        (_, _, Stated::Is(state)) => (state.word(), None),
        (_, _, Stated::Nothing | Stated::Unknown) => ("unknown", None),
    };
    let amount = row.paid_amount.or(row.amount);
    let due = row.date_due.map(|due| due.to_string()).unwrap_or_default();
    let development = development.map(|what| {
        let identity = [
            row.client_ref.as_deref().unwrap_or_default(),
            row.dd_ref_no.as_deref().unwrap_or_default(),
            &due,
            &amount.map(Amount::decimal).unwrap_or_default(),
            what.word(),
        ];
        let at = row.date_due.map_or(Timestamp::UNIX_EPOCH, |due| london::time(due.into()));
        let fact = Fact::Development(what);
        // What never went to the bank has no reason of the bank's.
        let code = code(row.fail_reason)
            .or_else(|| ProcessorText::parse("not_sent").filter(|_| word == NOT_SENT));
        Evidence { amount, ..evidence(&identity, fact, theirs.as_ref(), code, at) }
    });
    let money = match word {
        "INDEMNITY" => Some(Money::Reclaimed),
        "UNPAID" | NOT_SENT => Some(Money::Unpaid),
        "PAID" => Some(Money::Paid),
        _ => None,
    };
    Row {
        reference,
        processor_reference: theirs,
        frequency: None,
        money,
        amount,
        on: row.date_due,
        word,
        lodged: None,
        development,
    }
}

/// Our reference, in whichever column it comes back.
fn ours(columns: [Option<&str>; 2]) -> Option<Reference> {
    columns.into_iter().flatten().find_map(Reference::parse)
}

/// The bank's reason; a reason of RSM's own has no code.
fn code(reason: Option<Reason>) -> Option<ProcessorText> {
    match reason {
        Some(Reason::Bacs(code)) => ProcessorText::parse(&code.letter().to_string()),
        Some(Reason::Other) | None => None,
    }
}

fn evidence(
    identity: &[&str],
    fact: Fact,
    theirs: Option<&ProcessorText>,
    code: Option<ProcessorText>,
    occurred_at: Timestamp,
) -> Evidence {
    let identity: Vec<&[u8]> = identity.iter().map(|part| part.as_bytes()).collect();
    Evidence {
        id: EventId::of(Source::Enquiry, &identity),
        source: Source::Enquiry,
        fact,
        amount: None,
        mode: None,
        processor_reference: theirs.cloned(),
        code,
        occurred_at,
    }
}
