//! The one thread that writes. Whoever waits shares one transaction and one `fsync`, and no one
//! is answered before it is done.

use super::SqliteSettings;
use super::books::Books;
use super::connection::{Role, Site};
use super::health::Health;
use super::lane::{Lane, Task};
use super::trouble::Trouble;
use crate::ledger::LedgerError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};

type Group = Vec<Box<dyn Task<Books>>>;

/// Starts the thread.
pub(super) fn start(
    site: &Site,
    settings: &SqliteSettings,
    health: &Arc<Health>,
    books: Books,
) -> Result<Lane<Books>, LedgerError> {
    let (sender, tasks) = mpsc::sync_channel(settings.queue.max(1));
    let mut lane = Lane::new(sender, site.wait);
    let writer = Writer {
        site: site.clone(),
        health: Arc::clone(health),
        books: Some(books),
        batch: settings.batch.max(1),
    };
    lane.start("ledger-writer", move || writer.serve(&tasks))?;
    Ok(lane)
}

/// The writer's desk.
struct Writer {
    site: Site,
    health: Arc<Health>,
    /// `None` until it is opened again.
    books: Option<Books>,
    /// The most requests in one transaction.
    batch: usize,
}

impl Writer {
    /// Serves until the lane is closed and empty.
    fn serve(mut self, tasks: &Receiver<Box<dyn Task<Books>>>) {
        while let Ok(first) = tasks.recv() {
            // Nobody is taken up before the lock is held: who waits for it may still give up.
            if !first.is_wanted() {
                continue;
            }
            if let Err(trouble) = self.begin() {
                let error = self.weigh(trouble);
                if first.start() {
                    first.answer(Some(error));
                }
                continue;
            }
            let waiting = std::iter::once(first).chain(tasks.try_iter());
            let group = waiting.filter(|task| task.start()).take(self.batch).collect();
            self.settle(group);
            self.tidy();
        }
    }

    /// Commits what can be committed of a group and answers all of it. A request that fails by
    /// itself is answered and the rest is begun again without it.
    fn settle(&mut self, mut group: Group) {
        loop {
            let (culprit, trouble) = match self.attempt(&mut group) {
                Ok(()) => {
                    for task in group {
                        task.answer(None);
                    }
                    return;
                }
                Err(failure) => failure,
            };
            self.roll_back();
            let alone = matches!(trouble, Trouble::Request(_));
            let error = self.weigh(trouble);
            if alone && culprit < group.len() {
                group.remove(culprit).answer(Some(error));
                if group.is_empty() {
                    return;
                }
                let Err(trouble) = self.begin() else { continue };
                let error = self.weigh(trouble);
                return refuse(group, &error);
            }
            return refuse(group, &error);
        }
    }

    /// Runs the group and commits. On failure also says whose place it was (past the end: no one's).
    fn attempt(&mut self, group: &mut Group) -> Result<(), (usize, Trouble)> {
        let nobody = group.len();
        let Some(books) = &mut self.books else {
            return Err((nobody, Trouble::Group(LedgerError::Busy)));
        };
        for (place, task) in group.iter_mut().enumerate() {
            match catch_unwind(AssertUnwindSafe(|| task.run(books))) {
                Ok(Ok(())) => {}
                Ok(Err(trouble)) => return Err((place, trouble)),
                Err(_) => {
                    // What the panic left of the connection is not worth knowing.
                    self.books = None;
                    let text = "a request to the ledger panicked: report this".to_owned();
                    return Err((place, Trouble::Request(LedgerError::Unavailable(text))));
                }
            }
        }
        books.commit().map_err(|trouble| (nobody, trouble))
    }

    /// After the answers: what was acknowledged is in the log, safe already.
    fn tidy(&mut self) {
        if self.site.role == Role::Guest || self.health.check().is_err() {
            return;
        }
        let wait = self.site.wait;
        if let Some(Err(trouble)) = self.books.as_mut().map(|books| books.tidy(wait))
            && matches!(trouble, Trouble::Ledger(_))
        {
            self.weigh(trouble);
        }
    }

    fn begin(&mut self) -> Result<(), Trouble> {
        self.health.check()?;
        if self.books.is_none() {
            self.books = Some(Books::new(self.site.connect_to_write()?));
        }
        self.books.as_mut().map_or(Ok(()), Books::begin)
    }

    fn roll_back(&mut self) {
        if self.books.as_mut().is_some_and(|books| books.roll_back().is_err()) {
            self.books = None;
        }
    }

    /// Draws the consequence of a trouble, and says what to tell of it.
    fn weigh(&mut self, trouble: Trouble) -> LedgerError {
        if let Trouble::Ledger(why) = &trouble {
            self.health.fail(why);
            if let Some(books) = &self.books {
                books.leave_the_log();
            }
        }
        trouble.into_error()
    }
}

fn refuse(group: Group, error: &LedgerError) {
    for task in group {
        task.answer(Some(error.clone()));
    }
}
