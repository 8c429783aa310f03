//! Setting up a Direct Debit through the API: one mandate, made and signed, sent once, and asked
//! about by its own signature where the answer was lost (rsm-protocol.md, 7.2 and 7.5).

use super::ddcm::{
    Code, Codes, Ddcm, Decision, Earlier, Failure, MandateOrder, Meaning, Prepared, Repeat,
    Signature, Unfit,
};
use super::record::Parts;
use super::{Debit, Rsm};
use crate::ledger::{HandOff, Purpose, Trace};
use crate::payment::{
    Contact, Evidence, FieldError, Method, Outcome, ProcessorText, Source, State,
};
use crate::processor::order::{UNMARKED, outcome};
use crate::processor::{self, Enquiry, Reply};
use jiff::{SignedDuration, Timestamp};

/// After this long no request can still be under way: our own time limit is far shorter.
pub(super) const UNDER_WAY: SignedDuration = SignedDuration::from_mins(15);

/// What each account asks of every mandate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MandateTerms {
    /// Its type, where the vendor has types.
    pub mandate_type: Option<String>,
    /// The vendor's short id, where several share an account.
    pub short_id: Option<String>,
}

/// A mandate to be set up, signed and not yet sent.
pub struct Order {
    hand_off: HandOff,
    prepared: Prepared<Vec<Decision>>,
}

impl Order {
    pub(crate) fn mark(&self) -> [u8; 32] {
        *self.prepared.signature().as_bytes()
    }
}

impl Rsm {
    /// The mandate that was asked for, or what RSM would not take of it.
    pub(crate) fn order(
        &self,
        hand_off: &HandOff,
        contact: &Contact,
        instruction: &processor::Debit,
        now: Timestamp,
    ) -> Result<Order, Vec<FieldError>> {
        let (Some(ddcm), Some(Debit::Api(terms))) = (&self.ddcm, &self.debit) else {
            return Err(vec![processor::no_such_way()]);
        };
        let asked = &hand_off.asked;
        let repeat = Repeat {
            amount: asked.amount,
            frequency: asked.frequency,
            start: instruction.start,
            end: None,
        };
        let bank = &instruction.bank;
        let parts = Parts { hand_off, contact, bank, repeat, terms: Some(terms) };
        let texts = parts.texts();
        let order = MandateOrder::New(parts.record(&texts, None));
        let prepared = ddcm.set_mandates(&[order], now).map_err(|unfit| match unfit {
            Unfit::Fields { fields, .. } => fields,
            Unfit::Empty | Unfit::TooMany | Unfit::Repeated(_) => Vec::new(),
        })?;
        Ok(Order { hand_off: hand_off.clone(), prepared })
    }

    /// Sends it, once.
    pub(crate) async fn place(&self, order: Order, now: Timestamp) -> Reply {
        let Some(ddcm) = &self.ddcm else { return Reply::NotSent("not_set_up") };
        let Order { hand_off, prepared } = order;
        match ddcm.send(prepared).await {
            Ok(decisions) => decided(&hand_off, decisions, Source::Reply, now),
            Err(Failure::NotSent) => {
                tracing::error!(event = "order_not_sent", reference = %hand_off.reference, reason = "unreachable");
                Reply::NotSent("unreachable")
            }
            Err(Failure::Refused(codes)) => refused(&hand_off, &codes, Source::Reply, now),
            Err(Failure::InDoubt(doubt)) => {
                tracing::error!(event = "order_in_doubt", reference = %hand_off.reference, reason = %doubt);
                Reply::Lost("in_doubt")
            }
        }
    }

    /// Asks what became of the request that was written down before it was sent; a hand-off without
    /// one was never sent.
    pub(crate) async fn enquire(
        &self,
        hand_off: &HandOff,
        traces: &[Trace],
        now: Timestamp,
    ) -> Enquiry {
        let Some(ddcm) = &self.ddcm else { return Enquiry::Impossible };
        if !matches!(self.debit, Some(Debit::Api(_))) || hand_off.opened_as == State::HandedOff {
            return self.look_up(ddcm, hand_off, now).await;
        }
        let lodging = traces.iter().find(|trace| trace.purpose == Purpose::Lodge);
        let Some(trace) = lodging else {
            if now.duration_since(hand_off.opened_at) < UNMARKED {
                return Enquiry::Unknown;
            }
            return Enquiry::Known(outcome(hand_off, Outcome::Lapsed, "not_sent", now));
        };
        let reference = hand_off.reference.to_string();
        let asked =
            ddcm.what_became_of_mandates(Signature::from_bytes(trace.mark), &[&reference], now);
        let Ok(prepared) = asked else { return Enquiry::Unanswered("unfit") };
        match ddcm.send(prepared).await {
            Ok(Earlier::Answered(decisions)) => {
                match decided(hand_off, decisions, Source::Enquiry, now) {
                    Reply::Decided(evidence, _) => Enquiry::Known(evidence),
                    Reply::NotSent(why) => {
                        Enquiry::Known(outcome(hand_off, Outcome::Lapsed, why, now))
                    }
                    // RSM knows the request: that it has no mandate of it yet proves nothing.
                    Reply::Pending { .. } | Reply::Lost(_) | Reply::Known(_) => {
                        let found = self.look_up(ddcm, hand_off, now).await;
                        if found == Enquiry::Unknown { Enquiry::Pending } else { found }
                    }
                }
            }
            Ok(Earlier::NotFound) if now.duration_since(trace.at) > UNDER_WAY => {
                let found = self.look_up(ddcm, hand_off, now).await;
                if found == Enquiry::Unknown {
                    // Neither the request nor a mandate of ours is there, and none can be on its way.
                    let lapsed = outcome(hand_off, Outcome::Lapsed, "never_arrived", now);
                    return Enquiry::Known(lapsed);
                }
                found
            }
            Ok(Earlier::NotFound) => Enquiry::Unknown,
            Err(failure) => {
                tracing::warn!(event = "enquiry_failed", reference = %hand_off.reference, reason = %failure);
                Enquiry::Unanswered("no_answer")
            }
        }
    }

    /// Whether RSM has a mandate of our reference.
    async fn look_up(&self, ddcm: &Ddcm, hand_off: &HandOff, now: Timestamp) -> Enquiry {
        if hand_off.asked.method != Method::DirectDebit {
            return Enquiry::Impossible;
        }
        match self.mandates_of(ddcm, hand_off, now).await {
            Ok(Some(evidence)) => Enquiry::Known(evidence),
            Ok(None) => Enquiry::Unknown,
            Err(failure) => {
                tracing::warn!(event = "enquiry_failed", reference = %hand_off.reference, reason = %failure);
                Enquiry::Unanswered("no_answer")
            }
        }
    }
}

fn decided(hand_off: &HandOff, decisions: Vec<Decision>, source: Source, now: Timestamp) -> Reply {
    match decisions.into_iter().next() {
        Some(Decision::Accepted { dd_ref_no }) => {
            let evidence = Evidence {
                processor_reference: dd_ref_no.as_deref().and_then(ProcessorText::heard),
                code: None,
                ..outcome(hand_off, Outcome::Accepted, "lodged", now)
            };
            Reply::Decided(Evidence { source, ..evidence }, Vec::new())
        }
        Some(Decision::Refused(codes)) => refused(hand_off, &codes, source, now),
        Some(Decision::NotSent(codes)) => {
            tracing::error!(event = "order_refused", reference = %hand_off.reference, %codes, advice = advice(&codes));
            Reply::NotSent("refused_us")
        }
        Some(Decision::InDoubt(doubt)) => {
            tracing::error!(event = "order_in_doubt", reference = %hand_off.reference, reason = %doubt);
            Reply::Lost("in_doubt")
        }
        None => Reply::Lost("in_doubt"),
    }
}

/// Refused for what it says, or because of how we are set up, which no supporter can mend.
fn refused(hand_off: &HandOff, codes: &Codes, source: Source, now: Timestamp) -> Reply {
    tracing::warn!(event = "order_refused", reference = %hand_off.reference, %codes, advice = advice(codes));
    match codes.meaning() {
        Meaning::Refused => {
            let code = codes.iter().next().map_or(0, Code::number).to_string();
            let evidence = outcome(hand_off, Outcome::Declined, &code, now);
            Reply::Decided(Evidence { source, ..evidence }, fields(codes))
        }
        Meaning::NotSent => Reply::NotSent("refused_us"),
        Meaning::InDoubt => Reply::Lost("in_doubt"),
    }
}

fn advice(codes: &Codes) -> &'static str {
    codes.iter().next().map_or("", Code::sentence)
}

/// What a supporter can mend, by the field. RSM's sentences are written for supporter care, so the
/// words for supporters are our own.
fn fields(codes: &Codes) -> Vec<FieldError> {
    let mut found: Vec<FieldError> = Vec::new();
    for field in codes.iter().filter_map(Code::field) {
        if !found.iter().any(|known| known.field == field) {
            found.push(FieldError {
                field,
                reason: "processor",
                advice: match field {
                    "account_number" | "sort_code" => {
                        "Check the sort code and account number: the bank does not know them together, or takes no Direct Debits on that account"
                    }
                    "start_date" => "Choose a later day for the first collection: this one is too soon",
                    "email" => "Enter another email address: this one was not accepted",
                    "postcode" | "line1" | "town" => "Check your address and postcode: they were not accepted",
                    _ => "Check this: it was not accepted as it was written",
                },
            });
        }
    }
    found
}
