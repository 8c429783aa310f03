//! Where lines end, and whether they get there: a full disk or a reader that is gone loses them, and nobody
//! would hear of it from the log itself (security.md, P-14).

use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What became of lines.
#[derive(Debug, Default)]
pub(super) struct Fate {
    lost: AtomicU64,
    fails: AtomicBool,
}

impl Fate {
    /// How many could not be written.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Whether the last one could not.
    pub(super) fn fails(&self) -> bool {
        self.fails.load(Ordering::Relaxed)
    }
}

/// Writes lines, each whole, and counts those that it could not.
pub(super) struct Sink<W> {
    to: W,
    fate: Arc<Fate>,
    /// Whether a line was begun and not ended.
    torn: bool,
}

impl<W: Write> Sink<W> {
    pub(super) const fn new(to: W, fate: Arc<Fate>) -> Self {
        Self { to, fate, torn: false }
    }

    fn whole(&mut self, line: &[u8]) -> io::Result<()> {
        if self.torn {
            // The next line would be a part of it.
            self.to.write_all(b"\n")?;
            self.torn = false;
        }
        let mut rest = line;
        while !rest.is_empty() {
            match self.to.write(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => {
                    rest = rest.get(count..).unwrap_or_default();
                    self.torn = !rest.is_empty();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl<W: Write> Write for Sink<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let written = self.whole(line);
        self.fate.fails.store(written.is_err(), Ordering::Relaxed);
        if written.is_err() {
            self.fate.lost.fetch_add(1, Ordering::Relaxed);
        }
        written.map(|()| line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk that has room for so many bytes.
    struct Disk(Vec<u8>, usize);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let room = self.1.saturating_sub(self.0.len()).min(bytes.len());
            if room == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            self.0.extend_from_slice(&bytes[..room]);
            Ok(room)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn p_14_lines_that_could_not_be_written_are_counted_and_spoil_no_other() {
        let fate = Arc::new(Fate::default());
        let mut sink = Sink::new(Disk(Vec::new(), 12), Arc::clone(&fate));
        sink.write_all(b"first\n").unwrap();
        assert_eq!((fate.lost(), fate.fails()), (0, false));
        for lost in 1..=3 {
            assert!(sink.write_all(b"the second\n").is_err());
            assert_eq!((fate.lost(), fate.fails()), (lost, true));
        }
        sink.to.1 = 100;
        sink.write_all(b"third\n").unwrap();
        assert_eq!((fate.lost(), fate.fails()), (3, false));
        assert_eq!(sink.to.0, b"first\nthe se\nthird\n");
    }
}
