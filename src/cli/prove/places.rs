//! Where is looked: the memory of the process, what it wrote, what it said, what the system tells of it.

use super::forms::{Hits, Needles};
use super::people::Whose;
use crate::cli::Failure;
use anyhow::Context as _;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// How much is looked at in one piece.
const PIECE: usize = 1 << 20;
/// The unit that memory can be unreadable by.
const PAGE: usize = 4096;

/// What was looked through, and what was found there.
pub(super) struct Searched {
    pub(super) place: String,
    pub(super) bytes: u64,
    pub(super) hits: Hits<Whose>,
}

/// Looks for everything in one place after another.
pub(super) struct Search<'a> {
    pub(super) needles: &'a Needles<Whose>,
    pub(super) searched: Vec<Searched>,
}

impl<'a> Search<'a> {
    pub(super) const fn new(needles: &'a Needles<Whose>) -> Self {
        Self { needles, searched: Vec::new() }
    }

    /// Bytes that are at hand.
    pub(super) fn bytes(&mut self, place: &str, bytes: &[u8]) {
        let mut hits = Hits::new();
        self.needles.search(bytes, 0, &mut hits);
        self.add(place, u64::try_from(bytes.len()).unwrap_or(u64::MAX), hits);
    }

    /// The same, of cards and accounts alone.
    pub(super) fn financial(&mut self, place: &str, bytes: &[u8]) {
        let mut hits = Hits::new();
        self.needles.search(bytes, 0, &mut hits);
        hits.retain(|((datum, _), _), _| datum.is_financial());
        self.add(place, u64::try_from(bytes.len()).unwrap_or(u64::MAX), hits);
    }

    /// A file, or all files below a folder, by way of a link too. What is not there cannot be searched.
    pub(super) fn files(&mut self, place: &str, path: &Path) -> Result<(), Failure> {
        let (mut hits, mut bytes) = (Hits::new(), 0_u64);
        let mut paths = vec![path.canonicalize().with_context(|| path.display().to_string())?];
        while let Some(path) = paths.pop() {
            // A log or a temporary file may go while it is looked at.
            let Some(kind) = there(&path, path.symlink_metadata())? else { continue };
            // Its name could say something as well.
            self.needles.search(path.as_os_str().as_encoded_bytes(), 0, &mut hits);
            if kind.is_dir() {
                let entries =
                    std::fs::read_dir(&path).with_context(|| path.display().to_string())?;
                for entry in entries {
                    paths.push(entry?.path());
                }
            } else if kind.is_file() {
                let Some(file) = there(&path, File::open(&path))? else { continue };
                bytes = bytes.saturating_add(self.through(file, &mut hits)?);
            }
        }
        self.add(place, bytes, hits);
        Ok(())
    }

    /// What the system shows of a process beside its memory, open files among them.
    pub(super) fn process(&mut self, id: u32) -> Result<(), Failure> {
        let of = |part: &str| PathBuf::from(format!("/proc/{id}/{part}"));
        for part in ["cmdline", "environ", "comm"] {
            let shown = std::fs::read(of(part)).with_context(|| of(part).display().to_string())?;
            self.bytes(&format!("/proc/PID/{part}"), &shown);
        }
        let (mut hits, mut bytes) = (Hits::new(), 0_u64);
        for entry in std::fs::read_dir(of("fd"))? {
            let path = entry?.path();
            // Deleted ones and those without a name too; sockets and devices are none.
            if path.metadata().is_ok_and(|open| open.is_file()) {
                bytes = bytes.saturating_add(self.through(File::open(&path)?, &mut hits)?);
            }
        }
        self.add("open files", bytes, hits);
        Ok(())
    }

    /// All that can be read of the memory of a process, and so of all its threads.
    pub(super) fn memory(&mut self, place: &str, id: u32) -> Result<(), Failure> {
        let of = |part: &str| PathBuf::from(format!("/proc/{id}/{part}"));
        let maps = std::fs::read_to_string(of("maps")).context("/proc/PID/maps")?;
        let memory = File::open(of("mem")).context("/proc/PID/mem")?;
        let (mut hits, mut bytes) = (Hits::new(), 0_u64);
        let mut piece = vec![0; PIECE];
        for (start, end) in maps.lines().filter_map(readable) {
            bytes = bytes.saturating_add(self.mapping(&memory, start..end, &mut piece, &mut hits));
        }
        anyhow::ensure!(bytes > 0, "/proc/PID/mem: nothing of it can be read");
        self.add(place, bytes, hits);
        Ok(())
    }

    /// One mapping, a piece at a time, each with the end of the one before; how much could be read.
    fn mapping(
        &self,
        memory: &File,
        at: std::ops::Range<u64>,
        piece: &mut [u8],
        hits: &mut Hits<Whose>,
    ) -> u64 {
        let (mut place, mut kept, mut bytes) = (at.start, 0_usize, 0_u64);
        while place < at.end {
            let left = usize::try_from(at.end.saturating_sub(place)).unwrap_or(usize::MAX);
            let Some(room) = piece.get_mut(kept..) else { break };
            let room_len = room.len().min(left);
            let Some(room) = room.get_mut(..room_len) else { break };
            match memory.read_at(room, place) {
                Ok(read) if read > 0 => {
                    let step = u64::try_from(read).unwrap_or(u64::MAX);
                    (place, bytes) = (place.saturating_add(step), bytes.saturating_add(step));
                    kept = self.look(piece, kept, read, hits);
                }
                // A page that is not there: what comes after it is no continuation.
                Ok(_) | Err(_) => {
                    let page = u64::try_from(PAGE).unwrap_or(u64::MAX);
                    (place, kept) = (place.saturating_add(page), 0);
                }
            }
        }
        bytes
    }

    /// A file to its end; how long it was.
    fn through(&self, mut file: File, hits: &mut Hits<Whose>) -> Result<u64, Failure> {
        let (mut piece, mut kept, mut bytes) = (vec![0; PIECE], 0, 0_u64);
        loop {
            let Some(room) = piece.get_mut(kept..) else { return Ok(bytes) };
            let read = file.read(room)?;
            if read == 0 {
                return Ok(bytes);
            }
            bytes = bytes.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            kept = self.look(&mut piece, kept, read, hits);
        }
    }

    /// Looks through what was kept and what was read after it; how much is kept for the next.
    fn look(&self, piece: &mut [u8], kept: usize, read: usize, hits: &mut Hits<Whose>) -> usize {
        let whole = kept.saturating_add(read);
        if let Some(piece) = piece.get(..whole) {
            self.needles.search(piece, kept, hits);
        }
        let again = whole.min(self.needles.overlap());
        piece.copy_within(whole.saturating_sub(again)..whole, 0);
        again
    }

    fn add(&mut self, place: &str, bytes: u64, hits: Hits<Whose>) {
        self.searched.push(Searched { place: place.to_owned(), bytes, hits });
    }
}

/// What was asked for of a path; `None` where the path is no longer there.
fn there<T>(path: &Path, asked: std::io::Result<T>) -> Result<Option<T>, Failure> {
    match asked {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some).with_context(|| path.display().to_string()),
    }
}

/// A line of `maps` as its ends, where it can be read. What the kernel itself put there is left out:
/// it is the same in every process.
fn readable(line: &str) -> Option<(u64, u64)> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let kernel = ["[vvar", "[vsyscall]", "[vdso]"].iter().any(|name| line.contains(name));
    let read = words.next()?.starts_with('r') && !kernel;
    let number = |text| u64::from_str_radix(text, 16).ok();
    read.then_some((number(start)?, number(end)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::prove::people::{Datum, Fate, People};

    #[test]
    fn what_lies_in_files_and_memory_is_found() {
        let mut people = People::new().unwrap();
        let person = people.somebody("here", Fate::Taken);
        let needles = Needles::new(people.data()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let padding = vec![b'.'; PIECE - 7];
        let text = [&padding, person.card.as_bytes(), &padding].concat();
        std::fs::write(folder.path().join("large"), &text).unwrap();
        std::fs::write(folder.path().join(&person.email), "").unwrap();
        let mut search = Search::new(&needles);
        let link = folder.path().with_extension("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        search.files("files", &link).unwrap();
        std::fs::remove_file(link).unwrap();
        assert!(search.files("none", &folder.path().join("none")).is_err());
        search.memory("memory", std::process::id()).unwrap();
        search.financial("form", person.email.as_bytes());
        let [files, memory, form] = &search.searched[..] else { panic!("three places") };
        let card = ((Datum::Card, "here"), "plain");
        assert_eq!(files.hits.get(&card), Some(&1), "across two pieces");
        assert!(files.hits.contains_key(&((Datum::Email, "here"), "plain")), "a name");
        assert_eq!(files.bytes, u64::try_from(text.len()).unwrap());
        assert!(memory.hits.contains_key(&card), "it is in this process's own memory");
        assert!(form.hits.is_empty(), "an e-mail address is not of a card");
    }

    #[test]
    fn only_what_can_be_read_is_read() {
        assert_eq!(readable("7f0-7f8 rw-p 00000000 00:00 0 [heap]"), Some((0x7f0, 0x7f8)));
        assert_eq!(readable("7f0-7f8 ---p 00000000 00:00 0"), None);
        assert_eq!(readable("7f0-7f8 r--p 00000000 00:00 0 [vvar]"), None);
    }
}
