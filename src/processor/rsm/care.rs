//! Changing a mandate through the API: amended or cancelled, and asked about by the request's own
//! signature (rsm-protocol.md, 7.5).

use super::ddcm::{
    Code, Codes, Ddcm, Decision, Doubt, Earlier, Failure, MandateOrder, Meaning, Prepared, Repeat,
    Signature, Unfit,
};
use super::lodge::UNDER_WAY;
use super::record::Parts;
use super::{Debit, Rsm};
use crate::ledger::{HandOff, Purpose, Trace};
use crate::payment::{ProcessorText, Reference};
use crate::processor::care::{Amendment, NoChange, Objection, Verdict};
use jiff::Timestamp;

/// What speaks of a mandate that exists already. Of a new mandate that may be the fruit of an earlier
/// request; of a change to one it is a refusal.
const OF_ANOTHER: [u16; 4] = [2112, 2114, 2168, 2169];

/// A change to a mandate, signed and not yet sent.
pub struct Change {
    reference: Reference,
    purpose: Purpose,
    prepared: Prepared<Vec<Decision>>,
}

impl Change {
    pub(crate) fn mark(&self) -> [u8; 32] {
        *self.prepared.signature().as_bytes()
    }

    pub(crate) const fn purpose(&self) -> Purpose {
        self.purpose
    }
}

impl Rsm {
    /// The whole record with its changes. RSM's own reference goes along where it is known, for one
    /// of ours may have had several mandates.
    pub(crate) fn amend(
        &self,
        hand_off: &HandOff,
        theirs: Option<&ProcessorText>,
        amendment: &Amendment,
        now: Timestamp,
    ) -> Result<Change, NoChange> {
        let ddcm = self.ddcm.as_ref().ok_or(NoChange::Impossible)?;
        let Amendment { contact, bank, amount, frequency, start, end } = amendment;
        let terms = match &self.debit {
            Some(Debit::Api(terms)) => Some(terms),
            Some(Debit::Page(_)) | None => None,
        };
        let repeat = Repeat { amount: *amount, frequency: *frequency, start: *start, end: *end };
        let parts = Parts { hand_off, contact, bank, repeat, terms };
        let texts = parts.texts();
        let record = parts.record(&texts, theirs.map(ProcessorText::as_str));
        let order = MandateOrder::Amend(record);
        prepare(ddcm, (hand_off.reference, Purpose::Amend), &order, now)
    }

    /// The end of a mandate.
    pub(crate) fn cancel(&self, reference: Reference, now: Timestamp) -> Result<Change, NoChange> {
        let ddcm = self.ddcm.as_ref().ok_or(NoChange::Impossible)?;
        let order = MandateOrder::Cancel { client_ref: &reference.to_string() };
        prepare(ddcm, (reference, Purpose::Cancel), &order, now)
    }

    /// Sends it, once.
    pub(crate) async fn change(&self, change: Change) -> Verdict {
        let Some(ddcm) = &self.ddcm else { return Verdict::NotSent };
        let Change { reference, purpose, prepared } = change;
        let verdict = match ddcm.send(prepared).await {
            Ok(decisions) => decided(decisions),
            Err(Failure::NotSent) => Verdict::NotSent,
            Err(Failure::Refused(codes)) => Verdict::Refused(objections(&codes)),
            Err(Failure::InDoubt(doubt)) => Verdict::Undecided(doubt.to_string()),
        };
        told(reference, purpose, &verdict);
        verdict
    }

    /// Asks what became of it.
    pub(crate) async fn ask(&self, reference: Reference, trace: &Trace, now: Timestamp) -> Verdict {
        let Some(ddcm) = &self.ddcm else {
            return Verdict::Undecided(NoChange::Impossible.to_string());
        };
        let earlier = Signature::from_bytes(trace.mark);
        let prepared = ddcm.what_became_of_mandates(earlier, &[&reference.to_string()], now);
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(unfit) => return Verdict::Undecided(unfit.to_string()),
        };
        let verdict = match ddcm.send(prepared).await {
            Ok(Earlier::Answered(decisions)) => decided(decisions),
            Ok(Earlier::NotFound) if now.duration_since(trace.at) > UNDER_WAY => Verdict::NotSent,
            Ok(Earlier::NotFound) => {
                let text = "the processor does not know the request; it may still be on its way";
                Verdict::Undecided(text.to_owned())
            }
            Err(failure) => Verdict::Undecided(failure.to_string()),
        };
        told(reference, trace.purpose, &verdict);
        verdict
    }
}

fn prepare(
    ddcm: &Ddcm,
    (reference, purpose): (Reference, Purpose),
    order: &MandateOrder<'_>,
    now: Timestamp,
) -> Result<Change, NoChange> {
    let prepared = ddcm.set_mandates(std::slice::from_ref(order), now);
    let prepared = prepared.map_err(|unfit| match unfit {
        Unfit::Fields { fields, .. } => NoChange::Unfit(fields),
        Unfit::Empty | Unfit::TooMany | Unfit::Repeated(_) => NoChange::Unfit(Vec::new()),
    })?;
    Ok(Change { reference, purpose, prepared })
}

fn decided(decisions: Vec<Decision>) -> Verdict {
    match decisions.into_iter().next() {
        Some(Decision::Accepted { .. }) => Verdict::Made,
        Some(Decision::Refused(codes) | Decision::NotSent(codes)) => {
            Verdict::Refused(objections(&codes))
        }
        Some(Decision::InDoubt(Doubt::Codes(codes))) if refuses(&codes) => {
            Verdict::Refused(objections(&codes))
        }
        Some(Decision::InDoubt(doubt)) => Verdict::Undecided(doubt.to_string()),
        None => Verdict::Undecided(Doubt::Contradictory.to_string()),
    }
}

/// Whether codes that would be a doubt about a new mandate are a refusal of a change.
fn refuses(codes: &Codes) -> bool {
    codes
        .iter()
        .all(|code| OF_ANOTHER.contains(&code.number()) || code.meaning() != Meaning::InDoubt)
}

fn objections(codes: &Codes) -> Vec<Objection> {
    let each = |code: Code| Objection {
        code: code.number(),
        field: code.field(),
        sentence: code.sentence(),
    };
    codes.iter().map(each).collect()
}

fn told(reference: Reference, purpose: Purpose, verdict: &Verdict) {
    let purpose = purpose.word();
    match verdict {
        Verdict::Made => {
            tracing::info!(event = "mandate_changed", audit = true, %reference, purpose);
        }
        Verdict::Refused(objections) => {
            let codes: Vec<_> = objections.iter().map(|it| it.code.to_string()).collect();
            tracing::warn!(event = "mandate_refused", %reference, purpose, codes = codes.join(","));
        }
        Verdict::NotSent => tracing::warn!(event = "mandate_not_sent", %reference, purpose),
        Verdict::Undecided(reason) => {
            tracing::warn!(event = "mandate_in_doubt", %reference, purpose, reason);
        }
    }
}

#[cfg(test)]
mod tests;
