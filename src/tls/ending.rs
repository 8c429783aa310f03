//! How the end of a certificate is spoken of: louder, the nearer it is (security.md, P-6 and T-4).

use jiff::Timestamp;
use std::fmt::Display;

/// Days before its end at which a certificate in use is warned about, once each.
const WARNINGS: [i64; 4] = [0, 3, 14, 30];

/// What was said last of one certificate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ending(Option<i64>);

impl Ending {
    /// Says it once for each step: as news at 30 days, as a warning at 14, as an error at 3 and when it
    /// is over. A new certificate begins anew.
    pub fn look(&mut self, file: &dyn Display, not_after: Timestamp, now: Timestamp) {
        let days_left = not_after.duration_since(now).as_hours().div_euclid(24);
        let step = WARNINGS.into_iter().find(|days| days_left < *days);
        if step != self.0 {
            tell(step, file, not_after, days_left);
        }
        self.0 = step;
    }
}

fn tell(step: Option<i64>, file: &dyn Display, not_after: Timestamp, days_left: i64) {
    match step {
        None => {}
        Some(30) => tracing::info!(event = "certificate_ends", %file, %not_after, days_left),
        Some(14) => tracing::warn!(event = "certificate_ends", %file, %not_after, days_left),
        Some(_) => tracing::error!(event = "certificate_ends", %file, %not_after, days_left),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// The levels of what is logged in here.
    #[derive(Clone, Default)]
    struct Levels(Arc<Mutex<Vec<tracing::Level>>>);

    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Levels {
        fn on_event(
            &self,
            event: &tracing::Event<'_>,
            _: tracing_subscriber::layer::Context<'_, S>,
        ) {
            self.0.lock().unwrap().push(*event.metadata().level());
        }
    }

    #[test]
    fn t_4_p_6_the_end_is_told_at_30_14_and_3_days_and_when_it_has_come_once_each() {
        use tracing_subscriber::layer::SubscriberExt as _;
        let levels = Levels::default();
        let subscriber = tracing_subscriber::registry().with(levels.clone());
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let ends = at("2026-12-31T00:00:00Z");
        let mut ending = Ending::default();
        let mut said = |now: &str, ends: Timestamp| {
            ending.look(&"tls.pem", ends, at(now));
            levels.0.lock().unwrap().drain(..).map(|it| it.to_string()).collect::<Vec<_>>()
        };
        tracing::subscriber::with_default(subscriber, || {
            for (now, level) in [
                ("2026-11-30T00:00:00Z", None),
                ("2026-12-02T00:00:00Z", Some("INFO")),
                ("2026-12-16T23:00:00Z", None),
                ("2026-12-17T01:00:00Z", Some("WARN")),
                ("2026-12-28T01:00:00Z", Some("ERROR")),
                ("2026-12-29T00:00:00Z", None),
                ("2026-12-31T01:00:00Z", Some("ERROR")),
                ("2027-01-01T00:00:00Z", None),
            ] {
                let expected: Vec<_> = level.map(str::to_owned).into_iter().collect();
                assert_eq!(said(now, ends), expected, "{now}");
            }
            assert!(said("2027-01-01T00:00:00Z", at("2028-01-01T00:00:00Z")).is_empty());
            assert_eq!(said("2027-12-20T00:00:00Z", at("2028-01-01T00:00:00Z")), ["WARN"], "anew");
        });
    }
}
