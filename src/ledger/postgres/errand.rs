//! Requests on their way to the writer, and their answers on the way back.

use super::group::{Ask, Told};
use crate::ledger::LedgerError;
use crate::ledger::stage::Stage;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What a request comes to.
pub(super) type Answer = Result<Told, LedgerError>;

/// One request and where its answer goes.
pub(super) struct Errand {
    pub(super) ask: Ask,
    pub(super) reply: oneshot::Sender<Answer>,
    pub(super) stage: Arc<Stage>,
}

impl Errand {
    pub(super) fn answer(self, answer: Answer) {
        // A caller that has gone needs no answer.
        self.reply.send(answer).ok();
    }
}

/// To each its own.
pub(super) fn answer(group: Vec<Errand>, answers: Vec<Answer>) {
    for (errand, answer) in group.into_iter().zip(answers) {
        errand.answer(answer);
    }
}

/// The same to all.
pub(super) fn refuse(group: Vec<Errand>, error: &LedgerError) {
    for errand in group {
        errand.answer(Err(error.clone()));
    }
}
