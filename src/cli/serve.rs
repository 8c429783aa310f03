//! `almoner serve`.

use super::{Failure, log, runtime};
use crate::app::{self, Ended, Listeners};
use crate::clock::Clock;
use crate::config::Settings;
use sd_notify::NotifyState;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The configuration, such as config/production.toml.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// How often it is looked whether lines of the log were lost.
const LOOK_AT_THE_LOG: Duration = Duration::from_secs(10);

/// Serves until SIGTERM or SIGINT; SIGHUP looks at the certificate files.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (settings, document) = Settings::load(&arguments.config)?;
    let mut log = log::start(settings.log.level.0);
    let code = runtime()?.block_on(async {
        let (mut terminate, mut interrupt, mut hang_up) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
            signal(SignalKind::hangup())?,
        );
        let listeners = Listeners::bind(&settings)?;
        let running = app::start(&settings, &document, Clock::system(), listeners).await?;
        let mut failed = running.ledger_failed();
        tell(NotifyState::Ready);
        let mut look = tokio::time::interval(LOOK_AT_THE_LOG);
        let code = loop {
            tokio::select! {
                _ = terminate.recv() => break ExitCode::SUCCESS,
                _ = interrupt.recv() => break ExitCode::SUCCESS,
                _ = hang_up.recv() => running.reload(),
                _ = look.tick() => log.tell_dropped(),
                _ = failed.wait_for(|failed| *failed) => break ExitCode::from(3),
            }
        };
        tell(NotifyState::Stopping);
        let ended = running.stop().await;
        Ok::<_, Failure>(if code == ExitCode::SUCCESS && ended == Ended::CutOff {
            ExitCode::from(4)
        } else {
            code
        })
    })?;
    Ok(code)
}

/// Says so to systemd, where it asked to be told.
fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(event = "notify_failed", reason = %error.kind());
    }
}
