//! From where somebody asks, as far as the log may know it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What the log may say of where somebody is: the first 24 bits of IPv4, the first 48 of IPv6.
pub(super) fn origin(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => format!("{}/24", Ipv4Addr::from_bits(v4.to_bits() & (u32::MAX << 8))),
        IpAddr::V6(v6) => format!("{}/48", Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 80))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_11_the_log_knows_a_network_and_nobody_in_it() {
        let origin = |address: &str| origin(address.parse().unwrap());
        assert_eq!(origin("203.0.113.7"), "203.0.113.0/24");
        assert_eq!(origin("::ffff:203.0.113.7"), "203.0.113.0/24");
        assert_eq!(origin("2001:db8:1:2:3::4"), "2001:db8:1::/48");
    }
}
