//! What becomes of a Direct Debit after it was lodged, by RSM's calendar.

use super::{TEST_ACCOUNTS, audit};

/// The life of a mandate, decided by its account number. Reasons are a Bacs code and its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mock_rsm) enum Fate {
    Good,
    /// RSM's own check refuses it at once (2231).
    Refused,
    /// The bank rejects it when it would go live.
    Rejected(&'static str),
    /// Every collection comes back this many working days after it was due.
    Unpaid(&'static str, u32),
    /// The first collection comes back two working days later, and the mandate is cancelled.
    Closed(&'static str),
    /// Every collection is claimed back this many working days after it was due.
    Claimed(&'static str, u32),
    /// The payer cancels at the bank this many working days after it went live.
    Cancelled(&'static str, u32),
    /// The first transmission to the bank fails and is made again.
    Resubmitted,
}

/// The fate of an account; one that is not in the list is good.
pub(in crate::mock_rsm) fn fate_of(number: &str) -> Fate {
    let known = TEST_ACCOUNTS.iter().find(|account| account.number == number);
    let other = if audit::is_refused(number) { Fate::Refused } else { Fate::Good };
    known.map_or(other, |account| account.fate)
}
