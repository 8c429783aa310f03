//! The books of RSM's card side: what was tried, charged and told under each unique id.

use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One attempt to pay an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Charge {
    /// When it was decided.
    pub at: Timestamp,
    /// `transId`, new for every attempt.
    pub transaction: String,
    /// Pence that were taken; 0 where it was declined.
    pub pence: i64,
    /// As the call-back names it.
    pub card_type: &'static str,
}

/// One try to deliver a call-back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallBack {
    /// The order it is about.
    pub order: String,
    /// Which of the two addresses it went to.
    pub to: CallBackTo,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The receiver's HTTP status; none where no answer came in time.
    pub status: Option<u16>,
}

/// The vendor's two addresses for call-backs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallBackTo {
    /// Of payments.
    Success,
    /// Of failures.
    Failure,
}

#[derive(Debug, Default)]
pub(super) struct Orders(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    charges: BTreeMap<String, Vec<Charge>>,
    call_backs: Vec<CallBack>,
    given: u64,
}

/// A mock is restarted long before this.
const MOST_ORDERS: usize = 100_000;
/// `transId` has nine digits here, as `WorldPay`'s had.
const FIRST_TRANSACTION: u64 = 286_000_000;

impl Orders {
    /// Opens an order; `false` where the id was used before.
    pub(super) fn open(&self, uniqueid: &str) -> bool {
        let mut pages = self.pages();
        let fits = pages.charges.len() < MOST_ORDERS && !pages.charges.contains_key(uniqueid);
        if fits {
            pages.charges.insert(uniqueid.to_owned(), Vec::new());
        }
        fits
    }

    /// A unique id for an order that came without one.
    pub(super) fn invent(&self) -> String {
        format!("RSM{}", self.pages().next())
    }

    /// Records an attempt; `None` where the order is paid already.
    pub(super) fn attempt(
        &self,
        uniqueid: &str,
        pence: i64,
        card_type: &'static str,
        at: Timestamp,
    ) -> Option<Charge> {
        let mut pages = self.pages();
        let transaction = pages.next().to_string();
        let charges = pages.charges.get_mut(uniqueid)?;
        if charges.iter().any(|charge| charge.pence > 0) {
            return None;
        }
        let charge = Charge { at, transaction, pence, card_type };
        charges.push(charge.clone());
        Some(charge)
    }

    pub(super) fn charges(&self, uniqueid: &str) -> Vec<Charge> {
        self.pages().charges.get(uniqueid).cloned().unwrap_or_default()
    }

    pub(super) fn known(&self) -> Vec<String> {
        self.pages().charges.keys().cloned().collect()
    }

    pub(super) fn record(&self, call_back: CallBack) {
        self.pages().call_backs.push(call_back);
    }

    pub(super) fn call_backs(&self, uniqueid: &str) -> Vec<CallBack> {
        let pages = self.pages();
        pages.call_backs.iter().filter(|told| told.order == uniqueid).cloned().collect()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    fn next(&mut self) -> u64 {
        self.given = self.given.saturating_add(1);
        FIRST_TRANSACTION.saturating_add(self.given)
    }
}
