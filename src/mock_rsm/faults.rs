//! Scripted trouble: what goes wrong the next few times, on top of what a test card does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A handle on the script; every clone writes the same one.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<VecDeque<Fault>>>);

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
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST_FAULTS.saturating_sub(faults.len());
        faults.extend(std::iter::repeat_n(fault, times.min(room)));
    }

    /// Forgets the script.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What is still to go wrong.
    #[must_use]
    pub fn left(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(super) fn next_of_webhook(&self) -> Option<WebhookFault> {
        self.take(|fault| match fault {
            Fault::Webhook(fault) => Some(fault),
            Fault::Enquiry(_) | Fault::Seal(_) | Fault::Ddcm(_) | Fault::HostedPageDown => None,
        })
    }

    pub(super) fn next_of_call_back(&self) -> Option<CallBackFault> {
        self.take(|fault| match fault {
            Fault::Webhook(fault) => Some(CallBackFault::Webhook(fault)),
            Fault::Seal(fault) => Some(CallBackFault::Seal(fault)),
            Fault::Enquiry(_) | Fault::Ddcm(_) | Fault::HostedPageDown => None,
        })
    }

    pub(super) fn next_of_ddcm(&self) -> Option<DdcmFault> {
        self.take(|fault| match fault {
            Fault::Ddcm(fault) => Some(fault),
            Fault::Webhook(_) | Fault::Enquiry(_) | Fault::Seal(_) | Fault::HostedPageDown => None,
        })
    }

    pub(super) fn next_of_enquiry(&self) -> Option<EnquiryFault> {
        self.take(|fault| match fault {
            Fault::Enquiry(fault) => Some(fault),
            Fault::Webhook(_) | Fault::Seal(_) | Fault::Ddcm(_) | Fault::HostedPageDown => None,
        })
    }

    pub(super) fn hosted_page_is_down(&self) -> bool {
        self.take(|fault| (fault == Fault::HostedPageDown).then_some(())).is_some()
    }

    fn take<T>(&self, wanted: impl Fn(Fault) -> Option<T>) -> Option<T> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (place, found) =
            faults.iter().enumerate().find_map(|(place, fault)| Some((place, wanted(*fault)?)))?;
        faults.remove(place);
        Some(found)
    }
}

impl Fault {
    /// The fault of the control API's word; `delay` is for those that wait.
    pub(super) fn from_word(word: &str, delay: Duration) -> Option<Self> {
        Some(match word {
            "drop_webhook" => Self::Webhook(WebhookFault::Drop),
            "delay_webhook" => Self::Webhook(WebhookFault::Delay(delay)),
            "duplicate_webhook" => Self::Webhook(WebhookFault::Duplicate),
            "wrong_amount" => Self::Webhook(WebhookFault::WrongAmount),
            "bad_signature" => Self::Webhook(WebhookFault::BadSignature),
            "enquiry_error" => Self::Enquiry(EnquiryFault::Error),
            "enquiry_slow" => Self::Enquiry(EnquiryFault::Slow(delay)),
            "enquiry_garbage" => Self::Enquiry(EnquiryFault::Garbage),
            "enquiry_other_reference" => Self::Enquiry(EnquiryFault::OtherReference),
            "upper_case_signature" => Self::Seal(SealFault::UpperCase),
            "doubled_signature" => Self::Seal(SealFault::Doubled),
            "truncated_signature" => Self::Seal(SealFault::Truncated),
            "ddcm_slow" => Self::Ddcm(DdcmFault::Slow(delay)),
            "ddcm_lost_reply" => Self::Ddcm(DdcmFault::LostReply),
            "ddcm_lost_request" => Self::Ddcm(DdcmFault::LostRequest),
            "ddcm_truncated" => Self::Ddcm(DdcmFault::Truncated),
            "ddcm_other_reference" => Self::Ddcm(DdcmFault::OtherReference),
            "ddcm_wrong_signature" => Self::Ddcm(DdcmFault::WrongSignature),
            "ddcm_other_charset" => Self::Ddcm(DdcmFault::OtherCharset),
            "ddcm_doctype_bomb" => Self::Ddcm(DdcmFault::DoctypeBomb),
            "ddcm_html" => Self::Ddcm(DdcmFault::Html),
            "ddcm_server_error" => Self::Ddcm(DdcmFault::ServerError),
            "ddcm_huge" => Self::Ddcm(DdcmFault::Huge),
            "ddcm_dripping" => Self::Ddcm(DdcmFault::Dripping(delay)),
            "hosted_page_down" => Self::HostedPageDown,
            _unknown => return None,
        })
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
