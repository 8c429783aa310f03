//! The engines themselves: a row in one table, committed in groups for all who wait, and nothing else.

use rusqlite::Connection;
use std::path::Path;
use tokio::sync::{mpsc, oneshot};

/// As many bytes as a hand-off, its event, its key and its place on the list of what is due have
/// together beside their references.
const REST: [u8; 320] = [0x5a; 320];
/// The most rows of one group, as in our own ledgers.
const BATCH: usize = 256;

/// One row that waits.
struct Row {
    reference: [u8; 16],
    done: oneshot::Sender<()>,
}

/// A writer of rows.
#[derive(Clone)]
pub(crate) struct Bare(mpsc::UnboundedSender<Row>);

impl Bare {
    /// SQLite as safe as ours is: write-ahead log, every commit on the disk.
    pub(crate) fn sqlite(path: &Path) -> Self {
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "journal_mode", "wal").unwrap();
        connection.pragma_update(None, "synchronous", "full").unwrap();
        connection.set_prepared_statement_cache_capacity(8);
        let table =
            "CREATE TABLE bare (reference BLOB PRIMARY KEY, rest BLOB) STRICT, WITHOUT ROWID";
        connection.execute_batch(table).unwrap();
        let (sender, mut rows) = mpsc::unbounded_channel::<Row>();
        std::thread::spawn(move || {
            let mut group = Vec::new();
            while rows.blocking_recv_many(&mut group, BATCH) > 0 {
                connection.prepare_cached("BEGIN IMMEDIATE").unwrap().execute(()).unwrap();
                for row in &group {
                    let mut insert =
                        connection.prepare_cached("INSERT INTO bare VALUES (?1, ?2)").unwrap();
                    insert.execute((row.reference, REST)).unwrap();
                }
                connection.prepare_cached("COMMIT").unwrap().execute(()).unwrap();
                for row in group.drain(..) {
                    row.done.send(()).ok();
                }
            }
        });
        Self(sender)
    }

    /// PostgreSQL as it comes: one statement a group, committed by itself, waited for by the disk.
    #[cfg(feature = "postgres")]
    pub(crate) async fn postgres(client: tokio_postgres::Client) -> Self {
        let table = "CREATE TABLE bare (reference bytea PRIMARY KEY, rest bytea NOT NULL)";
        client.batch_execute(table).await.unwrap();
        let insert = "INSERT INTO bare SELECT * FROM unnest($1::bytea[], $2::bytea[])";
        let insert = client.prepare(insert).await.unwrap();
        let (sender, mut rows) = mpsc::unbounded_channel::<Row>();
        tokio_util::task::TaskTracker::new().spawn(async move {
            let mut group = Vec::new();
            while rows.recv_many(&mut group, BATCH).await > 0 {
                let references: Vec<_> = group.iter().map(|row| row.reference.as_slice()).collect();
                let rest = vec![REST.as_slice(); group.len()];
                client.execute(&insert, &[&references, &rest]).await.unwrap();
                for row in group.drain(..) {
                    row.done.send(()).ok();
                }
            }
        });
        Self(sender)
    }

    /// Returns when the row is on disk.
    pub(crate) async fn write(&self, reference: [u8; 16]) {
        let (done, written) = oneshot::channel();
        self.0.send(Row { reference, done }).unwrap();
        written.await.unwrap();
    }
}
