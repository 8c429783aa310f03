//! What operators are shown of the record.

use super::Resolution;
use crate::ledger::{Doubt, Entry, Event, LedgerError, Stretch, Survey};
use crate::payment::Reference;

impl Resolution {
    /// What became of the hand-offs that were opened within a stretch of time.
    pub async fn survey(&self, stretch: Stretch) -> Result<Survey, LedgerError> {
        self.ledger.survey(stretch).await
    }

    /// The oldest doubts, however old.
    pub async fn oldest_doubts(&self, limit: usize) -> Result<Vec<Doubt>, LedgerError> {
        self.ledger.doubts(limit).await
    }

    /// One hand-off, and every event of it, oldest first.
    pub async fn told(
        &self,
        reference: Reference,
    ) -> Result<(Option<Entry>, Vec<Event>), LedgerError> {
        Ok((self.ledger.find(reference).await?, self.ledger.history(reference).await?))
    }
}
