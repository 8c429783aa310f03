//! What happened, line by line, and one hash of it all.

use sha2::{Digest as _, Sha256};
use std::time::Duration;

#[derive(Default)]
pub(crate) struct Trace {
    lines: Vec<String>,
    hash: Sha256,
}

impl Trace {
    pub(crate) fn note(&mut self, at: Duration, line: &str) {
        let line = format!("{:>10}.{:03} {line}", at.as_secs(), at.subsec_millis());
        self.hash.update(&line);
        self.hash.update("\n");
        self.lines.push(line);
    }

    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }

    pub(crate) fn hash(&self) -> String {
        hex::encode(self.hash.clone().finalize())
    }
}
