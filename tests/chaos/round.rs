//! One round: load and faults, then quiet, until nothing is open any more; then the verdict.

use super::caller::{Caller, Done, look};
use super::database::Server;
use super::gateway::Gateway;
use super::mock::Mock;
use super::plan::{Plan, Trouble, cuts, drizzle, scripted};
use super::proxy::Proxy;
use super::record::gather;
use super::stage::{Doors, Ground, Setting, Stage};
use super::verdict::{Call, Finding, History};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// How long payments are begun.
const LOAD: Duration = Duration::from_millis(900);
/// The most that is waited for the gateway to serve while it may be killed, and once nothing kills it any more.
const UP: Duration = Duration::from_secs(4);
const UP_AGAIN: Duration = Duration::from_secs(30);
/// The most that is waited for answers once the faults have stopped.
const ANSWERS: Duration = Duration::from_secs(40);
const CALLERS: usize = 8;
const PAYMENTS_EACH: usize = 6;
/// Where the clock is put while something is open, in seconds from the true time: past the first
/// enquiries and what is overdue, then as far as the schedule goes (security.md, 4.3).
const LATER: [i64; 9] = [240, 1500, 3000, 4500, 9000, 18_000, 36_000, 60_000, 80_000];
/// How long nothing moves before the clock is put forward: the chaser looks every second, and asks.
const STILL: Duration = Duration::from_millis(2000);

/// What a round came to.
pub(crate) struct Verdict {
    pub(crate) history: History,
    pub(crate) findings: Vec<Finding>,
    pub(crate) lives: u32,
    pub(crate) harmed: BTreeMap<&'static str, u64>,
}

/// What rounds share.
pub(crate) struct Shared<'a> {
    pub(crate) ground: &'a Ground,
    /// Where two instances share a ledger.
    pub(crate) server: Option<&'a Server>,
}

/// Everything that runs in a round.
pub(crate) struct Round<'a> {
    shared: Shared<'a>,
    /// Of its database, where instances share one.
    name: String,
    plan: Plan,
    chance: fastrand::Rng,
    stage: Stage,
    doors: Doors,
    /// In the order of [`Doors`], then the way to the database.
    proxies: [Proxy; 4],
    mock: Mock,
    gateways: Vec<Gateway>,
}

impl<'a> Round<'a> {
    pub(crate) async fn begin(shared: Shared<'a>, folder: PathBuf, plan: Plan, seed: u64) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let stage = Stage::set(folder);
        if plan.trouble == Trouble::FullDisk {
            stage.mount();
        }
        let instances = if plan.shared { 2 } else { 1 };
        let publics: Vec<u16> =
            stage.ports.gateways[..instances].iter().map(|[public, _]| *public).collect();
        let behind = shared.server.map_or(1, Server::port);
        let proxies = [
            Proxy::start(&publics, chance.u64(..)).await,
            Proxy::start(&publics, chance.u64(..)).await,
            Proxy::start(&[stage.ports.mock], chance.u64(..)).await,
            Proxy::start(&[behind], chance.u64(..)).await,
        ];
        let [front, back, processor, database] = proxies.each_ref().map(|proxy| proxy.port);
        let doors = Doors { front, back, processor };
        let name = format!("chaos_{seed}");
        let ledger = match shared.server.filter(|_| plan.shared) {
            Some(server) => server.database(&name, database),
            None => [format!("file = \"{}\"", stage.ledger().display()), String::new()],
        };
        for instance in 0..instances {
            let setting = Setting { doors, direct: plan.direct, ledger: &ledger };
            stage.configure(shared.ground, &setting, instance);
        }
        let mock = Mock::start(&stage, shared.ground, doors).await;
        let first = Gateway::start(&stage, 0, plan.injections(&mut chance));
        let others = (1..instances).map(|instance| Gateway::start(&stage, instance, Vec::new()));
        let gateways = std::iter::once(first).chain(others).collect();
        Self { shared, name, plan, chance, stage, doors, proxies, mock, gateways }
    }

    pub(crate) async fn play(mut self) -> Verdict {
        for proxy in &self.proxies[..3] {
            proxy.weather(drizzle());
        }
        if self.plan.trouble == Trouble::DatabaseCut {
            self.proxies[3].weather(cuts());
        }
        for (fault, times, delay) in scripted(&mut self.chance, self.plan) {
            self.mock.script(fault, times, delay).await;
        }
        self.is_up(UP).await;
        let began = Instant::now();
        let mut callers = JoinSet::new();
        for number in 0..CALLERS {
            let name = format!("caller-{number:08}");
            let ground = self.shared.ground;
            let caller = Caller::new(ground, self.doors, self.plan, name, self.chance.u64(..));
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
        let lives = self.gateways.iter().map(Gateway::lives).sum();
        let Self { mock, gateways, stage, plan, shared, name, .. } = self;
        for gateway in gateways {
            gateway.end().await;
        }
        let history = gather(&stage, &mock, &done).await;
        drop(mock);
        if plan.trouble == Trouble::FullDisk {
            stage.unmount();
        }
        let findings = history.judge();
        if let Some(server) = shared.server.filter(|_| plan.shared && findings.is_empty()) {
            server.forget(&name);
        }
        Verdict { findings, history, lives, harmed }
    }

    /// Waits until all instances serve; not for ever, since some are to die while they start.
    async fn is_up(&self, most: Duration) {
        let client = self.shared.ground.client();
        let until = Instant::now() + most;
        for [_, operations] in &self.stage.ports.gateways[..self.gateways.len()] {
            let url = format!("https://localhost:{operations}/readyz");
            while Instant::now() < until
                && !client.get(&url).send().await.is_ok_and(|answer| answer.status() == 200)
            {
                sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// The great trouble, within the time of the load.
    async fn act(&mut self) {
        let wait = |chance: &mut fastrand::Rng| Duration::from_millis(chance.u64(50..450));
        match self.plan.trouble {
            Trouble::BadNetwork | Trouble::KilledAtCall | Trouble::SyncFails | Trouble::NoSpace => {
            }
            Trouble::DatabaseCut => {
                for _ in 0..4 {
                    sleep(wait(&mut self.chance)).await;
                    // What is open is closed, and what is opened then has a short life.
                    self.proxies[3].clear();
                    self.proxies[3].weather(cuts());
                }
            }
            Trouble::DatabaseDies => {
                sleep(wait(&mut self.chance)).await;
                self.shared.server.expect("there is one").restart().await;
            }
            Trouble::Killed => {
                for _ in 0..self.chance.usize(1..4) {
                    sleep(wait(&mut self.chance)).await;
                    self.one().signal("KILL");
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
                self.one().signal("STOP");
                sleep(Duration::from_millis(self.chance.u64(300..3500))).await;
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

    /// One of the instances.
    fn one(&mut self) -> &Gateway {
        let place = self.chance.usize(0..self.gateways.len());
        &self.gateways[place]
    }

    /// No more faults.
    async fn quieten(&self) {
        self.mock.signal("CONT");
        for gateway in &self.gateways {
            gateway.signal("CONT");
        }
        self.stage.empty();
        self.stage.shift(0);
        self.proxies[2].servers(&[self.stage.ports.mock]);
        for proxy in &self.proxies {
            proxy.clear();
        }
        self.mock.forgive().await;
    }

    /// Waits until nothing is open; while nothing moves the machine is off for a while.
    async fn settle(&self, done: &mut Done) {
        let mut later = LATER.into_iter();
        let mut before = (usize::MAX, usize::MAX);
        let mut since = Instant::now();
        loop {
            let history = gather(&self.stage, &self.mock, done).await;
            if history.broken.is_none() && history.is_settled() {
                // What is listed for a person may still be settled by the processor.
                if history.doubts() == 0 || later.len() + 5 <= LATER.len() {
                    return;
                }
            }
            let now = (history.doubts(), history.open());
            if now != before {
                (before, since) = (now, Instant::now());
            }
            if since.elapsed() > STILL {
                let Some(shift) = later.next() else { return };
                // A clock that jumps under a running service stops its questions: time passes while it is
                // away. With its life an injection ends that has writes left to spoil.
                self.stage.shift(shift);
                for gateway in &self.gateways {
                    gateway.signal("KILL");
                }
                // A busy machine may take longer to start it than it is given to look.
                sleep(Duration::from_millis(50)).await;
                self.is_up(UP_AGAIN).await;
                since = Instant::now();
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// What callers are told in the end.
    async fn look_at_all(&self, calls: &mut [Call]) {
        let client = self.shared.ground.client();
        let origin = format!("https://localhost:{}", self.doors.front);
        for call in calls {
            for reference in call.references().into_iter().map(str::to_owned).collect::<Vec<_>>() {
                call.answers
                    .extend(look(&client, &origin, &self.shared.ground.api_key, &reference).await);
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
