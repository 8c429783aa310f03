use super::*;
use std::time::Duration;

fn register(limits: Limits) -> Arc<Register> {
    Register::new(limits)
}

fn peer(address: &str) -> SocketAddr {
    SocketAddr::new(address.parse().unwrap(), 40_000)
}

fn small() -> Limits {
    Limits {
        connections: 4,
        connections_per_address: 2,
        reserved_connections: 1,
        handshakes_at_once: 100,
        ..Limits::default()
    }
}

fn gone(seat: &Seat) -> bool {
    !seat.register.book().open.contains_key(&seat.connection.id)
}

#[test]
fn d_16_one_address_gets_its_share_and_no_more() {
    let register = register(small());
    let first = register.admit(peer("192.0.2.1")).unwrap();
    let _second = register.admit(peer("::ffff:192.0.2.1")).unwrap();
    assert!(register.admit(peer("192.0.2.1")).is_err());
    let _other = register.admit(peer("192.0.2.2")).unwrap();
    drop(first);
    register.admit(peer("192.0.2.1")).unwrap();
}

#[test]
fn d_16_one_customer_of_ipv6_is_one_address() {
    let register = register(small());
    let _seats = [1, 2].map(|host| register.admit(peer(&format!("2001:db8::{host}"))).unwrap());
    assert!(register.admit(peer("2001:db8::3")).is_err());
    register.admit(peer("2001:db8:0:1::3")).unwrap();
}

#[test]
fn d_16_whoever_has_many_networks_of_ipv6_has_a_multiple_and_no_more() {
    let register = register(Limits { connections: 1000, ..small() });
    let admit = |network: u32| register.admit(peer(&format!("2001:db8:0:{network:x}::1")));
    let nearest: Vec<_> = (0..8).map(|network| admit(network).unwrap()).collect();
    assert!(admit(8).is_err(), "a /56 has four times the share of an address");
    let _others: Vec<_> = (1..4)
        .flat_map(|network| (0..8).map(move |one| network * 0x100 + one))
        .map(|network| admit(network).unwrap())
        .collect();
    assert!(admit(0x400).is_err(), "a /48 has sixteen times");
    register.admit(peer("2001:db8:1::1")).unwrap();
    drop(nearest);
    admit(0x400).unwrap();
}

#[test]
fn d_16_when_all_places_are_taken_the_idlest_goes() {
    let register = register(small());
    let seats = [1, 2, 3, 4].map(|host| register.admit(peer(&format!("192.0.2.{host}"))).unwrap());
    let busy = seats[0].connection().begin();
    std::thread::sleep(Duration::from_millis(5));
    drop(seats[1].connection().begin());
    let _fifth = register.admit(peer("192.0.2.5")).unwrap();
    assert_eq!(seats.each_ref().map(gone), [false, false, true, false]);
    drop(busy);
}

#[test]
fn d_16_who_works_is_not_sent_away() {
    let register = register(small());
    let seats = [1, 2, 3, 4].map(|host| register.admit(peer(&format!("192.0.2.{host}"))).unwrap());
    let _work = seats.each_ref().map(|seat| seat.connection().begin());
    assert!(register.admit(peer("192.0.2.5")).is_err());
}

#[test]
fn d_16_the_processor_keeps_a_reserve() {
    let reserved_addresses = vec!["198.51.100.0/24".parse().unwrap()];
    let register = register(Limits { reserved_addresses, ..small() });
    let others = [1, 2, 3].map(|host| register.admit(peer(&format!("192.0.2.{host}"))).unwrap());
    let _work = others.each_ref().map(|seat| seat.connection().begin());
    assert!(register.admit(peer("192.0.2.4")).is_err(), "the last place is not for everyone");
    let _processor = register.admit(peer("198.51.100.1")).unwrap();
    assert!(register.admit(peer("198.51.100.1")).is_err(), "nobody can be sent away");
}

#[test]
fn d_16_the_processor_is_neither_counted_nor_sent_away() {
    let reserved_addresses = vec!["198.51.100.1".parse().unwrap()];
    let limits = Limits { handshakes_at_once: 4, reserved_addresses, ..small() };
    let register = register(limits);
    let seats = [(); 4].map(|()| register.admit(peer("198.51.100.1")).unwrap());
    assert!(register.admit(peer("192.0.2.1")).is_err());
    assert_eq!(seats.each_ref().map(gone), [false; 4]);
}

#[test]
fn d_15_the_oldest_unfinished_handshake_goes() {
    let register = register(Limits { handshakes_at_once: 2, ..Limits::default() });
    let settled = register.admit(peer("192.0.2.1")).unwrap();
    settled.settle();
    let stalled = [2, 3].map(|host| register.admit(peer(&format!("192.0.2.{host}"))).unwrap());
    let _newcomer = register.admit(peer("192.0.2.4")).unwrap();
    assert!(!gone(&settled));
    assert_eq!(stalled.each_ref().map(gone), [true, false]);
}

#[test]
fn nobody_is_remembered_who_has_gone() {
    let register = register(small());
    for host in 0..=255 {
        drop(register.admit(peer(&format!("192.0.2.{host}"))).unwrap());
    }
    let book = register.book();
    assert!(book.open.is_empty() && book.counted.is_empty() && book.handshakes.is_empty());
    assert_eq!(book.ordinary, 0);
}
