//! When keys were last used, as the service's metrics say it.

use super::Failure;
use anyhow::Context as _;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

/// The metric's name, and its one label.
const METRIC: &str = "almoner_key_last_used_timestamp_seconds{key=\"";
/// No page of metrics is longer.
const LONGEST: u64 = 4 * 1024 * 1024;

/// By the key's name in the configuration.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LastUses(BTreeMap<String, Timestamp>);

impl LastUses {
    /// From a page that was saved, or from standard input for `-`.
    pub(super) fn read(file: &Path) -> Result<Self, Failure> {
        let mut page = String::new();
        if file == Path::new("-") {
            std::io::stdin().lock().take(LONGEST).read_to_string(&mut page)?;
        } else {
            let opened = std::fs::File::open(file).with_context(|| file.display().to_string())?;
            opened.take(LONGEST).read_to_string(&mut page)?;
        }
        Self::of(&page).with_context(|| {
            format!(
                "{}: not the whole of what /metrics of the operations listener says",
                file.display()
            )
        })
    }

    fn of(page: &str) -> Option<Self> {
        let uses = page.lines().filter_map(|line| {
            let (key, seconds) = line.strip_prefix(METRIC)?.split_once("\"} ")?;
            Some((key.to_owned(), Timestamp::from_second(seconds.trim().parse().ok()?).ok()?))
        });
        // A page that was cut off would tell a key that is in use to be idle.
        let is_whole = page.contains("almoner_ready") && page.trim_end().ends_with("\n# EOF");
        is_whole.then(|| Self(uses.collect()))
    }

    pub(super) fn of_key(&self, key: &str) -> Option<Timestamp> {
        self.0.get(key).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w_8_the_metrics_say_when_a_key_was_last_used() {
        let page = "almoner_ready 1\nalmoner_key_last_used_timestamp_seconds{key=\"api.keys.our shop (1a2b3c4d)\"} 1795689820\n\
            almoner_key_last_used_timestamp_seconds{key=\"secrets.install.next\"} 1\n# EOF\n";
        let uses = LastUses::of(page).unwrap();
        let shop = uses.of_key("api.keys.our shop (1a2b3c4d)").unwrap();
        assert_eq!(shop.to_string(), "2026-11-26T10:43:40Z");
        assert_eq!(uses.of_key("secrets.install"), None);
        assert_eq!(LastUses::of("nothing of ours"), None);
        assert_eq!(LastUses::of(page.trim_end().trim_end_matches("# EOF")), None, "cut off");
    }
}
