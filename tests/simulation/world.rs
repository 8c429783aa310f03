//! The simulated world: the production hand-off, resolution and chaser, with clock, chance, ledger
//! and wire stubbed. One thread, one seed, and every wait of an instance passes [`World::step`],
//! where it may die.

#[path = "bank.rs"]
pub(crate) mod bank;
#[path = "books.rs"]
pub(crate) mod books;
#[path = "chance.rs"]
pub(crate) mod chance;
#[path = "chronicle.rs"]
mod chronicle;
#[path = "course.rs"]
pub(crate) mod course;
#[path = "disk.rs"]
pub(crate) mod disk;
#[path = "house.rs"]
pub(crate) mod house;
#[path = "line.rs"]
pub(crate) mod line;
#[path = "post.rs"]
pub(crate) mod post;
#[path = "supporter.rs"]
pub(crate) mod supporter;
#[path = "trace.rs"]
pub(crate) mod trace;
#[path = "witness.rs"]
pub(crate) mod witness;

use almoner::payment::Reference;
use bank::Bank;
use chance::Chance;
use disk::Disk;
use house::{House, Life};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::time::Instant;
use trace::Trace;
use witness::Witness;

/// What a world is like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// How many instances share the ledger.
    pub(crate) instances: usize,
    pub(crate) card_api: bool,
    pub(crate) by_chance: bool,
}

/// How an instance dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Death {
    /// The process is killed; the machine lives on.
    Kill,
    /// The machine loses its power: what was not on disk is lost.
    Power,
}

pub(crate) struct World {
    pub(crate) chance: Chance,
    /// Whether cards are typed here and sent by us, or typed on the processor's page.
    pub(crate) card_api: bool,
    /// Whether what is left open is decided by chance; otherwise all goes well.
    pub(crate) by_chance: bool,
    trace: Mutex<Trace>,
    disk: Mutex<Disk>,
    bank: Mutex<Bank>,
    witness: Mutex<Witness>,
    slots: Mutex<Vec<Option<Arc<House>>>>,
    /// Deaths that are planned: at which step, and at which of its visits.
    planned: Mutex<BTreeMap<&'static str, (u32, Death)>>,
    /// How many writes of a kind are refused for want of room.
    refusals: Mutex<BTreeMap<&'static str, u32>>,
    /// Where an instance, by its name, is held up until it is let go.
    held: Mutex<Option<(String, &'static str)>>,
    began: Instant,
    epoch: Timestamp,
}

impl World {
    /// To be called inside a runtime whose time is paused.
    pub(crate) fn new(chance: Chance, setting: Setting) -> Arc<Self> {
        let Setting { instances, card_api, by_chance } = setting;
        Arc::new(Self {
            chance,
            card_api,
            by_chance,
            trace: Mutex::default(),
            disk: Mutex::default(),
            bank: Mutex::default(),
            witness: Mutex::default(),
            slots: Mutex::new(vec![None; instances]),
            planned: Mutex::default(),
            refusals: Mutex::default(),
            held: Mutex::default(),
            began: Instant::now(),
            epoch: Timestamp::from_second(1_795_000_000).unwrap(),
        })
    }

    pub(crate) fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap()
    }

    pub(crate) fn bank(&self) -> MutexGuard<'_, Bank> {
        self.bank.lock().unwrap()
    }

    pub(crate) fn witness(&self) -> MutexGuard<'_, Witness> {
        self.witness.lock().unwrap()
    }

    /// The true time, which the processor's clock and well-set clocks show.
    pub(crate) fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.began.elapsed()).unwrap();
        self.epoch.checked_add(elapsed).unwrap()
    }

    pub(crate) fn note(&self, line: &str) {
        self.trace.lock().unwrap().note(self.began.elapsed(), line);
    }

    /// The trace's hash and lines.
    pub(crate) fn story(&self) -> (String, Vec<String>) {
        let trace = self.trace.lock().unwrap();
        (trace.hash(), trace.lines().to_vec())
    }

    /// Says that an invariant does not hold.
    pub(crate) fn violated(&self, what: &str) {
        self.note(&format!("VIOLATED {what}"));
        self.witness().violations.push(what.to_owned());
    }

    pub(crate) fn plan_death(&self, point: &'static str, visit: u32, death: Death) {
        self.planned.lock().unwrap().insert(point, (visit, death));
    }

    /// The ledger has no room for the next writes of this kind.
    pub(crate) fn refuse_at(&self, point: &'static str, number: u32) {
        self.refusals.lock().unwrap().insert(point, number);
    }

    fn has_no_room(&self, point: &'static str) -> bool {
        let mut refusals = self.refusals.lock().unwrap();
        let Some(left) = refusals.get_mut(point).filter(|left| **left > 0) else { return false };
        *left -= 1;
        true
    }

    /// The instance stands still when it comes to this step.
    pub(crate) fn hold_at(&self, life: &Life, point: &'static str) {
        *self.held.lock().unwrap() = Some((life.name(), point));
    }

    pub(crate) fn let_go(&self) {
        *self.held.lock().unwrap() = None;
    }

    /// Webhooks wait until somebody delivers them.
    pub(crate) fn hold_webhooks(&self) {
        self.bank().holds = true;
    }

    /// One wait of an instance: it may take long, and the instance may die before or in it.
    pub(crate) async fn step(&self, life: &Life, point: &'static str) {
        self.alive(life).await;
        self.note(&format!("{} {point}", life.name()));
        if self.at(life, point) {
            std::future::pending::<()>().await;
        }
        while *self.held.lock().unwrap() == Some((life.name(), point)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let busy = self.by_chance && !self.chance.is_calm();
        match self.chance.below(8) {
            0 if busy => tokio::time::sleep(self.chance.millis(1..500)).await,
            1..=3 => tokio::time::sleep(self.chance.millis(1..5)).await,
            _ => tokio::task::yield_now().await,
        }
        self.alive(life).await;
        life.look_at_the_clock(self);
    }

    /// Nothing of a dead instance goes on.
    async fn alive(&self, life: &Life) {
        if life.is_dead() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether the instance dies here.
    pub(crate) fn at(&self, life: &Life, point: &'static str) -> bool {
        let mut planned = self.planned.lock().unwrap();
        let due = match planned.get_mut(point) {
            Some((1, death)) => Some(*death),
            Some((visit, _)) => {
                *visit -= 1;
                None
            }
            None => None,
        };
        if due.is_some() {
            planned.remove(point);
        }
        drop(planned);
        let by_chance = || {
            let odds = self.chance.odds;
            let power = |struck| if struck { Death::Power } else { Death::Kill };
            self.chance.strikes(odds.crash).then(|| power(self.chance.strikes(odds.power)))
        };
        let death = due.or_else(by_chance);
        if let Some(death) = death {
            self.kill(life, death);
        }
        death.is_some()
    }

    /// Ends an instance; where the power goes, every instance of the machine.
    pub(crate) fn kill(&self, life: &Life, death: Death) {
        if life.is_dead() {
            return;
        }
        self.note(&format!("{} dies: {death:?}", life.name()));
        life.die();
        if death == Death::Power {
            for house in self.houses() {
                house.life.die();
            }
            self.disk().lose_power();
            self.witness().forget_what_a_lying_disk_lost(&self.disk());
        }
        self.check();
    }

    /// The instances that live.
    pub(crate) fn houses(&self) -> Vec<Arc<House>> {
        let slots = self.slots.lock().unwrap();
        slots.iter().flatten().filter(|house| !house.life.is_dead()).cloned().collect()
    }

    /// One that lives.
    pub(crate) fn any_house(&self) -> Option<Arc<House>> {
        let houses = self.houses();
        let which = self.chance.below(u32::try_from(houses.len().max(1)).unwrap());
        houses.get(usize::try_from(which).unwrap()).cloned()
    }

    pub(crate) fn move_in(&self, slot: usize, house: Option<Arc<House>>) {
        self.slots.lock().unwrap()[slot] = house;
    }

    pub(crate) fn instances(&self) -> usize {
        self.slots.lock().unwrap().len()
    }

    /// A reference that the seed made.
    pub(crate) fn reference(&self) -> Reference {
        let mut bytes: [u8; 16] = self.chance.bytes();
        let millis = u64::try_from(self.now().as_millisecond()).unwrap();
        bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        bytes[6] = 0x70 | (bytes[6] & 0x0f);
        bytes[8] = 0x80 | (bytes[8] & 0x3f);
        Reference::from_bytes(&bytes).unwrap()
    }

    /// Every invariant that can be told at any moment (security.md, 4.2).
    pub(crate) fn check(&self) {
        let found = {
            let (mut witness, disk, bank) = (self.witness(), self.disk(), self.bank());
            witness.look(&disk, &bank)
        };
        for what in found {
            self.violated(&what);
        }
    }
}

/// A task of the world's own: it outlives every instance.
pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    #[expect(clippy::disallowed_methods, reason = "the world is not shut down, it ends")]
    drop(tokio::spawn(task));
}
