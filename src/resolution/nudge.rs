//! A limit on how often a returning supporter makes us ask the processor.

use crate::payment::Reference;
use governor::clock::DefaultClock;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::time::Duration;

/// The shortest time between two questions about one reference.
const EVERY: Duration = Duration::from_secs(15);
/// How many references are remembered before the idle ones are forgotten.
const REMEMBERED: usize = 10_000;

/// Who was asked about lately.
pub struct Nudges(RateLimiter<Reference, DashMapStateStore<Reference>, DefaultClock>);

impl Default for Nudges {
    fn default() -> Self {
        let quota = Quota::with_period(EVERY)
            .unwrap_or_else(|| Quota::per_minute(std::num::NonZeroU32::MIN));
        Self(RateLimiter::dashmap(quota))
    }
}

impl Nudges {
    /// Whether this reference may be asked about now.
    #[must_use]
    pub fn allow(&self, reference: Reference) -> bool {
        if self.0.len() > REMEMBERED {
            self.0.retain_recent();
        }
        self.0.len() <= REMEMBERED && self.0.check_key(&reference).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn each_reference_once_in_a_while() {
        let nudges = Nudges::default();
        let (one, other) =
            (Reference::at(Timestamp::UNIX_EPOCH), Reference::at(Timestamp::UNIX_EPOCH));
        assert!(nudges.allow(one));
        assert!(!nudges.allow(one));
        assert!(nudges.allow(other));
    }
}
