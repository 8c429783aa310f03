//! Collections through the days: made by a plan, sent, paid, and perhaps returned or claimed back
//! (rsm-protocol.md, 7.8).

use super::super::{BatchKind, Bureau, Collection, CollectionKind, MandateState, Money, Sending};
use crate::mock_rsm::instrument::Fate;
use crate::mock_rsm::rsm2000::calendar::months_after;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Working days before a collection at which a plan makes it.
const MADE_AHEAD: u32 = 4;
/// Working days before a collection at whose end it is sent.
const SENT_AHEAD: u32 = 3;
/// Working days after which an account that was closed is known of.
const CLOSED_AFTER: u32 = 2;

impl Bureau {
    /// The end of a day: what is due in three working days goes to Bacs, if its mandate is live.
    pub(super) fn send_collections(&mut self) {
        let until = self.calendar.add(self.calendar.today(), SENT_AHEAD);
        let mut sent: BTreeMap<Date, Vec<(i64, Sending)>> = BTreeMap::new();
        for place in 0..self.collections.len() {
            let Some(one) = self.collections.get(place) else { continue };
            let live = self
                .mandate(&one.reference)
                .is_some_and(|held| held.is_live_by(one.due, &self.calendar));
            let Some(one) = self.collections.get_mut(place) else { continue };
            if one.sending != Sending::New || one.due > until {
                continue;
            }
            if live {
                one.sending = Sending::Success;
            } else {
                one.sending = Sending::Failed;
                one.fail_reason = String::from("Mandate not live");
            }
            sent.entry(one.due).or_default().push((one.pence, one.sending));
        }
        for (due, items) in sent {
            let sum = |wanted: Option<Sending>| {
                let own = items.iter().filter(|(_, sending)| wanted.is_none_or(|w| w == *sending));
                own.fold((0_u32, 0_i64), |(count, pence), (one, _)| {
                    (count.saturating_add(1), pence.saturating_add(*one))
                })
            };
            self.file(BatchKind::Collections, Some(due), sum(None), sum(Some(Sending::Failed)));
        }
    }

    /// Four working days ahead, a plan's next collection is made.
    pub(super) fn make_collections(&mut self) {
        let until = self.calendar.add(self.calendar.today(), MADE_AHEAD);
        let earliest = self.calendar.add(self.calendar.today(), SENT_AHEAD);
        let mut made = Vec::new();
        for mandate in &mut self.mandates {
            let Some(plan) = mandate.plan.filter(|_| !mandate.past) else { continue };
            while let Some(next) = mandate.next_due {
                // One that was passed over while the mandate was not live is taken as soon as can be.
                let due = self.calendar.this_or_next(next).max(earliest);
                if plan.end.is_some_and(|end| next > end) {
                    mandate.next_due = None;
                    break;
                }
                if due > until || !mandate.is_live_by(due, &self.calendar) {
                    break;
                }
                let after = after(plan.start, plan.months, next);
                let kind = match mandate.collected {
                    0 => CollectionKind::First,
                    _ if plan.end.is_some_and(|end| after > end) => CollectionKind::Last,
                    _later => CollectionKind::Regular,
                };
                mandate.collected = mandate.collected.saturating_add(1);
                mandate.next_due = Some(after);
                made.push(Collection {
                    reference: mandate.reference.clone(),
                    due,
                    pence: plan.pence,
                    kind,
                    repeat: true,
                    sending: Sending::New,
                    money: Money::Awaited,
                    fail_reason: String::new(),
                    payment_ref: mandate.payment_ref.clone(),
                    returned: None,
                });
            }
        }
        self.collections.append(&mut made);
    }

    /// On its day a collection is paid; later it may come back, or be claimed.
    pub(super) fn hear_of_collections(&mut self) {
        let calendar = self.calendar.clone();
        let today = calendar.today();
        let mut claims = Vec::new();
        let mut closed = Vec::new();
        for place in 0..self.collections.len() {
            let Some(one) = self.collections.get(place) else { continue };
            let Some(mandate) = self.mandate(&one.reference) else { continue };
            let (fate, failed) = (mandate.fate, mandate.state == MandateState::Failed);
            let reason = mandate.fail_reason.clone();
            let Some(one) = self.collections.get_mut(place) else { continue };
            if one.sending != Sending::Success || one.kind == CollectionKind::Indemnity {
                continue;
            }
            if one.money == Money::Awaited && failed {
                one.sending = Sending::Failed;
                one.fail_reason = reason;
                continue;
            }
            if one.money == Money::Awaited && one.due <= today {
                one.money = Money::Paid;
            }
            let come = |days: u32| calendar.add(one.due, days) <= today;
            if one.money != Money::Paid || one.returned.is_some() {
                continue;
            }
            match fate {
                Fate::Unpaid(reason, days) if come(days) => one.bounce(reason, today),
                Fate::Closed(reason) if come(CLOSED_AFTER) => {
                    one.bounce(reason, today);
                    closed.push((one.reference.clone(), reason));
                }
                Fate::Claimed(reason, days) if come(days) => {
                    one.returned = Some(today);
                    claims.push(one.claim(reason, today));
                }
                Fate::Good
                | Fate::Refused
                | Fate::Rejected(_)
                | Fate::Unpaid(..)
                | Fate::Closed(_)
                | Fate::Claimed(..)
                | Fate::Cancelled(..)
                | Fate::Resubmitted => {}
            }
        }
        self.collections.append(&mut claims);
        for (reference, reason) in closed {
            self.end(&reference, reason);
        }
    }

    /// The payer's bank takes every paid collection back.
    pub(in crate::mock_rsm::rsm2000) fn claim_back(&mut self, reference: &str, reason: &str) {
        let today = self.calendar.today();
        let mut claims = Vec::new();
        for one in self.collections.iter_mut().filter(|one| one.reference == reference) {
            if one.money == Money::Paid && one.returned.is_none() {
                one.returned = Some(today);
                claims.push(one.claim(reason, today));
            }
        }
        self.collections.append(&mut claims);
    }
}

impl Collection {
    fn bounce(&mut self, reason: &str, today: Date) {
        self.money = Money::Unpaid;
        self.returned = Some(today);
        reason.clone_into(&mut self.fail_reason);
    }

    /// A row of its own, of the day of the claim.
    fn claim(&self, reason: &str, today: Date) -> Self {
        Self {
            due: today,
            kind: CollectionKind::Indemnity,
            sending: Sending::Success,
            money: Money::Unpaid,
            fail_reason: reason.to_owned(),
            returned: Some(today),
            ..self.clone()
        }
    }
}

/// The collection after `due`, counted from the first so that the 31st comes back.
fn after(start: Date, months: i32, due: Date) -> Date {
    let mut steps = months.max(1);
    while months_after(start, steps) <= due {
        steps = steps.saturating_add(months.max(1));
    }
    months_after(start, steps)
}
