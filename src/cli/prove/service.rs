//! The installed binary itself, serving under the derived configuration.

use super::stage::Stage;
use crate::cli::Failure;
use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long the start may take, and the end.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often it is looked.
const LOOK: Duration = Duration::from_millis(20);

/// This program as it stands on disk, whatever lies by its name now.
pub(super) const OURSELVES: &str = "/proc/self/exe";

/// How the service is started.
#[derive(Clone, Default)]
pub(super) struct How {
    /// Where every system call of it is to be written by `strace`.
    pub(super) trace: Option<PathBuf>,
    /// One more variable of its environment.
    pub(super) variable: Option<(&'static str, String)>,
}

/// A running service. It ends with this value.
pub(super) struct Service {
    child: Child,
}

impl Service {
    /// Starts it; its output and its folders are the stage's.
    pub(super) fn start(stage: &Stage, config: &Path, how: &How) -> Result<Self, Failure> {
        let log = |name: &str| {
            File::options().create(true).append(true).open(stage.file("log").join(name))
        };
        let mut command = match &how.trace {
            None => Command::new(OURSELVES),
            Some(trace) => {
                let mut strace = Command::new("strace");
                // As a grandchild of ours: what we started and watch is the service itself.
                strace.args(["-D", "-f", "-qq", "-s", "65535", "-o"]).arg(trace);
                strace.arg(std::env::current_exe()?);
                strace
            }
        };
        command
            .args(["serve", "--config"])
            .arg(config)
            .current_dir(stage.file("current"))
            .env("TMPDIR", stage.file("temporary"))
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null())
            .stdout(log("stdout")?)
            .stderr(log("stderr")?);
        if let Some((name, value)) = &how.variable {
            command.env(name, value);
        }
        let child = command.spawn().context("the service cannot be started")?;
        Ok(Self { child })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the service answers, by what `asks` says.
    pub(super) async fn answers(
        &mut self,
        stage: &Stage,
        asks: &reqwest::Client,
    ) -> Result<(), Failure> {
        let since = Instant::now();
        let url = format!("{}/readyz", stage.operations());
        while since.elapsed() < PATIENCE {
            if asks.get(&url).send().await.is_ok_and(|answer| answer.status() == 200) {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("the service did not start ({status}): {}", last_words(stage));
            }
            tokio::time::sleep(LOOK).await;
        }
        anyhow::bail!("the service did not answer within {PATIENCE:?}: {}", last_words(stage))
    }

    /// Waits until every connection to the service has closed, those of the processor's webhooks too: it
    /// closes idle ones by itself.
    pub(super) async fn is_left_alone(ports: [u16; 2]) -> Result<(), Failure> {
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            let mut open = false;
            for table in ["tcp", "tcp6"] {
                let table = std::fs::read_to_string(format!("/proc/net/{table}"))?;
                open |=
                    table.lines().any(|line| ports.into_iter().any(|port| is_open_at(line, port)));
            }
            if !open {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
        anyhow::bail!("connections to the service were still open after {PATIENCE:?}")
    }

    pub(super) fn signal(&self, signal: Signal) -> Result<(), Failure> {
        Ok(kill_process(Pid::from_child(&self.child), signal)?)
    }

    /// Waits for its end.
    pub(super) async fn ended(&mut self) -> Result<ExitStatus, Failure> {
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            tokio::time::sleep(LOOK).await;
        }
        anyhow::bail!("the service did not end within {PATIENCE:?}")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // It may have ended since; then there is nothing to do.
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

/// Whether a line of the kernel's table is a connection that came in at this port and is open.
fn is_open_at(line: &str, port: u16) -> bool {
    let mut words = line.split_ascii_whitespace().skip(1);
    let local = words.next().is_some_and(|local| local.ends_with(&format!(":{port:04X}")));
    // The other end, then the state: 01 is ESTABLISHED.
    local && words.nth(1) == Some("01")
}

/// The end of its log: what `almoner serve` says when it does not start.
fn last_words(stage: &Stage) -> String {
    let log = std::fs::read_to_string(stage.file("log/stderr")).unwrap_or_default();
    log.lines().last().unwrap_or("it said nothing").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_kernel_s_table_says_whether_it_is_open() {
        let line = "  2: 0100007F:20FB 0100007F:C350 01 00000000:00000000 00:00000000 00000000";
        assert!(is_open_at(line, 8443));
        assert!(!is_open_at(line, 50000), "that is the other end");
        assert!(!is_open_at(&line.replace(" 01 ", " 0A "), 8443), "it listens");
    }
}
