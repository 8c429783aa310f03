//! Answers that the ledger could not take in: kept in memory, a bounded number for a bounded time, and
//! written as soon as it can (security.md, FM-16). Where that fails too, the doubt on disk is resolved
//! by asking: nothing is ever only here.

use crate::clock::Clock;
use crate::ledger::{Conclusion, Ledger, LedgerError};
use crate::payment::{Evidence, Reference};
use crate::shield::Declines;
use backon::{ExponentialBuilder, Retryable as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// The most that are kept at once.
const MOST: usize = 256;
/// The first wait, the longest, and all together. A service that stops waits for one of them.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
const FOR: Duration = Duration::from_mins(10);

/// Room for them.
#[derive(Clone, Debug)]
pub struct Unwritten(Arc<Semaphore>);

impl Default for Unwritten {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST)))
    }
}

/// Where one is to be written.
pub(super) struct Page {
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) clock: Clock,
    pub(super) tasks: TaskTracker,
    /// A card that was declined counts, however late that is written down.
    pub(super) declines: Declines,
}

impl Unwritten {
    /// Keeps it, and writes it when that can be done.
    pub(super) fn keep(&self, page: Page, reference: Reference, evidence: Evidence) {
        let Ok(room) = Arc::clone(&self.0).try_acquire_owned() else {
            tracing::error!(event = "answer_forgotten", %reference, reason = "too_many");
            return;
        };
        let tasks = page.tasks.clone();
        tasks.spawn(async move {
            match page.write(reference, &evidence).await {
                Ok(conclusion) => {
                    if let Conclusion::Recorded { before, after } = conclusion {
                        page.declines.answered(reference, before, after.state, page.clock.now());
                    }
                    tracing::info!(event = "answer_written_late", audit = true, %reference);
                }
                Err(error) => {
                    tracing::error!(event = "answer_forgotten", %reference, reason = %error);
                }
            }
            drop(room);
        });
    }
}

impl Page {
    async fn write(
        &self,
        reference: Reference,
        evidence: &Evidence,
    ) -> Result<Conclusion, LedgerError> {
        let waits = ExponentialBuilder::new()
            .with_min_delay(FIRST_WAIT)
            .with_max_delay(LONGEST_WAIT)
            .with_total_delay(Some(FOR))
            .without_max_times()
            .with_jitter();
        let write = || self.ledger.conclude(reference, evidence.clone(), self.clock.now());
        // A service that stops has tried once more; the doubt outlives it.
        write.retry(waits).when(|_| !self.tasks.is_closed()).await
    }
}
