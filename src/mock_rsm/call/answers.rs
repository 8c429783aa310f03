//! What calls were answered: a repeat gets the first answer again, and nothing is taken twice.

use super::Told;
use crate::mock_rsm::sessions::Session;
use crate::payment::{Asked, Reference};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use url::Url;

/// Every call, by its reference.
#[derive(Debug, Default)]
pub(in crate::mock_rsm) struct Answers(Mutex<HashMap<Reference, Answer>>);

#[derive(Debug)]
struct Answer {
    asked: Asked,
    return_url: Url,
    told: Option<Told>,
}

/// What is known of a call that comes in.
pub(super) enum Before {
    /// It is the first of its reference; from now on it is under way.
    New,
    /// It was answered so.
    Answered(Box<Told>),
    /// It has not been answered yet.
    UnderWay,
    /// The reference stands for something else.
    Other,
}

impl Answers {
    pub(super) fn begin(&self, session: &Session) -> Before {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = answers.get(&session.reference) {
            let same = known.asked == session.asked && known.return_url == session.return_url;
            return match &known.told {
                _ if !same => Before::Other,
                Some(told) => Before::Answered(Box::new(told.clone())),
                None => Before::UnderWay,
            };
        }
        let (asked, return_url) = (session.asked.clone(), session.return_url.clone());
        answers.insert(session.reference, Answer { asked, return_url, told: None });
        Before::New
    }

    /// It was not begun after all.
    pub(super) fn forget(&self, reference: &Reference) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(reference);
    }

    pub(super) fn keep(&self, reference: Reference, told: Told) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answers.get_mut(&reference) {
            answer.told = Some(told);
        }
    }
}
