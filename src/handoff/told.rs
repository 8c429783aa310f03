//! Who was told "in doubt" by this process. A repeat of the same request gets the same answer from then on, not
//! the word that the first is still under way.

use crate::payment::Reference;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// The references and when they were told. Kept no longer than a call can take: after that nothing is under
/// way any more.
#[derive(Clone, Debug, Default)]
pub struct Told(Arc<Mutex<VecDeque<(Reference, Timestamp)>>>);

impl Told {
    /// This one is told now.
    pub(super) fn note(&self, reference: Reference, now: Timestamp, kept: SignedDuration) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while told.front().is_some_and(|(_, at)| now.duration_since(*at) >= kept) {
            told.pop_front();
        }
        told.push_back((reference, now));
    }

    /// Whether this one was.
    pub(super) fn holds(&self, reference: Reference) -> bool {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.iter().any(|(known, _)| *known == reference)
    }
}
