//! What a person must look at in a period, whether or not the processor has reports: messages about
//! hand-offs that the record does not know, doubts, and whatever is flagged.

use crate::clock::london;
use crate::ledger::{Entry, Event, Ledger, LedgerError};
use crate::payment::State;
use crate::processor::Period;

/// The most orphans that are read; more are the sign of another trouble.
const MOST: usize = 1_000_000;

/// Messages that were recorded in the period and whose hand-off is unknown, oldest first: after the
/// restore of an earlier backup, all that the processor has said since of what is not in it
/// (security.md, FM-30).
pub(super) async fn orphans(
    ledger: &dyn Ledger,
    period: Period,
) -> Result<Vec<Event>, LedgerError> {
    let mut parked = ledger.parked(MOST).await?;
    parked.retain(|event| (period.first..=period.last).contains(&london::date(event.recorded_at)));
    Ok(parked)
}

/// Whether a hand-off of the period is in doubt or flagged.
pub(super) fn needs_a_person(entry: &Entry, period: Period) -> bool {
    let opened = london::date(entry.hand_off.opened_at);
    (period.first..=period.last).contains(&opened)
        && (entry.standing.state == State::InDoubt || !entry.standing.attention.is_empty())
}
