//! How many doubts there are and how old the oldest is, for operators.

use super::Resolution;
use crate::ledger::LedgerError;

/// The doubts as a gauge shows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doubtful {
    /// How many.
    pub count: u64,
    /// Of these, how many are flagged.
    pub overdue: u64,
    /// Of these, how many a person must find out about.
    pub given_up: u64,
    /// The age of the oldest in seconds; 0 where there is none.
    pub oldest_seconds: i64,
}

impl Resolution {
    /// What is in doubt now.
    pub async fn doubtful(&self) -> Result<Doubtful, LedgerError> {
        let doubts = self.ledger.count_doubts().await?;
        let age = |oldest| self.clock.now().duration_since(oldest).as_secs().max(0);
        Ok(Doubtful {
            count: doubts.count,
            overdue: doubts.overdue,
            given_up: doubts.given_up,
            oldest_seconds: doubts.oldest.map_or(0, age),
        })
    }

    /// One line in the log while there is a doubt.
    pub async fn tell_doubts(&self) {
        let Ok(Doubtful { count, overdue, given_up, oldest_seconds }) = self.doubtful().await
        else {
            return;
        };
        if count > 0 && oldest_seconds > self.doubt_overdue_after.as_secs() {
            tracing::warn!(
                event = "doubt_oldest",
                seconds = oldest_seconds,
                count,
                overdue,
                given_up
            );
        } else if count > 0 {
            tracing::info!(
                event = "doubt_oldest",
                seconds = oldest_seconds,
                count,
                overdue,
                given_up
            );
        }
    }
}
