//! How a payment begins: checked against what the charity offers, written down, then handed over.

use crate::clock::Clock;
use crate::ledger::{HandOff, Ledger, LedgerError, Opening};
use crate::payment::{Asked, Contact, FieldError, Reference, State};
use crate::processor::Processor;
use jiff::SignedDuration;
use std::sync::Arc;

pub mod offer;
pub mod token;

pub use crate::ledger::{Entry, IdempotencyKey};
pub use crate::processor::Redirect;
pub use offer::{Offer, Wish};
pub use token::Tokens;

/// Everything a hand-off needs.
pub struct HandOffs {
    /// Where it is written down.
    pub ledger: Arc<dyn Ledger>,
    /// Whom it goes to.
    pub processor: Arc<Processor>,
    /// What time it is.
    pub clock: Clock,
    /// Makes the link the supporter comes back by.
    pub tokens: Arc<Tokens>,
    /// `https://host[:port]` of the public listener.
    pub origin: String,
    /// After how long without an outcome a hand-off is overdue.
    pub overdue_after: SignedDuration,
}

/// One request to hand over.
pub struct Request {
    /// The reference that a form's token was made for; a new one is made without.
    pub reference: Option<Reference>,
    /// What is kept.
    pub asked: Asked,
    /// What is passed on and forgotten.
    pub contact: Contact,
    /// Where the charity wants the supporter back; our own page without.
    pub return_url: Option<String>,
    /// The API caller's key.
    pub key: Option<IdempotencyKey>,
}

/// It is on disk, and this is what the browser is to post.
pub struct HandedOver {
    /// The hand-off and where it stands: a repeat may be concluded already.
    pub entry: Entry,
    /// The form for the processor.
    pub redirect: Redirect,
    /// Whether this is the first answer over again.
    pub repeated: bool,
}

/// Why nothing was handed over. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum NotHandedOver {
    /// The token or key was used for something else.
    #[error("the token or key was used for another request")]
    Conflicting,
    /// The processor would not take these fields.
    #[error("the processor would not take it")]
    Unfit(Vec<FieldError>),
    /// It could not be written down.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl HandOffs {
    /// Writes the hand-off down, then makes the signed form. A repeat gets the same reference: by an
    /// API key with the first answer's time, so that the answer is the same; by a form with the time
    /// of now, so that a supporter who went back can go on.
    pub async fn hand_over(&self, request: Request) -> Result<HandedOver, NotHandedOver> {
        let now = self.clock.now();
        let hand_off = HandOff {
            reference: request.reference.unwrap_or_else(|| Reference::at(now)),
            opened_at: now,
            opened_as: State::HandedOff,
            asked: request.asked,
        };
        let contact = &request.contact;
        let return_url = request.return_url.unwrap_or_else(|| self.return_url(hand_off.reference));
        let redirect = |hand_off: &HandOff, at| {
            self.processor
                .redirect(hand_off, contact, &return_url, at)
                .map_err(NotHandedOver::Unfit)
        };
        // What the processor would not take is not written down either.
        let prepared = redirect(&hand_off, now)?;
        let due_at = now.saturating_add(self.overdue_after).unwrap_or(now);
        let (entry, repeated) = match self.ledger.open(hand_off, request.key, due_at).await? {
            Opening::Opened(entry) => (entry, false),
            Opening::Repeated(entry) => (entry, true),
            Opening::Conflicting => return Err(NotHandedOver::Conflicting),
        };
        let hand_off = &entry.hand_off;
        let asked = &hand_off.asked;
        tracing::info!(event = "handed_off", reference = %hand_off.reference, kind = asked.kind.word(), method = asked.method.word(), repeated);
        let redirect = match (repeated, request.key) {
            (false, _) => prepared,
            (true, Some(_)) => redirect(hand_off, hand_off.opened_at)?,
            (true, None) => redirect(hand_off, now)?,
        };
        Ok(HandedOver { entry, redirect, repeated })
    }

    /// The hand-off of a reference. Sees every write that was answered before.
    pub async fn find(&self, reference: Reference) -> Result<Option<Entry>, LedgerError> {
        self.ledger.find(reference).await
    }

    /// The page where the supporter learns the truth.
    #[must_use]
    pub fn return_url(&self, reference: Reference) -> String {
        format!("{}{}", self.origin, self.return_path(reference))
    }

    /// The same without the origin.
    #[must_use]
    pub fn return_path(&self, reference: Reference) -> String {
        format!("/return/{}", self.tokens.for_return(reference))
    }
}
