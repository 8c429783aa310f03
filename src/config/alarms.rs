//! `[alarms]`: when it is told that webhooks fail without a word (docs/monitoring.md).

use super::{Checked, ConfigError, Document, Settings, Span};
use crate::resolution::AlarmTerms;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// `[alarms]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlarmSettings {
    /// Of how many hosted hand-offs in a row no webhook told anything.
    pub silent_hand_offs: u32,
    /// How old the oldest of them may be.
    pub silent_within: Checked<Span>,
    /// How many webhooks in a row were refused for their signature, or for their time.
    pub webhooks_refused: u32,
}

impl Default for AlarmSettings {
    fn default() -> Self {
        Self { silent_hand_offs: 20, silent_within: Span::seconds(86_400), webhooks_refused: 5 }
    }
}

impl Settings {
    /// When an alarm is raised.
    #[must_use]
    pub fn alarm_terms(&self) -> AlarmTerms {
        AlarmTerms {
            silent_hand_offs: usize::try_from(self.alarms.silent_hand_offs).unwrap_or(usize::MAX),
            silent_within: self.alarms.silent_within.signed(),
            webhooks_refused: self.alarms.webhooks_refused,
            mode: self.processor.mode.0,
        }
    }

    /// Numbers under which an alarm would always be raised, or never.
    pub(super) fn check_alarms(&self, document: &Document) -> Result<(), ConfigError> {
        let alarms = &self.alarms;
        for (name, value, most) in [
            ("silent_hand_offs", alarms.silent_hand_offs, 100),
            ("webhooks_refused", alarms.webhooks_refused, 1000),
        ] {
            if !(3..=most).contains(&value) {
                let what = format!("out of bounds: write 3 to {most}");
                return Err(document.wrong(&format!("alarms.{name}"), &what));
            }
        }
        let within = alarms.silent_within.signed();
        if !(SignedDuration::from_hours(1)..=SignedDuration::from_hours(24 * 30)).contains(&within)
        {
            let what = "out of bounds: write \"1h\" to \"720h\"";
            return Err(document.wrong("alarms.silent_within", what));
        }
        Ok(())
    }
}
