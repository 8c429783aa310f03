//! Ports for processes that bind them later.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

/// Those of the examples: they are replaced one after another, so that none may stand in the figures of one drawn here.
const EXAMPLES: [&str; 3] = ["8443", "8444", "9443"];

/// A port that is free and stays so: below those that the system gives to whoever connects, and no two
/// of one run are the same.
pub(crate) fn free_port() -> u16 {
    static NEXT: OnceLock<AtomicU16> = OnceLock::new();
    let next = NEXT.get_or_init(|| AtomicU16::new(fastrand::u16(10_000..18_000)));
    let draw = |_| {
        let port = next.fetch_add(1, Ordering::SeqCst);
        if port >= 20_000 {
            next.store(10_000, Ordering::SeqCst);
            return None;
        }
        let figures = port.to_string();
        let is_free = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        (is_free && !EXAMPLES.iter().any(|example| figures.contains(example))).then_some(port)
    };
    (0..10_000).find_map(draw).unwrap()
}
