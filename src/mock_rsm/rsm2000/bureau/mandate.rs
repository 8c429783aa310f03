//! A mandate and its states (rsm-protocol.md, 7.6).

use crate::mock_rsm::instrument::Fate;
use crate::mock_rsm::rsm2000::calendar::Calendar;
use crate::payment::Private;
use jiff::civil::Date;
use serde::Serialize;

/// Working days from sending a mandate to its going live.
pub(super) const TO_LIVE: u32 = 5;

const BANK: [&str; 3] = ["accountName", "accountNumber", "sortCode"];

/// One row of the bureau's mandates.
#[derive(Debug)]
pub(in super::super) struct Mandate {
    /// `ddRefNo`
    pub(in super::super) reference: String,
    pub(in super::super) client_ref: String,
    /// Names, address and bank details by their element.
    pub(in super::super) person: Vec<(&'static str, Private)>,
    pub(in super::super) plan: Option<Plan>,
    pub(in super::super) kind: String,
    pub(in super::super) short_id: String,
    pub(in super::super) payment_ref: String,
    pub(in super::super) state: MandateState,
    pub(in super::super) fail_reason: String,
    pub(in super::super) created: Date,
    pub(in super::super) updated: Date,
    /// When it was last sent to Bacs.
    pub(in super::super) batched: Option<Date>,
    /// When it last went live.
    pub(in super::super) live_since: Option<Date>,
    /// The next collection that the plan makes.
    pub(in super::super) next_due: Option<Date>,
    pub(in super::super) collected: u32,
    pub(in super::super) fate: Fate,
    /// An earlier row, left in reports after a change of bank details.
    pub(in super::super) past: bool,
}

/// Regular collections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Plan {
    pub(in super::super) pence: i64,
    /// 1, 3, 6 or 12.
    pub(in super::super) months: i32,
    pub(in super::super) start: Date,
    pub(in super::super) end: Option<Date>,
}

/// The states of a mandate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MandateState {
    /// Loaded, waiting to go to Bacs.
    New,
    /// Sent; five working days.
    Pending,
    /// Active.
    Live,
    /// Rejected by the bank.
    Failed,
    /// Changed bank details wait to go to Bacs.
    Amend,
    /// The transmission failed and is made again.
    Resubmit,
    /// The cancellation waits to go to Bacs.
    Cancel,
    /// Inactive; can be reinstated.
    Cancelled,
    /// Inactive for good.
    Deleted,
}

/// What tests may know of a mandate: nothing of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MandateRow {
    /// `ddRefNo`
    pub reference: String,
    /// `clientRef`
    pub client_ref: String,
    /// Where it has got to.
    pub state: MandateState,
    /// `CODE: text` of Bacs, or empty.
    pub fail_reason: String,
    /// Of each collection, where there is a plan.
    pub pence: Option<i64>,
    /// Months between collections, where there is a plan.
    pub months: Option<i32>,
    /// The first collection, where there is a plan.
    pub start: Option<Date>,
    /// No collection after this.
    pub end: Option<Date>,
    /// `paymentRef`
    pub payment_ref: String,
    /// When it was lodged.
    pub created: Date,
    /// When it last changed.
    pub updated: Date,
}

impl Mandate {
    /// A detail of the person; an absent one is empty.
    pub(in super::super) fn detail(&self, element: &str) -> &str {
        self.person.iter().find(|(name, _)| *name == element).map_or("", |(_, held)| held.reveal())
    }

    /// The person's name as reports give it.
    pub(in super::super) fn name(&self) -> &str {
        match self.detail("contactName") {
            "" => self.detail("accountName"),
            name => name,
        }
    }

    /// Whether another mandate may not have its `clientRef` (2112).
    pub(in super::super) const fn is_active(&self) -> bool {
        !self.past && !self.state.is_over()
    }

    /// Nothing is ever collected again, so the account is of no more use.
    pub(super) fn forget_bank(&mut self) {
        self.person.retain(|(name, _)| !BANK.contains(name));
    }

    /// Whether it is live, or will be on `day` unless the bank says no.
    pub(super) fn is_live_by(&self, day: Date, calendar: &Calendar) -> bool {
        match self.state {
            MandateState::Live => true,
            MandateState::Pending => {
                self.batched.is_some_and(|sent| calendar.add(sent, TO_LIVE) <= day)
            }
            MandateState::New
            | MandateState::Failed
            | MandateState::Amend
            | MandateState::Resubmit
            | MandateState::Cancel
            | MandateState::Cancelled
            | MandateState::Deleted => false,
        }
    }

    pub(in super::super) fn turn(&mut self, state: MandateState, today: Date) {
        self.state = state;
        self.updated = today;
    }

    pub(super) fn row(&self) -> MandateRow {
        let plan = self.plan;
        MandateRow {
            reference: self.reference.clone(),
            client_ref: self.client_ref.clone(),
            state: self.state,
            fail_reason: self.fail_reason.clone(),
            pence: plan.map(|plan| plan.pence),
            months: plan.map(|plan| plan.months),
            start: plan.map(|plan| plan.start),
            end: plan.and_then(|plan| plan.end),
            payment_ref: self.payment_ref.clone(),
            created: self.created,
            updated: self.updated,
        }
    }

    /// The row that stays behind when bank details change.
    pub(in super::super) fn left_behind(&self, today: Date) -> Self {
        Self {
            reference: self.reference.clone(),
            client_ref: self.client_ref.clone(),
            person: copy(&self.person),
            kind: self.kind.clone(),
            short_id: self.short_id.clone(),
            payment_ref: self.payment_ref.clone(),
            state: MandateState::Cancelled,
            fail_reason: self.fail_reason.clone(),
            updated: today,
            past: true,
            next_due: None,
            ..*self
        }
    }
}

impl MandateState {
    const ALL: [(&'static str, Self); 9] = [
        ("NEW", Self::New),
        ("PENDING", Self::Pending),
        ("LIVE", Self::Live),
        ("FAILED", Self::Failed),
        ("AMEND", Self::Amend),
        ("RESUBMIT", Self::Resubmit),
        ("CANCEL", Self::Cancel),
        ("CANCELLED", Self::Cancelled),
        ("DELETED", Self::Deleted),
    ];

    pub(in super::super) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, state)| *state == self).map_or("", |(word, _)| word)
    }

    pub(in super::super) fn is_word(word: &str) -> bool {
        Self::ALL.iter().any(|(known, _)| *known == word)
    }

    pub(in super::super) const fn is_over(self) -> bool {
        match self {
            Self::Failed | Self::Cancel | Self::Cancelled | Self::Deleted => true,
            Self::New | Self::Pending | Self::Live | Self::Amend | Self::Resubmit => false,
        }
    }
}

fn copy(person: &[(&'static str, Private)]) -> Vec<(&'static str, Private)> {
    person.iter().map(|(name, held)| (*name, Private::new(held.reveal()))).collect()
}
