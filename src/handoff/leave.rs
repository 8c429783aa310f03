//! Leave to hand over: of the processor's breaker, and of the gate that a card comes in by.

use super::breaker::Pass;
use super::{Gate, HandOff, HandOffs, IdempotencyKey, NotHandedOver, Paused};
use crate::payment::Method;
use jiff::Timestamp;

impl HandOffs {
    /// Whether a card would be handed over now: asked before anybody types it.
    pub fn takes_cards_by(&self, gate: &Gate) -> Result<(), Paused> {
        self.declines.look(gate, self.clock.now())
    }

    /// Leave for one call. Asked once it is certain that nothing was sent before.
    pub(super) fn leave_to_call(
        &self,
        hand_off: &HandOff,
        gate: &Gate,
        now: Timestamp,
    ) -> Result<Pass, NotHandedOver> {
        let reference = hand_off.reference;
        let pass = self.breaker.admit(now).inspect_err(|why| {
            tracing::warn!(event = "turned_away", %reference, reason = %why);
        })?;
        if hand_off.asked.method == Method::Card {
            self.declines.admit(gate, reference, now)?;
        }
        Ok(pass)
    }

    /// Leave for one way to the processor's page. What was handed over before is handed over again, though
    /// new ones are not.
    pub(super) async fn leave_to_go(
        &self,
        hand_off: &HandOff,
        gate: &Gate,
        key: Option<IdempotencyKey>,
    ) -> Result<(), NotHandedOver> {
        let now = self.clock.now();
        if hand_off.asked.method != Method::Card {
            return Ok(());
        }
        let is_known = !self.declines.flows(gate, now)
            && match key {
                Some(key) => self.ledger.kept(key).await?.is_some(),
                None => self.ledger.find(hand_off.reference).await?.is_some(),
            };
        if !is_known {
            self.declines.admit(gate, hand_off.reference, now)?;
        }
        Ok(())
    }
}
