//! What is said at each start of settings that take something away from what this service promises.

use crate::config::Settings;
use crate::http::page::Look;

/// One line for each.
pub(super) fn warn(settings: &Settings, look: &Look) {
    if look.cards_here {
        tracing::warn!(
            event = "cards_pass_here",
            audit = true,
            questionnaire = "PCI DSS SAQ D",
            setting = "processor.signed.card_api"
        );
    }
    if !settings.shield.enabled {
        let advice = "forms are not counted by network and cards are never paused: set it to true";
        tracing::warn!(event = "shield_off", audit = true, setting = "shield.enabled", advice);
    }
}
