//! Taking a card payment, or not: what each test card does to the books and which call-backs follow.

use super::Office;
use super::courier::{Consignment, Parcel};
use super::identity::{Pairs, Seal};
use super::order::Order;
use super::orders::{CallBackTo, Charge};
use super::pounds;
use super::visits::{Step, Visit};
use crate::mock_rsm::faults::{CallBackFault, WebhookFault};
use crate::mock_rsm::instrument::{Script, Telling};
use jiff::SignedDuration;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Where the supporter goes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Back to the charity.
    Back,
    /// To the page of the supporter's bank.
    Challenge,
    /// To the form again, with a decline.
    TryAgain,
    /// The mock is shutting down; nothing was taken.
    Closing,
}

/// How long before the acceptance an out-of-order decline is dated.
const EARLIER: SignedDuration = SignedDuration::from_secs(3);

/// One supporter at the till.
#[derive(Clone)]
pub(super) struct Till {
    pub(super) office: Arc<Office>,
    pub(super) token: String,
    pub(super) visit: Visit,
    pub(super) card_type: &'static str,
}

impl Till {
    /// Carries out a script on a task that outlives the browser's connection.
    pub(super) async fn pay(self, script: Script) -> Next {
        let tasks = self.office.tasks.clone();
        tasks.spawn(async move { self.play(script).await }).await.unwrap_or(Next::Closing)
    }

    async fn play(self, script: Script) -> Next {
        match script {
            Script::Accept(telling, _) => self.take(telling).await,
            Script::Decline(_) => self.decline().await,
            Script::DeclineFirst if self.visit.declined.is_none() => self.decline().await,
            Script::DeclineFirst => self.take(Telling::AtOnce).await,
            Script::Challenge => {
                self.office.visits.advance(&self.token, Step::Challenged);
                Next::Challenge
            }
            Script::Cancel => self.cancel().await,
            Script::Slow => {
                let wait = tokio::time::sleep(self.office.pace.slow);
                match self.office.stop.run_until_cancelled(wait).await {
                    Some(()) => self.take(Telling::AtOnce).await,
                    None => Next::Closing,
                }
            }
        }
    }

    /// The supporter gave up. After a decline nothing is told twice.
    pub(super) async fn cancel(&self) -> Next {
        self.office.visits.advance(&self.token, Step::Cancelled);
        if self.visit.declined.is_none() {
            self.office.call_back(Consignment::of([self.cancelled()])).await;
        }
        Next::Back
    }

    async fn decline(&self) -> Next {
        let Some(charge) = self.attempt(0, self.office.clock.now()) else { return Next::Back };
        self.office.visits.decline(&self.token, charge.clone());
        self.office.call_back(Consignment::of([self.told(&charge)])).await;
        Next::TryAgain
    }

    async fn take(&self, telling: Telling) -> Next {
        let now = self.office.clock.now();
        let earlier = if telling == Telling::OutOfOrder {
            self.attempt(0, now.saturating_sub(EARLIER).unwrap_or(now))
        } else {
            None
        };
        let Some(charge) = self.attempt(self.visit.order.total(), now) else { return Next::Back };
        self.office.visits.advance(&self.token, Step::Paid(charge.clone()));
        let parcels = [Some(charge), earlier].into_iter().flatten();
        let plain = Consignment::of(parcels.map(|charge| self.told(&charge)));
        let fault = match telling {
            Telling::AtOnce | Telling::OutOfOrder => None,
            Telling::Late => Some(WebhookFault::Delay(self.office.pace.late)),
            Telling::Never => Some(WebhookFault::Drop),
            Telling::Doubled => Some(WebhookFault::Duplicate),
            Telling::WrongAmount => Some(WebhookFault::WrongAmount),
            Telling::BadSignature => Some(WebhookFault::BadSignature),
        };
        let consignment = match fault {
            Some(fault) => plain.spoilt(CallBackFault::Webhook(fault)),
            None => plain,
        };
        self.office.call_back(consignment).await;
        Next::Back
    }

    /// An attempt in the books; none where the order is paid, so that nothing is taken twice.
    fn attempt(&self, pence: i64, at: jiff::Timestamp) -> Option<Charge> {
        self.office.orders.attempt(&self.visit.uniqueid, pence, self.card_type, at)
    }

    /// The call-back about an attempt.
    fn told(&self, charge: &Charge) -> Parcel {
        let paid = charge.pence > 0;
        let [status, message, base] = if paid {
            ["Y", "cardbe.msg.authorised", "OK"]
        } else {
            ["N", "cardbe.msg.refused", "INVALID"]
        };
        let mut pairs = self.opening();
        let time = charge.at.as_millisecond().to_string();
        for (name, value) in [
            ("authAmount", pounds::write(charge.pence).as_str()),
            ("transId", charge.transaction.as_str()),
            ("transStatus", status),
            ("transTime", &time),
            ("rawAuthMessage", message),
            ("cardType", charge.card_type),
            ("baseStatus", base),
        ] {
            pairs.push((name, Zeroizing::new(value.to_owned())));
        }
        let to = if paid { CallBackTo::Success } else { CallBackTo::Failure };
        Parcel { order: self.visit.uniqueid.clone(), to, pairs, seal: Seal::Genuine }
    }

    /// The call-back about a supporter who gave up: without transaction, as `WorldPay`'s are.
    fn cancelled(&self) -> Parcel {
        let mut pairs = self.opening();
        pairs.push(("transStatus", Zeroizing::new(String::from("C"))));
        pairs.push(("baseStatus", Zeroizing::new(String::from("FAIL"))));
        let to = CallBackTo::Failure;
        Parcel { order: self.visit.uniqueid.clone(), to, pairs, seal: Seal::Genuine }
    }

    /// Order, donor and the two parts of the sum, those that were sent.
    fn opening(&self) -> Pairs {
        let order: &Order = &self.visit.order;
        let sum = |pence: Option<i64>| pence.map_or_else(String::new, pounds::write);
        let mut pairs: Pairs = vec![("uniqueid", Zeroizing::new(self.visit.uniqueid.clone()))];
        for (name, field) in [("title", "title"), ("forename", "firstname"), ("surname", "surname")]
        {
            pairs.push((name, Zeroizing::new(order.contact(field).to_owned())));
        }
        pairs.push(("purchase", Zeroizing::new(sum(order.purchase))));
        pairs.push(("donation", Zeroizing::new(sum(order.donation))));
        pairs.retain(|(_, value)| !value.is_empty());
        pairs
    }
}
