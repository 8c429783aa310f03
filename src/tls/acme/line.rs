//! The way to the authority. Its answers are short.

use super::trouble::Trouble;
use crate::clock::Clock;
use crate::way_out::{self, wait};
use axum::http::{Request, Response};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use jiff::SignedDuration;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// For connecting, TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// For one exchange.
const WHOLE: Duration = Duration::from_secs(30);
/// The most bytes of an answer: a chain of certificates is the longest.
const LARGEST: usize = 256 * 1024;

/// The line of one attempt. Clones are the same one.
#[derive(Clone)]
pub(super) struct Line {
    client: reqwest::Client,
    clock: Clock,
    /// For how long the authority last asked to be left alone.
    wait: Arc<Mutex<Option<SignedDuration>>>,
}

impl Line {
    pub(super) fn new(roots: Option<&Path>, clock: Clock) -> Result<Self, Trouble> {
        let roots = roots.map(std::fs::read).transpose().map_err(|_error| Trouble::Roots)?;
        let builder = way_out::client(CONNECT, WHOLE, roots.as_deref());
        let client = builder.and_then(|builder| Ok(builder.build()?));
        let client = client.map_err(|_why| Trouble::Roots)?;
        Ok(Self { client, clock, wait: Arc::default() })
    }

    /// For how long the authority asked to be left alone when it refused something.
    pub(super) fn wait(&self) -> Option<SignedDuration> {
        *self.wait.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(self, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, Error> {
        let (head, body) = request.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(never) => match never {},
        };
        let request = reqwest::Request::try_from(Request::from_parts(head, body)).map_err(other)?;
        let response =
            Response::<reqwest::Body>::from(self.client.execute(request).await.map_err(other)?);
        let (head, body) = response.into_parts();
        if head.status.is_client_error() || head.status.is_server_error() {
            let text = head.headers.get("retry-after").and_then(|value| value.to_str().ok());
            let asked = text.and_then(|text| wait(text, Some(self.clock.now())));
            *self.wait.lock().unwrap_or_else(PoisonError::into_inner) = asked;
        }
        let body = Limited::new(body, LARGEST).collect().await.map_err(Error::Other)?.to_bytes();
        Ok(BytesResponse { parts: head, body: Box::new(body) })
    }
}

impl HttpClient for Line {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        Box::pin(self.clone().ask(request))
    }
}

fn other(error: reqwest::Error) -> Error {
    Error::Other(Box::new(error))
}
