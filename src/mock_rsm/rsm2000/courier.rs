//! Carries call-backs to the vendor's two addresses, again where they are not taken, and records
//! each try.

use super::identity::{self, Pairs, Seal};
use super::orders::{CallBack, CallBackTo};
use super::{Office, pounds};
use crate::mock_rsm::faults::{CallBackFault, SealFault, WebhookFault};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use url::Url;
use zeroize::Zeroizing;

/// Messages for the vendor, delivered one after another.
pub(super) struct Consignment {
    pub(super) delay: Duration,
    pub(super) parcels: Vec<Arc<Parcel>>,
}

/// One call-back, before it is sealed.
pub(super) struct Parcel {
    pub(super) order: String,
    pub(super) to: CallBackTo,
    pub(super) pairs: Pairs,
    pub(super) seal: Seal,
}

/// What wrong amounts are wrong by, in pence.
const ONE_POUND: i64 = 100;

impl Consignment {
    pub(super) fn of(parcels: impl IntoIterator<Item = Parcel>) -> Self {
        let parcels = parcels.into_iter().map(Arc::new).collect();
        Self { delay: Duration::ZERO, parcels }
    }

    /// The same with something wrong.
    pub(super) fn spoilt(mut self, fault: CallBackFault) -> Self {
        match fault {
            CallBackFault::Webhook(WebhookFault::Drop) => self.parcels.clear(),
            CallBackFault::Webhook(WebhookFault::Delay(delay)) => {
                self.delay = self.delay.saturating_add(delay);
            }
            CallBackFault::Webhook(WebhookFault::Duplicate) => {
                let twice =
                    self.parcels.iter().flat_map(|parcel| [Arc::clone(parcel), Arc::clone(parcel)]);
                self.parcels = twice.collect();
            }
            CallBackFault::Webhook(WebhookFault::WrongAmount) => self.each(Parcel::dearer),
            CallBackFault::Webhook(WebhookFault::BadSignature) => {
                self.each(|parcel| parcel.sealed(Seal::Forged));
            }
            CallBackFault::Seal(SealFault::UpperCase) => {
                self.each(|parcel| parcel.sealed(Seal::UpperCase));
            }
            CallBackFault::Seal(SealFault::Doubled) => {
                self.each(|parcel| parcel.sealed(Seal::Doubled));
            }
            CallBackFault::Seal(SealFault::Truncated) => {
                self.each(|parcel| parcel.sealed(Seal::Truncated));
            }
        }
        self
    }

    fn each(&mut self, change: impl Fn(&Parcel) -> Parcel) {
        for parcel in &mut self.parcels {
            *parcel = Arc::new(change(parcel));
        }
    }
}

impl Parcel {
    fn sealed(&self, seal: Seal) -> Self {
        Self { order: self.order.clone(), to: self.to, pairs: self.pairs.clone(), seal }
    }

    /// One pound more in every sum but the donation, and rightly signed.
    fn dearer(&self) -> Self {
        let mut dearer = self.sealed(self.seal);
        for (name, value) in &mut dearer.pairs {
            if ["purchase", "authAmount"].contains(name) {
                let pence = pounds::read(value).unwrap_or(0).saturating_add(ONE_POUND);
                *value = Zeroizing::new(pounds::write(pence));
            }
        }
        dearer
    }
}

impl Office {
    /// Sends on a task of its own; waits for the end only a moment, and not at all where the
    /// consignment is to leave later.
    pub(super) async fn call_back(self: &Arc<Self>, consignment: Consignment) {
        let consignment = match self.faults.next_of_call_back() {
            Some(fault) => consignment.spoilt(fault),
            None => consignment,
        };
        let later = !consignment.delay.is_zero();
        let delivery = self.start(consignment);
        if !later {
            drop(timeout(self.pace.patience, delivery).await);
        }
    }

    /// Posts these very bytes once; the receiver's HTTP status, none without an answer in time.
    pub(super) async fn post(&self, to: CallBackTo, body: Vec<u8>) -> Option<u16> {
        let request = self
            .client
            .post(self.address(to))
            .header("content-type", "application/x-www-form-urlencoded")
            .timeout(self.pace.answer_within)
            .body(body);
        request.send().await.ok().map(|answer| answer.status().as_u16())
    }

    fn start(self: &Arc<Self>, consignment: Consignment) -> JoinHandle<()> {
        let office = Arc::clone(self);
        self.tasks.spawn(async move {
            let stop = office.stop.clone();
            stop.run_until_cancelled(office.deliver(consignment)).await.unwrap_or_default();
        })
    }

    async fn deliver(&self, consignment: Consignment) {
        sleep(consignment.delay).await;
        for parcel in consignment.parcels {
            let mut waits = self.pace.retries.iter();
            while !self.hand_over(&parcel).await {
                let Some(wait) = waits.next() else { break };
                sleep(*wait).await;
            }
        }
    }

    /// One try: whether the receiver answered with success.
    async fn hand_over(&self, parcel: &Parcel) -> bool {
        let sent_at = self.clock.now();
        let body = identity::body(&parcel.pairs, self.secret(), parcel.seal);
        let status = self.post(parcel.to, body.to_vec()).await;
        self.orders.record(CallBack {
            order: parcel.order.clone(),
            to: parcel.to,
            sent_at,
            status,
        });
        status.is_some_and(|status| (200..300).contains(&status))
    }

    /// The secret that signs now.
    fn secret(&self) -> &str {
        let secrets = &self.settings.call_back_secrets;
        let turned = self.rotations.load(Ordering::SeqCst);
        let place = turned.checked_rem(secrets.len()).unwrap_or(0);
        secrets.get(place).map_or("", crate::mock_rsm::key::reveal)
    }

    fn address(&self, to: CallBackTo) -> Url {
        match to {
            CallBackTo::Success => self.call_backs.success.clone(),
            CallBackTo::Failure => self.call_backs.failure.clone(),
        }
    }
}
