//! The labels: each of a fixed set or of the configuration.

use axum::http::Method;
use prometheus_client::encoding::EncodeLabelSet;

/// One kind of request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(in crate::http) struct Request {
    method: &'static str,
    route: String,
    status: u16,
}

impl Request {
    pub(in crate::http) fn new(method: &'static str, route: &str, status: u16) -> Self {
        Self { method, route: route.to_owned(), status }
    }

    /// The method's name, if it is one that is served.
    pub(in crate::http) fn method(method: &Method) -> &'static str {
        match *method {
            Method::GET => "GET",
            Method::HEAD => "HEAD",
            Method::POST => "POST",
            _ => "other",
        }
    }
}

/// Something that was done, by its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Result {
    pub(super) result: &'static str,
}

/// How far a form came.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Step {
    pub(super) step: &'static str,
}

/// Where hand-offs come in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct At {
    pub(super) gate: &'static str,
}

/// What is raised.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Alarm {
    pub(super) alarm: &'static str,
}
