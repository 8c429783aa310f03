//! The way to a subscriber, and to no address of a private network unless that is meant (security.md, table E).

use super::address::{Forbidden, Public, is_public};
use super::message::Message;
use super::subscriber::Subscriber;
use crate::ledger::Answer;
use crate::way_out::{self, NoWayOut, wait};
use jiff::{SignedDuration, Timestamp};
use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use url::Host;

/// For connecting, TLS included.
const CONNECT: Duration = Duration::from_secs(5);
/// For the whole exchange. What is not answered by then is told again.
const WHOLE: Duration = Duration::from_secs(15);

/// The client to one subscriber: its connections are no other's.
pub(super) struct Post {
    client: reqwest::Client,
}

impl Post {
    pub(super) fn to(subscriber: &Subscriber) -> Result<Self, NoWayOut> {
        let mut builder = way_out::client(CONNECT, WHOLE, subscriber.roots.as_deref())?
            .user_agent("Almoner")
            .pool_max_idle_per_host(2);
        if !subscriber.allow_private {
            builder = builder.dns_resolver(Arc::new(Public));
        }
        Ok(Self { client: builder.build()? })
    }

    pub(super) const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Tells it, once: how it answered, and for how long it asks to be left alone.
    pub(super) async fn tell(
        &self,
        subscriber: &Subscriber,
        message: &Message,
        at: Timestamp,
    ) -> (Answer, Option<SignedDuration>) {
        // No name, no resolver: the address itself is looked at.
        if !subscriber.allow_private
            && literal(subscriber).is_some_and(|address| !is_public(address))
        {
            return (Answer::Forbidden, None);
        }
        let mut request = self.client.post(subscriber.url.clone());
        for (name, value) in message.headers(subscriber, at) {
            request = request.header(name, value);
        }
        let request = request.header("content-type", "application/json").body(message.body.clone());
        // What it says beyond the status is not read.
        match request.send().await {
            Ok(response) => {
                let header =
                    |name| response.headers().get(name).and_then(|value| value.to_str().ok());
                let retry_after = header("retry-after").and_then(|text| wait(text, Some(at)));
                (Answer::of(response.status().as_u16()), retry_after)
            }
            Err(error) if is_forbidden(&error) => (Answer::Forbidden, None),
            Err(error) if error.is_connect() => (Answer::Unreachable, None),
            Err(_) => (Answer::Lost, None),
        }
    }
}

/// The address that stands in place of a name.
pub(super) fn literal(subscriber: &Subscriber) -> Option<IpAddr> {
    match subscriber.url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
        Some(Host::Domain(_)) | None => None,
    }
}

pub(super) fn is_forbidden(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn Error> = error.source();
    while let Some(error) = cause {
        if error.is::<Forbidden>() {
            return true;
        }
        cause = error.source();
    }
    false
}
