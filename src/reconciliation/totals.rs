//! Control totals: how many of each kind, and what they come to, on either side.

use super::NotReconciled;
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
    pub fn add(&mut self, amount: Option<Amount>) -> Result<(), NotReconciled> {
        self.count = self.count.saturating_add(1);
        let sum = self.minor.checked_add(amount.map_or(0, Amount::minor));
        self.minor = sum.ok_or(NotReconciled::TooMuch)?;
        Ok(())
    }
}

impl Totals {
    /// What these items come to.
    pub fn of(items: &[Item]) -> Result<Self, NotReconciled> {
        let total = |kind, side: fn(&Item) -> Option<Side>| {
            let mut total = Total::default();
            for side in items.iter().filter_map(side).filter(|side| side.kind == kind) {
                total.add(side.amount)?;
            }
            Ok::<_, NotReconciled>(total)
        };
        let both = |kind: &Kind| {
            let ours = total(*kind, |item| item.ours)?;
            Ok(Both { kind: *kind, ours, theirs: total(*kind, |item| item.theirs)? })
        };
        Kind::ALL.iter().map(both).collect::<Result<_, _>>().map(Self)
    }
}
