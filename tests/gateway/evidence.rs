//! What tests leave behind: kept under the build folder's `evidence`, where it can be searched for
//! what must not be there.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

/// The log of this run, every level down to debug.
static LOG: Mutex<String> = Mutex::new(String::new());

/// Where everything is kept.
pub(crate) fn evidence() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("evidence");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Keeps an answer, to be searched later.
pub(crate) fn keep(file: &str, bytes: &[u8]) {
    let mut kept =
        std::fs::OpenOptions::new().create(true).append(true).open(evidence().join(file)).unwrap();
    kept.write_all(bytes).unwrap();
}

/// Keeps an answer, unless it is meant to hold what its supporter typed: a form shown again, or the
/// fields for the processor.
pub(crate) fn keep_answer(status: u16, body: &[u8]) {
    let form = body.windows(6).any(|part| part == b"<form ");
    if status != 201 && !form {
        keep("answers.txt", body);
    }
}

/// Everything logged so far, by this test and those beside it.
pub(crate) fn log() -> String {
    LOG.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The log's newest line that holds this text.
pub(crate) fn logged(text: &str) -> serde_json::Value {
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    let line = log.lines().rev().find(|line| line.contains(text));
    serde_json::from_str(line.unwrap_or_else(|| panic!("no line of the log holds {text}"))).unwrap()
}

struct KeptLog;

impl std::io::Write for KeptLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        keep("log.jsonl", bytes);
        LOG.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The log of every test at its fullest, as the service writes it.
pub(crate) fn keep_the_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        almoner::way_out::install_provider();
        tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(|| KeptLog)
            .try_init()
            // Only fails where a test logs in a way of its own.
            .ok();
    });
}
