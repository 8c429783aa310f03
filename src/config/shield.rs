//! `[shield]`: what keeps card testers out (docs/shield.md).

use super::{Checked, ConfigError, Document, Settings, Span};
use serde::{Deserialize, Serialize};

/// `[shield]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ShieldSettings {
    /// Whether forms are counted by network, and cards paused.
    pub enabled: bool,
    /// More declined cards than this pause the form or key they came in by.
    pub declines: u32,
    /// And more than this part of the cards that were accepted or declined, in hundredths.
    pub declines_percent: u32,
    /// Within this time.
    pub declines_within: Checked<Span>,
    /// How long cards are paused before a few are tried.
    pub pause: Checked<Span>,
}

impl Default for ShieldSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            declines: 30,
            declines_percent: 70,
            declines_within: Span::seconds(600),
            pause: Span::seconds(900),
        }
    }
}

impl Settings {
    /// Numbers under which the shield would do nothing, or shut everybody out: there is a switch for the
    /// first, which says so (security.md, G-C2).
    pub(super) fn check_shield(&self, document: &Document) -> Result<(), ConfigError> {
        let shield = &self.shield;
        for (name, value, least, most) in [
            ("declines", shield.declines, 5, 1000),
            ("declines_percent", shield.declines_percent, 20, 95),
        ] {
            if !(least..=most).contains(&value) {
                let what = format!("out of bounds: write {least} to {most}, or set shield.enabled");
                return Err(document.wrong(&format!("shield.{name}"), &what));
            }
        }
        for (name, span) in [("declines_within", shield.declines_within), ("pause", shield.pause)] {
            if !(10..=86_400).contains(&span.signed().as_secs()) {
                let what = "out of bounds: write \"10s\" to \"24h\", or set shield.enabled";
                return Err(document.wrong(&format!("shield.{name}"), what));
            }
        }
        Ok(())
    }
}
