//! What runs beside the requests, until the service stops.

use super::{Running, Side};
use crate::announcement::LOOK_EVERY;
use crate::config::Settings;
use crate::http::Site;
use crate::resolution::Following;
use crate::tls::{self, Certificates};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Notify;

/// How often the chaser looks for hand-offs that are due.
const CHASE_EVERY: Duration = Duration::from_secs(1);

/// How often the log says how old the oldest doubt is, and it is looked which alarms are raised.
const TELL_EVERY: Duration = Duration::from_mins(1);

/// How often it is looked whether a wrong clock has put questions off.
const REEL_IN_EVERY: Duration = Duration::from_mins(10);

/// How often it is looked whether a report of the processor's is due.
const FOLLOW_EVERY: Duration = Duration::from_mins(1);

/// How long after a panic the rounds begin anew.
const ANEW_AFTER: Duration = Duration::from_secs(1);

/// How the log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    /// In how many lines something was blotted out.
    pub blocked: u64,
    /// How many lines nobody will read.
    pub lost: u64,
    /// Whether the last one could not be written.
    pub fails: bool,
}

impl Running {
    /// Puts into the metrics in how many lines of the log something was blotted out and how many are lost.
    /// While none can be written the service is not ready: nobody hears what it does (security.md, P-14).
    pub fn log_stands(&self, Logged { blocked, lost, fails }: Logged) {
        self.site.metrics.log_stands(blocked, lost);
        self.site.wrong.log_fails.store(fails, Ordering::Relaxed);
    }

    /// Everything that goes on beside the requests.
    pub(super) fn go_on(&self, settings: &Settings, watched: (Certificates, Option<Certificates>)) {
        self.chase();
        self.announce();
        self.tell_subscribers();
        self.try_again();
        self.tell_doubts();
        self.reel_in();
        self.tell_alarms();
        self.keep_house();
        self.tell_keys();
        self.watch_controls(watched);
        self.watch_endings(settings);
        self.renew();
        if let Some(following) = self.following {
            self.follow(following);
        }
    }

    pub(super) fn serve(&self, side: Side, limits: tls::Limits) {
        self.site.tasks.spawn(async move {
            let Side { listener, router, certificates, handle } = side;
            if let Err(error) = tls::serve(listener, router, &certificates, limits, handle).await {
                tracing::error!(event = "listener_failed", reason = %error.kind());
            }
        });
    }

    pub(super) fn watch(&self, certificates: Certificates, every: Duration, hangup: Arc<Notify>) {
        let stop = self.stop.clone();
        self.site.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                never = certificates.watch(every, &hangup) => match never {},
            }
        });
    }

    pub(super) fn chase(&self) {
        // A question may be dropped at any time: it is asked again, and what was heard is on its way
        // to the disk already.
        self.again_and_again(|site| async move {
            loop {
                tokio::time::sleep(CHASE_EVERY).await;
                if let Err(error) = site.resolution.chase().await {
                    tracing::error!(event = "chase_failed", reason = %error);
                }
            }
        });
    }

    /// Wakes the streams when there is something to tell.
    pub(super) fn announce(&self) {
        self.again_and_again(|site| async move {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                // A ledger that cannot be read is alarmed of by its own; what is new is found the next time.
                site.announcements.look().await.ok();
            }
        });
    }

    /// Tells each subscriber by a courier of its own. What is under way when the service stops is seen to its end.
    pub(super) fn tell_subscribers(&self) {
        for courier in self.site.couriers.each() {
            let (stop, courier) = (self.stop.clone(), Arc::clone(courier));
            self.site.tasks.spawn(async move { anew(|| courier.go(&stop)).await });
        }
    }

    /// Sees that no question is put off by a clock that was wrong.
    pub(super) fn reel_in(&self) {
        self.again_and_again(|site| async move {
            loop {
                if let Err(error) = site.resolution.reel_in().await {
                    tracing::warn!(event = "reel_in_failed", reason = %error);
                }
                tokio::time::sleep(REEL_IN_EVERY).await;
            }
        });
    }

    /// Asks a processor that failed whether it is well again. Beside the chaser, whose questions may
    /// hang then.
    pub(super) fn try_again(&self) {
        self.again_and_again(|site| async move {
            loop {
                tokio::time::sleep(CHASE_EVERY).await;
                site.hand_offs.try_again().await;
            }
        });
    }

    /// Says how old the oldest doubt is, while there is one.
    pub(super) fn tell_doubts(&self) {
        self.again_and_again(|site| async move {
            loop {
                tokio::time::sleep(TELL_EVERY).await;
                site.resolution.tell_doubts().await;
            }
        });
    }

    /// Looks whether webhooks fail without a word, or events are not taken, whether or not anybody reads the metrics.
    pub(super) fn tell_alarms(&self) {
        self.again_and_again(|site| async move {
            loop {
                tokio::time::sleep(TELL_EVERY).await;
                // A ledger that cannot be read is alarmed of by its own.
                site.resolution.alarms().await.ok();
                site.couriers.behind().await.ok();
            }
        });
    }

    pub(super) fn follow(&self, following: Following) {
        self.again_and_again(move |site| async move {
            loop {
                tokio::time::sleep(FOLLOW_EVERY.min(following.every.unsigned_abs())).await;
                site.resolution.follow(following).await;
            }
        });
    }

    pub(super) async fn listening(&self) {
        self.public_handle.listening().await;
        self.operations_handle.listening().await;
    }

    /// Goes from round to round until the service stops.
    pub(super) fn again_and_again<R>(&self, rounds: impl Fn(Arc<Site>) -> R + Send + Sync + 'static)
    where
        R: Future<Output = ()> + Send + 'static,
    {
        let (stop, site) = (self.stop.clone(), Arc::clone(&self.site));
        self.site.tasks.spawn(async move {
            stop.run_until_cancelled(anew(|| rounds(Arc::clone(&site)))).await;
        });
    }
}

/// Begins the rounds anew, a moment later, when one of them panics, which its line of the log has said:
/// a chaser that ended there would leave every doubt unasked until somebody starts the service.
async fn anew<R: Future<Output = ()>>(rounds: impl Fn() -> R) {
    while AssertUnwindSafe(rounds()).catch_unwind().await.is_err() {
        tokio::time::sleep(ANEW_AFTER).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test(start_paused = true)]
    async fn m_10_the_rounds_go_on_after_one_that_panicked() {
        let begun = AtomicU32::new(0);
        let rounds = || async { assert!(begun.fetch_add(1, Ordering::Relaxed) > 1, "a round") };
        anew(rounds).await;
        assert_eq!(begun.into_inner(), 3);
    }
}
