//! A panic in the middle of a request, brought about without a door for it: the system refuses the thread by
//! which the processor's name is looked up, and the runtime panics in the task that asked for one, with the
//! card or the account in it (security.md, M-10).

use super::audit::{Audit, IDLE, remembered};
use super::caller::{Caller, Kept, Line};
use super::forms::Needles;
use super::places::Search;
use super::report::Report;
use super::roads::Walk;
use super::service::{How, Service};
use crate::cli::Failure;
use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// After so long without work the runtime lets a thread go; from then on a look-up wants a new one.
const THREADS_GO_AFTER: Duration = Duration::from_secs(11);
/// A look-up of the service's own, about an earlier doubt, may have kept a thread.
const TRIES: u8 = 3;
/// How long it may take until the system refuses.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(20);

impl Audit<'_> {
    /// A third service, which panics over a form and over a program's order; then its memory is searched.
    pub(super) async fn panicked(
        &self,
        walk: &mut Walk<'_>,
        kept: &Arc<Kept>,
        report: &mut Report,
    ) -> Result<(), Failure> {
        if walk.by_api().is_none() {
            left_out(report, "the service itself speaks to no processor here");
            return Ok(());
        }
        let mut service = Service::start(self.stage, self.config, &How::default())?;
        let operators = self.operators()?;
        service.answers(self.stage, &operators).await?;
        let line = Line::of(self.stage, 1).into_iter().next().context("there is a line")?;
        let (before, mut tries) = (self.panics()?, 0..TRIES);
        while self.panics()?.saturating_sub(before) < 2 {
            if tries.next().is_none() {
                walk.astray.push("panic in a request: there was none".to_owned());
                break;
            }
            tokio::time::sleep(THREADS_GO_AFTER).await;
            let Some(refusal) = Refusal::begin(service.id()).await else {
                left_out(report, "it takes strace, and leave to trace (root, or CAP_SYS_PTRACE)");
                return Ok(());
            };
            let caller = Caller::new(self.stage, line, Arc::clone(kept))?;
            walk.panicking(&caller).await?;
            drop(refusal);
        }
        service.answers(self.stage, &operators).await?;
        let ports = [self.stage.public(), self.stage.settings.operations.listen.0];
        Service::is_left_alone(ports.map(|address| address.port())).await?;
        tokio::time::sleep(IDLE).await;
        let needles = Needles::new(walk.people.data())?;
        let mut search = Search::new(&needles);
        remembered(search.memory("memory after panics, all threads", service.id()), report);
        report.searched(search.searched);
        service.signal(Signal::TERM)?;
        service.ended().await.map(drop)
    }

    /// How often the log says that something panicked.
    fn panics(&self) -> Result<usize, Failure> {
        let log = std::fs::read_to_string(self.stage.file("log/stderr"))?;
        Ok(log.matches("\"event\":\"panic\"").count())
    }
}

fn left_out(report: &mut Report, why: &str) {
    report.left_out.push(format!("a panic in a request: {why}"));
}

/// While it lasts a process gets no new thread.
struct Refusal(Child);

impl Refusal {
    /// `None` where nobody can have the system refuse.
    async fn begin(id: u32) -> Option<Self> {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=clone,clone3"]);
        strace.args(["-e", "inject=clone,clone3:error=EPERM", "-p", &id.to_string()]);
        strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut refusal = Self(strace.spawn().ok()?);
        let since = Instant::now();
        while since.elapsed() < PATIENCE && matches!(refusal.0.try_wait(), Ok(None)) {
            if holds(id).unwrap_or(false) {
                return Some(refusal);
            }
            tokio::time::sleep(LOOK).await;
        }
        None
    }
}

impl Drop for Refusal {
    fn drop(&mut self) {
        // It lets go of the process by itself; it may have ended already.
        kill_process(Pid::from_child(&self.0), Signal::INT).ok();
        self.0.wait().ok();
    }
}

/// Whether every thread is traced.
fn holds(id: u32) -> std::io::Result<bool> {
    for thread in std::fs::read_dir(format!("/proc/{id}/task"))? {
        let status = std::fs::read_to_string(thread?.path().join("status"))?;
        if status.lines().any(|line| line == "TracerPid:\t0") {
            return Ok(false);
        }
    }
    Ok(true)
}
