//! What a working day does: at its end what waits is sent to Bacs, and the next morning brings what
//! the banks say (rsm-protocol.md, 7.6 and 7.8).

mod money;

use super::mandate::TO_LIVE;
use super::{Batch, BatchKind, Bureau, MandateState};
use crate::mock_rsm::instrument::Fate;
use crate::mock_rsm::rsm2000::calendar::days_after;
use crate::mock_rsm::rsm2000::pounds;
use jiff::civil::Date;

/// Days after which what failed or was cancelled is deleted.
const KEPT: i32 = 28;

impl Bureau {
    /// Ends today and begins the next working day, this many times.
    pub(in crate::mock_rsm::rsm2000) fn advance(&mut self, working_days: u32) {
        for _ in 0..working_days {
            self.send_mandates();
            self.send_collections();
            self.calendar.advance();
            self.hear_of_mandates();
            self.make_collections();
            self.hear_of_collections();
            self.forget();
        }
    }

    /// The end of a day: what waits goes to Bacs, and letters to those without e-mail.
    fn send_mandates(&mut self) {
        let today = self.calendar.today();
        let (mut sent, mut failed, mut letters) = (0_u32, 0_u32, 0_u32);
        for mandate in self.mandates.iter_mut().filter(|mandate| !mandate.past) {
            match mandate.state {
                MandateState::New if mandate.fate == Fate::Resubmitted => {
                    mandate.turn(MandateState::Resubmit, today);
                    failed = failed.saturating_add(1);
                }
                MandateState::New | MandateState::Amend | MandateState::Resubmit => {
                    mandate.turn(MandateState::Pending, today);
                    mandate.batched = Some(today);
                    let by_post = u32::from(mandate.detail("email").is_empty());
                    letters = letters.saturating_add(by_post);
                }
                MandateState::Cancel => mandate.turn(MandateState::Cancelled, today),
                MandateState::Pending
                | MandateState::Live
                | MandateState::Failed
                | MandateState::Cancelled
                | MandateState::Deleted => continue,
            }
            sent = sent.saturating_add(1);
        }
        self.file(BatchKind::Mandates, None, (sent, 0), (failed, 0));
        self.file(BatchKind::Letters, None, (letters, 0), (0, 0));
    }

    /// The morning: what was sent five working days ago is live, unless the bank says no.
    fn hear_of_mandates(&mut self) {
        let calendar = self.calendar.clone();
        let today = calendar.today();
        for mandate in self.mandates.iter_mut().filter(|mandate| !mandate.past) {
            let since = |day: Option<Date>, days: u32| {
                day.is_some_and(|day| calendar.add(day, days) <= today)
            };
            match (mandate.state, mandate.fate) {
                (MandateState::Pending, Fate::Rejected(reason))
                    if since(mandate.batched, TO_LIVE) =>
                {
                    mandate.turn(MandateState::Failed, today);
                    reason.clone_into(&mut mandate.fail_reason);
                }
                (MandateState::Pending, _) if since(mandate.batched, TO_LIVE) => {
                    mandate.turn(MandateState::Live, today);
                    mandate.live_since = Some(today);
                    mandate.fail_reason.clear();
                }
                (MandateState::Live, Fate::Cancelled(reason, days))
                    if since(mandate.live_since, days) =>
                {
                    mandate.turn(MandateState::Cancelled, today);
                    reason.clone_into(&mut mandate.fail_reason);
                }
                _other => {}
            }
        }
    }

    /// The bank or the payer ends a mandate.
    pub(in crate::mock_rsm::rsm2000) fn end(&mut self, reference: &str, reason: &str) {
        let today = self.calendar.today();
        if let Some(mandate) = self.mandate_mut(reference) {
            mandate.turn(MandateState::Cancelled, today);
            reason.clone_into(&mut mandate.fail_reason);
        }
    }

    /// After 28 days what failed or was cancelled is deleted.
    fn forget(&mut self) {
        let today = self.calendar.today();
        for mandate in self.mandates.iter_mut().filter(|mandate| !mandate.past) {
            let since = match mandate.state {
                MandateState::Failed => mandate.created,
                MandateState::Cancelled => mandate.updated,
                MandateState::New
                | MandateState::Pending
                | MandateState::Live
                | MandateState::Amend
                | MandateState::Resubmit
                | MandateState::Cancel
                | MandateState::Deleted => continue,
            };
            if days_after(since, KEPT) <= today {
                mandate.turn(MandateState::Deleted, today);
                mandate.forget_bank();
            }
        }
    }

    /// Files a batch under RSM's kind of name; an empty one is none.
    fn file(
        &mut self,
        kind: BatchKind,
        due: Option<Date>,
        (total, pence): (u32, i64),
        (failed, failed_pence): (u32, i64),
    ) {
        if total == 0 {
            return;
        }
        let created = self.calendar.today();
        let (sun, day) = (&self.sun, created.strftime("%Y%m%d"));
        let name = match (kind, due) {
            (BatchKind::Collections, Some(due)) => {
                let sum = pounds::write(pence);
                format!("{sun} COL {day}_{} {total} £{sum}", due.strftime("%d"))
            }
            (BatchKind::Mandates | BatchKind::Collections, _) => format!("{sun} MAN {day} {total}"),
            (BatchKind::Letters, _) => format!("{sun} LET {day} {total}"),
        };
        let batch = Batch { kind, created, name, due, total, failed, pence, failed_pence };
        self.batches.push(batch);
    }
}
