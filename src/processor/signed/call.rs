//! An order by the processor's API (docs/signed.md): made and signed whole, sent once on a
//! connection of its own, and believed only where it is answered exactly as agreed.

use super::body::written;
use super::sign::{Signature, digest};
use super::{Signed, answer};
use crate::ledger::HandOff;
use crate::payment::FieldError;
use crate::processor::client::{NoAnswer, Outgoing};
use crate::processor::{Instruction, Reply, Wanted, no_such_way};
use bytes::Bytes;
use jiff::Timestamp;
use url::Url;
use zeroize::Zeroizing;

/// A payment or a mandate, signed and not yet sent.
pub struct Order {
    pub(super) hand_off: HandOff,
    url: Url,
    body: Zeroizing<Vec<u8>>,
    digest: String,
    signature: Signature,
}

impl Order {
    /// The MAC of its signature: no other request has it.
    pub(crate) const fn mark(&self) -> [u8; 32] {
        self.signature.mac
    }
}

impl Signed {
    /// The order for what was asked for.
    pub(crate) fn order(
        &self,
        wanted: &Wanted<'_>,
        now: Timestamp,
    ) -> Result<Order, Vec<FieldError>> {
        let Wanted { hand_off, instruction, .. } = *wanted;
        let url = self.url(match instruction {
            Instruction::Debit(_) => "/v1/mandates",
            #[cfg(feature = "card-api")]
            Instruction::Card(_) => "/v1/payments",
        });
        let body = written(&self.merchant, wanted).map_err(|_never| vec![no_such_way()])?;
        let digest = digest(&body);
        let components = [
            ("@method", "POST"),
            ("@target-uri", url.as_str()),
            ("content-digest", &digest),
            ("idempotency-key", &hand_off.reference.to_string()),
        ];
        let signature = self.signature(&components, now);
        Ok(Order { hand_off: hand_off.clone(), url, body, digest, signature })
    }

    /// Sends it, once.
    pub(crate) async fn place(&self, order: Order, now: Timestamp) -> Reply {
        let Order { hand_off, url, body, digest, signature } = order;
        let reference = hand_off.reference;
        let request = Outgoing::post(url, "application/json", Bytes::from_owner(body))
            .header("idempotency-key", reference.to_string())
            .header("content-digest", digest);
        match self.client.send(signature.onto(request).alone()).await {
            Ok(given) => answer::read(self, &hand_off, &given, now),
            Err(NoAnswer::NotSent) => {
                tracing::error!(event = "order_not_sent", %reference, reason = "unreachable");
                Reply::NotSent("unreachable")
            }
            Err(why @ (NoAnswer::Lost | NoAnswer::TooLong)) => {
                tracing::error!(event = "order_in_doubt", %reference, reason = %why);
                Reply::Lost("in_doubt")
            }
        }
    }
}

#[cfg(test)]
mod tests;
