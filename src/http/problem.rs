//! What is said when something is wrong, in three ways: a page to a browser, RFC 9457 to a program, a word to the
//! processor. The input is never repeated.

use crate::payment::{FieldError, Reference, State};
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

mod trouble;

pub(crate) use trouble::Trouble;

/// Who asks, and so how the answer is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// A person at a browser.
    Person,
    /// A program of the charity's.
    Program,
    /// The processor's webhooks.
    Processor,
    /// An operator, or what watches over us.
    Operator,
}

impl Audience {
    /// Its word in the log.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Person => "pages",
            Self::Program => "api",
            Self::Processor => "webhooks",
            Self::Operator => "operations",
        }
    }

    /// By the path asked for.
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/webhooks/") {
            Self::Processor
        } else if path.starts_with("/v1/") || path == "/openapi.json" {
            Self::Program
        } else {
            Self::Person
        }
    }
}

impl IntoResponse for Trouble {
    /// Bare: the edge says it to whoever asks.
    fn into_response(self) -> Response {
        let mut response = self.meaning().0.into_response();
        let headers = response.headers_mut();
        if matches!(
            self,
            Self::Unavailable
                | Self::RepeatLater
                | Self::Unreadable
                | Self::TookTooLong
                | Self::TooOften
                | Self::TooManyStreams
        ) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        if let Self::Paused(seconds) = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Self::UnderWay(reference) = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            let place = format!("/v1/handoffs/{reference}");
            headers.extend(HeaderValue::from_str(&place).map(|place| (header::LOCATION, place)));
        }
        if self == Self::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // What is left of the request is not read; or nobody can say any more what it held.
        if matches!(
            self,
            Self::TooLarge
                | Self::BodyTooSlow
                | Self::TransferEncoding
                | Self::TookTooLong
                | Self::Internal
        ) {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// RFC 9457, with a JSON pointer for each field, or the name of a parameter.
#[derive(Serialize)]
struct Document {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'static str,
    instance: String,
    /// What is known already of the hand-off that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Pointed>,
}

#[derive(Serialize)]
struct Pointed {
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'static str>,
    reason: &'static str,
    detail: &'static str,
}

impl Trouble {
    /// A problem document. `id` is that of the log's line.
    pub(crate) fn document(&self, id: &str) -> Body {
        let (status, title, detail) = self.meaning();
        let fields = if let Self::Invalid(fields) | Self::UnknownFields(fields) = self {
            fields.as_slice()
        } else {
            &[]
        };
        let pointed = |(pointer, error): &(String, FieldError)| Pointed {
            pointer: Some(pointer.clone()),
            parameter: None,
            reason: error.reason,
            detail: error.advice,
        };
        let mut errors: Vec<Pointed> = fields.iter().map(pointed).collect();
        if let Self::BadParameter(FieldError { field, reason, advice }) = self {
            let parameter = Some(*field);
            errors.push(Pointed { pointer: None, parameter, reason, detail: advice });
        }
        let known = if let Self::UnderWay(reference) = self { Some(reference) } else { None };
        let document = Document {
            r#type: format!("urn:almoner:problem:{self}"),
            title,
            status: status.as_u16(),
            detail,
            instance: format!("urn:uuid:{id}"),
            reference: known.map(Reference::to_string),
            state: known.map(|_| State::InDoubt.word()),
            errors,
        };
        Body::from(serde_json::to_vec(&document).unwrap_or_default())
    }
}

/// A form from another site.
pub(crate) fn cross_site(_: tower_http::csrf::ProtectionError) -> Response {
    Trouble::CrossSite.into_response()
}

/// A handler's panic: the place is logged by the panic hook, the message is not.
pub(crate) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Trouble::Internal.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::http::{Request, StatusCode};
    use axum::routing::get;
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    async fn panics() -> &'static str {
        panic!("4929420573595709")
    }

    /// Before anything is written or sent a panic is a plain 500, and ends its connection: what it
    /// says stays unsaid, and the next request is served.
    #[tokio::test]
    async fn fm_75_a_panic_says_nothing_and_harms_nobody_else() {
        let router = Router::new()
            .route("/", get(panics))
            .route("/well", get(|| async { "well" }))
            .layer(CatchPanicLayer::custom(panicked));
        let ask = |path: &str| {
            let request = Request::get(path).body(Body::empty()).unwrap();
            router.clone().oneshot(request)
        };
        for _ in 0..2 {
            let response = ask("/").await.unwrap();
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(response.headers()[header::CONNECTION], "close");
            let trouble = response.extensions().get::<Trouble>().cloned().unwrap();
            let body = trouble.document("id");
            let text = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
            assert!(!String::from_utf8_lossy(&text).contains("4929"));
            assert_eq!(ask("/well").await.unwrap().status(), StatusCode::OK);
        }
    }
}
