//! The log: one JSON object a line on standard error, from our own code alone, so that no other
//! crate can write what it has seen. docs/logging.md lists every event.

use super::Failure;
use crate::config::Level;
use line::Guarded;
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
pub mod sparing;

/// How many lines wait for whoever reads them; what comes beyond is dropped and counted.
const LINES: usize = 16_384;

/// The log. Lines are written by a thread of its own, so that a reader who has stopped reading holds
/// up no payment (security.md, FM-80); those that wait are written when this is dropped.
pub(super) struct Log {
    dropped: ErrorCounter,
    told: usize,
    blocked: Arc<AtomicU64>,
    _writer: WorkerGuard,
}

impl Log {
    /// Says how many lines were lost since it last said so.
    pub(super) fn tell_dropped(&mut self) {
        let dropped = self.dropped.dropped_lines();
        if dropped > self.told {
            let lines = dropped.saturating_sub(self.told);
            tracing::error!(event = "log_lines_dropped", lines);
            self.told = dropped;
        }
    }

    /// In how many lines something was blotted out.
    pub(super) fn blocked(&self) -> u64 {
        self.blocked.load(Ordering::Relaxed)
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
    let (writer, guard) = builder.thread_name("log").finish(to);
    let dropped = writer.error_counter();
    (writer, Log { dropped, told: 0, blocked: Arc::default(), _writer: guard })
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
        let dropped = log.dropped.dropped_lines();
        assert!((90..=100).contains(&dropped), "{dropped}");
        log.tell_dropped();
        assert_eq!(log.told, dropped);
        drop(go_on);
    }
}
