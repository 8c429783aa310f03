//! Faults that come about by chance, the same times for the same seed.

use super::Fault;
use sha2::{Digest as _, Sha256};

/// A fault and how often it comes about.
#[derive(Debug)]
pub(super) struct Often {
    pub(super) fault: Fault,
    percent: u8,
    seed: u64,
    drawn: u64,
}

impl Often {
    pub(super) const fn new(fault: Fault, percent: u8, seed: u64) -> Self {
        Self { fault, percent, seed, drawn: 0 }
    }

    /// Draws once.
    pub(super) fn comes_about(&mut self) -> bool {
        self.drawn = self.drawn.saturating_add(1);
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(self.drawn.to_be_bytes());
        let [first, second, ..]: [u8; 32] = hash.finalize().into();
        u16::from_be_bytes([first, second]) % 100 < u16::from(self.percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_often_as_asked_and_the_same_times_again() {
        let draw = |percent, seed| {
            let mut often = Often::new(Fault::HostedPageDown, percent, seed);
            (0..10_000).map(|_| often.comes_about()).collect::<Vec<_>>()
        };
        let times = draw(5, 7).iter().filter(|came| **came).count();
        assert!((400..600).contains(&times), "{times}");
        assert_eq!(draw(5, 7), draw(5, 7));
        assert_ne!(draw(5, 7), draw(5, 8));
        assert!(draw(0, 1).iter().all(|came| !came) && draw(100, 1).iter().all(|came| *came));
    }
}
