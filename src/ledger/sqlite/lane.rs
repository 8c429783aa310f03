//! Work handed to a thread that owns a connection, and its answer brought back.

use super::trouble::Trouble;
use crate::ledger::LedgerError;
use crate::ledger::stage::Stage;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// One request as the thread sees it. It may be run again when its transaction was rolled back.
pub(super) trait Task<C>: Send {
    /// Whether its caller has not given up yet.
    fn is_wanted(&self) -> bool;
    /// Takes it up; from here on the caller waits for the answer. `false` where it gave up.
    fn start(&self) -> bool;
    /// Does it and keeps what it found.
    fn run(&mut self, desk: &mut C) -> Result<(), Trouble>;
    /// Tells the caller what was found, or why nothing was done.
    fn answer(self: Box<Self>, refusal: Option<LedgerError>);
}

/// The way to one or more threads: bounded, and waited on for a bounded time.
pub(super) struct Lane<C> {
    sender: Option<SyncSender<Box<dyn Task<C>>>>,
    threads: Vec<JoinHandle<()>>,
    wait: Duration,
}

impl<C: 'static> Lane<C> {
    pub(super) const fn new(sender: SyncSender<Box<dyn Task<C>>>, wait: Duration) -> Self {
        Self { sender: Some(sender), threads: Vec::new(), wait }
    }

    /// Adds a thread that serves the other end.
    pub(super) fn start(
        &mut self,
        name: &str,
        serve: impl FnOnce() + Send + 'static,
    ) -> Result<(), LedgerError> {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(serve);
        let failed = |error| LedgerError::Unavailable(format!("no thread for it: {error}"));
        self.threads.push(thread.map_err(failed)?);
        Ok(())
    }

    /// Has `work` done. [`LedgerError::Busy`] where the lane is full or `work` was not taken up in
    /// time, and then it never will be. Once it is taken up the answer is waited for, so that an
    /// error is always true; and it is finished even where the caller has gone.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, LedgerError>
    where
        T: Send + 'static,
        F: Fn(&mut C) -> Result<T, Trouble> + Send + 'static,
    {
        let (reply, mut answer) = oneshot::channel();
        let stage = Arc::new(Stage::default());
        let errand = Errand { work, found: None, reply, stage: Arc::clone(&stage) };
        let sender = self.sender.as_ref().ok_or_else(ended)?;
        sender.try_send(Box::new(errand)).map_err(|refused| match refused {
            TrySendError::Full(_) => LedgerError::Busy,
            TrySendError::Disconnected(_) => ended(),
        })?;
        let answered = match tokio::time::timeout(self.wait, &mut answer).await {
            Ok(answered) => answered,
            Err(_) if stage.abandon() => return Err(LedgerError::Busy),
            Err(_) => answer.await,
        };
        answered.unwrap_or_else(|_| Err(ended()))
    }
}

/// Waits until everything taken up is done and the threads have closed their connections.
impl<C> Drop for Lane<C> {
    fn drop(&mut self) {
        drop(self.sender.take());
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to close.
            thread.join().ok();
        }
    }
}

fn ended() -> LedgerError {
    LedgerError::Unavailable("its thread has ended: restart the service".to_owned())
}

struct Errand<T, F> {
    work: F,
    found: Option<T>,
    reply: oneshot::Sender<Result<T, LedgerError>>,
    stage: Arc<Stage>,
}

impl<C, T, F> Task<C> for Errand<T, F>
where
    T: Send,
    F: Fn(&mut C) -> Result<T, Trouble> + Send,
{
    fn is_wanted(&self) -> bool {
        self.stage.is_wanted()
    }

    fn start(&self) -> bool {
        self.stage.start()
    }

    fn run(&mut self, desk: &mut C) -> Result<(), Trouble> {
        self.found = Some((self.work)(desk)?);
        Ok(())
    }

    fn answer(self: Box<Self>, refusal: Option<LedgerError>) {
        let answer = match (refusal, self.found) {
            (None, Some(found)) => Ok(found),
            (Some(refusal), _) => Err(refusal),
            (None, None) => Err(ended()),
        };
        // A caller that has gone needs no answer.
        self.reply.send(answer).ok();
    }
}
