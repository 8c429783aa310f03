//! The log: one JSON object a line on standard error, from our own code alone, so that no other
//! crate can write what it has seen. docs/logging.md lists every event.

use super::Failure;
use crate::app::Logged;
use crate::config::Level;
use line::Guarded;
use sink::{Fate, Sink};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

mod line;
pub mod redact;
mod sink;
pub mod sparing;

/// How many lines wait for whoever reads them; what comes beyond is dropped and counted.
const LINES: usize = 16_384;

/// The log. Lines are written by a thread of its own, so that a reader who has stopped reading holds
/// up no payment (security.md, FM-80); those that wait are written when this is dropped.
pub(super) struct Log {
    dropped: ErrorCounter,
    fate: Arc<Fate>,
    /// How many lines had been lost when it was last said.
    said: u64,
    /// The same where that line was not lost too.
    told: u64,
    blocked: Arc<AtomicU64>,
    _writer: WorkerGuard,
}

impl Log {
    /// Says how many lines were lost since it last said so: again and again while that line is lost too,
    /// which is how it comes to be known that lines can be written again.
    pub(super) fn tell_lost(&mut self) {
        if let Some(lines) = self.untold() {
            tracing::error!(event = "log_lines_dropped", lines);
        }
    }

    fn untold(&mut self) -> Option<u64> {
        let lost = self.lost();
        if lost == self.said {
            self.told = lost;
            return None;
        }
        self.said = lost;
        Some(lost.saturating_sub(self.told))
    }

    /// How many lines nobody will read: those that waited in vain, and those that could not be written.
    fn lost(&self) -> u64 {
        let dropped = u64::try_from(self.dropped.dropped_lines()).unwrap_or(u64::MAX);
        dropped.saturating_add(self.fate.lost())
    }

    /// What is to be known of it elsewhere.
    pub(super) fn stands(&self) -> Logged {
        let blocked = self.blocked.load(Ordering::Relaxed);
        Logged { blocked, lost: self.lost(), fails: self.fate.fails() }
    }
}

/// Starts logging.
pub(super) fn start(level: Level) -> Result<Log, Failure> {
    let level = match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
    };
    let (writer, log) = writer(std::io::stderr());
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_writer(Guarded::new(writer, Arc::clone(&log.blocked))?);
    let ours = Targets::new().with_target("almoner", level);
    // Only fails where a log was started already.
    tracing_subscriber::registry().with(ours).with(lines).try_init().ok();
    Ok(log)
}

fn writer(to: impl Write + Send + 'static) -> (NonBlocking, Log) {
    let builder = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(LINES);
    let fate = Arc::<Fate>::default();
    let (writer, guard) = builder.thread_name("log").finish(Sink::new(to, Arc::clone(&fate)));
    let dropped = writer.error_counter();
    let log = Log { dropped, fate, said: 0, told: 0, blocked: Arc::default(), _writer: guard };
    (writer, log)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// A reader who reads nothing until told to.
    struct Stuck(mpsc::Receiver<()>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.recv().ok();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn fm_80_lines_that_nobody_reads_are_dropped_and_counted() {
        let (go_on, wait) = mpsc::channel();
        let (mut lines, mut log) = writer(Stuck(wait));
        for _ in 0..LINES + 100 {
            lines.write_all(b"a line\n").unwrap();
        }
        let dropped = log.lost();
        assert!((90..=100).contains(&dropped), "{dropped}");
        // Said again when that line was lost too; each is said once it was not.
        assert_eq!(log.untold(), Some(dropped));
        lines.write_all(b"that so many were lost\n").unwrap();
        assert_eq!(log.untold(), Some(dropped + 1));
        assert_eq!(log.untold(), None);
        lines.write_all(b"another line\n").unwrap();
        assert_eq!(log.untold(), Some(1));
        drop(go_on);
    }
}
