//! Assembles the rooms, starts listeners and the chaser, and shuts down in order.

use crate::clock::Clock;
use crate::config::{ConfigError, Document, Settings};
use crate::http::{self, Site};
use crate::ledger::LedgerError;
use crate::resolution::Following;
use crate::tls::acme::Renewal;
use crate::tls::{CertificateError, Certificates};
use axum_server::Handle;
use jiff::SignedDuration;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

mod assemble;
mod controls;
mod endings;
mod fit;
mod housekeeping;
pub mod process;
mod record;
mod rounds;
mod sockets;
mod used;
mod warnings;

pub use fit::Fittings;
pub use record::Record;
pub use rounds::Logged;

/// How long before the end of its time a request is answered, whatever the processor does.
const ANSWER_IN: Duration = Duration::from_secs(10);

/// How often it is looked whether the last connection has gone.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long the operators' listener may take to say that all is over.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Both listeners, there before anything else is done.
pub struct Listeners {
    /// For supporters, the processor and the charity's programs.
    pub public: TcpListener,
    /// For operators.
    pub operations: TcpListener,
}

/// All of one listener.
struct Side {
    listener: TcpListener,
    router: axum::Router,
    certificates: Certificates,
    handle: Handle<SocketAddr>,
}

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A certificate or its key.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The key that networks are counted under.
    #[error("the operating system gives no random bytes ({0})")]
    Random(#[from] getrandom::Error),
    /// An address.
    #[error("cannot listen on {address} ({kind}): stop what listens there, or set another address")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The operating system's reason.
        kind: std::io::ErrorKind,
    },
    /// systemd handed over what we do not listen on.
    #[error(
        "systemd hands over a socket at {address}, which is neither public.listen nor operations.listen: say the same in almoner.socket and in the configuration"
    )]
    Unknown {
        /// Its address.
        address: SocketAddr,
    },
    /// systemd handed over something else.
    #[error(
        "systemd hands over a socket that is not one of TCP ({kind}): write ListenStream= with an address and a port in almoner.socket"
    )]
    NotTcp {
        /// The operating system's reason.
        kind: std::io::ErrorKind,
    },
}

/// How the service ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything that was begun was finished.
    Drained,
    /// Some requests were still open at the limit.
    CutOff,
}

/// A service that runs.
pub struct Running {
    /// Where supporters are served.
    pub public: SocketAddr,
    /// Where operators are served.
    pub operations: SocketAddr,
    site: Arc<Site>,
    record: Record,
    public_handle: Handle<SocketAddr>,
    operations_handle: Handle<SocketAddr>,
    stop: CancellationToken,
    reload: [Arc<Notify>; 2],
    drain_timeout: Duration,
    following: Option<Following>,
    renewal: Option<Arc<Renewal>>,
    keeping: housekeeping::Keeping,
}

/// Starts everything. When this returns, requests are answered.
pub async fn start(
    settings: &Settings,
    document: &Document,
    clock: Clock,
    listeners: Listeners,
) -> Result<Running, StartError> {
    let (shown, profile) = (settings.shown(document)?, settings.public.tls_profile.0);
    let operations_certificates =
        Certificates::load(Fittings::operations_files(settings, &shown), profile, clock.clone())?;
    let (public_certificates, renewal) = endings::public(shown, profile, &clock)?;
    let limits = Fittings::tls_limits(settings);
    let stop = CancellationToken::new();
    let (site, record) = Box::pin(assemble::site(settings, document, &clock, &stop)).await?;
    let own = settings.operations.certificate_file.is_some();
    let own = own.then(|| operations_certificates.clone());
    controls::look_at(&site, &public_certificates, own.as_ref());
    let address = |listener: &TcpListener, fallback| listener.local_addr().unwrap_or(fallback);
    let running = Running {
        public: address(&listeners.public, settings.public.listen.0),
        operations: address(&listeners.operations, settings.operations.listen.0),
        record,
        public_handle: Handle::new(),
        operations_handle: Handle::new(),
        stop,
        reload: [Arc::new(Notify::new()), Arc::new(Notify::new())],
        drain_timeout: settings.limits.drain_timeout.timer(),
        following: settings.following(),
        renewal,
        keeping: housekeeping::Keeping::of(settings),
        site,
    };
    let every = settings.public.certificate_check.timer();
    let watched = (public_certificates.clone(), own);
    let sides = [
        Side {
            listener: listeners.public,
            router: http::public(&running.site),
            certificates: public_certificates,
            handle: running.public_handle.clone(),
        },
        Side {
            listener: listeners.operations,
            router: http::operations(&running.site),
            certificates: operations_certificates,
            handle: running.operations_handle.clone(),
        },
    ];
    for (side, hangup) in sides.into_iter().zip(running.reload.clone()) {
        running.watch(side.certificates.clone(), every, hangup);
        running.serve(side, limits.clone());
    }
    running.go_on(settings, watched);
    running.listening().await;
    tracing::info!(event = "started", audit = true, public = %running.public, operations = %running.operations, mode = settings.processor.mode.0.word(), dialect = settings.processor.dialect.0.word());
    warnings::warn(settings, running.site.looks.first());
    Ok(running)
}

impl Running {
    /// Looks at the certificate files now, and asks an authority now where one is to be asked.
    pub fn reload(&self) {
        for hangup in &self.reload {
            hangup.notify_one();
        }
        if let Some(renewal) = &self.renewal {
            renewal.look();
        }
    }

    /// Reads the processor's reports now, due or not; says nothing where it has none.
    pub async fn read_reports(&self) {
        if let Some(following) = self.following {
            let at_once = Following { every: SignedDuration::ZERO, ..following };
            self.site.resolution.follow(at_once).await;
        }
    }

    /// Turns true when the ledger can never be trusted again in this process (an fsync failed):
    /// the process must end.
    #[must_use]
    pub fn ledger_failed(&self) -> watch::Receiver<bool> {
        self.record.failed.clone()
    }

    /// Says "not ready", takes no new connection, lets what was begun finish within the limit, and
    /// closes the ledger last. Operators can watch it until then (security.md, FM-79).
    pub async fn stop(self) -> Ended {
        tracing::info!(event = "stopping", audit = true);
        self.site.stopping.store(true, Ordering::SeqCst);
        self.stop.cancel();
        let started = Instant::now();
        self.public_handle.graceful_shutdown(Some(self.drain_timeout));
        self.site.tasks.close();
        let drained = async {
            while self.public_handle.connection_count() > 0 {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let in_time = tokio::time::timeout(self.drain_timeout.saturating_sub(LOOK_EVERY), drained);
        let ended = if in_time.await.is_ok() { Ended::Drained } else { Ended::CutOff };
        self.operations_handle.graceful_shutdown(Some(LAST_WORD));
        // Calls to the processor may still be under way; what they leave is a doubt, and on disk.
        let left = self.drain_timeout.saturating_sub(started.elapsed()).saturating_add(LAST_WORD);
        drop(tokio::time::timeout(left, self.site.tasks.wait()).await);
        tracing::info!(event = "stopped", audit = true, cut_off = ended == Ended::CutOff);
        ended
    }
}
