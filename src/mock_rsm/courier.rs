//! Sends webhooks, again and again until one is taken or the schedule ends, and records each try.

use super::books::{Books, Delivery};
use super::faults::{Faults, WebhookFault};
use super::key::{Key, invalid, random_hex};
use super::notice::{Notice, Seal, signatures};
use super::trust::trusting;
use super::{MockSettings, Pace};
use crate::clock::Clock;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

/// The one who carries webhooks to the merchant.
#[derive(Clone)]
pub(super) struct Courier {
    client: reqwest::Client,
    url: Url,
    keys: Arc<[Key]>,
    pace: Pace,
    books: Books,
    faults: Faults,
    clock: Clock,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// What the courier shares with the rest of the mock.
#[derive(Clone)]
pub(super) struct Surroundings {
    pub(super) books: Books,
    pub(super) faults: Faults,
    pub(super) clock: Clock,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

/// Messages for the merchant, delivered one after another.
pub(super) struct Consignment {
    pub(super) delay: Duration,
    pub(super) parcels: Vec<Parcel>,
}

/// One message; its id is chosen once, so that every copy has the same.
#[derive(Clone)]
pub(super) struct Parcel {
    id: String,
    notice: Notice,
    seal: Seal,
}

/// What wrong amounts are wrong by, in minor units.
const ONE_POUND: i64 = 100;

impl Consignment {
    /// One message, now. Without randomness there is no message.
    pub(super) fn of(notices: impl IntoIterator<Item = Notice>) -> Self {
        let parcels = notices.into_iter().filter_map(|notice| {
            let id = random_hex()
                .inspect_err(|_| tracing::error!("no randomness: a webhook is not sent"))
                .ok()?;
            Some(Parcel { id: format!("msg_{id}"), notice, seal: Seal::Genuine })
        });
        Self { delay: Duration::ZERO, parcels: parcels.collect() }
    }

    /// The same with something wrong.
    pub(super) fn spoilt(mut self, fault: WebhookFault) -> Self {
        match fault {
            WebhookFault::Drop => self.parcels.clear(),
            WebhookFault::Delay(delay) => self.delay = self.delay.saturating_add(delay),
            WebhookFault::Duplicate => {
                let twice = self.parcels.iter().flat_map(|parcel| [parcel.clone(), parcel.clone()]);
                self.parcels = twice.collect();
            }
            WebhookFault::WrongAmount => self.parcels.iter_mut().for_each(|parcel| {
                parcel.notice.amount = parcel.notice.amount.saturating_add(ONE_POUND);
            }),
            WebhookFault::BadSignature => {
                self.parcels.iter_mut().for_each(|parcel| parcel.seal = Seal::Forged);
            }
        }
        self
    }
}

impl Courier {
    pub(super) fn new(settings: &MockSettings, around: Surroundings) -> io::Result<Self> {
        let url = Url::parse(&settings.webhook_url).ok().filter(|url| url.scheme() == "https");
        let keys =
            settings.webhook_keys.iter().map(Key::of_webhook).collect::<io::Result<Vec<_>>>()?;
        if keys.is_empty() {
            return Err(invalid("give at least one webhook secret"));
        }
        let Surroundings { books, faults, clock, tasks, stop } = around;
        Ok(Self {
            client: client(&settings.webhook_roots)?,
            url: url.ok_or_else(|| invalid("give the webhook address as an https URL"))?,
            keys: keys.into(),
            pace: settings.pace.clone(),
            books,
            faults,
            clock,
            tasks,
            stop,
        })
    }

    /// Sends on a task of its own; waits for the end only a moment, and not at all where the
    /// consignment is to leave later.
    pub(super) async fn send(&self, consignment: Consignment) {
        let consignment = self.as_scripted(consignment);
        let later = !consignment.delay.is_zero();
        let delivery = self.start(consignment);
        if !later {
            self.wait(delivery).await;
        }
    }

    /// Sends on a task of its own and waits for nothing.
    pub(super) fn post(&self, consignment: Consignment) {
        drop(self.start(self.as_scripted(consignment)));
    }

    fn as_scripted(&self, consignment: Consignment) -> Consignment {
        match self.faults.next_of_webhook() {
            Some(fault) => consignment.spoilt(fault),
            None => consignment,
        }
    }

    /// Sends one notice as it is, past the script of faults.
    pub(super) async fn send_plainly(&self, notice: Notice) {
        self.wait(self.start(Consignment::of([notice]))).await;
    }

    /// Waits a moment. Whether it was delivered in time is in the books; life goes on either way.
    async fn wait(&self, delivery: JoinHandle<()>) {
        drop(timeout(self.pace.patience, delivery).await);
    }

    fn start(&self, consignment: Consignment) -> JoinHandle<()> {
        let courier = self.clone();
        self.tasks.spawn(async move {
            let stop = courier.stop.clone();
            stop.run_until_cancelled(courier.deliver(consignment)).await.unwrap_or_default();
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
        let body = parcel.notice.body();
        let sealed = format!("{}.{}.{body}", parcel.id, sent_at.as_second());
        let request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header("webhook-id", &parcel.id)
            .header("webhook-timestamp", sent_at.as_second().to_string())
            .header("webhook-signature", signatures(&self.keys, &sealed, parcel.seal))
            .timeout(self.pace.answer_within)
            .body(body);
        let status = request.send().await.ok().map(|answer| answer.status());
        self.books.record(Delivery {
            webhook_id: parcel.id.clone(),
            reference: parcel.notice.reference.clone(),
            state: parcel.notice.state.clone(),
            sent_at,
            status: status.map(|status| status.as_u16()),
        });
        status.is_some_and(|status| status.is_success())
    }
}

/// A client that trusts the given certificates alone, and neither follows, repeats nor takes a detour.
pub(super) fn client(roots: &str) -> io::Result<reqwest::Client> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(trusting(roots, rustls::DEFAULT_VERSIONS)?)
        .https_only(true)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .build()
        .map_err(io::Error::other)
}
