//! How a payment begins: checked against what the charity offers, written down, then handed over.

use crate::clock::{Clock, london};
use crate::ledger::{Ledger, LedgerError, Opening};
#[cfg(feature = "card-api")]
use crate::payment::Card;
use crate::payment::{Asked, Bank, Contact, FieldError, Method, Reference, State};
use crate::processor::{Debit, Heartbeat, Instruction, Processor};
use crate::shield::Declines;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;
use url::Url;

pub mod breaker;
mod call;
mod debit;
mod leave;
pub mod offer;
pub mod token;
mod told;
mod traced;
mod unwritten;

pub use crate::ledger::{Entry, HandOff, IdempotencyKey};
pub use crate::processor::{Redirect, SelfService, Way};
pub use crate::shield::{Gate, Paused};
pub use breaker::{Breaker, BreakerTerms, TurnedAway};
pub use debit::DebitTerms;
pub use offer::{Offer, Wish};
pub use token::Tokens;
pub use told::Told;
pub use unwritten::Unwritten;

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
    /// The terms of Direct Debits that are set up here; none where the processor's page does it.
    pub debit: Option<DebitTerms>,
    /// How long a call to the processor can take.
    pub call_timeout: SignedDuration,
    /// How long a supporter waits for it; after that the page says that it is being confirmed.
    pub patience: Duration,
    /// Whether calls may be begun.
    pub breaker: Breaker,
    /// Whether cards may be handed over.
    pub declines: Declines,
    /// What shutdown waits for: a supporter may leave, a payment may not.
    pub tasks: TaskTracker,
    /// Answers that could not be written down at once.
    pub unwritten: Unwritten,
    /// Who was told that it is in doubt.
    pub told: Told,
}

/// One request to hand over.
pub struct Request {
    /// The reference that a form's token was made for; a new one is made without.
    pub reference: Option<Reference>,
    /// What is kept.
    pub asked: Asked,
    /// What is passed on and forgotten.
    pub contact: Contact,
    /// What is paid with, where we call the processor ourselves.
    pub means: Option<Means>,
    /// Where the charity wants the supporter back; our own page without.
    pub return_url: Option<String>,
    /// The API caller's key.
    pub key: Option<IdempotencyKey>,
    /// Where it comes in.
    pub gate: Gate,
}

/// What is paid with, where it is typed on a page of ours.
#[derive(Debug)]
pub enum Means {
    /// An account.
    Account(Account),
    /// A card.
    #[cfg(feature = "card-api")]
    Card(Card),
}

/// The account to debit, and when for the first time.
#[derive(Debug)]
pub struct Account {
    /// The account.
    pub bank: Bank,
    /// The day chosen, `YYYY-MM-DD`; empty for the soonest.
    pub start: String,
}

/// It is on disk.
pub struct HandedOver {
    /// The hand-off and where it stands: a repeat may be concluded already.
    pub entry: Entry,
    /// What the browser is to post; none where the processor was called.
    pub redirect: Option<Redirect>,
    /// Where the supporter's bank wants to meet them first (3-D Secure): on the processor's own pages.
    pub challenge: Option<Url>,
    /// What the processor would not take of it.
    pub refused: Vec<FieldError>,
    /// Whether this is the first answer over again.
    pub repeated: bool,
}

/// Why nothing was handed over. Nothing was sent by this request.
#[derive(Debug, thiserror::Error)]
pub enum NotHandedOver {
    /// The token or key was used for something else.
    #[error("the token or key was used for another request")]
    Conflicting,
    /// The first of the same requests is still under way: what comes of it is not known yet.
    #[error("the same request is still under way")]
    UnderWay(Reference),
    /// Fields are missing, or the processor would not take them.
    #[error("the processor would not take it")]
    Unfit(Vec<FieldError>),
    /// No call may be begun just now.
    #[error(transparent)]
    TurnedAway(#[from] TurnedAway),
    /// Cards are not handed over just now where this one comes in.
    #[error(transparent)]
    Paused(#[from] Paused),
    /// It could not be written down.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl HandOffs {
    /// Asks a processor that failed whether it is well again, by a question that concerns nobody.
    pub async fn try_again(&self) {
        // One that asked to be left alone for a while is.
        if !self.breaker.is_due(self.clock.now()) || self.processor.wait().is_some() {
            return;
        }
        let said = self.processor.heartbeat(self.clock.now()).await;
        if matches!(said, Heartbeat::Well { .. }) {
            self.breaker.is_well();
        } else {
            self.breaker.is_unwell(self.clock.now());
        }
    }

    /// When calls may be begun again, where none are begun now: by the breaker, and by what the
    /// processor asked for.
    #[must_use]
    pub fn retry_after(&self) -> Option<SignedDuration> {
        let wait = self.breaker.wait(self.clock.now())?;
        Some(self.processor.wait().map_or(wait, |asked| asked.max(wait)))
    }

    /// How a method is handed over.
    #[must_use]
    pub fn way(&self, method: Method) -> Way {
        self.processor.way(method)
    }

    /// The origin at which the supporter's bank may want to meet them, where cards are taken here.
    #[must_use]
    pub fn challenge_origin(&self) -> Option<String> {
        self.processor.challenge_origin()
    }

    async fn hand(&self, request: Request) -> Result<HandedOver, NotHandedOver> {
        match self.way(request.asked.method) {
            Way::Hosted => self.send_there(request).await,
            Way::Api => self.call(request).await,
        }
    }

    /// Makes the form. A repeat gets the same reference: by an API key with the first answer's time,
    /// so that the answer is the same; by a form with the time of now, so that a supporter who went
    /// back can go on.
    async fn send_there(&self, request: Request) -> Result<HandedOver, NotHandedOver> {
        let now = self.clock.now();
        let Request { reference, asked, contact, return_url, key, gate, means: _ } = request;
        let reference = reference.unwrap_or_else(|| Reference::at(now));
        let hand_off = HandOff { reference, opened_at: now, opened_as: State::HandedOff, asked };
        let redirect = |hand_off: &HandOff, at| {
            let back = return_url.clone().unwrap_or_else(|| self.return_url(hand_off.reference));
            self.processor.redirect(hand_off, &contact, &back, at).map_err(NotHandedOver::Unfit)
        };
        // What the processor would not take is not written down either.
        let prepared = redirect(&hand_off, now)?;
        self.leave_to_go(&hand_off, &gate, key).await?;
        let due_at = now.saturating_add(self.overdue_after).unwrap_or(now);
        let opening = self.ledger.open(hand_off, key, due_at).await?;
        let (entry, repeated) = opened(opening)?;
        let hand_off = &entry.hand_off;
        let redirect = match (repeated, key) {
            (false, _) => prepared,
            (true, Some(_)) => redirect(hand_off, hand_off.opened_at)?,
            (true, None) => redirect(hand_off, now)?,
        };
        let redirect = Some(redirect);
        Ok(HandedOver { entry, redirect, challenge: None, refused: Vec::new(), repeated })
    }

    /// What is paid with as an instruction, or everything that is wrong with it.
    fn instruction(
        &self,
        method: Method,
        means: Option<Means>,
    ) -> Result<Instruction, Vec<FieldError>> {
        match (method, means) {
            (Method::DirectDebit, Some(Means::Account(account))) => {
                self.debit(account).map(Instruction::Debit)
            }
            #[cfg(feature = "card-api")]
            (Method::Card, Some(Means::Card(card))) => Ok(Instruction::Card(card)),
            (Method::DirectDebit, _) => Err(vec![
                missing("account_name", "Enter the name on the account"),
                missing("sort_code", "Enter the sort code"),
                missing("account_number", "Enter the account number"),
            ]),
            (Method::Card, _) => Err(vec![missing("method", "Choose another way to pay")]),
        }
    }

    fn debit(&self, Account { bank, start }: Account) -> Result<Debit, Vec<FieldError>> {
        let Some(terms) = &self.debit else {
            return Err(vec![missing("method", "Choose another way to pay")]);
        };
        let start = terms.start(&start, london::date(self.clock.now()));
        match (terms.check(&bank), start) {
            (Ok(()), Ok(start)) => Ok(Debit { bank, start }),
            (bank, start) => Err(bank.err().into_iter().chain(start.err()).collect()),
        }
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

/// The entry, and whether it was there before.
fn opened(opening: Opening) -> Result<(Entry, bool), NotHandedOver> {
    let (entry, repeated) = match opening {
        Opening::Opened(entry) => (entry, false),
        Opening::Repeated(entry) => (entry, true),
        Opening::Conflicting => return Err(NotHandedOver::Conflicting),
    };
    let asked = &entry.hand_off.asked;
    tracing::info!(event = "handed_off", audit = true, reference = %entry.hand_off.reference, kind = asked.kind.word(), method = asked.method.word(), repeated);
    Ok((entry, repeated))
}

const fn missing(field: &'static str, advice: &'static str) -> FieldError {
    FieldError { field, reason: "required", advice }
}
