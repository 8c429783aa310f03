//! `[alarms]`: when it is told that webhooks fail without a word, and that events are not taken (docs/monitoring.md).

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
    /// How old an event may be that a subscriber has not taken.
    pub undelivered_after: Checked<Span>,
}

impl Default for AlarmSettings {
    fn default() -> Self {
        Self {
            silent_hand_offs: 20,
            silent_within: Span::seconds(86_400),
            webhooks_refused: 5,
            undelivered_after: Span::seconds(3600),
        }
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
        let (minutes, hours) = (SignedDuration::from_mins, SignedDuration::from_hours);
        for (name, span, (least, most), words) in [
            ("silent_within", alarms.silent_within, (hours(1), hours(720)), "\"1h\" to \"720h\""),
            // Beyond three days nothing is tried any more.
            (
                "undelivered_after",
                alarms.undelivered_after,
                (minutes(5), hours(72)),
                "\"5m\" to \"72h\"",
            ),
        ] {
            if !(least..=most).contains(&span.signed()) {
                let what = format!("out of bounds: write {words}");
                return Err(document.wrong(&format!("alarms.{name}"), &what));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Count = fn(&mut AlarmSettings, u32);
    type Time = fn(&mut AlarmSettings, i64);

    /// What is said of settings that were changed.
    fn checked(change: impl FnOnce(&mut AlarmSettings)) -> Option<String> {
        let text = include_str!("../../config/production.toml");
        let document = Document::given("production.toml", text.to_owned());
        let mut settings = document.settings().unwrap();
        change(&mut settings.alarms);
        settings.check_alarms(&document).err().map(|error| error.to_string())
    }

    #[test]
    fn numbers_under_which_an_alarm_would_always_be_raised_or_never_are_refused() {
        let counts: [(&str, Count, u32); 2] = [
            ("silent_hand_offs", |alarms, count| alarms.silent_hand_offs = count, 100),
            ("webhooks_refused", |alarms, count| alarms.webhooks_refused = count, 1000),
        ];
        for (name, set, most) in counts {
            for good in [3, most] {
                assert_eq!(checked(|alarms| set(alarms, good)), None, "{name} {good}");
            }
            for bad in [0, 2, most + 1, u32::MAX] {
                let told = checked(|alarms| set(alarms, bad)).unwrap();
                assert!(told.contains(&format!("alarms.{name}")), "{told}");
                assert!(told.contains(&format!("write 3 to {most}")), "{told}");
            }
        }
        let times: [(&str, Time, [i64; 2], &str); 2] = [
            (
                "silent_within",
                |alarms, seconds| alarms.silent_within = Span::seconds(seconds),
                [3600, 720 * 3600],
                "write \"1h\" to \"720h\"",
            ),
            (
                "undelivered_after",
                |alarms, seconds| alarms.undelivered_after = Span::seconds(seconds),
                [300, 72 * 3600],
                "write \"5m\" to \"72h\"",
            ),
        ];
        for (name, set, [least, most], words) in times {
            for good in [least, most] {
                assert_eq!(checked(|alarms| set(alarms, good)), None, "{name} {good}");
            }
            for bad in [least - 1, most + 1] {
                let told = checked(|alarms| set(alarms, bad)).unwrap();
                assert!(told.contains(&format!("alarms.{name}")), "{told}");
                assert!(told.contains(words), "{told}");
            }
        }
    }
}
