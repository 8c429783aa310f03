//! The hosted pages that are open, each under an address nobody can guess, and the signatures that
//! were let in.

use crate::payment::{Asked, Reference};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use url::Url;

/// One supporter's visit.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) reference: Reference,
    pub(super) asked: Asked,
    pub(super) return_url: Url,
    pub(super) opened_at: Timestamp,
    pub(super) step: Step,
    /// The code of the last decline, shown on the page.
    pub(super) declined: Option<&'static str>,
    /// Whether it was asked for by a call, so that only the page of the bank is shown here.
    pub(super) by_call: bool,
}

/// Where the visit has got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The form is shown.
    Open,
    /// The supporter's bank is asking.
    Challenged,
    Paid,
    Cancelled,
    /// The supporter's bank refused what was asked for by a call.
    Refused,
}

impl Session {
    pub(super) const fn new(
        reference: Reference,
        asked: Asked,
        return_url: Url,
        opened_at: Timestamp,
    ) -> Self {
        let step = Step::Open;
        Self { reference, asked, return_url, opened_at, step, declined: None, by_call: false }
    }

    /// Whether it was left alone too long to be paid.
    pub(super) fn has_lapsed(&self, now: Timestamp, lifetime: SignedDuration) -> bool {
        now.duration_since(self.opened_at) >= lifetime
    }
}

/// Every session and every signature that could still be replayed.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: Mutex<HashMap<String, Session>>,
    seen: Mutex<HashMap<[u8; 32], Timestamp>>,
}

impl Sessions {
    /// Whether the signature is new; from now on it is not. Those made before `forget_before` would
    /// be refused as stale and are forgotten.
    pub(super) fn let_in(
        &self,
        signature: [u8; 32],
        signed_at: Timestamp,
        forget_before: Timestamp,
    ) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, made_at| *made_at >= forget_before);
        seen.insert(signature, signed_at).is_none()
    }

    /// Opens a page; those opened before `forget_before` are forgotten.
    pub(super) fn open(&self, token: String, session: Session, forget_before: Timestamp) {
        let mut sessions = self.sessions();
        sessions.retain(|_, known| known.opened_at >= forget_before);
        sessions.insert(token, session);
    }

    pub(super) fn find(&self, token: &str) -> Option<Session> {
        self.sessions().get(token).cloned()
    }

    /// Moves on to `step`.
    pub(super) fn advance(&self, token: &str, step: Step) {
        if let Some(session) = self.sessions().get_mut(token) {
            session.step = step;
        }
    }

    /// Shows the form again, with a decline.
    pub(super) fn decline(&self, token: &str, code: &'static str) {
        if let Some(session) = self.sessions().get_mut(token) {
            session.step = Step::Open;
            session.declined = Some(code);
        }
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_let_in_once_and_forgotten_when_stale() {
        let sessions = Sessions::default();
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        assert!(sessions.let_in([1; 32], at(1000), at(100)));
        assert!(!sessions.let_in([1; 32], at(1000), at(999)));
        assert!(sessions.let_in([2; 32], at(1500), at(1001)));
        assert_eq!(sessions.seen.lock().unwrap().len(), 1);
    }
}
