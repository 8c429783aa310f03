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
            Fault::Enquiry(_) | Fault::HostedPageDown => None,
        })
    }

    pub(super) fn next_of_enquiry(&self) -> Option<EnquiryFault> {
        self.take(|fault| match fault {
            Fault::Enquiry(fault) => Some(fault),
            Fault::Webhook(_) | Fault::HostedPageDown => None,
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
    /// The fault of the control API's word; `delay` is for the two that wait.
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
