//! Whether what is relied on still holds: our clock agrees with the processor's, or webhooks are refused
//! and questions are put off; the certificate is not over (security.md, P-13 and P-14).

use super::Running;
use crate::http::Site;
use crate::tls::Certificates;
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often they are compared: the processor says its time with every answer.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// By how much they may part.
const ALARM: SignedDuration = SignedDuration::from_secs(60);
/// From here on webhooks are refused as stale or as of the future: the service is not ready.
const BROKEN: SignedDuration = SignedDuration::from_secs(300);

/// How the two clocks stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Agrees,
    Differs,
    Broken,
}

fn step(ahead: SignedDuration) -> Step {
    if ahead.abs() > BROKEN {
        Step::Broken
    } else if ahead.abs() > ALARM {
        Step::Differs
    } else {
        Step::Agrees
    }
}

/// Says so when it becomes another.
fn tell(before: Step, now: Step, ahead: SignedDuration) {
    let seconds = ahead.as_secs();
    match (before, now) {
        (Step::Agrees, Step::Agrees)
        | (Step::Differs, Step::Differs)
        | (Step::Broken, Step::Broken) => {}
        (_, Step::Agrees) => tracing::info!(event = "clock_agrees", seconds),
        (_, Step::Differs | Step::Broken) => {
            let advice = "set this machine's clock, by NTP; if it is right, tell the processor";
            tracing::error!(event = "clock_differs", audit = true, seconds, advice);
        }
    }
}

/// Whether there is a certificate, whether it is over, and when that ends which only operators see.
pub(super) fn look_at(site: &Site, public: &Certificates, own: Option<&Certificates>) {
    let ends = public.not_after();
    site.metrics.certificate_ends(ends.map_or(0, Timestamp::as_second));
    site.wrong.no_certificate.store(ends.is_none(), Ordering::Relaxed);
    let is_over = ends.is_some_and(|ends| ends <= site.clock.now());
    site.wrong.certificate_is_over.store(is_over, Ordering::Relaxed);
    if let Some(ends) = own.and_then(Certificates::not_after) {
        site.metrics.certificate_of("operations.certificate_file".to_owned(), ends.as_second());
    }
}

impl Running {
    /// Looks at both for as long as the service runs.
    pub(super) fn watch_controls(&self, (public, own): (Certificates, Option<Certificates>)) {
        self.again_and_again(move |site| {
            let (public, own) = (public.clone(), own.clone());
            async move {
                let mut before = Step::Agrees;
                loop {
                    tokio::time::sleep(LOOK_EVERY).await;
                    look_at(&site, &public, own.as_ref());
                    let at = site.clock.now();
                    // One that is moved by hand is another on purpose.
                    let ahead = site.hand_offs.processor.clock_ahead(at);
                    let Some(ahead) = ahead.filter(|_| site.clock.is_the_systems()) else {
                        continue;
                    };
                    let now = step(ahead);
                    tell(before, now, ahead);
                    before = now;
                    site.metrics.clock_ahead(ahead.as_secs());
                    site.wrong.clock_is_off.store(now == Step::Broken, Ordering::Relaxed);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_13_p_14_a_minute_alarms_and_five_are_too_many_whichever_way() {
        for (seconds, expected) in [
            (0, Step::Agrees),
            (60, Step::Agrees),
            (61, Step::Differs),
            (-61, Step::Differs),
            (300, Step::Differs),
            (-301, Step::Broken),
            (86_400, Step::Broken),
        ] {
            assert_eq!(step(SignedDuration::from_secs(seconds)), expected, "{seconds}");
        }
    }
}
