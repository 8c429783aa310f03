//! Control totals: how many of each kind, and what they come to, on either side.

use super::compare::{Item, Kind, Side};
use crate::payment::Amount;

/// A count and a sum in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// How many.
    pub count: u64,
    /// What they come to.
    pub minor: i64,
}

/// Both sides of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Both {
    /// What.
    pub kind: Kind,
    /// Ours.
    pub ours: Total,
    /// The processor's.
    pub theirs: Total,
}

/// Every kind, in the order of [`Kind::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals(pub Vec<Both>);

impl Total {
    /// One more.
    pub fn add(&mut self, amount: Option<Amount>) {
        self.count = self.count.saturating_add(1);
        self.minor = self.minor.saturating_add(amount.map_or(0, Amount::minor));
    }
}

impl Totals {
    /// What these items come to.
    #[must_use]
    pub fn of(items: &[Item]) -> Self {
        let total = |kind, side: fn(&Item) -> Option<Side>| {
            let mut total = Total::default();
            for side in items.iter().filter_map(side).filter(|side| side.kind == kind) {
                total.add(side.amount);
            }
            total
        };
        let both = |kind: &Kind| Both {
            kind: *kind,
            ours: total(*kind, |item| item.ours),
            theirs: total(*kind, |item| item.theirs),
        };
        Self(Kind::ALL.iter().map(both).collect())
    }
}
