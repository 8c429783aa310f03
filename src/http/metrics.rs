//! What is counted, and `/metrics`. Labels come from fixed sets, never from a request's text.

use super::Shared;
use crate::announcement::Results;
use crate::resolution::{Doubtful, Raised};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use label::{Alarm, At, Result, Step};
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::time::Duration;

mod deliveries;
mod keys;
mod label;

pub(super) use label::Request;

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    seconds: Histogram,
    own_seconds: Histogram,
    alarms: Family<Alarm, Gauge>,
    hand_offs: Family<Result, Counter>,
    steps: Family<Step, Counter>,
    webhooks: Family<Result, Counter>,
    certificate_expiry: Gauge,
    ledger_log: Gauge,
    ready: Gauge,
    doubts: Gauge,
    doubts_overdue: Gauge,
    doubts_given_up: Gauge,
    doubt_oldest: Gauge,
    breaker_open: Gauge,
    calls: Gauge,
    outcome_streams: Gauge,
    gates_paused: Family<At, Gauge>,
    log_leaks: Gauge,
    log_lost: Gauge,
    clock_ahead: Gauge,
    deliveries: deliveries::Deliveries,
    keys: Family<keys::Key, Gauge>,
    certificates: Family<keys::File, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("almoner"),
            requests: Family::default(),
            seconds: Histogram::new(exponential_buckets(0.0005, 2.0, 16)),
            own_seconds: Histogram::new(exponential_buckets(0.0005, 2.0, 16)),
            alarms: Family::default(),
            hand_offs: Family::default(),
            steps: Family::default(),
            webhooks: Family::default(),
            certificate_expiry: Gauge::default(),
            ledger_log: Gauge::default(),
            ready: Gauge::default(),
            doubts: Gauge::default(),
            doubts_overdue: Gauge::default(),
            doubts_given_up: Gauge::default(),
            doubt_oldest: Gauge::default(),
            breaker_open: Gauge::default(),
            calls: Gauge::default(),
            outcome_streams: Gauge::default(),
            gates_paused: Family::default(),
            log_leaks: Gauge::default(),
            log_lost: Gauge::default(),
            clock_ahead: Gauge::default(),
            deliveries: deliveries::Deliveries::default(),
            keys: Family::default(),
            certificates: Family::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("http_requests", "Requests answered", metrics.requests.clone());
        registry.register(
            "hand_offs",
            "Hand-offs by what became of the request",
            metrics.hand_offs.clone(),
        );
        registry.register("form_steps", "Forms by how far they came", metrics.steps.clone());
        registry.register("webhooks", "Webhooks by what became of them", metrics.webhooks.clone());
        registry.register(
            "certificate_expiry_timestamp_seconds",
            "When the public certificate ends",
            metrics.certificate_expiry.clone(),
        );
        registry.register(
            "ledger_log_bytes",
            "Length of the ledger's log",
            metrics.ledger_log.clone(),
        );
        registry.register("ready", "1 while requests can be served", metrics.ready.clone());
        registry.register(
            "gates_paused",
            "Forms, or keys of the API, by which no card or only a few on trial are handed over",
            metrics.gates_paused.clone(),
        );
        for (name, help, gauge) in [
            ("doubts", "Hand-offs in doubt", &metrics.doubts),
            ("doubts_overdue", "Of these, those flagged", &metrics.doubts_overdue),
            ("doubts_given_up", "Of these, those left to a person", &metrics.doubts_given_up),
            ("doubt_oldest_seconds", "Age of the oldest doubt", &metrics.doubt_oldest),
            ("breaker_open", "1 while calls to the processor are refused", &metrics.breaker_open),
            ("calls_under_way", "Calls to the processor under way", &metrics.calls),
            ("outcome_streams", "Streams of outcomes open", &metrics.outcome_streams),
            ("clock_ahead_seconds", "How far ahead of the processor's", &metrics.clock_ahead),
            ("log_leaks_blocked", "Lines of the log that were blotted", &metrics.log_leaks),
            ("log_lines_lost", "Lines of the log that nobody will read", &metrics.log_lost),
        ] {
            registry.register(name, help, gauge.clone());
        }
        metrics.deliveries.register(&mut metrics.registry);
        metrics.register_keys();
        metrics.register_own();
        metrics
    }
}

impl Metrics {
    fn register_own(&mut self) {
        self.registry.register(
            "http_request_seconds",
            "Time from a request's head to its answer",
            self.seconds.clone(),
        );
        self.registry.register(
            "own_seconds",
            "The same of the public listener, without the time that the processor took",
            self.own_seconds.clone(),
        );
        self.registry.register(
            "alarm",
            "1 while it is raised that webhooks fail without a word",
            self.alarms.clone(),
        );
    }

    /// The same registry tells how long the processor takes, where it is asked anything, and what came of
    /// attempts to tell the charity's systems.
    #[must_use]
    pub fn of(took: Option<Histogram>, results: Results) -> Self {
        let mut metrics = Self::default();
        if let Some(took) = took {
            let help = "Time of each exchange with the processor";
            metrics.registry.register("processor_call_seconds", help, took);
        }
        metrics.registry.register("deliveries", "Attempts to tell a subscriber", results);
        metrics
    }

    fn raised(&self, raised: Raised) {
        for (alarm, since) in raised.by_name() {
            self.alarms.get_or_create(&Alarm { alarm }).set(i64::from(since.is_some()));
        }
    }

    /// A request was answered.
    pub(super) fn count(&self, request: &Request, elapsed: Duration) {
        self.requests.get_or_create(request).inc();
        self.seconds.observe(elapsed.as_secs_f64());
    }

    /// What one of the public listener took without what it waited for the processor.
    pub(super) fn ours(&self, elapsed: Duration) {
        self.own_seconds.observe(elapsed.as_secs_f64());
    }

    pub(super) fn hand_off(&self, result: &'static str) {
        self.hand_offs.get_or_create(&Result { result }).inc();
    }

    /// How far a form came.
    pub(super) fn step(&self, step: &'static str) {
        self.steps.get_or_create(&Step { step }).inc();
    }

    /// All of it, as `/metrics` says it.
    pub(super) fn text(&self) -> Option<String> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry).ok().map(|()| text)
    }

    pub(super) fn webhook(&self, result: &'static str) {
        self.webhooks.get_or_create(&Result { result }).inc();
    }

    fn doubtful(&self, doubtful: Doubtful) {
        let number = |count| i64::try_from(count).unwrap_or(i64::MAX);
        self.doubts.set(number(doubtful.count));
        self.doubts_overdue.set(number(doubtful.overdue));
        self.doubts_given_up.set(number(doubtful.given_up));
        self.doubt_oldest.set(doubtful.oldest_seconds);
    }

    /// Seconds since 1970 at which the public certificate ends.
    pub fn certificate_ends(&self, seconds: i64) {
        self.certificate_expiry.set(seconds);
    }

    /// How far ahead of the processor's our clock is.
    pub fn clock_ahead(&self, seconds: i64) {
        self.clock_ahead.set(seconds);
    }

    /// In how many lines of the log something was blotted out, each of which is a bug (security.md, G-R1),
    /// and how many were lost.
    pub fn log_stands(&self, blocked: u64, lost: u64) {
        self.log_leaks.set(i64::try_from(blocked).unwrap_or(i64::MAX));
        self.log_lost.set(i64::try_from(lost).unwrap_or(i64::MAX));
    }

    /// The length of the ledger's log, in bytes.
    pub fn ledger_log(&self, bytes: u64) {
        self.ledger_log.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }
}

/// `GET /metrics`, as `OpenMetrics`.
pub(super) async fn show(State(site): State<Shared>) -> Response {
    site.metrics.ready.set(i64::from(super::health::look(&site).await.is_ok()));
    if let Ok(doubtful) = site.resolution.doubtful().await {
        site.metrics.doubtful(doubtful);
    }
    if let Ok(raised) = site.resolution.alarms().await {
        site.metrics.raised(raised);
    }
    if let Ok(behind) = site.couriers.behind().await {
        site.metrics.behind(&behind);
    }
    let breaker = &site.hand_offs.breaker;
    site.metrics.breaker_open.set(i64::from(breaker.is_open()));
    site.metrics.calls.set(i64::try_from(breaker.under_way()).unwrap_or(i64::MAX));
    let streams = site.announcements.streams_open();
    site.metrics.outcome_streams.set(i64::try_from(streams).unwrap_or(i64::MAX));
    for gate in ["donate", "join", "api"] {
        let paused = site.hand_offs.declines.held(gate, site.clock.now());
        let shown = site.metrics.gates_paused.get_or_create(&At { gate });
        shown.set(i64::try_from(paused).unwrap_or(i64::MAX));
    }
    let Some(body) = site.metrics.text() else {
        return super::problem::Trouble::Internal.into_response();
    };
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], body)
        .into_response()
}
