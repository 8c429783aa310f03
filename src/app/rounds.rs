//! What runs beside the requests, until the service stops.

use super::{Running, Side, endings};
use crate::config::Settings;
use crate::resolution::Following;
use crate::tls::{self, Certificates};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How often the chaser looks for hand-offs that are due.
const CHASE_EVERY: Duration = Duration::from_secs(1);

/// How often the log says how old the oldest doubt is.
const TELL_EVERY: Duration = Duration::from_mins(1);

/// How often it is looked whether a wrong clock has put questions off.
const REEL_IN_EVERY: Duration = Duration::from_mins(10);

/// How often it is looked whether a report of the processor's is due.
const FOLLOW_EVERY: Duration = Duration::from_mins(1);

impl Running {
    /// Puts into the metrics in how many lines of the log something was blotted out.
    pub fn log_leaks_blocked(&self, lines: u64) {
        self.site.metrics.log_leaks_blocked(lines);
    }

    /// Everything that goes on beside the requests.
    pub(super) fn go_on(&self, settings: &Settings, public: Certificates) {
        self.chase();
        self.try_again();
        self.tell_doubts();
        self.reel_in();
        self.keep_house();
        self.tell_keys();
        self.watch_controls(public);
        self.watch_endings(endings::watched(settings));
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
        let (stop, site) = (self.stop.clone(), Arc::clone(&self.site));
        self.site.tasks.spawn(async move {
            // A question may be dropped at any time: it is asked again, and what was heard is on its way
            // to the disk already.
            let rounds = async {
                loop {
                    tokio::time::sleep(CHASE_EVERY).await;
                    if let Err(error) = site.resolution.chase().await {
                        tracing::error!(event = "chase_failed", reason = %error);
                    }
                }
            };
            stop.run_until_cancelled(rounds).await;
        });
    }

    /// Sees that no question is put off by a clock that was wrong.
    pub(super) fn reel_in(&self) {
        let (stop, site) = (self.stop.clone(), Arc::clone(&self.site));
        self.site.tasks.spawn(async move {
            let rounds = async {
                loop {
                    if let Err(error) = site.resolution.reel_in().await {
                        tracing::warn!(event = "reel_in_failed", reason = %error);
                    }
                    tokio::time::sleep(REEL_IN_EVERY).await;
                }
            };
            stop.run_until_cancelled(rounds).await;
        });
    }

    /// Asks a processor that failed whether it is well again. Beside the chaser, whose questions may
    /// hang then.
    pub(super) fn try_again(&self) {
        let (stop, site) = (self.stop.clone(), Arc::clone(&self.site));
        self.site.tasks.spawn(async move {
            let rounds = async {
                loop {
                    tokio::time::sleep(CHASE_EVERY).await;
                    site.hand_offs.try_again().await;
                }
            };
            stop.run_until_cancelled(rounds).await;
        });
    }

    /// Says how old the oldest doubt is, while there is one.
    pub(super) fn tell_doubts(&self) {
        let (stop, site) = (self.stop.clone(), Arc::clone(&self.site));
        self.site.tasks.spawn(async move {
            let rounds = async {
                loop {
                    tokio::time::sleep(TELL_EVERY).await;
                    site.resolution.tell_doubts().await;
                }
            };
            stop.run_until_cancelled(rounds).await;
        });
    }

    pub(super) fn follow(&self, following: Following) {
        let (stop, site) = (self.stop.clone(), Arc::clone(&self.site));
        self.site.tasks.spawn(async move {
            let rounds = async {
                loop {
                    tokio::time::sleep(FOLLOW_EVERY.min(following.every.unsigned_abs())).await;
                    site.resolution.follow(following).await;
                }
            };
            stop.run_until_cancelled(rounds).await;
        });
    }

    pub(super) async fn listening(&self) {
        self.public_handle.listening().await;
        self.operations_handle.listening().await;
    }
}
