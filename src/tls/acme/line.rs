//! The way to the authority: HTTPS alone, no proxy, no redirects, no retries by itself, short answers.

use super::trouble::Trouble;
use crate::clock::Clock;
use crate::processor::client::{install_provider, wait};
use axum::http::{Request, Response};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use jiff::SignedDuration;
use reqwest::{Certificate, redirect, retry, tls};
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
        install_provider();
        let mut builder = reqwest::Client::builder()
            .https_only(true)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .tls_version_min(tls::Version::TLS_1_2)
            .connect_timeout(CONNECT)
            .timeout(WHOLE);
        if let Some(file) = roots {
            let roots =
                std::fs::read(file).ok().and_then(|pem| Certificate::from_pem_bundle(&pem).ok());
            let roots = roots.filter(|roots| !roots.is_empty()).ok_or(Trouble::Roots)?;
            builder = builder.tls_certs_only(roots);
        }
        let client = builder.build().map_err(|_error| Trouble::Roots)?;
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
