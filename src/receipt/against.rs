//! A record held against links that were written down elsewhere: one whose end was cut off, or that was made anew, does
//! not have them.

use crate::ledger::purge::KEPT_DAYS;
use crate::ledger::{Ledger, LedgerError, Place, There};
use jiff::{SignedDuration, Timestamp};

/// What a record says to links that were written down elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stands {
    /// How many it has.
    pub links: usize,
    /// How many were purged since amid others, so that nothing can be said of them.
    pub purged: usize,
}

/// Why it is not the record that they were written down of.
#[derive(Debug, thiserror::Error)]
pub enum NotTheSame {
    /// It cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What was written down names no links.
    #[error("it names a link that cannot be one")]
    NoLink,
    /// It ends before.
    #[error(
        "the record has no event {sequence} in chain {chain}: its end was cut off, or it is another record. {THEN}"
    )]
    Cut {
        /// The place.
        sequence: i64,
        /// The chain.
        chain: String,
    },
    /// Something else stands there.
    #[error(
        "the record has another event {sequence} in chain {chain} than was written down: it was made anew, or it is \
         another record. {THEN}"
    )]
    Another {
        /// The place.
        sequence: i64,
        /// The chain.
        chain: String,
    },
    /// It is said to be purged, and is too young for it.
    #[error(
        "event {sequence} of chain {chain} is said to be purged, and nothing so young is ever purged: somebody else took \
         it away. {THEN}"
    )]
    TakenAway {
        /// The place.
        sequence: i64,
        /// The chain.
        chain: String,
    },
}

/// What to do about it.
const THEN: &str =
    "Stop the service, keep the ledger as it is for whoever looks into it: docs/ledgers.md";

/// Looks every link up. Those that were purged since with what stood around them say nothing; where they were written
/// down less than [`KEPT_DAYS`] ago they cannot have been.
pub async fn hold(
    ledger: &dyn Ledger,
    places: &[Place],
    (written, now): (Timestamp, Timestamp),
) -> Result<Stands, NotTheSame> {
    let kept = SignedDuration::from_hours(24).saturating_mul(KEPT_DAYS);
    let is_young = now.duration_since(written) < kept;
    let mut stands = Stands::default();
    for place in places {
        let link = place.link().ok_or(NotTheSame::NoLink)?;
        let (sequence, chain) = (link.sequence, place.chain.clone());
        match ledger.there(link.instance, link.sequence).await? {
            There::PurgedTo(_) | There::Purged if is_young => {
                return Err(NotTheSame::TakenAway { sequence, chain });
            }
            There::Hash(hash) | There::PurgedTo(hash) if hash == link.hash => {
                stands.links = stands.links.saturating_add(1);
            }
            There::Hash(_) | There::PurgedTo(_) => {
                return Err(NotTheSame::Another { sequence, chain });
            }
            There::Purged => stands.purged = stands.purged.saturating_add(1),
            There::Nothing => return Err(NotTheSame::Cut { sequence, chain }),
        }
    }
    Ok(stands)
}
