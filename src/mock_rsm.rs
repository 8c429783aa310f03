//! A mock of the payment processor, for tests, demonstrations and development.
//!
//! A room apart: the service never imports it, and it uses nothing of the service but the words of
//! [`crate::payment`] and the [`crate::clock`]. Signatures are checked and made here from the
//! specification (gateway.md, section 6) alone, so that the two sides prove each other.
//!
//! It keeps everything in memory, books included, and no card or account number at all.

mod books;
mod broken;
mod buttons;
mod call;
mod canonical;
mod control;
mod courier;
mod enquiry;
mod faults;
mod form;
mod handoff;
mod hosted;
mod http;
mod instrument;
mod key;
mod member;
mod message_signature;
mod notice;
mod page;
mod rsm2000;
mod sessions;
mod till;
mod trust;

pub use books::{Attempt, Books, Delivery, Payment, Verdict};
pub use faults::{CallFault, DdcmFault, EnquiryFault, Fault, Faults, SealFault, WebhookFault};
pub use instrument::{TEST_ACCOUNTS, TEST_CARDS, TestAccount, TestCard};
pub use notice::Notice;
pub use rsm2000::{
    Addresses, CallBack, CallBackTo, Charge, CollectionKind, CollectionRow, Feature, MandateRow,
    MandateState, Money, Rsm2000, Rsm2000Settings, Sending,
};
pub use trust::trusting;

use crate::clock::Clock;
use axum_server::Handle;
use call::Answers;
use courier::{Courier, Surroundings};
use jiff::SignedDuration;
use key::{Key, invalid, random_hex, reveal};
use secrecy::SecretString;
use sessions::Sessions;
use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

/// How the mock is set up.
#[derive(Debug)]
pub struct MockSettings {
    /// The one merchant it knows; shown on its pages.
    pub merchant: String,
    /// Key ids and secrets that hand-offs and enquiries may be signed with: several in a rotation.
    pub signing_keys: Vec<(String, SecretString)>,
    /// Where webhooks go, by https.
    pub webhook_url: String,
    /// `whsec_` secrets; every webhook is signed with each.
    pub webhook_keys: Vec<SecretString>,
    /// PEM certificates that the webhook's receiver is trusted by, or shows itself; no others.
    pub webhook_roots: String,
    /// Its own origin as the merchant writes it, for example `https://localhost:8444`: what the
    /// `@target-uri` of an enquiry begins with.
    pub origin: String,
    /// Opens the control API to whoever bears this token; without it there is none.
    pub control_token: Option<SecretString>,
    /// Where supporters may be sent back to; any https origin where none are given.
    pub return_origins: Option<Vec<String>>,
    /// RSM as it really speaks, beside the `signed` dialect; none of it without this.
    pub rsm2000: Option<Rsm2000Settings>,
    /// How long things take.
    pub pace: Pace,
}

/// How long things take. The default suits a person at a browser; tests shorten it.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Waits before each further try of a webhook that was not taken.
    pub retries: Vec<Duration>,
    /// How long the receiver of a webhook may take to answer.
    pub answer_within: Duration,
    /// How long a supporter waits for the webhook to be delivered before going back.
    pub patience: Duration,
    /// How long a slow card takes.
    pub slow: Duration,
    /// How long after the return a late webhook is sent.
    pub late: Duration,
    /// When a hosted page left alone lapses, by the clock.
    pub lifetime: SignedDuration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            retries: [1, 5, 15, 60].map(Duration::from_secs).into(),
            answer_within: Duration::from_secs(10),
            patience: Duration::from_secs(2),
            slow: Duration::from_secs(8),
            late: Duration::from_secs(5),
            lifetime: SignedDuration::from_mins(60),
        }
    }
}

/// A running mock.
pub struct MockRsm {
    mock: Arc<Mock>,
    handle: Handle<SocketAddr>,
}

/// What every part of a running mock can reach.
struct Mock {
    merchant: String,
    origin: String,
    return_origins: Option<Vec<String>>,
    signing_keys: BTreeMap<String, Key>,
    control_token: Option<SecretString>,
    /// Known to the page of buttons alone, so that no other site presses them.
    buttons_token: String,
    rsm2000: Option<Rsm2000>,
    pace: Pace,
    books: Books,
    faults: Faults,
    sessions: Sessions,
    /// What was answered to calls, so that a repeat is answered the same.
    answers: Answers,
    courier: Courier,
    clock: Clock,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// How long requests in progress may take to end at a shutdown.
const GRACE: Duration = Duration::from_secs(5);
/// The shortest control token, in bytes: an empty file must not open the control API.
const LEAST_TOKEN: usize = 16;

impl MockRsm {
    /// Serves on `listener` until [`MockRsm::shutdown`]. Must be called within a Tokio runtime.
    /// Errors name the setting that cannot be used.
    pub fn start(
        mut settings: MockSettings,
        listener: TcpListener,
        tls: Arc<rustls::ServerConfig>,
        clock: Clock,
    ) -> io::Result<Self> {
        if settings.control_token.as_ref().is_some_and(|token| reveal(token).len() < LEAST_TOKEN) {
            return Err(invalid("use a control token of at least 16 characters"));
        }
        let around = Surroundings {
            books: Books::new(clock.now()),
            faults: Faults::default(),
            clock,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        };
        let courier = Courier::new(&settings, around.clone())?;
        let rsm2000 = settings.rsm2000.take();
        let rsm2000 =
            rsm2000.map(|own| Rsm2000::new(own, &settings, around.clone())).transpose()?;
        let Surroundings { books, faults, clock, tasks, stop } = around;
        let mock = Arc::new(Mock {
            signing_keys: signing_keys(&settings.signing_keys)?,
            origin: origin(&settings.origin)?,
            merchant: settings.merchant,
            return_origins: settings.return_origins,
            control_token: settings.control_token,
            buttons_token: random_hex()?,
            rsm2000,
            pace: settings.pace,
            sessions: Sessions::default(),
            answers: Answers::default(),
            books,
            faults,
            courier,
            clock,
            tasks,
            stop,
        });
        let handle = Handle::new();
        let server = http::serve(&mock, listener, tls, handle.clone())?;
        mock.tasks.spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the mock's listener stopped");
            }
        });
        Ok(Self { mock, handle })
    }

    /// The books: what was asked, tried, charged and told.
    #[must_use]
    pub fn books(&self) -> Books {
        self.mock.books.clone()
    }

    /// The script of faults.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.mock.faults.clone()
    }

    /// RSM as it really speaks, where it was set up.
    #[must_use]
    pub fn rsm2000(&self) -> Option<Rsm2000> {
        self.mock.rsm2000.clone()
    }

    /// The mock's own origin, as it was set.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.mock.origin
    }

    /// Sends a rightly signed webhook now, whatever the books and the script of faults say, and
    /// waits a moment for its delivery ([`Pace::patience`]).
    pub async fn send_webhook(&self, notice: Notice) {
        self.mock.courier.send_plainly(notice).await;
    }

    /// Stops listening, lets what has begun end within five seconds and gives up webhooks that are
    /// still to be sent.
    pub async fn shutdown(self) {
        self.mock.stop.cancel();
        self.handle.graceful_shutdown(Some(GRACE));
        self.mock.tasks.close();
        self.mock.tasks.wait().await;
    }
}

fn signing_keys(keys: &[(String, SecretString)]) -> io::Result<BTreeMap<String, Key>> {
    if keys.is_empty() {
        return Err(invalid("give at least one signing key"));
    }
    keys.iter()
        .map(|(id, secret)| {
            let plain =
                id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
            if !plain || id.is_empty() || id.len() > 64 {
                return Err(invalid(
                    "name a key with 1 to 64 letters, digits, full stops, hyphens or underscores",
                ));
            }
            Ok((id.clone(), Key::of_hand_off(secret)?))
        })
        .collect()
}

/// The one spelling of an https origin.
fn origin(text: &str) -> io::Result<String> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "https" && url.path() == "/");
    let origin = url.map(|url| url.origin().ascii_serialization());
    origin.ok_or_else(|| invalid("give the mock's own origin as https://HOST:PORT"))
}
