//! How often forms may be posted, and keys and signatures be wrong, from one network: counted in
//! memory, nothing kept.

use governor::clock::DefaultClock;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

type Limiter = RateLimiter<u64, DashMapStateStore<u64>, DefaultClock>;

/// How many networks are remembered before the idle ones are forgotten.
const REMEMBERED: usize = 50_000;
/// Wrong API keys in a minute (security.md, G-1).
const WRONG_KEYS: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Webhooks in a minute that no key of ours has signed (security.md, A-30).
const FORGERIES: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Limits for each /24 of IPv4 and each /64 of IPv6.
pub struct Shield {
    minute: Limiter,
    day: Limiter,
    wrong_keys: Limiter,
    forgeries: Limiter,
}

impl Shield {
    /// So many forms in a minute and in a day.
    #[must_use]
    pub fn new(per_minute: u32, per_day: u32) -> Self {
        let at_least_one = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let (minute, day) = (at_least_one(per_minute), at_least_one(per_day));
        let refill = Duration::from_hours(24).checked_div(day.get()).unwrap_or_default();
        let daily = Quota::with_period(refill)
            .map_or_else(|| Quota::per_minute(minute), |quota| quota.allow_burst(day));
        Self {
            minute: RateLimiter::dashmap(Quota::per_minute(minute)),
            day: RateLimiter::dashmap(daily),
            wrong_keys: RateLimiter::dashmap(Quota::per_minute(WRONG_KEYS)),
            forgeries: RateLimiter::dashmap(Quota::per_minute(FORGERIES)),
        }
    }

    /// Whether one more form may come from this address.
    pub(super) fn allow(&self, address: IpAddr) -> bool {
        let network = network(address);
        [&self.minute, &self.day].into_iter().all(|limiter| has_room(limiter, network))
    }

    /// Whether a wrong API key from this address is still told no more than that it is wrong.
    pub(super) fn forgives_key(&self, address: IpAddr) -> bool {
        has_room(&self.wrong_keys, network(address))
    }

    /// The same of a forged webhook. True ones are not counted: a flood cannot drown them.
    pub(super) fn forgives_forgery(&self, address: IpAddr) -> bool {
        has_room(&self.forgeries, network(address))
    }
}

/// Counts one more. When too many networks are remembered the answer for a new one is no: a
/// limiter that fails open is none.
fn has_room(limiter: &Limiter, network: u64) -> bool {
    if limiter.len() >= REMEMBERED {
        limiter.retain_recent();
        limiter.shrink_to_fit();
    }
    limiter.len() < REMEMBERED && limiter.check_key(&network).is_ok()
}

/// The first 24 bits of IPv4, the first 64 of IPv6.
fn network(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(v4) => u64::from(v4.to_bits() >> 8),
        IpAddr::V6(v6) => u64::try_from(v6.to_bits() >> 64).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g_5_a_burst_from_one_network_is_stopped_and_others_pass() {
        let shield = Shield::new(3, 50);
        let allowed = |address: &str| shield.allow(address.parse().unwrap());
        for _ in 0..3 {
            assert!(allowed("192.0.2.7"));
        }
        assert!(!allowed("192.0.2.8"), "the same /24");
        assert!(!allowed("::ffff:192.0.2.9"), "the same /24, spelt as IPv6");
        assert!(allowed("198.51.100.1"));
        for last in 1..4 {
            assert!(allowed(&format!("2001:db8::{last}")));
        }
        assert!(!allowed("2001:db8::ffff"), "the same /64");
        assert!(allowed("2001:db8:0:1::1"));
    }

    #[test]
    fn the_day_has_its_own_limit() {
        let shield = Shield::new(1000, 5);
        let allowed = (0..20).filter(|_| shield.allow("192.0.2.7".parse().unwrap())).count();
        assert_eq!(allowed, 5);
    }
}
