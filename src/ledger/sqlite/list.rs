//! Pages of hand-offs, newest first.

use super::SqliteLedger;
use super::select;
use crate::ledger::{Entry, LedgerError, Page};

impl SqliteLedger {
    /// See [`crate::ledger::Ledger::list`]: chunk by chunk, so that no reader stays long.
    pub(super) async fn find_page(&self, page: Page) -> Result<Vec<Entry>, LedgerError> {
        let mut found = Vec::new();
        let mut before = page.before;
        let all = page.state.is_none() && !page.attention;
        let chunk = if all { page.limit.min(select::CHUNK) } else { select::CHUNK };
        while found.len() < page.limit {
            let entries =
                self.read(move |connection| select::page(connection, before, chunk)).await?;
            let Some(oldest) = entries.last() else { break };
            before = Some(oldest.hand_off.reference);
            found.extend(entries.into_iter().filter(|entry| {
                page.state.is_none_or(|state| state == entry.standing.state)
                    && !(page.attention && entry.standing.attention.is_empty())
            }));
        }
        found.truncate(page.limit);
        Ok(found)
    }
}
