//! What is told of a request's way to whoever collects traces (OpenTelemetry): which part it was, how long it took, of
//! which hand-off, and what came of it. This is the closed list: what has no way in here is in no trace, and nothing
//! that a supporter typed has a type that fits. Built in with the feature `otel`; without it nothing is kept.

use crate::payment::{Reference, State};
use crate::way_out::NoWayOut;
use axum::extract::MatchedPath;

#[cfg(feature = "otel")]
mod export;
#[cfg(not(feature = "otel"))]
mod none;

#[cfg(feature = "otel")]
pub use export::{Exporting, around, carried};
#[cfg(not(feature = "otel"))]
pub use none::{Exporting, around, carried};

/// Where traces go.
#[derive(Clone, Debug)]
pub struct Collector {
    /// Where OTLP is taken, by HTTPS.
    pub url: url::Url,
    /// PEM of the only certificate authorities trusted for it; `None` trusts the platform's.
    pub roots: Option<Vec<u8>>,
}

/// Why no traces can be sent.
#[derive(Debug, thiserror::Error)]
pub enum NoTraces {
    /// This almoner cannot.
    #[error("this almoner was built without traces: build it with the feature otel")]
    NotBuilt,
    /// No client to the collector.
    #[error(transparent)]
    NoWayOut(#[from] NoWayOut),
}

/// What a span is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A request and its answer.
    Request,
    /// Writing a hand-off down and handing it over.
    HandOff,
    /// An exchange with the processor.
    ProcessorCall,
    /// Verifying a webhook, judging it and writing it down.
    Webhook,
    /// Telling a subscriber of one event.
    Delivery,
}

impl Part {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::Request, Self::HandOff, Self::ProcessorCall, Self::Webhook, Self::Delivery];

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::HandOff => "hand_off",
            Self::ProcessorCall => "processor_call",
            Self::Webhook => "webhook",
            Self::Delivery => "delivery",
        }
    }
}

/// What is said of a span besides how long it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// The hand-off.
    Reference,
    /// Its state.
    State,
    /// What came of it, in one of our words.
    Result,
    /// The route, which is ours; never the path.
    Route,
    /// HTTP's status.
    Status,
}

impl Attribute {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::Reference, Self::State, Self::Result, Self::Route, Self::Status];

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reference => "almoner.reference",
            Self::State => "almoner.state",
            Self::Result => "almoner.result",
            Self::Route => "http.route",
            Self::Status => "http.response.status_code",
        }
    }
}

/// What is said of one span.
#[derive(Debug, Default)]
pub struct Said(Vec<(Attribute, Value)>);

#[derive(Debug)]
#[cfg_attr(not(feature = "otel"), expect(dead_code, reason = "nobody is told"))]
enum Value {
    Text(String),
    Word(&'static str),
    Number(u16),
}

impl Said {
    /// Of which hand-off.
    pub fn of(&mut self, reference: Reference) {
        self.0.push((Attribute::Reference, Value::Text(reference.to_string())));
    }

    /// Where it stands.
    pub fn state(&mut self, state: State) {
        self.0.push((Attribute::State, Value::Word(state.word())));
    }

    /// What came of it.
    pub fn result(&mut self, word: &'static str) {
        self.0.push((Attribute::Result, Value::Word(word)));
    }

    /// By which route.
    pub fn route(&mut self, route: Option<&MatchedPath>) {
        let route = route.map_or("none", MatchedPath::as_str).to_owned();
        self.0.push((Attribute::Route, Value::Text(route)));
    }

    /// With which status.
    pub fn status(&mut self, status: u16) {
        self.0.push((Attribute::Status, Value::Number(status)));
    }
}
