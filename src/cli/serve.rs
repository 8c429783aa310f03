//! `almoner serve`.

use super::{Failure, log, runtime};
use crate::app::process::Swap;
use crate::app::{self, Ended, Listeners, StartError};
use crate::clock::Clock;
use crate::config::{Document, SandboxMode, Settings};
use crate::sandbox::{self, Confined, Held};
use crate::spans::Exporting;
use crate::way_out::install_provider;
use sd_notify::NotifyState;
use std::path::{Path, PathBuf};
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
    let listeners = Listeners::open(&settings)?;
    settings.shown(&document)?.prepare().map_err(StartError::Certificate)?;
    // The sandbox keeps this from being read.
    let swap = Swap::look();
    // Before the first thread: whom it starts is held as it is.
    let confined = confine(&settings, &arguments.config)?;
    let mut log = log::start(settings.log.level.0)?;
    tell_settings(&settings, &document);
    tell_confined(confined);
    swap.tell();
    let _exporting = traces(&settings, &document)?;
    let code = runtime()?.block_on(async {
        let (mut terminate, mut interrupt, mut hang_up) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
            signal(SignalKind::hangup())?,
        );
        let running = app::start(&settings, &document, Clock::system(), listeners).await?;
        let mut failed = running.ledger_failed();
        tell(NotifyState::Ready);
        let mut look = tokio::time::interval(LOOK_AT_THE_LOG);
        let code = loop {
            tokio::select! {
                _ = terminate.recv() => break ExitCode::SUCCESS,
                _ = interrupt.recv() => break ExitCode::SUCCESS,
                _ = hang_up.recv() => running.reload(),
                _ = look.tick() => {
                    log.tell_lost();
                    running.log_stands(log.stands());
                }
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

/// Sends traces until it is dropped, where that is wanted.
fn traces(settings: &Settings, document: &Document) -> Result<Option<Exporting>, Failure> {
    let Some(collector) = settings.collector(document)? else { return Ok(None) };
    install_provider();
    let exporting = Exporting::start(&collector);
    Ok(Some(exporting.map_err(|why| document.wrong("traces", &why.to_string()))?))
}

/// Has the kernel hold this process to what is its own. `None` where the settings say not to try.
fn confine(settings: &Settings, file: &Path) -> Result<Option<Confined>, Failure> {
    if settings.sandbox.mode.0 == SandboxMode::Off {
        return Ok(None);
    }
    let confined = sandbox::confine(&settings.bounds(file));
    if settings.sandbox.mode.0 == SandboxMode::Require && !confined.is_whole() {
        anyhow::bail!(
            "this kernel cannot hold the service to what is its own (files {}, ports {}, system calls {}): take Linux 6.7 or later with Landlock, or set sandbox.mode to \"warn\" and have systemd do it (docs/hardening.md)",
            confined.files.word(),
            confined.ports.word(),
            confined.calls.word()
        );
    }
    Ok(Some(confined))
}

/// Says what is held; loudly where it is not all.
fn tell_confined(confined: Option<Confined>) {
    const ADVICE: &str = "docs/hardening.md";
    let Some(confined) = confined else {
        return tracing::warn!(
            event = "not_confined",
            audit = true,
            setting = "sandbox.mode",
            advice = ADVICE
        );
    };
    let [files, ports, calls] = [confined.files, confined.ports, confined.calls].map(Held::word);
    if confined.is_whole() {
        tracing::info!(event = "confined", audit = true, files, ports, calls);
    } else {
        tracing::warn!(event = "confined", audit = true, files, ports, calls, advice = ADVICE);
    }
}

/// Which configuration and which secrets it runs with, by hash and by name (security.md, P-11).
fn tell_settings(settings: &Settings, document: &Document) {
    let (sha256, version) = (hex::encode(document.digest()), env!("CARGO_PKG_VERSION"));
    tracing::info!(event = "configuration_loaded", audit = true, sha256, version);
    let secrets = settings.secrets.named();
    let (keys, next): (Vec<_>, Vec<_>) =
        secrets.iter().map(|(name, secret)| (*name, secret.next.as_ref().map(|_| *name))).unzip();
    let next: Vec<_> = next.into_iter().flatten().collect();
    tracing::info!(
        event = "keys_named",
        audit = true,
        keys = keys.join(","),
        next = next.join(",")
    );
}

/// Says so to systemd, where it asked to be told.
fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(event = "notify_failed", reason = %error.kind());
    }
}
