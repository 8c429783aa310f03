//! How long exchanges with the processor take, apart from our own time: counted one by one, and for each
//! request that waits for them.

use super::{Answer, NoAnswer, Outgoing, Wire};
use crate::spans::{self, Part};
use async_trait::async_trait;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

tokio::task_local! {
    static STOPWATCH: Stopwatch;
}

/// How long one request has waited for the processor.
#[derive(Clone, Debug, Default)]
pub struct Stopwatch(Arc<Mutex<Stopped>>);

#[derive(Debug, Default)]
struct Stopped {
    before: Duration,
    /// Since when an exchange is under way.
    since: Option<Instant>,
}

impl Stopwatch {
    /// Runs while whatever this does waits for the processor.
    pub async fn around<F: Future>(&self, task: F) -> F::Output {
        STOPWATCH.scope(self.clone(), task).await
    }

    /// The same for a task of its own that is begun by a request.
    pub fn carried<F: Future>(task: F) -> impl Future<Output = F::Output> {
        let stopwatch = STOPWATCH.try_with(Self::clone).unwrap_or_default();
        async move { stopwatch.around(task).await }
    }

    /// So far, an exchange that is not over among it.
    #[must_use]
    pub fn read(&self) -> Duration {
        let stopped = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stopped.before.saturating_add(stopped.since.map_or(Duration::ZERO, |since| since.elapsed()))
    }

    fn set(&self, since: Option<Instant>) {
        let mut stopped = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = stopped.since.map_or(Duration::ZERO, |since| since.elapsed());
        stopped.before = stopped.before.saturating_add(passed);
        stopped.since = since;
    }
}

/// A wire whose exchanges are timed.
#[derive(Debug)]
pub(super) struct Timed {
    wire: Box<dyn Wire>,
    took: Histogram,
}

impl Timed {
    pub(super) fn new(wire: Box<dyn Wire>) -> Self {
        Self { wire, took: Histogram::new(exponential_buckets(0.004, 2.0, 14)) }
    }

    pub(super) fn took(&self) -> Histogram {
        self.took.clone()
    }
}

#[async_trait]
impl Wire for Timed {
    async fn exchange(&self, request: Outgoing, most: usize) -> Result<Answer, NoAnswer> {
        let _running = Exchange::begin(self.took.clone());
        let exchange = self.wire.exchange(request, most);
        spans::around(Part::ProcessorCall, exchange, |answer, said| match answer {
            Ok(answer) => said.status(answer.status),
            Err(NoAnswer::NotSent) => said.result("not_sent"),
            Err(NoAnswer::Lost) => said.result("lost"),
            Err(NoAnswer::TooLong) => said.result("too_long"),
        })
        .await
    }
}

/// One that is under way. One that is given up took its time too.
struct Exchange {
    since: Instant,
    took: Histogram,
    stopwatch: Option<Stopwatch>,
}

impl Exchange {
    fn begin(took: Histogram) -> Self {
        let since = Instant::now();
        let stopwatch = STOPWATCH.try_with(Stopwatch::clone).ok();
        if let Some(stopwatch) = &stopwatch {
            stopwatch.set(Some(since));
        }
        Self { since, took, stopwatch }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.took.observe(self.since.elapsed().as_secs_f64());
        if let Some(stopwatch) = &self.stopwatch {
            stopwatch.set(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_request_begins_counts_for_it_also_while_it_is_under_way() {
        let took = Histogram::new(exponential_buckets(1.0, 2.0, 2));
        let stopwatch = Stopwatch::default();
        let counted = took.clone();
        let begun = stopwatch.around(async move {
            let exchange = Stopwatch::carried(async move { Exchange::begin(counted) });
            tokio_util::task::TaskTracker::new().spawn(exchange).await.unwrap()
        });
        let exchange = begun.await;
        let first = stopwatch.read();
        assert!(stopwatch.read() > first, "it runs");
        drop(exchange);
        let last = stopwatch.read();
        assert_eq!(stopwatch.read(), last, "it stands");
        assert_eq!(Stopwatch::default().read(), Duration::ZERO);
    }
}
