//! The opening of a call: what is on disk before anything is sent.

use super::Caller;
use crate::handoff::{NotHandedOver, opened};
use crate::ledger::{Entry, HandOff, IdempotencyKey, Trace};
use jiff::Timestamp;

/// What the opening came to.
pub(super) enum Begun {
    /// It is on disk, and to be sent; with the mark where that is yet to be written.
    ToSend(Entry, Option<Trace>),
    /// It was known before.
    Known(Entry),
}

impl Caller {
    /// Writes it down, with its mark.
    pub(super) async fn begin(
        &self,
        hand_off: HandOff,
        key: Option<IdempotencyKey>,
        due_at: Timestamp,
        trace: Trace,
    ) -> Result<Begun, NotHandedOver> {
        let (opening, marked) = self.ledger.open_to_send(hand_off, key, due_at, trace).await?;
        let (entry, repeated) = opened(opening)?;
        // A webhook that came before it, as after a restored backup, may have told its outcome already.
        Ok(if repeated || entry.standing.state.is_concluded() {
            Begun::Known(entry)
        } else {
            Begun::ToSend(entry, (!marked).then_some(trace))
        })
    }
}
