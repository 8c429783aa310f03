//! What a trace tells of a hand-off.

use super::{HandOffs, HandedOver, NotHandedOver, Request};
use crate::spans::{self, Part};

impl HandOffs {
    /// Writes the hand-off down, then hands it over: by a form for the browser, or by a call.
    pub async fn hand_over(&self, request: Request) -> Result<HandedOver, NotHandedOver> {
        spans::around(Part::HandOff, self.hand(request), |handed, said| match handed {
            Ok(HandedOver { entry, .. }) => {
                said.of(entry.hand_off.reference);
                said.state(entry.standing.state);
            }
            Err(why) => said.result(why.word()),
        })
        .await
    }
}

impl NotHandedOver {
    /// In one word.
    const fn word(&self) -> &'static str {
        match self {
            Self::Conflicting => "conflicting",
            Self::UnderWay(_) => "under_way",
            Self::Unfit(_) => "unfit",
            Self::TurnedAway(_) => "turned_away",
            Self::Paused(_) => "paused",
            Self::Ledger(_) => "not_written",
        }
    }
}
