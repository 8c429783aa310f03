//! The form, whoever fills it in, and the processor, second by second.

use almoner::clock::Clock;
use almoner::payment::{Kind, Reference, State};
use almoner::shield::{DeclineTerms, Declines, Gate, Networks};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const DONATE: Gate = Gate::Form(Kind::Donate);
/// Supporters come for so long after the last card, and at the least in all.
const QUIET: u32 = 1800;
const AT_LEAST: u32 = 6 * 3600;
/// How long it takes from the form to what the processor concludes.
const PERSON_TAKES: SignedDuration = SignedDuration::from_secs(60);
const PROGRAM_TAKES: SignedDuration = SignedDuration::from_secs(3);
/// Of a hundred cards that are tried out, so many are good.
const GOOD_IN_HUNDRED: u32 = 5;
/// Whoever is told that too many came from the network comes again after a minute.
const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Where the cards come from.
#[derive(Clone, Copy)]
pub(crate) enum Came {
    /// Each network a /24.
    Ipv4,
    /// Each a /64 of one /48.
    OneSite,
    /// Each a /48 of its own.
    ManySites,
}

#[derive(Clone, Copy)]
pub(crate) struct Attack {
    pub(crate) networks: u32,
    pub(crate) each_second: u32,
    pub(crate) of: Came,
    /// One supporter in so many seconds.
    pub(crate) supporter_every: u32,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct End {
    pub(crate) handed_over: u32,
    pub(crate) before_pause: u32,
    pub(crate) found: u32,
    pub(crate) first_by_network: Option<u32>,
    pub(crate) first_paused: Option<u32>,
    pub(crate) supporters: u32,
    pub(crate) waited: u32,
    pub(crate) longest: SignedDuration,
    pub(crate) turned_away_before: u32,
    pub(crate) never_paid: u32,
}

enum No {
    Network,
    Paused(SignedDuration),
}

/// A supporter who is on the form, or waits with it open.
struct Supporter {
    number: u32,
    came: Timestamp,
}

pub(crate) struct Town {
    clock: Clock,
    networks: Networks,
    declines: Declines,
    attack: Attack,
    cards: u32,
    pub(crate) declined_in_ten: u32,
    chance: fastrand::Rng,
    /// What the processor concludes, when.
    ahead: BTreeMap<(Timestamp, Reference), State>,
    /// Who comes, again or for the first time, when.
    coming: BTreeMap<(Timestamp, u32), Supporter>,
    end: End,
}

impl Town {
    pub(crate) fn new(attack: Attack, cards: u32) -> Self {
        let clock = Clock::set_to("2026-12-01T09:00:00Z".parse().unwrap());
        Self {
            networks: Networks::new(Some((10, 50)), clock.clone()).unwrap(),
            declines: Declines::new(Some(DeclineTerms::default())),
            clock,
            attack,
            cards,
            declined_in_ten: 1,
            chance: fastrand::Rng::with_seed(5),
            ahead: BTreeMap::new(),
            coming: BTreeMap::new(),
            end: End::default(),
        }
    }

    pub(crate) fn live(mut self) -> End {
        let attacked = 600 + self.cards / self.attack.each_second;
        let busy = AT_LEAST.max(attacked + QUIET);
        let mut tried = 0;
        for second in 0..busy + 7200 {
            self.clock.advance(SignedDuration::from_secs(1));
            let now = self.clock.now();
            self.conclude(now);
            if second < busy && second % self.attack.supporter_every == 0 {
                let number = self.end.supporters;
                self.end.supporters += 1;
                self.coming.insert((now, number), Supporter { number, came: now });
            }
            // The cards begin after ten minutes of everyday life.
            for _ in 0..self.attack.each_second {
                if second >= 600 && tried < self.cards {
                    tried += 1;
                    self.try_out(tried, now);
                }
            }
            while let Some(entry) = self.coming.first_entry().filter(|next| next.key().0 <= now) {
                let supporter = entry.remove();
                self.give(supporter, now);
            }
        }
        self.end.never_paid = u32::try_from(self.coming.len()).unwrap();
        self.end
    }

    /// As `POST /donate` asks: whether cards are paused, whether the network has had its due, and once more
    /// when it is handed over.
    fn post(&self, address: IpAddr, now: Timestamp) -> Result<Reference, No> {
        let reference = Reference::at(now);
        let paused = |paused: almoner::shield::Paused| No::Paused(paused.retry_after);
        self.declines.look(&DONATE, now).map_err(paused)?;
        if !self.networks.allow(address) {
            return Err(No::Network);
        }
        self.declines.admit(&DONATE, reference, now).map_err(paused)?;
        Ok(reference)
    }

    fn try_out(&mut self, card: u32, now: Timestamp) {
        let network = card % self.attack.networks;
        let address = match self.attack.of {
            Came::Ipv4 => IpAddr::V4(Ipv4Addr::from_bits((0x0a00_0000_u32) + (network << 8))),
            Came::OneSite => site(0x2001_0db8 << 96 | u128::from(network) << 64),
            Came::ManySites => site(0x2001 << 112 | u128::from(network) << 80),
        };
        match self.post(address, now) {
            Ok(reference) => {
                self.end.handed_over += 1;
                self.end.before_pause += u32::from(self.end.first_paused.is_none());
                let good = self.chance.u32(0..100) < GOOD_IN_HUNDRED;
                self.end.found += u32::from(good);
                let becomes = if good { State::Accepted } else { State::Declined };
                self.ahead.insert((now + PROGRAM_TAKES, reference), becomes);
            }
            Err(No::Network) => drop(self.end.first_by_network.get_or_insert(card)),
            Err(No::Paused(_)) => drop(self.end.first_paused.get_or_insert(card)),
        }
    }

    fn give(&mut self, supporter: Supporter, now: Timestamp) {
        let Supporter { number, came } = supporter;
        let address = IpAddr::V4(Ipv4Addr::from_bits(0xc612_0000_u32 + (number << 8)));
        let wait = match self.post(address, now) {
            Ok(reference) => {
                let declined = self.chance.u32(0..10) < self.declined_in_ten;
                let becomes = if declined { State::Declined } else { State::Accepted };
                self.ahead.insert((now + PERSON_TAKES, reference), becomes);
                let waited = now.duration_since(came);
                self.end.waited += u32::from(waited.is_positive());
                self.end.longest = self.end.longest.max(waited);
                return;
            }
            Err(No::Network) => A_MINUTE,
            Err(No::Paused(wait)) => wait,
        };
        self.end.turned_away_before += u32::from(self.end.first_paused.is_none());
        let again = now + wait.max(SignedDuration::from_secs(1));
        self.coming.insert((again, number), supporter);
    }

    fn conclude(&mut self, now: Timestamp) {
        while let Some(entry) = self.ahead.first_entry().filter(|next| next.key().0 <= now) {
            let (_, reference) = *entry.key();
            let becomes = entry.remove();
            self.declines.concluded(reference, State::HandedOff, becomes, now);
        }
    }
}

fn site(bits: u128) -> IpAddr {
    IpAddr::V6(Ipv6Addr::from_bits(bits))
}
