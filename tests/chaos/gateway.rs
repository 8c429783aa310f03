//! The gateway's process: started, traced, stopped, killed, and started again whenever it ends.

use super::stage::{Stage, almoner, binary, forget_the_clock};
use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

/// What `strace` does to one life of the process, as its `-e inject=` has it.
pub(crate) type Injection = Option<String>;

/// A process that is started again, as an init system would do, until it is told to stay away.
pub(crate) struct Gateway {
    shared: Arc<Shared>,
    keeper: JoinHandle<()>,
}

struct Shared {
    /// Process id of the life that runs now; 0 where there is none.
    process: AtomicU32,
    over: AtomicBool,
    lives: AtomicU32,
    /// How often it ended because the ledger failed (exit code 3).
    failed: AtomicU32,
}

/// How one life is started.
struct Launch {
    config: PathBuf,
    log: PathBuf,
    clock: Vec<(&'static str, String)>,
}

impl Gateway {
    /// Starts it; its first lives are traced so.
    pub(crate) fn start(stage: &Stage, instance: usize, injections: Vec<Injection>) -> Self {
        let shared = Arc::new(Shared {
            process: AtomicU32::new(0),
            over: AtomicBool::new(false),
            lives: AtomicU32::new(0),
            failed: AtomicU32::new(0),
        });
        let launch = Launch {
            config: stage.config(instance),
            log: stage.folder.join(format!("gateway-{instance}.log")),
            clock: stage.faked(),
        };
        let its = Arc::clone(&shared);
        #[expect(clippy::disallowed_methods, reason = "it is waited for when the round ends")]
        let keeper = tokio::spawn(async move { its.keep(&launch, injections).await });
        Self { shared, keeper }
    }

    /// Sends a signal to the life that runs now, if there is one.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.shared.process.load(Ordering::SeqCst);
        if process != 0 {
            let mut kill = Command::new("kill");
            kill.args(["-s", name, &process.to_string()]).stderr(Stdio::null());
            // It may have ended just now.
            kill.status().ok();
        }
    }

    /// How many lives it had.
    pub(crate) fn lives(&self) -> u32 {
        self.shared.lives.load(Ordering::SeqCst)
    }

    /// Ends it for good.
    pub(crate) async fn end(mut self) {
        self.away();
        (&mut self.keeper).await.unwrap();
    }

    fn away(&self) {
        self.shared.over.store(true, Ordering::SeqCst);
        self.signal("CONT");
        self.signal("KILL");
    }
}

impl Drop for Gateway {
    /// Nobody is left behind by a round that broke off.
    fn drop(&mut self) {
        self.away();
    }
}

impl Shared {
    async fn keep(&self, launch: &Launch, injections: Vec<Injection>) {
        let mut injections = injections.into_iter();
        while !self.over.load(Ordering::SeqCst) {
            let mut child = launch.spawn(injections.next().flatten());
            self.process.store(child.id(), Ordering::SeqCst);
            self.lives.fetch_add(1, Ordering::SeqCst);
            let status = loop {
                if let Some(status) = child.try_wait().unwrap() {
                    break status;
                }
                if self.over.load(Ordering::SeqCst) {
                    child.kill().ok();
                }
                tokio::time::sleep(Duration::from_millis(15)).await;
            };
            self.process.store(0, Ordering::SeqCst);
            forget_the_clock(child.id());
            if status.code() == Some(3) {
                self.failed.fetch_add(1, Ordering::SeqCst);
            }
            if status.code().is_some() && !self.over.load(Ordering::SeqCst) {
                // It could not even start, as on a full disk: no hurry.
                tokio::time::sleep(Duration::from_millis(60)).await;
            }
        }
    }
}

impl Launch {
    fn spawn(&self, injection: Injection) -> Child {
        let log = OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let serve = ["serve".into(), "--config".into(), self.config.display().to_string()];
        let mut command = match injection {
            None => {
                let mut command = almoner();
                command.args(serve).envs(self.clock.clone());
                command
            }
            Some(inject) => {
                let traced = inject.split(':').next().unwrap_or_default();
                let mut strace = Command::new("strace");
                // -D: the process is ours, and strace its guest.
                strace.args(["-D", "-f", "-qq", "-o", "/dev/null"]);
                strace.args(["-e", &format!("trace={traced}"), "-e", &format!("inject={inject}")]);
                for (name, value) in &self.clock {
                    strace.args(["-E", &format!("{name}={value}")]);
                }
                strace.arg(binary()).args(serve);
                strace
            }
        };
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }
}
