//! One round: load and faults, then quiet, until nothing is open any more; then the verdict.

use super::caller::{Caller, Done, look};
use super::gateway::Gateway;
use super::mock::Mock;
use super::plan::{Trouble, drizzle, scripted};
use super::proxy::Proxy;
use super::stage::{Doors, Ground, Stage, almoner};
use super::verdict::{Call, Finding, History, Kept};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// How long payments are begun.
const LOAD: Duration = Duration::from_millis(900);
/// The most that is waited for answers once the faults have stopped.
const ANSWERS: Duration = Duration::from_secs(40);
const CALLERS: usize = 8;
const PAYMENTS_EACH: usize = 6;
/// Where the clock is put while something is open, in seconds from the true time: past the first
/// enquiries and what is overdue, then as far as the schedule goes (security.md, 4.3).
const LATER: [i64; 9] = [240, 1500, 3000, 4500, 9000, 18_000, 36_000, 60_000, 80_000];
/// How long nothing moves before the clock is put forward: the chaser looks every second.
const STILL: Duration = Duration::from_millis(1300);

/// What a round came to.
pub(crate) struct Verdict {
    pub(crate) history: History,
    pub(crate) findings: Vec<Finding>,
    pub(crate) lives: u32,
    pub(crate) harmed: BTreeMap<&'static str, u64>,
}

/// Everything that runs in a round.
pub(crate) struct Round<'a> {
    ground: &'a Ground,
    trouble: Trouble,
    chance: fastrand::Rng,
    stage: Stage,
    doors: Doors,
    /// In the order of [`Doors`].
    proxies: [Proxy; 3],
    mock: Mock,
    gateway: Gateway,
}

impl<'a> Round<'a> {
    pub(crate) async fn begin(
        ground: &'a Ground,
        folder: PathBuf,
        trouble: Trouble,
        seed: u64,
    ) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let stage = Stage::set(folder);
        if trouble == Trouble::FullDisk {
            stage.mount();
        }
        let [public, _] = stage.ports.gateways[0];
        let proxies = [
            Proxy::start(&[public], chance.u64(..)).await,
            Proxy::start(&[public], chance.u64(..)).await,
            Proxy::start(&[stage.ports.mock], chance.u64(..)).await,
        ];
        let [front, back, processor] = [&proxies[0], &proxies[1], &proxies[2]].map(|p| p.port);
        let doors = Doors { front, back, processor };
        let file = format!("file = \"{}\"", stage.ledger().display());
        stage.configure(ground, doors, &file, 0);
        let mock = Mock::start(&stage, ground, doors).await;
        let injections = trouble.injections(&mut chance);
        let gateway = Gateway::start(&stage, 0, injections);
        Self { ground, trouble, chance, stage, doors, proxies, mock, gateway }
    }

    pub(crate) async fn play(mut self) -> Verdict {
        for proxy in &self.proxies {
            proxy.weather(drizzle());
        }
        for (fault, times, delay) in scripted(&mut self.chance) {
            self.mock.script(fault, times, delay).await;
        }
        let began = Instant::now();
        let mut callers = JoinSet::new();
        for number in 0..CALLERS {
            let name = format!("caller-{number:08}");
            let caller = Caller::new(self.ground, self.doors, name, self.chance.u64(..));
            callers.spawn(caller.run(PAYMENTS_EACH, began + LOAD, began + LOAD + ANSWERS));
        }
        self.act().await;
        tokio::time::sleep_until(began + LOAD).await;
        self.quieten().await;
        let mut done = Done { calls: Vec::new(), spoilt: Vec::new() };
        while let Some(one) = callers.join_next().await {
            let one = one.unwrap();
            done.calls.extend(one.calls);
            done.spoilt.extend(one.spoilt);
        }
        self.settle(&mut done).await;
        self.look_at_all(&mut done.calls).await;
        let harmed = self.harmed();
        let lives = self.gateway.lives();
        let Self { mock, gateway, stage, trouble, .. } = self;
        gateway.end().await;
        let history = gather(&stage, &mock, &done).await;
        drop(mock);
        if trouble == Trouble::FullDisk {
            stage.unmount();
        }
        Verdict { findings: history.judge(), history, lives, harmed }
    }

    /// The great trouble, within the time of the load.
    async fn act(&mut self) {
        let wait = |chance: &mut fastrand::Rng| Duration::from_millis(chance.u64(50..450));
        match self.trouble {
            Trouble::BadNetwork | Trouble::KilledAtCall | Trouble::SyncFails | Trouble::NoSpace => {
            }
            Trouble::Killed => {
                for _ in 0..self.chance.usize(1..4) {
                    sleep(wait(&mut self.chance)).await;
                    self.gateway.signal("KILL");
                }
            }
            Trouble::FullDisk => {
                sleep(wait(&mut self.chance)).await;
                self.stage.fill();
                sleep(wait(&mut self.chance)).await;
                self.stage.empty();
            }
            Trouble::Stopped => {
                sleep(wait(&mut self.chance)).await;
                self.gateway.signal("STOP");
                sleep(Duration::from_millis(self.chance.u64(300..3500))).await;
                self.gateway.signal("CONT");
            }
            Trouble::ClockJumps => {
                for shift in [600, -600, -3600, 3600, 0] {
                    sleep(Duration::from_millis(self.chance.u64(30..200))).await;
                    self.stage.shift(shift);
                }
            }
            Trouble::ProcessorDown => {
                sleep(wait(&mut self.chance)).await;
                self.proxies[2].clear();
                self.proxies[2].servers(&[]);
                sleep(Duration::from_millis(self.chance.u64(300..2000))).await;
            }
            Trouble::ProcessorSilent => {
                sleep(wait(&mut self.chance)).await;
                self.mock.signal("STOP");
                sleep(Duration::from_millis(self.chance.u64(300..3000))).await;
            }
        }
    }

    /// No more faults.
    async fn quieten(&self) {
        self.mock.signal("CONT");
        self.gateway.signal("CONT");
        self.stage.empty();
        self.stage.shift(0);
        self.proxies[2].servers(&[self.stage.ports.mock]);
        for proxy in &self.proxies {
            proxy.clear();
        }
        self.mock.forgive().await;
    }

    /// Waits until nothing is open; puts the clock forward while nothing moves.
    async fn settle(&self, done: &mut Done) {
        let mut later = LATER.into_iter();
        let mut before = (usize::MAX, usize::MAX);
        let mut since = Instant::now();
        loop {
            let history = gather(&self.stage, &self.mock, done).await;
            if history.is_settled() {
                return;
            }
            let now = (history.doubts(), history.open());
            if now != before {
                (before, since) = (now, Instant::now());
            }
            if since.elapsed() > STILL {
                let Some(shift) = later.next() else { return };
                self.stage.shift(shift);
                since = Instant::now();
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// What callers are told in the end.
    async fn look_at_all(&self, calls: &mut [Call]) {
        let client = self.ground.client();
        let origin = format!("https://localhost:{}", self.doors.front);
        for call in calls {
            for reference in call.references().into_iter().map(str::to_owned).collect::<Vec<_>>() {
                call.answers.extend(look(&client, &origin, &self.ground.api_key, &reference).await);
            }
        }
    }

    fn harmed(&self) -> BTreeMap<&'static str, u64> {
        let mut all = BTreeMap::new();
        for (harm, count) in self.proxies.iter().flat_map(Proxy::done) {
            *all.entry(harm).or_default() += count;
        }
        all
    }
}

/// What everybody says by now: the processor first, so that what it knows must be known here.
async fn gather(stage: &Stage, mock: &Mock, done: &Done) -> History {
    let (books, mut acknowledged) = mock.books().await;
    acknowledged.retain(|(reference, _)| !done.spoilt.contains(reference));
    let file = stage.ledger().display().to_string();
    let mut list = almoner();
    list.args(["outcomes", "list", "--json", "--limit", "1000000", "--ledger", &file]);
    let lines = said(list).await.unwrap_or_default();
    let ledger = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| {
            let text = |name: &str| line[name].as_str().unwrap().to_owned();
            let kept = Kept { minor: line["amount"].as_i64().unwrap(), state: text("state") };
            (text("reference"), kept)
        })
        .collect();
    let mut verify = almoner();
    verify.args(["ledger", "verify", "--ledger", &file]);
    let broken = said(verify).await.err();
    History { calls: done.calls.clone(), books, ledger, acknowledged, broken }
}

/// What a command said; its error where it failed.
async fn said(mut command: Command) -> Result<String, String> {
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
