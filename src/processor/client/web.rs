//! The wire that is used: HTTPS by reqwest.

use super::{Answer, Connection, NoAnswer, Outgoing, Reach, Unreachable, Verb, Wire};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Certificate, Identity, redirect, retry, tls};
use zeroize::Zeroizing;

/// Bytes of room for an answer that does not say how long it is.
const ROOM: usize = 64 * 1024;

/// Two clients of one configuration: only the first keeps connections.
#[derive(Debug)]
pub(super) struct Web {
    kept: reqwest::Client,
    alone: reqwest::Client,
}

impl Web {
    pub(super) fn new(reach: &Reach) -> Result<Self, Unreachable> {
        super::install_provider();
        let build = |idle: usize| {
            let builder = builder(reach)?.pool_max_idle_per_host(idle);
            builder.build().ok().ok_or(Unreachable::Setup)
        };
        Ok(Self { kept: build(usize::MAX)?, alone: build(0)? })
    }
}

fn builder(reach: &Reach) -> Result<reqwest::ClientBuilder, Unreachable> {
    let mut builder = reqwest::Client::builder()
        .https_only(true)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .tls_version_min(tls::Version::TLS_1_2)
        .connect_timeout(reach.connect_timeout)
        .timeout(reach.total_timeout);
    if let Some(roots) = &reach.roots {
        let roots = Certificate::from_pem_bundle(roots).ok().filter(|roots| !roots.is_empty());
        builder = builder.tls_certs_only(roots.ok_or(Unreachable::Roots)?);
    }
    if let Some(pem) = &reach.identity {
        builder = builder.identity(Identity::from_pem(pem).ok().ok_or(Unreachable::Identity)?);
    }
    Ok(builder)
}

#[async_trait]
impl Wire for Web {
    async fn exchange(&self, request: Outgoing, most: usize) -> Result<Answer, NoAnswer> {
        let Outgoing { verb, url, headers, body, connection } = request;
        let client = match connection {
            Connection::Kept => &self.kept,
            Connection::Alone => &self.alone,
        };
        let mut builder = match verb {
            Verb::Get => client.get(url),
            Verb::Post => client.post(url).body(body),
        };
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        let mut response = builder.send().await.map_err(|error| {
            if error.is_builder() || error.is_connect() {
                NoAnswer::NotSent
            } else {
                NoAnswer::Lost
            }
        })?;
        // Room for all that is said to come: a buffer that grows leaves its old place behind.
        let declared = response.content_length().and_then(|length| usize::try_from(length).ok());
        let mut body = Zeroizing::new(Vec::with_capacity(declared.unwrap_or(ROOM).min(most)));
        while let Some(chunk) = response.chunk().await.ok().ok_or(NoAnswer::Lost)? {
            if body.len().saturating_add(chunk.len()) > most {
                return Err(NoAnswer::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let date = header("date").and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        let date = date.map(|date| date.timestamp());
        let retry_after = header("retry-after").and_then(|text| wait(text, date));
        Ok(Answer { status: response.status().as_u16(), date, retry_after, body })
    }
}

/// Retry-After: seconds, or a date, which is held against the time of the answer itself.
pub(crate) fn wait(text: &str, date: Option<Timestamp>) -> Option<SignedDuration> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(SignedDuration::from_secs(text.parse().unwrap_or(i64::MAX)));
    }
    let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(until.duration_since(date?))
}

#[cfg(test)]
mod tests;
