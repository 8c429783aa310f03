//! The threads that read. They share one queue, each has its own connection, and none ever writes.

use super::SqliteSettings;
use super::connection::Site;
use super::health::Health;
use super::lane::{Lane, Task};
use super::trouble::Trouble;
use crate::ledger::LedgerError;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};

type Tasks = Mutex<Receiver<Box<dyn Task<Connection>>>>;

/// Opens the connections and starts the threads.
pub(super) fn start(
    site: &Site,
    settings: &SqliteSettings,
    health: &Arc<Health>,
) -> Result<Lane<Connection>, LedgerError> {
    let (sender, tasks) = mpsc::sync_channel(settings.queue.max(1));
    let tasks = Arc::new(Tasks::new(tasks));
    let mut lane = Lane::new(sender, site.wait);
    for _ in 0..settings.readers.max(1) {
        let connection = site.connect_to_read().map_err(|error| site.refusal(error.into()))?;
        let (site, health, tasks) = (site.clone(), Arc::clone(health), Arc::clone(&tasks));
        let reader = Reader { site, health, connection: Some(connection) };
        lane.start("ledger-reader", move || reader.serve(&tasks))?;
    }
    Ok(lane)
}

/// One reader's desk.
struct Reader {
    site: Site,
    health: Arc<Health>,
    /// `None` until it is opened again.
    connection: Option<Connection>,
}

impl Reader {
    /// Serves until the lane is closed and empty.
    fn serve(mut self, tasks: &Tasks) {
        loop {
            let next = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(mut task) = next else { return };
            if !task.start() {
                continue;
            }
            let refusal = self.attempt(&mut *task).err().map(|trouble| {
                if let Trouble::Ledger(why) = &trouble {
                    self.health.fail(why);
                }
                trouble.into_error()
            });
            task.answer(refusal);
        }
    }

    fn attempt(&mut self, task: &mut dyn Task<Connection>) -> Result<(), Trouble> {
        self.health.check()?;
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.site.connect_to_read()?,
        };
        let Ok(done) = catch_unwind(AssertUnwindSafe(|| task.run(&mut connection))) else {
            let text = "a request to the ledger panicked: report this".to_owned();
            return Err(Trouble::Request(LedgerError::Unavailable(text)));
        };
        self.connection = Some(connection);
        done
    }
}
