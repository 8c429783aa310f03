//! `[console]`: whether there is a page for operators, and how they enter (docs/console.md).

use super::{Checked, ConfigError, ConsoleEntry, Document, Settings, Span};
use crate::http::console::{Entry, Terms};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// `[console]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleSettings {
    /// `off`, `password` or `certificate`.
    pub entry: Checked<ConsoleEntry>,
    /// After how long without a look the password is asked for again.
    pub idle: Checked<Span>,
    /// After how long it is asked for again in any case.
    pub longest: Checked<Span>,
}

impl Default for ConsoleSettings {
    fn default() -> Self {
        Self {
            entry: Checked(ConsoleEntry::Off),
            idle: Span::seconds(15 * 60),
            longest: Span::seconds(8 * 60 * 60),
        }
    }
}

impl Settings {
    /// What operators enter the console by; nothing where there is none.
    pub fn console_entry(&self, document: &Document) -> Result<Option<Entry>, ConfigError> {
        match self.console.entry.0 {
            ConsoleEntry::Off => Ok(None),
            ConsoleEntry::Certificate if self.operations.client_ca_file.is_none() => {
                let what = "nobody is asked for a certificate: name the authorities in operations.client_ca_file, or use \"password\"";
                Err(document.wrong("console.entry", what))
            }
            ConsoleEntry::Certificate => Ok(Some(Entry::Certificate)),
            ConsoleEntry::Password => self.hashed_password(document).map(Entry::Password).map(Some),
        }
    }

    /// For how long operators stay, and what they see.
    #[must_use]
    pub fn console_terms(&self) -> Terms {
        Terms {
            idle: self.console.idle.timer(),
            longest: self.console.longest.timer(),
            mode: self.processor.mode.0,
        }
    }

    /// Times that would let nobody work, or anybody who sits down at somebody's desk.
    pub(super) fn check_console(&self, document: &Document) -> Result<(), ConfigError> {
        let minutes = SignedDuration::from_mins;
        for (name, value, least, most) in [
            ("idle", self.console.idle, minutes(1), minutes(60)),
            ("longest", self.console.longest, minutes(1), minutes(24 * 60)),
        ] {
            if !(least..=most).contains(&value.signed()) {
                let what = format!("out of bounds: write \"1m\" to \"{}h\"", most.as_hours());
                return Err(document.wrong(&format!("console.{name}"), &what));
            }
        }
        Ok(())
    }
}
