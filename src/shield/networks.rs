//! How often forms may be posted, and keys and signatures be wrong, from one network. A network is known
//! by a hash alone, whose key is made anew each day and leaves memory by no way (security.md, G-D4).
//!
//! The memory is of a fixed size: what a network has used up stands in two places of a table, which it may
//! share with strangers. It is turned away when both are used up, so that whoever fills the table from many
//! networks neither gets more than its due nor shuts out more than those few whose places are both worn.

use crate::clock::Clock;
use crate::keys::Key;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a key is used. With it goes what was counted.
const KEY_LIVES: Duration = Duration::from_hours(24);
/// Wrong API keys in a minute (security.md, G-1).
const WRONG_KEYS: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Webhooks in a minute that no key of ours has signed (security.md, A-30).
const FORGERIES: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// Passwords typed at the console in a minute, right or wrong.
const LOG_INS: NonZeroU32 = NonZeroU32::new(5).unwrap();
/// One network of IPv6, and how many times its limit the larger ones around it have, each by the bits of its
/// prefix: whoever has a /48 has 65,536 of the smallest.
const IPV6: [(u32, u32); 3] = [(64, 1), (56, 4), (48, 16)];
/// One network of IPv4. Behind the larger ones are many strangers.
const IPV4: [(u32, u32); 1] = [(24, 1)];

/// Limits for each /24 of IPv4 and each /64 of IPv6, with its /56 and /48.
pub struct Networks {
    limits: Option<(NonZeroU32, NonZeroU32)>,
    clock: Clock,
    today: Mutex<Arc<Day>>,
}

/// What is counted under one key.
struct Day {
    began: Duration,
    key: Key,
    /// In a minute and in a day, for one network and for each of the larger ones.
    forms: [[Table; 2]; IPV6.len()],
    wrong_keys: Table,
    forgeries: Table,
    log_ins: [Table; IPV6.len()],
}

/// Token buckets in so many places that two bytes can name one, twice.
struct Table(RateLimiter<u32, DashMapStateStore<u32>, Steady, NoOpMiddleware<Duration>>);

/// A network's place in each half of a table.
type Places = [u32; 2];

/// The clock that nobody sets.
struct Steady(Clock);

impl governor::clock::Clock for Steady {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.steady()
    }
}

impl Networks {
    /// So many forms in a minute and in a day; as many as come without.
    pub fn new(forms: Option<(u32, u32)>, clock: Clock) -> Result<Self, getrandom::Error> {
        let at_least_one = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let limits = forms.map(|(minute, day)| (at_least_one(minute), at_least_one(day)));
        let today = Mutex::new(Arc::new(Day::begin(limits, &clock)?));
        Ok(Self { limits, clock, today })
    }

    /// Whether one more form may come from this address.
    #[must_use]
    pub fn allow(&self, address: IpAddr) -> bool {
        let today = self.today();
        // From the smallest on: whoever wears that out takes nothing from the neighbours.
        let mut around = today.places(address).zip(&today.forms);
        self.limits.is_none()
            || around.all(|(places, tables)| tables.iter().all(|table| table.take(places)))
    }

    /// Whether a wrong API key from this address is still told no more than that it is wrong.
    #[must_use]
    pub fn forgives_key(&self, address: IpAddr) -> bool {
        let today = self.today();
        today.places(address).take(1).all(|places| today.wrong_keys.take(places))
    }

    /// The same of a forged webhook. True ones are not counted: a flood cannot drown them.
    #[must_use]
    pub fn forgives_forgery(&self, address: IpAddr) -> bool {
        let today = self.today();
        today.places(address).take(1).all(|places| today.forgeries.take(places))
    }

    /// Whether one more password may be tried from this address. Whoever is on this machine has all of its own.
    #[must_use]
    pub fn allows_log_in(&self, address: IpAddr) -> bool {
        let is_own = address.to_canonical().is_loopback();
        let address = if is_own { Ipv4Addr::LOCALHOST.into() } else { address };
        let today = self.today();
        today.places(address).zip(&today.log_ins).all(|(places, table)| table.take(places))
    }

    fn today(&self) -> Arc<Day> {
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        if self.clock.steady().saturating_sub(today.began) >= KEY_LIVES
            // Without randomness the old key goes on: a limit that fails open is none.
            && let Ok(next) = Day::begin(self.limits, &self.clock)
        {
            *today = Arc::new(next);
        }
        Arc::clone(&today)
    }
}

impl Day {
    fn begin(
        limits: Option<(NonZeroU32, NonZeroU32)>,
        clock: &Clock,
    ) -> Result<Self, getrandom::Error> {
        let table = |quota| {
            Table(RateLimiter::new(quota, DashMapStateStore::default(), Steady(clock.clone())))
        };
        let (minute, day) = limits.unwrap_or((NonZeroU32::MIN, NonZeroU32::MIN));
        let forms = IPV6.map(|(_, times)| {
            let (minute, day) = (multiple(minute, times), multiple(day, times));
            [table(Quota::per_minute(minute)), table(per_day(day))]
        });
        Ok(Self {
            began: clock.steady(),
            key: Key::fresh()?,
            forms,
            wrong_keys: table(Quota::per_minute(WRONG_KEYS)),
            forgeries: table(Quota::per_minute(FORGERIES)),
            log_ins: IPV6.map(|(_, times)| table(Quota::per_minute(multiple(LOG_INS, times)))),
        })
    }

    /// The places of an address's network, then those of the larger ones around it.
    fn places(&self, address: IpAddr) -> impl Iterator<Item = Places> {
        let (bits, width, prefixes) = match address.to_canonical() {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()), u32::BITS, IPV4.as_slice()),
            IpAddr::V6(v6) => (v6.to_bits(), u128::BITS, IPV6.as_slice()),
        };
        prefixes.iter().map(move |(length, _)| {
            let network = bits.checked_shr(width.saturating_sub(*length)).unwrap_or(0);
            let [a, b, c, d, ..] = self.key.sign(&[&length.to_be_bytes(), &network.to_be_bytes()]);
            [u32::from_be_bytes([0, 0, a, b]), u32::from_be_bytes([0, 1, c, d])]
        })
    }
}

impl Table {
    /// Counts one more, unless both places are used up.
    fn take(&self, places: Places) -> bool {
        let [one, other] = places.map(|place| self.0.check_key(&place).is_ok());
        one || other
    }
}

fn multiple(limit: NonZeroU32, times: u32) -> NonZeroU32 {
    limit.saturating_mul(NonZeroU32::new(times).unwrap_or(NonZeroU32::MIN))
}

/// All at once, if need be; then as they grow back in a day.
fn per_day(limit: NonZeroU32) -> Quota {
    let each = KEY_LIVES.checked_div(limit.get()).unwrap_or_default();
    Quota::with_period(each)
        .map_or_else(|| Quota::per_minute(limit), |quota| quota.allow_burst(limit))
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "numbers of the tests' own")]
mod tests;
