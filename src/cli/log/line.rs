//! What a line passes after it is formatted and before it is written: lines that strangers can cause
//! are held to a number, and what must not be in any is blotted out.

use super::redact::{Kind, Redactor};
use super::sparing::Sparing;
use crate::clock::Clock;
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tracing_subscriber::fmt::MakeWriter;

/// Something to write to, behind the last look.
pub(super) struct Guarded<M> {
    to: M,
    look: Look,
}

/// What is looked for.
struct Look {
    redactor: Redactor,
    sparing: Sparing,
    clock: Clock,
    blocked: Arc<AtomicU64>,
}

impl<M> Guarded<M> {
    /// Counts into `blocked` the lines in which something was blotted out.
    pub(super) fn new(to: M, blocked: Arc<AtomicU64>) -> Result<Self, regex::Error> {
        let (redactor, clock) = (Redactor::new()?, Clock::system());
        Ok(Self { to, look: Look { redactor, sparing: Sparing::new(), clock, blocked } })
    }
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Guarded<M> {
    type Writer = Line<'a, M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Line { to: self.to.make_writer(), look: &self.look }
    }
}

/// Takes one line, whole: the formatter writes each with one call.
pub(super) struct Line<'a, W> {
    to: W,
    look: &'a Look,
}

impl<W: Write> Write for Line<'_, W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self.look.at(line) {
            Passed::As => self.to.write_all(line)?,
            Passed::Instead(lines) => {
                for line in lines {
                    self.to.write_all(format!("{line}\n").as_bytes())?;
                }
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

enum Passed {
    /// As it is.
    As,
    /// These lines in its place, or none.
    Instead(Vec<Value>),
}

impl Look {
    fn at(&self, line: &[u8]) -> Passed {
        let Ok(Value::Object(mut fields)) = serde_json::from_slice(line) else {
            return Passed::Instead(vec![self.blocked(&Map::new(), &[Kind::Unreadable])]);
        };
        let Some(left_out) = self.sparing.look(event(&fields)) else {
            return Passed::Instead(Vec::new());
        };
        let found = self.redactor.blot(&mut fields);
        if found.is_empty() && left_out == 0 {
            return Passed::As;
        }
        if left_out > 0 {
            fields.insert("left_out".to_owned(), left_out.into());
        }
        let told = (!found.is_empty()).then(|| self.blocked(&fields, &found));
        Passed::Instead([Value::Object(fields)].into_iter().chain(told).collect())
    }

    /// A line about a line: what it was about and what it looked like, and nothing of what it held.
    fn blocked(&self, fields: &Map<String, Value>, found: &[Kind]) -> Value {
        self.blocked.fetch_add(1, Ordering::Relaxed);
        let kinds: Vec<_> = found.iter().map(|kind| kind.word()).collect();
        json!({
            "timestamp": self.clock.now().to_string(),
            "level": "ERROR",
            "event": "log_leak_blocked",
            "of": event(fields),
            "kinds": kinds.join(","),
        })
    }
}

/// The event's name, which is one of our own words or none.
fn event(fields: &Map<String, Value>) -> &str {
    let word = |text: &&str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    fields.get("event").and_then(Value::as_str).filter(word).unwrap_or("none")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// What is written for these lines.
    fn written(lines: &[&str]) -> (Vec<Value>, u64) {
        let blocked = Arc::new(AtomicU64::new(0));
        let guarded = Guarded::new(Mutex::new(Vec::new()), Arc::clone(&blocked)).unwrap();
        for line in lines {
            guarded.make_writer().write_all(format!("{line}\n").as_bytes()).unwrap();
        }
        let text = String::from_utf8(guarded.to.into_inner().unwrap()).unwrap();
        let read = |line: &str| serde_json::from_str(line).unwrap();
        (text.lines().map(read).collect(), blocked.load(Ordering::Relaxed))
    }

    #[test]
    fn g_r1_a_leak_is_blotted_out_counted_and_told_of_in_a_line_of_its_own() {
        let (lines, blocked) = written(&[
            r#"{"level":"INFO","event":"evidence","reason":"of 4929 4205 7359 5709 it is"}"#,
            r#"{"level":"INFO","event":"evidence","reason":"of nobody"}"#,
        ]);
        assert_eq!(blocked, 1);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0]["reason"], "of [redacted] it is");
        let told = &lines[1];
        assert_eq!((&told["event"], &told["level"]), (&"log_leak_blocked".into(), &"ERROR".into()));
        assert_eq!((&told["of"], &told["kinds"]), (&"evidence".into(), &"card".into()));
        assert_eq!(lines[2]["reason"], "of nobody");
    }

    #[test]
    fn f_13_f_14_what_is_no_json_object_is_not_written() {
        let (lines, blocked) = written(&["4929420573595709", "[\"4929420573595709\"]"]);
        assert_eq!((lines.len(), blocked), (2, 2));
        for line in lines {
            assert_eq!(line["kinds"], "unreadable");
            assert!(!line.to_string().contains("4929"), "{line}");
        }
    }

    #[test]
    fn what_strangers_cause_is_held_to_a_number_and_the_rest_is_counted() {
        let refused = r#"{"level":"WARN","event":"webhook_refused","reason":"badsig"}"#;
        let (lines, _) = written(&[refused; 1000]);
        assert!((1..500).contains(&lines.len()), "{}", lines.len());
        let (lines, _) = written(&[r#"{"level":"INFO","event":"evidence"}"#; 1000]);
        assert_eq!(lines.len(), 1000, "nothing is left out of what is not theirs to cause");
    }
}
