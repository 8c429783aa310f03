//! The one client to the processor: its own roots or the platform's, and a limit on time and on the answer's size
//! (security.md, table E).

use jiff::{SignedDuration, Timestamp};
use prometheus_client::metrics::histogram::Histogram;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

mod outgoing;
mod timed;
mod web;

/// What the processor's Retry-After is held to: a typing error of its own must not keep it shut out.
const SHORTEST_WAIT: SignedDuration = SignedDuration::from_secs(1);
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(5);
/// For how long it is of use what time an answer said that it was.
const LATELY: SignedDuration = SignedDuration::from_hours(1);

pub use outgoing::{Connection, Outgoing, Verb, Wire};
pub use timed::Stopwatch;
use timed::Timed;

/// How the processor is reached.
pub struct Reach {
    /// PEM of the only certificate authorities trusted; `None` trusts the platform's.
    pub roots: Option<Vec<u8>>,
    /// PEM of our certificate and its key, where the processor asks for mutual TLS.
    pub identity: Option<Zeroizing<Vec<u8>>>,
    /// For connecting, TLS included.
    pub connect_timeout: Duration,
    /// For the whole exchange.
    pub total_timeout: Duration,
    /// The most bytes of an answer that are read.
    pub answer_bytes: usize,
    /// The most exchanges at once.
    pub at_once: usize,
}

/// The client.
#[derive(Debug)]
pub struct Client {
    wire: Timed,
    answer_bytes: usize,
    at_once: tokio::sync::Semaphore,
    patience: Duration,
    /// How long the processor asked to be left alone, and when.
    wait: Mutex<Option<(Instant, SignedDuration)>>,
    /// What time its last answer said that it was, and when that came.
    date: Mutex<Option<(Instant, Timestamp)>>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// The PEM of the certificate authorities.
    #[error("the processor's certificate authorities are not PEM certificates")]
    Roots,
    /// The PEM of our own certificate and key.
    #[error("the client certificate and key are not one PEM certificate chain and its key")]
    Identity,
    /// Anything else in setting up TLS.
    #[error(
        "TLS to the processor cannot be set up: on a system without certificate authorities, name them in processor.ca_file"
    )]
    Setup,
}

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    /// HTTP's status.
    pub status: u16,
    /// The processor's own time, if it says.
    pub date: Option<Timestamp>,
    /// For how long it asks to be left alone, if it says.
    pub retry_after: Option<SignedDuration>,
    /// The content, wiped when dropped.
    pub body: Zeroizing<Vec<u8>>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// Not one byte of the request left us.
    #[error("not_sent")]
    NotSent,
    /// Something may have been sent; no whole answer came in time.
    #[error("lost")]
    Lost,
    /// The answer is longer than its limit.
    #[error("too_long")]
    TooLong,
}

impl Client {
    /// Builds it, once.
    pub fn new(reach: &Reach) -> Result<Self, Unreachable> {
        Ok(Self::over(Box::new(web::Web::new(reach)?), reach))
    }

    /// The same over any wire, which keeps to the times of `reach` by itself.
    #[must_use]
    pub fn over(wire: Box<dyn Wire>, reach: &Reach) -> Self {
        Self {
            wire: Timed::new(wire),
            answer_bytes: reach.answer_bytes,
            at_once: tokio::sync::Semaphore::new(reach.at_once),
            patience: reach.total_timeout,
            wait: Mutex::default(),
            date: Mutex::default(),
        }
    }

    /// How long each exchange took, its connection included; a turn is waited for before.
    #[must_use]
    pub fn took(&self) -> Histogram {
        self.wire.took()
    }

    /// The most bytes of an answer that [`Client::send`] reads.
    #[must_use]
    pub const fn answer_bytes(&self) -> usize {
        self.answer_bytes
    }

    /// Sends once, and reads an answer up to the limit.
    pub async fn send(&self, request: Outgoing) -> Result<Answer, NoAnswer> {
        self.send_within(request, self.answer_bytes).await
    }

    /// The same where the answer may have `most` bytes: a report is longer than an answer.
    pub async fn send_within(&self, request: Outgoing, most: usize) -> Result<Answer, NoAnswer> {
        // Whoever waits longer for a turn than for an answer has sent nothing, and can say so.
        let turn = tokio::time::timeout(self.patience, self.at_once.acquire()).await;
        let _permit = turn.ok().and_then(Result::ok).ok_or(NoAnswer::NotSent)?;
        let answer = self.wire.exchange(request, most).await?;
        if let Some(date) = answer.date {
            *self.date.lock().unwrap_or_else(PoisonError::into_inner) =
                Some((Instant::now(), date));
        }
        let wait = answer.retry_after.filter(|_| matches!(answer.status, 429 | 503));
        let wait = wait.map(|wait| (Instant::now(), wait.clamp(SHORTEST_WAIT, LONGEST_WAIT)));
        *self.wait.lock().unwrap_or_else(PoisonError::into_inner) = wait;
        Ok(answer)
    }

    /// How far `now` is ahead of the processor's clock, which says its time in whole seconds with each
    /// answer (security.md, P-13). What it said an hour ago says nothing any more.
    #[must_use]
    pub fn clock_ahead(&self, now: Timestamp) -> Option<SignedDuration> {
        let (since, date) = (*self.date.lock().unwrap_or_else(PoisonError::into_inner))?;
        let passed = SignedDuration::try_from(since.elapsed()).ok()?;
        let theirs = date.checked_add(passed).ok()?;
        (passed < LATELY).then(|| now.duration_since(theirs))
    }

    /// How much longer the processor wants to be left alone, by the last answer that came.
    #[must_use]
    pub fn wait(&self) -> Option<SignedDuration> {
        let (since, wait) = (*self.wait.lock().unwrap_or_else(PoisonError::into_inner))?;
        let left = wait.saturating_sub(SignedDuration::try_from(since.elapsed()).ok()?);
        left.is_positive().then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    /// Nobody waits for a place longer than for an answer: what has no place was not sent.
    #[tokio::test]
    async fn a_processor_that_hangs_holds_nobody_up_for_ever() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let client = Client::new(&Reach {
            roots: None,
            identity: None,
            connect_timeout: Duration::from_secs(9),
            total_timeout: Duration::from_secs(3),
            answer_bytes: 1024,
            at_once: 1,
        })
        .unwrap();
        let began = Instant::now();
        let sends = (0..8).map(|_| client.send(Outgoing::get(url.parse().unwrap())));
        futures_util::future::join_all(sends).await;
        // One after another they would take eight times as long as one.
        assert!(began.elapsed() < Duration::from_secs(18), "{:?}", began.elapsed());
    }
}
