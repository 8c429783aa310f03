//! The hosted pages that are open, each under an address nobody can guess.

use super::order::Order;
use super::orders::Charge;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One supporter's visit.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) order: Arc<Order>,
    /// The charity's id, or RSM's own where it sent none.
    pub(super) uniqueid: String,
    pub(super) opened_at: Timestamp,
    pub(super) step: Step,
    /// The last attempt, where it was declined.
    pub(super) declined: Option<Charge>,
}

/// Where the visit has got to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The form is shown.
    Open,
    /// The supporter's bank is asking.
    Challenged,
    Paid(Charge),
    /// A Direct Debit was set up.
    Lodged,
    /// Given up, perhaps after a decline.
    Cancelled,
}

#[derive(Debug, Default)]
pub(super) struct Visits(Mutex<HashMap<String, Visit>>);

impl Visits {
    /// Opens a page; those opened before `forget_before` are forgotten.
    pub(super) fn open(&self, token: String, visit: Visit, forget_before: Timestamp) {
        let mut visits = self.visits();
        visits.retain(|_, known| known.opened_at >= forget_before);
        visits.insert(token, visit);
    }

    pub(super) fn find(&self, token: &str) -> Option<Visit> {
        self.visits().get(token).cloned()
    }

    /// Moves on to `step`.
    pub(super) fn advance(&self, token: &str, step: Step) {
        if let Some(visit) = self.visits().get_mut(token) {
            visit.step = step;
        }
    }

    /// Shows the form again, with a decline.
    pub(super) fn decline(&self, token: &str, charge: Charge) {
        if let Some(visit) = self.visits().get_mut(token) {
            visit.step = Step::Open;
            visit.declined = Some(charge);
        }
    }

    fn visits(&self) -> MutexGuard<'_, HashMap<String, Visit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
