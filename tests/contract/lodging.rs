//! Mandates that a case sets up and that are gone when it ends, however it ends.

use crate::account::Account;
use almoner::payment::{Amount, Frequency, Reference};
use almoner::processor::rsm::ddcm::{
    Bank, Decision, Holder, MandateFilter, MandateOrder, MandateRecord, MandateRow, MandateState,
    Repeat,
};
use futures_util::FutureExt as _;
use iso_currency::Currency;
use jiff::civil::Date;
use std::panic::{AssertUnwindSafe, resume_unwind};
use tokio::sync::Mutex;

/// Whether a case with a real account left something behind: then no other begins. One at a time.
static LEFT: Mutex<bool> = Mutex::const_new(false);

/// Working days after which the mock's mandates are live.
const TO_LIVE: u32 = 7;

pub(crate) fn pounds(pence: i64) -> Amount {
    Amount::new(pence, Currency::GBP).unwrap()
}

impl Account {
    /// A reference that was never used, of the form that the gateway's have.
    pub(crate) async fn fresh(&self) -> String {
        Reference::at(self.moment().await).to_string()
    }

    /// A whole record: a person who was made up, and the account that is taken.
    pub(crate) fn record<'a>(&'a self, reference: &'a str, start: Date) -> MandateRecord<'a> {
        self.record_at(&self.bank, reference, start)
    }

    /// The same with another bank account.
    pub(crate) fn record_at<'a>(
        &'a self,
        (sort_code, account_number): &'a (String, String),
        reference: &'a str,
        start: Date,
    ) -> MandateRecord<'a> {
        MandateRecord {
            client_ref: reference,
            dd_ref_no: None,
            holder: Holder {
                contact_name: "Contract Test",
                address: ["1 High Street", "", ""],
                town: "Bedford",
                postcode: "MK40 1AA",
                email: "contract.test@example.org",
                ..Holder::default()
            },
            bank: Bank { account_name: "C TEST", account_number, sort_code },
            repeat: Some(Repeat {
                amount: pounds(1000),
                frequency: Frequency::Monthly,
                start,
                end: None,
            }),
            mandate_type: self.mandate_type.as_deref(),
            short_id: self.short_id.as_deref(),
            payment_ref: Some("CONTRACT"),
        }
    }

    /// What becomes of one order.
    pub(crate) async fn order(&self, order: MandateOrder<'_>) -> Decision {
        let orders = [order];
        let decisions = self.ask(|ddcm, at| ddcm.set_mandates(&orders, at)).await.unwrap();
        assert_eq!(decisions.len(), 1);
        decisions.into_iter().next().unwrap()
    }

    /// The rows of a reference.
    pub(crate) async fn rows(&self, reference: &str) -> Vec<MandateRow> {
        let filter = MandateFilter { client_ref: Some(reference), ..MandateFilter::default() };
        self.ask(|ddcm, at| ddcm.mandate_report(&filter, at)).await.unwrap().rows
    }

    /// Sets a mandate up, lets the case look at it, and cancels it.
    pub(crate) async fn lodged(&self, start: Date, then: impl AsyncFnOnce(&str)) {
        let reference = self.fresh().await;
        self.clearing(&[&reference], async || {
            let decision = self.order(MandateOrder::New(self.record(&reference, start))).await;
            assert!(matches!(decision, Decision::Accepted { dd_ref_no: Some(_) }), "{decision:?}");
            then(&reference).await;
        })
        .await;
    }

    /// Cancels what the case set up under these references, whatever the case found.
    pub(crate) async fn clearing(&self, references: &[&str], case: impl AsyncFnOnce()) {
        let mut left = None;
        if self.office().is_none() {
            let left = left.insert(LEFT.lock().await);
            assert!(!**left, "an earlier case left a mandate in the test account: see there");
            **left = true;
        }
        let found = AssertUnwindSafe(case()).catch_unwind().await;
        self.clear(references).await;
        if let Some(left) = &mut left {
            **left = false;
        }
        if let Err(found) = found {
            resume_unwind(found);
        }
    }

    /// Cancels what is in force of these, and sees that nothing is.
    async fn clear(&self, references: &[&str]) {
        let mut open = self.in_force(references).await;
        if let (Some(mock), false) = (self.office(), open.is_empty()) {
            mock.advance_working_days(TO_LIVE);
            open = self.in_force(references).await;
        }
        if !open.is_empty() {
            let each = open.iter().map(|reference| MandateOrder::Cancel { client_ref: reference });
            let orders: Vec<_> = each.collect();
            let cancelled = self.ask(|ddcm, at| ddcm.set_mandates(&orders, at)).await;
            let open = self.in_force(references).await;
            assert!(
                open.is_empty(),
                "cancel these yourself, they are left in the test account: {open:?}; {cancelled:?}"
            );
        }
    }

    /// Which of these have a mandate that is not over.
    async fn in_force<'a>(&self, references: &[&'a str]) -> Vec<&'a str> {
        let mut open = Vec::new();
        for reference in references {
            let rows = self.rows(reference).await;
            let over = rows.iter().all(|row| {
                matches!(
                    row.status.known(),
                    Some(
                        MandateState::Cancel
                            | MandateState::Cancelled
                            | MandateState::Deleted
                            | MandateState::Failed
                    )
                )
            });
            if !over {
                open.push(*reference);
            }
        }
        open
    }
}
