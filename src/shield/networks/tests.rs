use super::*;
use jiff::{SignedDuration, Timestamp};
use std::net::Ipv6Addr;

fn networks(minute: u32, day: u32) -> (Networks, Clock) {
    let clock = Clock::set_to(Timestamp::UNIX_EPOCH);
    (Networks::new(Some((minute, day)), clock.clone()).unwrap(), clock)
}

fn allowed(networks: &Networks, address: &str) -> bool {
    networks.allow(address.parse().unwrap())
}

/// How many of so many networks may post one form: the first in a prefix of so many bits, each of 64.
fn of_each_in(networks: &Networks, prefix: &str, count: u128) -> u128 {
    let first: Ipv6Addr = prefix.parse().unwrap();
    let each = (0..count).map(|number| Ipv6Addr::from_bits(first.to_bits() + (number << 64)));
    each.map(|address| u128::from(networks.allow(address.into()))).sum()
}

#[test]
fn g_5_a_burst_from_one_network_is_stopped_and_others_pass() {
    let (networks, _) = networks(3, 50);
    for _ in 0..3 {
        assert!(allowed(&networks, "192.0.2.7"));
    }
    assert!(!allowed(&networks, "192.0.2.8"), "the same /24");
    assert!(!allowed(&networks, "::ffff:192.0.2.9"), "the same /24, spelt as IPv6");
    assert!(allowed(&networks, "198.51.100.1"));
    for last in 1..4 {
        assert!(allowed(&networks, &format!("2001:db8::{last}")));
    }
    assert!(!allowed(&networks, "2001:db8::ffff"), "the same /64");
    assert!(allowed(&networks, "2001:db8:0:1::1"));
}

#[test]
fn g_5_the_day_has_its_own_limit_and_both_grow_back() {
    let (networks, clock) = networks(1000, 24);
    let count = || (0..50).filter(|_| allowed(&networks, "192.0.2.7")).count();
    assert_eq!(count(), 24);
    clock.advance(SignedDuration::from_hours(2));
    assert_eq!(count(), 2);
    let (networks, clock) = self::networks(10, 1000);
    let count = || (0..50).filter(|_| allowed(&networks, "192.0.2.7")).count();
    assert_eq!(count(), 10);
    clock.advance(SignedDuration::from_secs(30));
    assert_eq!(count(), 5);
}

/// A site has a /48 for the asking, and 65,536 networks in it.
#[test]
fn g_5_a_48_full_of_networks_has_no_more_than_sixteen_and_shuts_nobody_else_out() {
    let (networks, _) = networks(10, 50);
    assert_eq!(of_each_in(&networks, "2001:db8::", 60_000), 160);
    assert!(allowed(&networks, "2001:db9::1") && allowed(&networks, "192.0.2.1"));
    let (networks, _) = self::networks(10, 50);
    assert_eq!(of_each_in(&networks, "2001:db8::", 256), 40, "one /56");
    assert_eq!(of_each_in(&networks, "2001:db8:0:100::", 256), 40, "another beside it");
}

/// Whoever wears out one network takes a small part of what is around it.
#[test]
fn g_5_a_flood_from_one_network_takes_little_from_its_neighbours() {
    let (networks, _) = networks(10, 50);
    let flood = (0..10_000).filter(|_| allowed(&networks, "2001:db8::1")).count();
    assert_eq!(flood, 10);
    assert_eq!(of_each_in(&networks, "2001:db8:0:1::", 255), 30, "of the 40 of its /56");
}

/// One form from each of 120,000 sites: the tables are full, and hardly anybody is shut out.
#[test]
fn g_5_memory_is_bounded_and_a_full_one_neither_opens_nor_shuts() {
    let (networks, _) = networks(10, 50);
    let sites = (0..120_000_u128).map(|number| Ipv6Addr::from_bits((0x2001 << 112) | number << 80));
    let allowed_of_all = sites.filter(|address| networks.allow((*address).into())).count();
    assert!(allowed_of_all > 119_900, "{allowed_of_all}");
    let today = networks.today();
    let most = today.forms.iter().flatten().map(|table| table.0.len()).max().unwrap();
    assert!(most <= 2 << 16, "{most}");
    let fresh = (0..1000)
        .filter(|last| allowed(&networks, &format!("198.{}.{}.1", 18 + last / 250, last % 250)));
    assert!(fresh.count() > 990, "honest networks are shut out");
    let burst = (0..1000).filter(|_| allowed(&networks, "203.0.113.1")).count();
    assert!(burst <= 10, "{burst} from one network");
}

/// Neither an address nor a network can be read from what is kept, nor be tried out: the key is of this
/// process and of this day alone.
#[test]
fn g_d4_a_network_is_known_by_a_hash_whose_key_is_made_anew_each_day() {
    let address = "192.0.2.7".parse().unwrap();
    let places = |networks: &Networks| networks.today().places(address).next().unwrap();
    let ((one, clock), (other, _)) = (networks(3, 3), networks(3, 3));
    assert_ne!(places(&one), places(&other));
    let before = places(&one);
    clock.advance(SignedDuration::from_hours(23));
    assert_eq!(places(&one), before);
    clock.jump(SignedDuration::from_hours(48));
    assert_eq!(places(&one), before, "setting the clock makes no day pass");
    clock.advance(SignedDuration::from_hours(1));
    assert_ne!(places(&one), before);
}

#[test]
fn g_c2_without_limits_forms_are_not_counted_but_wrong_keys_are() {
    let networks = Networks::new(None, Clock::set_to(Timestamp::UNIX_EPOCH)).unwrap();
    assert!((0..1000).all(|_| allowed(&networks, "192.0.2.7")));
    let address = "192.0.2.7".parse().unwrap();
    assert_eq!((0..100).filter(|_| networks.forgives_key(address)).count(), 10);
    assert_eq!((0..100).filter(|_| networks.forgives_forgery(address)).count(), 60);
}

#[test]
fn passwords_are_counted_by_network_and_this_machine_is_one() {
    // Each anew: whoever came before may have used up a part of a place that is shared.
    let tried = |addresses: &mut dyn Iterator<Item = IpAddr>| {
        let networks = Networks::new(None, Clock::set_to(Timestamp::UNIX_EPOCH)).unwrap();
        addresses.filter(|address| networks.allows_log_in(*address)).count()
    };
    let own = |number: u32| Ipv4Addr::from_bits((127 << 24) | (number << 8) | 1).into();
    assert_eq!(tried(&mut (0..1000).map(own).chain(["::1".parse().unwrap()])), 5);
    let site = |number: u128| Ipv6Addr::from_bits((0x2001_0db8 << 96) | (number << 64)).into();
    assert_eq!(tried(&mut (0..65_536).map(site)), 5 * 16, "a /48");
    assert_eq!(tried(&mut (0..9).map(|_| "192.0.2.7".parse().unwrap())), 5);
}
