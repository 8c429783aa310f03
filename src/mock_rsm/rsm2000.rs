//! RSM as it really speaks (rsm-protocol.md): the hosted pages, call-backs, and the DDCM API, on
//! RSM's own paths beside the `signed` dialect of this mock.

mod back;
mod bureau;
mod calendar;
mod control;
mod courier;
mod ddcm;
mod debit;
mod desk;
mod form;
mod handle;
mod identity;
mod order;
mod orders;
mod page;
mod pounds;
mod settings;
mod till;
mod visits;

pub use bureau::{CollectionKind, CollectionRow, MandateRow, MandateState, Money, Sending};
pub use handle::Rsm2000;
pub use orders::{CallBack, CallBackTo, Charge};
pub use settings::{Addresses, Feature, Rsm2000Settings};

pub(super) use control::routes as control_routes;

use super::courier::{Surroundings, client};
use super::key::{invalid, reveal};
use super::{Faults, Mock, MockSettings, Pace};
use crate::clock::Clock;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{get, post};
use bureau::Bureau;
use ddcm::Desk;
use jiff::tz::TimeZone;
use orders::Orders;
use std::io;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::timeout::TimeoutLayer;
use url::Url;
use visits::Visits;

/// What every part of the `rsm2000` side can reach.
struct Office {
    settings: Rsm2000Settings,
    merchant: String,
    pace: Pace,
    client: reqwest::Client,
    call_backs: Pair,
    returns: Returns,
    /// How often the call-back secret was changed for the next.
    rotations: AtomicUsize,
    orders: Orders,
    visits: Visits,
    bureau: Mutex<Bureau>,
    desk: Desk,
    faults: Faults,
    clock: Clock,
    tasks: TaskTracker,
    stop: CancellationToken,
}

struct Pair {
    success: Url,
    failure: Url,
}

struct Returns {
    success: Url,
    failure: Url,
    debit: Url,
}

/// Time for a whole request to DDCM; a known client waits five minutes.
const DDCM_TIME: Duration = Duration::from_mins(6);
/// The largest request to DDCM, in bytes: 150 mandates with every field fit many times over.
const DDCM_LIMIT: usize = 8 * 1024 * 1024;

impl Office {
    fn new(
        settings: Rsm2000Settings,
        mock: &MockSettings,
        around: Surroundings,
    ) -> io::Result<Self> {
        let Surroundings { books: _, faults, clock, tasks, stop } = around;
        let secrets = &settings.call_back_secrets;
        if secrets.is_empty() || secrets.iter().any(|secret| reveal(secret).is_empty()) {
            return Err(invalid("give a secret for rsm2000's call-backs"));
        }
        if reveal(&settings.password).is_empty() {
            return Err(invalid("give an API password for rsm2000"));
        }
        ddcm::check_columns(&settings)?;
        let at = &settings.addresses;
        let today = TimeZone::UTC.to_datetime(clock.now()).date();
        Ok(Self {
            merchant: mock.merchant.clone(),
            pace: mock.pace.clone(),
            client: client(&mock.webhook_roots)?,
            call_backs: Pair {
                success: address(&at.call_back_success)?,
                failure: address(&at.call_back_failure)?,
            },
            returns: Returns {
                success: address(&at.return_success)?,
                failure: address(&at.return_failure)?,
                debit: address(&at.return_debit)?,
            },
            rotations: AtomicUsize::new(0),
            orders: Orders::default(),
            visits: Visits::default(),
            bureau: Mutex::new(Bureau::new(&settings, today)),
            desk: Desk::default(),
            settings,
            faults,
            clock,
            tasks,
            stop,
        })
    }

    fn bureau(&self) -> MutexGuard<'_, Bureau> {
        self.bureau.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// RSM's pages, on its own paths and on those of its demo.
pub(super) fn routes(rsm: &Rsm2000) -> Router<Arc<Mock>> {
    let mut routes = Router::new();
    for prefix in ["", "/demo"] {
        routes = routes
            .route(&format!("{prefix}/cpterminal/cpweb.php"), post(desk::full))
            .route(&format!("{prefix}/cpterminal/Widget.php"), post(desk::widget))
            .route(&format!("{prefix}/directdebit/dd.php"), post(desk::direct_debit));
    }
    for place in ["cpterminal", "directdebit"] {
        routes = routes
            .route(&format!("/{place}/pay/{{token}}"), get(desk::show).post(desk::pay))
            .route(&format!("/{place}/pay/{{token}}/cancel"), post(desk::cancel))
            .route(&format!("/{place}/pay/{{token}}/challenge"), post(desk::answer_challenge));
    }
    routes.with_state(rsm.office())
}

/// The API, which may take its time.
pub(super) fn slow_routes(rsm: &Rsm2000) -> Router<Arc<Mock>> {
    Router::new()
        .route("/ddcm/ddcmApi.php", post(ddcm::answer))
        .route("/demo/ddcm/ddcmApi.php", post(ddcm::answer))
        .layer(DefaultBodyLimit::max(DDCM_LIMIT))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, DDCM_TIME))
        .with_state(rsm.office())
}

fn address(text: &str) -> io::Result<Url> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "https");
    url.ok_or_else(|| invalid("give rsm2000's call-back and return addresses as https URLs"))
}
