//! What tests hold: RSM's calendar, books and post.

use super::bureau::{CollectionRow, MandateRow};
use super::orders::{CallBack, CallBackTo, Charge};
use super::{Office, Rsm2000Settings};
use crate::mock_rsm::MockSettings;
use crate::mock_rsm::courier::Surroundings;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use subtle::ConstantTimeEq as _;

/// A handle on RSM as it really speaks; every clone holds the same.
#[derive(Clone)]
pub struct Rsm2000(Arc<Office>);

impl Rsm2000 {
    pub(in crate::mock_rsm) fn new(
        settings: Rsm2000Settings,
        mock: &MockSettings,
        around: Surroundings,
    ) -> io::Result<Self> {
        Office::new(settings, mock, around).map(|office| Self(Arc::new(office)))
    }

    pub(super) fn office(&self) -> Arc<Office> {
        Arc::clone(&self.0)
    }

    /// RSM's own day: that of the clock at the start, and moved by [`Rsm2000::advance_working_days`]
    /// alone. All that comes counts as come before 15:00.
    #[must_use]
    pub fn today(&self) -> Date {
        self.0.bureau().calendar.today()
    }

    /// Ends the day and begins the next working day, `count` times.
    pub fn advance_working_days(&self, count: u32) {
        self.0.bureau().advance(count);
    }

    /// Every mandate that was lodged under a `clientRef`, oldest first; without the rows that a
    /// change of bank details leaves in reports.
    #[must_use]
    pub fn mandates(&self, client_ref: &str) -> Vec<MandateRow> {
        self.0.bureau().rows_of(client_ref)
    }

    /// Every collection under a `clientRef`, claims against them included, in the order made.
    #[must_use]
    pub fn collections(&self, client_ref: &str) -> Vec<CollectionRow> {
        self.0.bureau().collections_of(client_ref)
    }

    /// Whether the latest mandate of a `clientRef` holds exactly this value in an element, for
    /// example `accountNumber`. There is no way to read it.
    #[must_use]
    pub fn bank_is(&self, client_ref: &str, element: &str, value: &str) -> bool {
        let bureau = self.0.bureau();
        let mut own = bureau.mandates.iter().rev().filter(|held| held.client_ref == client_ref);
        own.next()
            .is_some_and(|held| held.detail(element).as_bytes().ct_eq(value.as_bytes()).into())
    }

    /// The bank or the payer ends the live mandate with this `ddRefNo`, for example because of
    /// `2: Payer deceased`.
    pub fn end_mandate(&self, reference: &str, reason: &str) {
        self.0.bureau().end(reference, reason);
    }

    /// The payer claims every paid collection of a `ddRefNo` back, for example with
    /// `5: No authority given`.
    pub fn claim_back(&self, reference: &str, reason: &str) {
        self.0.bureau().claim_back(reference, reason);
    }

    /// How many requests of a command came in a form that could be read, refused ones too.
    #[must_use]
    pub fn requests(&self, command: &str) -> usize {
        self.0.desk.requests().get(command).copied().unwrap_or(0)
    }

    /// How many requests of each command came.
    #[must_use]
    pub fn all_requests(&self) -> BTreeMap<String, usize> {
        self.0.desk.requests()
    }

    /// Takes a signature for that of another vendor's request (2303).
    pub fn foreign_signature(&self, signature: &str) {
        self.0.desk.keep_foreign(signature);
    }

    /// How often an order was charged: never more than once, unless the mock is wrong.
    #[must_use]
    pub fn charges(&self, uniqueid: &str) -> usize {
        self.attempts(uniqueid).iter().filter(|charge| charge.pence > 0).count()
    }

    /// Every attempt to pay an order, declined ones too.
    #[must_use]
    pub fn attempts(&self, uniqueid: &str) -> Vec<Charge> {
        self.0.orders.charges(uniqueid)
    }

    /// The unique ids of every order that was handed over.
    #[must_use]
    pub fn orders(&self) -> Vec<String> {
        self.0.orders.known()
    }

    /// Every try to deliver a call-back about an order, in the order of their ends.
    #[must_use]
    pub fn call_backs(&self, uniqueid: &str) -> Vec<CallBack> {
        self.0.orders.call_backs(uniqueid)
    }

    /// Signs call-backs with the next secret from now on; after the last comes the first.
    pub fn rotate(&self) {
        self.0.rotations.fetch_add(1, Ordering::SeqCst);
    }

    /// Posts these very bytes as a call-back, once and past the script of faults; the receiver's
    /// HTTP status, none where no answer came in time.
    pub async fn send_callback(&self, to: CallBackTo, body: impl Into<Vec<u8>>) -> Option<u16> {
        self.0.post(to, body.into()).await
    }
}
