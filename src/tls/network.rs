//! IP networks: the ones a reserve is kept for, and the one a peer is counted under.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// An IPv4 or IPv6 network, or one address, as in `203.0.113.0/24` or `2001:db8::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    first: IpAddr,
    prefix: u32,
}

/// Why a network was refused. The text never repeats the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// The part before the slash is no address.
    #[error("write an IPv4 or IPv6 address, or a network such as 203.0.113.0/24")]
    Address,
    /// The part after the slash is no number of bits.
    #[error("write the length of the network as a number of bits: 0 to 32, or to 128 for IPv6")]
    Prefix,
    /// Bits of the address are set outside the network.
    #[error("write the network's first address: bits after its length must be nought")]
    HostBits,
}

impl Network {
    /// What the log may say of where somebody is: the first 24 bits of IPv4, the first 48 of IPv6.
    pub(super) fn around(peer: IpAddr) -> Self {
        let peer = peer.to_canonical();
        let prefix = if peer.is_ipv4() { 24 } else { 48 };
        Self { first: mask(peer, prefix), prefix }
    }

    /// Whether `address` lies in this network. An IPv4 address counts as such in its IPv6 form too.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.first.is_ipv4() && mask(address, self.prefix) == self.first
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let first: IpAddr = address.parse().map_err(|_error| NetworkError::Address)?;
        let most = if first.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => most,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|prefix| *prefix <= most).ok_or(NetworkError::Prefix)?
            }
            Some(_) => return Err(NetworkError::Prefix),
        };
        let network = Self { first, prefix };
        if mask(first, prefix) == first { Ok(network) } else { Err(NetworkError::HostBits) }
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

/// An address of IPv4. Behind the larger ones are many strangers.
const IPV4: [(u32, usize); 1] = [(32, 1)];
/// One network of IPv6, which one customer commonly has whole, and how many times its limit the larger
/// ones around it have, each by the bits of its prefix: whoever has a /48 has 65,536 of the smallest.
const IPV6: [(u32, usize); 3] = [(64, 1), (56, 4), (48, 16)];

/// What a peer is counted under, and how many times the limit of one address each of them has.
pub(super) fn counted_under(peer: IpAddr) -> impl Iterator<Item = (Network, usize)> {
    let peer = peer.to_canonical();
    let prefixes = if peer.is_ipv4() { IPV4.as_slice() } else { IPV6.as_slice() };
    prefixes
        .iter()
        .map(move |&(prefix, times)| (Network { first: mask(peer, prefix), prefix }, times))
}

/// `address` with everything after its first `prefix` bits set to nought.
fn mask(address: IpAddr, prefix: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let ones = u32::MAX.checked_shl(32_u32.saturating_sub(prefix)).unwrap_or(0);
            IpAddr::V4((address.to_bits() & ones).into())
        }
        IpAddr::V6(address) => {
            let ones = u128::MAX.checked_shl(128_u32.saturating_sub(prefix)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & ones))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn knows_what_lies_in_a_network() {
        for (network, inside, outside) in [
            ("203.0.113.0/24", "203.0.113.255", "203.0.114.0"),
            ("203.0.113.7", "::ffff:203.0.113.7", "203.0.113.8"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::/0", "2001:db8::1", "127.0.0.1"),
        ] {
            let network: Network = network.parse().unwrap();
            assert!(network.contains(address(inside)), "{inside}");
            assert!(!network.contains(address(outside)), "{outside}");
        }
    }

    #[test]
    fn refuses_what_is_no_network() {
        for (text, error) in [
            ("example.org", NetworkError::Address),
            ("203.0.113.0/33", NetworkError::Prefix),
            ("203.0.113.0/+8", NetworkError::Prefix),
            ("203.0.113.0/", NetworkError::Prefix),
            ("203.0.113.1/24", NetworkError::HostBits),
            ("2001:db8::1/64", NetworkError::HostBits),
        ] {
            assert_eq!(text.parse::<Network>(), Err(error), "{text}");
        }
    }

    #[test]
    fn p_11_the_log_knows_a_network_and_nobody_in_it() {
        for (peer, network) in [
            ("203.0.113.7", "203.0.113.0/24"),
            ("::ffff:203.0.113.7", "203.0.113.0/24"),
            ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ] {
            assert_eq!(Network::around(address(peer)).to_string(), network);
        }
    }

    #[test]
    fn a_customer_of_ipv6_is_one_peer() {
        let under = |peer| -> Vec<_> {
            counted_under(address(peer)).map(|(net, times)| (net.to_string(), times)).collect()
        };
        let around = ["2001:db8:1:f2::/64", "2001:db8:1::/56", "2001:db8:1::/48"];
        let around = around.map(str::to_owned).into_iter().zip([1, 4, 16]);
        assert_eq!(under("2001:db8:1:f2:3::4"), around.collect::<Vec<_>>());
        assert_eq!(under("::ffff:192.0.2.1"), [("192.0.2.1/32".to_owned(), 1)]);
    }

    proptest! {
        #[test]
        fn every_network_holds_its_own_first_address(bits: u128, prefix in 0_u32..=128) {
            let first = mask(IpAddr::V6(Ipv6Addr::from_bits(bits)), prefix);
            prop_assume!(!matches!(first, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some()));
            let network: Network = format!("{first}/{prefix}").parse().unwrap();
            prop_assert!(network.contains(first));
        }
    }
}
