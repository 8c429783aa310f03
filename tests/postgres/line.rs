//! The line between a ledger and its server, which a test can cut, stop and eavesdrop on by length.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Everything that goes through one port.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) port: u16,
    cuts: watch::Sender<u32>,
    swallows: Arc<AtomicBool>,
    swallowed: Arc<AtomicUsize>,
}

/// From the ledger to the server, or back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Out,
    Back,
}

impl Line {
    /// A line to this port of ours.
    pub(crate) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = Self {
            port: listener.local_addr().unwrap().port(),
            cuts: watch::Sender::new(0),
            swallows: Arc::default(),
            swallowed: Arc::default(),
        };
        let carrier = line.clone();
        #[expect(clippy::disallowed_methods, reason = "it ends with its test")]
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                let ((from_near, to_near), (from_far, to_far)) =
                    (near.into_split(), far.into_split());
                let (there, back) = (carrier.clone(), carrier.clone());
                tokio::spawn(async move { there.carry(from_near, to_far, Way::Out).await });
                tokio::spawn(async move { back.carry(from_far, to_near, Way::Back).await });
            }
        });
        line
    }

    /// Ends every connection that stands.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// From now on what the ledger says goes nowhere.
    pub(crate) fn swallow(&self) {
        self.swallows.store(true, Ordering::SeqCst);
    }

    /// What it says is carried again.
    pub(crate) fn listen(&self) {
        self.swallows.store(false, Ordering::SeqCst);
    }

    /// How many bytes went nowhere.
    pub(crate) fn swallowed(&self) -> usize {
        self.swallowed.load(Ordering::SeqCst)
    }

    async fn carry(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: Way) {
        let mut cuts = self.cuts.subscribe();
        let mut bytes = vec![0; 1 << 16];
        loop {
            let read = tokio::select! {
                _ = cuts.changed() => return,
                read = from.read(&mut bytes) => read,
            };
            let Ok(read @ 1..) = read else { return };
            if way == Way::Out && self.swallows.load(Ordering::SeqCst) {
                self.swallowed.fetch_add(read, Ordering::SeqCst);
            } else if to.write_all(&bytes[..read]).await.is_err() {
                return;
            }
        }
    }
}
