//! The wire that is used: HTTPS by reqwest.

use super::{Answer, Connection, NoAnswer, Outgoing, Reach, Unreachable, Verb, Wire};
use crate::way_out::{self, wait};
use async_trait::async_trait;
use reqwest::Identity;
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
        let build = |idle: usize| {
            builder(reach)?
                .pool_max_idle_per_host(idle)
                .build()
                .map_err(|_error| Unreachable::Setup)
        };
        Ok(Self { kept: build(usize::MAX)?, alone: build(0)? })
    }
}

fn builder(reach: &Reach) -> Result<reqwest::ClientBuilder, Unreachable> {
    let mut builder =
        way_out::client(reach.connect_timeout, reach.total_timeout, reach.roots.as_deref())
            .map_err(|_no_pem| Unreachable::Roots)?;
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

#[cfg(test)]
mod tests;
