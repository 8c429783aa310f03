//! RSM's card error codes that are known (rsm-protocol.md, 5).

use crate::processor::Remark;

/// The supporter gave up.
pub(super) const CANCELLED: u16 = 3001;

/// What there is to say of an error code; other codes are not public.
pub(super) fn remark(text: &str) -> Option<Remark> {
    match code(text)? {
        1014 => Some(Remark::UsedBefore),
        2000..=2999 => Some(Remark::Contact),
        CANCELLED => Some(Remark::GivenUp),
        _ => None,
    }
}

/// Four digits.
pub(super) fn code(text: &str) -> Option<u16> {
    let digits = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
