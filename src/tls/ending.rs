//! How the end of a certificate is spoken of: louder, the nearer it is (security.md, P-6).

use jiff::Timestamp;
use std::fmt::Display;

/// Days before its end at which a certificate in use is warned about, once each.
const WARNINGS: [i64; 4] = [0, 3, 14, 30];

/// The step that so many days are in; `None` where there is nothing to say yet.
pub(super) fn warning(days_left: i64) -> Option<i64> {
    WARNINGS.into_iter().find(|days| days_left < *days)
}

/// Says it once: as news at 30 days, as a warning at 14, as an error at 3 and when it is over.
pub(super) fn tell(file: &dyn Display, not_after: Timestamp, days_left: i64) {
    match warning(days_left) {
        None => {}
        Some(30) => {
            tracing::info!(event = "certificate_ends", %file, %not_after, days_left);
        }
        Some(14) => {
            tracing::warn!(event = "certificate_ends", %file, %not_after, days_left);
        }
        Some(_) => {
            tracing::error!(event = "certificate_ends", %file, %not_after, days_left);
        }
    }
}
