//! The mock's own record of what was asked, tried, charged and told: what tests assert on.

use super::notice::Notice;
use crate::payment::{Asked, Outcome, Private, Reference};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A handle on the books; every clone shows the same ones.
#[derive(Clone, Debug)]
pub struct Books(Arc<Mutex<Pages>>);

/// One reference: what was asked for and every attempt to pay it.
#[derive(Clone, Debug)]
pub struct Payment {
    /// The hand-off's reference.
    pub reference: Reference,
    /// What was asked for.
    pub asked: Asked,
    /// When the first hand-off came.
    pub opened_at: Timestamp,
    /// When the supporter gave up before any attempt.
    pub cancelled_at: Option<Timestamp>,
    /// Every attempt, in order.
    pub attempts: Vec<Attempt>,
}

/// One attempt to pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// When it was decided.
    pub at: Timestamp,
    /// What became of it.
    pub verdict: Verdict,
    /// The id the processor gave it.
    pub processor_reference: String,
    /// The result code.
    pub code: &'static str,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Charged, or the mandate lodged.
    Taken,
    /// Declined.
    Declined,
    /// Refused because the reference was paid already; nothing was charged.
    Refused,
}

/// One attempt to deliver a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The same for every attempt at the same message.
    pub webhook_id: String,
    /// The reference the message is about.
    pub reference: String,
    /// The state it tells.
    pub state: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The receiver's HTTP status; none where no answer came in time.
    pub status: Option<u16>,
}

/// What an attempt is to end in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trial {
    Take,
    Decline(&'static str),
}

/// Why a hand-off is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unopened {
    AlreadyPaid,
    /// The same reference with another amount, frequency and so on.
    Different,
    Full,
}

/// A mock is restarted long before this.
const MOST_PAYMENTS: usize = 100_000;

#[derive(Debug)]
struct Pages {
    entries: BTreeMap<Reference, Entry>,
    /// By what each message is about.
    deliveries: HashMap<String, Vec<Delivery>>,
    /// How often each reference came by API.
    calls: BTreeMap<Reference, usize>,
    /// Before the colon of every processor reference: tells one run of the mock from another.
    run: i64,
    given: u64,
}

#[derive(Debug)]
struct Entry {
    payment: Payment,
    contact: Vec<(&'static str, Private)>,
}

impl Books {
    pub(super) fn new(started_at: Timestamp) -> Self {
        let run = started_at.as_second();
        Self(Arc::new(Mutex::new(Pages {
            entries: BTreeMap::new(),
            deliveries: HashMap::new(),
            calls: BTreeMap::new(),
            run,
            given: 0,
        })))
    }

    /// How often the reference was charged: never more than once, unless the mock is wrong.
    #[must_use]
    pub fn charges(&self, reference: &Reference) -> usize {
        self.payment(reference).map_or(0, |payment| payment.charges())
    }

    /// Every attempt to pay the reference, refused ones too.
    #[must_use]
    pub fn attempts(&self, reference: &Reference) -> Vec<Attempt> {
        self.payment(reference).map(|payment| payment.attempts).unwrap_or_default()
    }

    /// What is known of a reference.
    #[must_use]
    pub fn payment(&self, reference: &Reference) -> Option<Payment> {
        self.open_book().entries.get(reference).map(|entry| entry.payment.clone())
    }

    /// Every reference handed over, oldest first.
    #[must_use]
    pub fn payments(&self) -> Vec<Payment> {
        self.open_book().entries.values().map(|entry| entry.payment.clone()).collect()
    }

    /// Every attempt to deliver a webhook about the reference, in the order of their ends.
    #[must_use]
    pub fn deliveries(&self, reference: &Reference) -> Vec<Delivery> {
        let reference = reference.to_string();
        self.open_book().deliveries.get(&reference).cloned().unwrap_or_default()
    }

    /// How often each reference came by API in a call that was rightly signed, oldest first: lost
    /// requests, refused ones and repeats too.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<Reference, usize> {
        self.open_book().calls.clone()
    }

    /// Whether the hand-off brought exactly this value of a contact field. There is no way to read it.
    #[must_use]
    pub fn contact_is(&self, reference: &Reference, field: &str, value: &str) -> bool {
        self.open_book().entries.get(reference).is_some_and(|entry| {
            entry.contact.iter().any(|(name, held)| *name == field && held.reveal() == value)
        })
    }

    pub(super) fn open(
        &self,
        payment: Payment,
        contact: Vec<(&'static str, Private)>,
    ) -> Result<(), Unopened> {
        let mut pages = self.open_book();
        if let Some(known) = pages.entries.get(&payment.reference) {
            return if known.payment.is_paid() {
                Err(Unopened::AlreadyPaid)
            } else if known.payment.asked == payment.asked {
                Ok(())
            } else {
                Err(Unopened::Different)
            };
        }
        if pages.entries.len() >= MOST_PAYMENTS {
            return Err(Unopened::Full);
        }
        pages.entries.insert(payment.reference, Entry { payment, contact });
        Ok(())
    }

    /// Records an attempt and says what there is to tell; `None` where the reference is paid
    /// already, so that nothing is taken twice.
    pub(super) fn attempt(
        &self,
        reference: &Reference,
        trial: Trial,
        at: Timestamp,
    ) -> Option<Notice> {
        let mut pages = self.open_book();
        pages.given = pages.given.saturating_add(1);
        let processor_reference = format!("T{}:{}", pages.run, pages.given);
        let payment = &mut pages.entries.get_mut(reference)?.payment;
        let (verdict, code) = match trial {
            Trial::Take | Trial::Decline(_) if payment.is_paid() => {
                (Verdict::Refused, "already_paid")
            }
            Trial::Take => (Verdict::Taken, "approved"),
            Trial::Decline(code) => (Verdict::Declined, code),
        };
        let attempt = Attempt { at, verdict, processor_reference, code };
        payment.attempts.push(attempt.clone());
        payment.told(&attempt)
    }

    /// Records that the supporter gave up; `None` where something stronger is known already.
    pub(super) fn cancel(&self, reference: &Reference, at: Timestamp) -> Option<Notice> {
        let mut pages = self.open_book();
        let payment = &mut pages.entries.get_mut(reference)?.payment;
        let silent = payment.attempts.is_empty() && payment.cancelled_at.is_none();
        silent.then(|| payment.cancelled_at = Some(at))?;
        Some(payment.notice(Outcome::Cancelled.word(), at))
    }

    pub(super) fn record(&self, delivery: Delivery) {
        let mut pages = self.open_book();
        pages.deliveries.entry(delivery.reference.clone()).or_default().push(delivery);
    }

    pub(super) fn called(&self, reference: Reference) {
        let mut pages = self.open_book();
        let calls = pages.calls.entry(reference).or_default();
        *calls = calls.saturating_add(1);
    }

    fn open_book(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Payment {
    /// Whether an attempt was taken.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        self.charges() > 0
    }

    /// How often it was charged: never more than once, unless the mock is wrong.
    #[must_use]
    pub fn charges(&self) -> usize {
        self.attempts.iter().filter(|attempt| attempt.verdict == Verdict::Taken).count()
    }

    /// The strongest fact known at `now`, as an enquiry is answered. A page left alone for
    /// `lifetime` has lapsed.
    pub(super) fn standing(&self, now: Timestamp, lifetime: SignedDuration) -> Notice {
        let decided =
            |verdict| self.attempts.iter().rev().find(move |attempt| attempt.verdict == verdict);
        let strongest = decided(Verdict::Taken).or_else(|| decided(Verdict::Declined));
        strongest.and_then(|attempt| self.told(attempt)).unwrap_or_else(|| {
            let lapses_at = self.opened_at.saturating_add(lifetime).unwrap_or(Timestamp::MAX);
            match self.cancelled_at {
                Some(at) => self.notice(Outcome::Cancelled.word(), at),
                None if now >= lapses_at => self.notice(Outcome::Lapsed.word(), lapses_at),
                None => self.notice("pending", self.opened_at),
            }
        })
    }

    /// What an attempt tells the merchant; a refused one nothing.
    fn told(&self, attempt: &Attempt) -> Option<Notice> {
        let outcome = match attempt.verdict {
            Verdict::Taken => Outcome::Accepted,
            Verdict::Declined => Outcome::Declined,
            Verdict::Refused => return None,
        };
        Some(Notice {
            processor_reference: Some(attempt.processor_reference.clone()),
            code: Some(attempt.code.to_owned()),
            ..self.notice(outcome.word(), attempt.at)
        })
    }

    fn notice(&self, state: &str, at: Timestamp) -> Notice {
        Notice::new(&self.reference, state, self.asked.amount, at)
    }
}
