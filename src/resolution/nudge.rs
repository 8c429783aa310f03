//! A limit on how often a returning supporter makes us ask the processor.

use crate::payment::Reference;
use governor::clock::DefaultClock;
use governor::state::keyed::DashMapStateStore;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::time::Duration;

/// The shortest time between two questions about one reference.
const EVERY: Duration = Duration::from_secs(15);
/// How many are asked about at once, and in a minute, by all who return: doubts wait in the same queue.
const TOGETHER: NonZeroU32 = NonZeroU32::MIN.saturating_add(119);
/// How many references are remembered before the idle ones are forgotten.
const REMEMBERED: usize = 10_000;

/// Who was asked about lately.
pub struct Nudges {
    each: RateLimiter<Reference, DashMapStateStore<Reference>, DefaultClock>,
    all: DefaultDirectRateLimiter,
}

impl Default for Nudges {
    fn default() -> Self {
        let quota = Quota::with_period(EVERY).unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN));
        let each = RateLimiter::dashmap(quota);
        Self { each, all: RateLimiter::direct(Quota::per_minute(TOGETHER)) }
    }
}

impl Nudges {
    /// Whether this reference may be asked about now.
    #[must_use]
    pub fn allow(&self, reference: Reference) -> bool {
        if self.each.len() > REMEMBERED {
            self.each.retain_recent();
        }
        self.each.len() <= REMEMBERED
            && self.each.check_key(&reference).is_ok()
            && self.all.check().is_ok()
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

    #[test]
    fn many_who_return_at_once_do_not_fill_the_queue_of_doubts() {
        let nudges = Nudges::default();
        let many = || (0..1000).map(|_| Reference::at(Timestamp::UNIX_EPOCH));
        let allowed = many().filter(|reference| nudges.allow(*reference)).count();
        // Time passes meanwhile, but no minute.
        assert!((120..240).contains(&allowed), "{allowed}");
    }
}
