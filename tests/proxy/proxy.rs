//! A TCP proxy that harms connections: what a network does to bytes, by a seed. It knows nothing of
//! TLS but where a record begins, so that it can tell a request from a handshake.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What is done to one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Harm {
    /// Closed before a byte is passed on.
    CutAtOnce,
    /// Reset once the caller has sent this many bytes.
    Reset(usize),
    /// Closed once the caller has sent this many bytes: in the handshake or within the request.
    CutRequest(usize),
    /// The whole request is passed on and not a byte of the answer.
    LoseAnswer,
    /// Closed once the server has sent this many bytes.
    CutAnswer(usize),
    /// Every piece is passed on this much later.
    Delay(Duration),
    /// Taken, and then silence for this long.
    BlackHole(Duration),
    /// Everything the caller sends is sent on a second connection too.
    Duplicate,
}

/// How many of a thousand connections are harmed, and how.
pub(crate) type Weather = Vec<(u32, fn(&mut fastrand::Rng) -> Harm)>;

/// A proxy that runs until it is dropped.
pub(crate) struct Proxy {
    /// Where callers connect.
    pub(crate) port: u16,
    sky: Arc<Sky>,
    tasks: TaskTracker,
}

struct Sky {
    servers: Mutex<Vec<u16>>,
    weather: Mutex<Weather>,
    chance: Mutex<fastrand::Rng>,
    done: Mutex<BTreeMap<&'static str, u64>>,
    /// Ends all connections that are open.
    clearing: Mutex<CancellationToken>,
    stop: CancellationToken,
    turn: AtomicUsize,
}

/// Where both ends of one connection agree on what was passed.
struct Line {
    harm: Option<Harm>,
    /// Records of application data that the caller has sent: the first ends its handshake.
    asked: AtomicUsize,
    end: CancellationToken,
}

impl Proxy {
    /// Passes on to these ports of this machine in turn.
    pub(crate) async fn start(servers: &[u16], seed: u64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let sky = Arc::new(Sky {
            servers: Mutex::new(servers.to_vec()),
            weather: Mutex::default(),
            chance: Mutex::new(fastrand::Rng::with_seed(seed)),
            done: Mutex::default(),
            clearing: Mutex::new(CancellationToken::new()),
            stop: CancellationToken::new(),
            turn: AtomicUsize::new(0),
        });
        let tasks = TaskTracker::new();
        let (its, lines) = (Arc::clone(&sky), tasks.clone());
        tasks.spawn(async move {
            while let Some(Ok((caller, _))) = its.stop.run_until_cancelled(listener.accept()).await
            {
                let sky = Arc::clone(&its);
                lines.spawn(async move { serve(&sky, caller).await });
            }
        });
        Self { port, sky, tasks }
    }

    /// From now on, of a thousand connections so many are harmed.
    pub(crate) fn weather(&self, weather: Weather) {
        *lock(&self.sky.weather) = weather;
    }

    /// From now on nothing is harmed; what is open is closed, harmed or not.
    pub(crate) fn clear(&self) {
        lock(&self.sky.weather).clear();
        std::mem::replace(&mut *lock(&self.sky.clearing), CancellationToken::new()).cancel();
    }

    /// Whom connections go to; none: everybody is turned away.
    pub(crate) fn servers(&self, servers: &[u16]) {
        *lock(&self.sky.servers) = servers.to_vec();
    }

    /// How many connections were harmed, and how.
    pub(crate) fn done(&self) -> BTreeMap<&'static str, u64> {
        lock(&self.sky.done).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.sky.stop.cancel();
        lock(&self.sky.clearing).cancel();
        self.tasks.close();
    }
}

impl Harm {
    const fn word(self) -> &'static str {
        match self {
            Self::CutAtOnce => "cut at once",
            Self::Reset(_) => "reset",
            Self::CutRequest(_) => "request cut",
            Self::LoseAnswer => "answer lost",
            Self::CutAnswer(_) => "answer cut",
            Self::Delay(_) => "delayed",
            Self::BlackHole(_) => "black hole",
            Self::Duplicate => "duplicated",
        }
    }
}

impl Sky {
    fn harm(&self) -> Option<Harm> {
        let mut chance = lock(&self.chance);
        let mut dice = chance.u32(0..1000);
        for (of_a_thousand, harm) in lock(&self.weather).iter() {
            if dice < *of_a_thousand {
                let harm = harm(&mut chance);
                *lock(&self.done).entry(harm.word()).or_default() += 1;
                return Some(harm);
            }
            dice -= of_a_thousand;
        }
        None
    }

    fn server(&self) -> Option<u16> {
        let servers = lock(&self.servers);
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        turn.checked_rem(servers.len()).map(|place| servers[place])
    }
}

async fn serve(sky: &Sky, caller: TcpStream) {
    let (harm, clearing) = (sky.harm(), lock(&sky.clearing).clone());
    let passing = async {
        let Some(server) = sky.server() else { return };
        match harm {
            Some(Harm::CutAtOnce) => return,
            Some(Harm::BlackHole(silence)) => return tokio::time::sleep(silence).await,
            _ => {}
        }
        let connect = || TcpStream::connect((Ipv4Addr::LOCALHOST, server));
        let Ok(upstream) = connect().await else { return };
        let second = if harm == Some(Harm::Duplicate) { connect().await.ok() } else { None };
        pass(harm, caller, upstream, second).await;
    };
    clearing.run_until_cancelled(passing).await;
}

async fn pass(harm: Option<Harm>, caller: TcpStream, server: TcpStream, second: Option<TcpStream>) {
    caller.set_nodelay(true).ok();
    server.set_nodelay(true).ok();
    if matches!(harm, Some(Harm::Reset(_))) {
        // Closing then is a reset, on both sides.
        caller.set_zero_linger().ok();
        server.set_zero_linger().ok();
    }
    let line = Line { harm, asked: AtomicUsize::new(0), end: CancellationToken::new() };
    let (from_caller, to_caller) = caller.into_split();
    let (from_server, to_server) = server.into_split();
    let there = line.there(from_caller, to_server, second);
    let back = line.back(from_server, to_caller);
    let both = async { tokio::join!(there, back) };
    line.end.run_until_cancelled(both).await;
}

impl Line {
    async fn there(
        &self,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        mut second: Option<TcpStream>,
    ) {
        let (mut buffer, mut sent, mut records) = (vec![0; 16_384], 0_usize, Records::default());
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            let piece = &buffer[..read];
            let limit = match self.harm {
                Some(Harm::Reset(limit) | Harm::CutRequest(limit)) => limit.saturating_sub(sent),
                _ => read,
            };
            self.wait().await;
            if to.write_all(&piece[..limit.min(read)]).await.is_err() || limit < read {
                return self.end.cancel();
            }
            if let Some(second) = &mut second {
                second.write_all(piece).await.ok();
            }
            sent += read;
            self.asked.fetch_add(records.of_data(piece), Ordering::SeqCst);
        }
        to.shutdown().await.ok();
    }

    async fn back(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let (mut buffer, mut sent) = (vec![0; 16_384], 0_usize);
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            if self.harm == Some(Harm::LoseAnswer) && self.asked.load(Ordering::SeqCst) > 1 {
                // The request was passed on; what comes now may be a session's ticket or the answer.
                tokio::time::timeout(Duration::from_millis(150), drain(&mut from)).await.ok();
                return self.end.cancel();
            }
            let limit = match self.harm {
                Some(Harm::CutAnswer(limit)) => limit.saturating_sub(sent),
                _ => read,
            };
            self.wait().await;
            if to.write_all(&buffer[..limit.min(read)]).await.is_err() || limit < read {
                return self.end.cancel();
            }
            sent += read;
        }
        to.shutdown().await.ok();
    }

    async fn wait(&self) {
        if let Some(Harm::Delay(delay)) = self.harm {
            tokio::time::sleep(delay).await;
        }
    }
}

async fn drain(from: &mut OwnedReadHalf) {
    let mut buffer = vec![0; 4096];
    while let Ok(1..) = from.read(&mut buffer).await {}
}

/// Where TLS records begin in a stream of pieces.
#[derive(Default)]
struct Records {
    /// The head of the record that is being read, as far as it came.
    head: Vec<u8>,
    /// How much of its body is still to come.
    left: usize,
}

impl Records {
    const HEAD: usize = 5;
    const APPLICATION_DATA: u8 = 23;

    /// How many records of application data begin in this piece.
    fn of_data(&mut self, mut piece: &[u8]) -> usize {
        let mut found = 0;
        while !piece.is_empty() {
            let skipped = self.left.min(piece.len());
            self.left -= skipped;
            piece = &piece[skipped..];
            let taken = (Self::HEAD - self.head.len()).min(piece.len());
            self.head.extend_from_slice(&piece[..taken]);
            piece = &piece[taken..];
            if self.head.len() == Self::HEAD {
                found += usize::from(self.head[0] == Self::APPLICATION_DATA);
                self.left = usize::from(u16::from_be_bytes([self.head[3], self.head[4]]));
                self.head.clear();
            }
        }
        found
    }
}

fn lock<T>(what: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
