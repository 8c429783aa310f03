//! When each key was last used, so that it can be told whether an old one may go (security.md, W-8): in
//! the metrics, and in the log once a day for each key, which outlives the process.

use super::Running;
use crate::clock::london;
use crate::http::Site;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::time::Duration;

/// How often it is looked which keys were used: as exactly is it known when.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// What was known at the last look.
#[derive(Default)]
struct LastUsed(BTreeMap<String, Known>);

#[derive(Default)]
struct Known {
    uses: u64,
    told_on: Option<Date>,
}

/// A key that was used since the last look.
#[derive(Debug, PartialEq, Eq)]
struct Used {
    key: String,
    /// Whether it is the first time today.
    is_news: bool,
}

impl LastUsed {
    fn look(&mut self, counted: Vec<(String, u64)>, now: Timestamp) -> Vec<Used> {
        let today = london::date(now);
        let mut used = Vec::new();
        for (key, uses) in counted {
            let known = self.0.entry(key.clone()).or_default();
            if uses == known.uses {
                continue;
            }
            let is_news = known.told_on != Some(today);
            *known = Known { uses, told_on: Some(today) };
            used.push(Used { key, is_news });
        }
        used
    }
}

/// Every key that is counted, by its name in the configuration.
fn counted(site: &Site) -> Vec<(String, u64)> {
    let secrets = site.tokens.uses().into_iter().chain(site.hand_offs.processor.uses());
    let secrets = secrets.map(|(key, uses)| (format!("secrets.{key}"), uses));
    let callers = site.access.0.iter().map(|caller| {
        let id = hex::encode(caller.hash).chars().take(8).collect::<String>();
        (format!("api.keys.{} ({id})", caller.name), caller.uses.so_far())
    });
    let subscribers = site.couriers.each().flat_map(|courier| courier.uses());
    secrets.chain(callers).chain(subscribers).collect()
}

impl Running {
    /// Follows which keys are used.
    pub(super) fn tell_keys(&self) {
        self.again_and_again(move |site| async move {
            let mut last = LastUsed::default();
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                let now = site.clock.now();
                for Used { key, is_news } in last.look(counted(&site), now) {
                    if is_news {
                        tracing::info!(event = "key_used", audit = true, key);
                    }
                    site.metrics.key_used(key, now.as_second());
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w_8_a_key_is_told_of_once_a_day_and_known_to_the_look() {
        let mut last = LastUsed::default();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut look = |current: u64, next: u64, now: &str| {
            let counted = vec![("current".to_owned(), current), ("next".to_owned(), next)];
            let used = last.look(counted, at(now)).into_iter();
            used.map(|it| format!("{} {}", it.key, it.is_news)).collect::<Vec<_>>()
        };
        assert!(look(0, 0, "2026-11-26T10:00:00Z").is_empty(), "unused is never told of");
        assert_eq!(look(1, 0, "2026-11-26T10:00:10Z"), ["current true"]);
        assert_eq!(look(9, 1, "2026-11-26T10:00:20Z"), ["current false", "next true"]);
        assert!(look(9, 1, "2026-11-27T10:00:00Z").is_empty());
        assert_eq!(look(9, 2, "2026-11-27T10:00:10Z"), ["next true"], "another day");
    }
}
