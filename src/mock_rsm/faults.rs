//! Scripted trouble: what goes wrong the next few times, on top of what a test card does.

mod often;
mod word;

use often::Often;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A handle on the script; every clone writes the same one.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    once: VecDeque<Fault>,
    often: Vec<Often>,
}

/// Something that goes wrong once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// With the next webhook.
    Webhook(WebhookFault),
    /// With the next well-signed enquiry.
    Enquiry(EnquiryFault),
    /// With the spelling of the next call-back's signature (`rsm2000`); the faults of webhooks are
    /// those of call-backs too.
    Seal(SealFault),
    /// With the next well-signed payment or mandate by API.
    Call(CallFault),
    /// With the next request to DDCM.
    Ddcm(DdcmFault),
    /// The next hand-off or hosted page answers 503 and records nothing.
    HostedPageDown,
}

/// What goes wrong with a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookFault {
    /// It is never sent.
    Drop,
    /// It is sent this much later.
    Delay(Duration),
    /// It is sent twice with the same id.
    Duplicate,
    /// It names one pound (100 minor units) too much.
    WrongAmount,
    /// Its signature is of other bytes.
    BadSignature,
}

/// What goes wrong with an enquiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnquiryFault {
    /// Answers 500.
    Error,
    /// Answers this much later.
    Slow(Duration),
    /// Answers 200 with a page that is no JSON.
    Garbage,
    /// Answers about another reference.
    OtherReference,
    /// Answers 404, as if it had never heard of the reference.
    Unknown,
    /// Answers `pending`, whatever is known.
    Pending,
    /// Answers 503 and asks for patience by `Retry-After`.
    Busy,
    /// The connection is cut.
    Lost,
}

/// What goes wrong with a payment or a mandate by API (`signed`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallFault {
    /// The connection is cut and nothing is done.
    LostRequest,
    /// It waits this long, then does it and answers.
    Late(Duration),
    /// Answers with this status and the documented word for "nothing was done".
    NotProcessed(u16),
    /// Answers with this status and no word of the agreement; nothing is done.
    Status(u16),
    /// Answers 200 with a page of HTML; nothing is done.
    Html,
    /// Answers 307 to another place; nothing is done.
    Redirect,
    /// Answers 409 `reference_used`; nothing is done.
    ReferenceUsed,
    /// Declines, whatever the card.
    Decline,
    /// Done, and the connection is cut before a byte of the answer.
    LostReply,
    /// Done, and answered this much later.
    Slow(Duration),
    /// Done; half of the answer comes, then the connection is cut.
    Truncated,
    /// Done; the answer comes a byte at a time, with this wait between.
    Dripping(Duration),
    /// Done; the answer is about another reference.
    OtherReference,
    /// Done; the answer names one pound too much.
    OtherAmount,
    /// Done; the answer names another currency.
    OtherCurrency,
    /// Done; the answer is no JSON.
    Malformed,
    /// Done; the answer is 100 MB long.
    Huge,
    /// Done; answered 500.
    Error,
    /// Done; the webhook is delivered before the answer.
    WebhookFirst,
    /// Done; the webhook comes twice beside the answer.
    Twice,
}

/// How the signature of a call-back is spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealFault {
    /// In capital hexadecimal digits.
    UpperCase,
    /// The parameter stands twice.
    Doubled,
    /// One digit short.
    Truncated,
}

/// What goes wrong with a request to DDCM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DdcmFault {
    /// It is carried out and answered this much later.
    Slow(Duration),
    /// It is carried out, and the connection is cut before a byte of the reply.
    LostReply,
    /// The connection is cut and nothing is carried out.
    LostRequest,
    /// It is carried out; the reply ends after `SUCCESS` or `FAIL`.
    Truncated,
    /// It is carried out; the reply is about other references, rightly signed.
    OtherReference,
    /// It is carried out; the reply's signature is made with another password.
    WrongSignature,
    /// It is carried out; the reply is in UTF-16 whatever it says of itself.
    OtherCharset,
    /// It is carried out; the reply begins with entities that multiply.
    DoctypeBomb,
    /// Answers 200 with a page of HTML, and nothing is carried out.
    Html,
    /// Answers 500 with RSM's 1003, and nothing is carried out.
    ServerError,
    /// It is carried out; the reply is 100 MB long.
    Huge,
    /// It is carried out; the reply comes a byte at a time, with this wait between.
    Dripping(Duration),
}

/// What goes wrong with a call-back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallBackFault {
    Webhook(WebhookFault),
    Seal(SealFault),
}

/// The most faults in the script.
const MOST_FAULTS: usize = 10_000;

impl Faults {
    /// Adds a fault `times` times at the end of the script; what is over 10,000 is left out.
    pub fn script(&self, fault: Fault, times: usize) {
        let mut script = self.open();
        let room = MOST_FAULTS.saturating_sub(script.once.len());
        script.once.extend(std::iter::repeat_n(fault, times.min(room)));
    }

    /// Has a fault come about `percent` times of a hundred from now on, wherever the script says
    /// nothing. Which times is decided by the seed.
    pub fn come_about(&self, fault: Fault, percent: u8, seed: u64) {
        self.open().often.push(Often::new(fault, percent, seed));
    }

    /// Forgets the script.
    pub fn clear(&self) {
        *self.open() = Script::default();
    }

    /// What is still to go wrong, beside what may come about.
    #[must_use]
    pub fn left(&self) -> usize {
        self.open().once.len()
    }

    pub(super) fn waiting(&self) -> Vec<Fault> {
        self.open().once.iter().copied().collect()
    }

    fn open(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn next_of_webhook(&self) -> Option<WebhookFault> {
        self.take(|fault| match fault {
            Fault::Webhook(fault) => Some(fault),
            Fault::Enquiry(_)
            | Fault::Seal(_)
            | Fault::Call(_)
            | Fault::Ddcm(_)
            | Fault::HostedPageDown => None,
        })
    }

    pub(super) fn next_of_call_back(&self) -> Option<CallBackFault> {
        self.take(|fault| match fault {
            Fault::Webhook(fault) => Some(CallBackFault::Webhook(fault)),
            Fault::Seal(fault) => Some(CallBackFault::Seal(fault)),
            Fault::Enquiry(_) | Fault::Call(_) | Fault::Ddcm(_) | Fault::HostedPageDown => None,
        })
    }

    pub(super) fn next_of_ddcm(&self) -> Option<DdcmFault> {
        self.take(|fault| match fault {
            Fault::Ddcm(fault) => Some(fault),
            Fault::Webhook(_)
            | Fault::Enquiry(_)
            | Fault::Seal(_)
            | Fault::Call(_)
            | Fault::HostedPageDown => None,
        })
    }

    pub(super) fn next_of_enquiry(&self) -> Option<EnquiryFault> {
        self.take(|fault| match fault {
            Fault::Enquiry(fault) => Some(fault),
            Fault::Webhook(_)
            | Fault::Seal(_)
            | Fault::Call(_)
            | Fault::Ddcm(_)
            | Fault::HostedPageDown => None,
        })
    }

    pub(super) fn next_of_call(&self) -> Option<CallFault> {
        self.take(|fault| match fault {
            Fault::Call(fault) => Some(fault),
            Fault::Webhook(_)
            | Fault::Seal(_)
            | Fault::Ddcm(_)
            | Fault::Enquiry(_)
            | Fault::HostedPageDown => None,
        })
    }

    pub(super) fn hosted_page_is_down(&self) -> bool {
        self.take(|fault| (fault == Fault::HostedPageDown).then_some(())).is_some()
    }

    fn take<T>(&self, wanted: impl Fn(Fault) -> Option<T>) -> Option<T> {
        let mut script = self.open();
        let scripted = script.once.iter().position(|fault| wanted(*fault).is_some());
        if let Some(place) = scripted {
            return script.once.remove(place).and_then(wanted);
        }
        let often = script.often.iter_mut();
        often
            .filter_map(|often| Some((wanted(often.fault)?, often)))
            .find_map(|(found, often)| often.comes_about().then_some(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_takes_its_own_faults_in_order() {
        let faults = Faults::default();
        faults.script(Fault::HostedPageDown, 1);
        faults.script(Fault::Webhook(WebhookFault::Drop), 2);
        faults.script(Fault::Enquiry(EnquiryFault::Garbage), 1);
        faults.script(Fault::Webhook(WebhookFault::Duplicate), 1);
        assert_eq!(faults.next_of_enquiry(), Some(EnquiryFault::Garbage));
        let told: Vec<_> = std::iter::from_fn(|| faults.next_of_webhook()).collect();
        assert_eq!(told, [WebhookFault::Drop, WebhookFault::Drop, WebhookFault::Duplicate]);
        assert_eq!(faults.left(), 1);
        faults.clear();
        assert!(!faults.hosted_page_is_down());
    }
}
