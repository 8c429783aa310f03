//! One instance of the gateway: the production hand-off and resolution over the stubs, from its
//! start to its death, and the next one after it.

use super::World;
use super::disk::Desk;
use super::line::{DEADLINE, Line};
use almoner::clock::Clock;
use almoner::handoff::{HandOffs, Tokens};
use almoner::keys::{Key, Keys};
use almoner::ledger::Ledger;
use almoner::processor::Processor;
use almoner::processor::client::{Client, Reach};
use almoner::processor::signed::Signed;
use almoner::resolution::{Resolution, nudge::Nudges};
use almoner::shield::Declines;
use jiff::SignedDuration;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

/// The secret of webhooks; a rotation has the next one too.
pub(crate) const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub(crate) const NEXT_SECRET: &str = "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
/// After how long without an outcome a hand-off is overdue.
pub(crate) const OVERDUE_AFTER: SignedDuration = SignedDuration::from_mins(20);
/// How often an instance's chaser looks.
const CHASE_EVERY: Duration = Duration::from_secs(2);

/// From start to death.
pub(crate) struct Life {
    slot: usize,
    number: u32,
    clock: Clock,
    /// Seconds that its clock is wrong by.
    wrong_by: AtomicI64,
    /// The true time when its clock was last looked at, in microseconds.
    true_at: AtomicI64,
    dead: AtomicBool,
    failed: AtomicBool,
    died: Notify,
}

impl Life {
    pub(crate) fn name(&self) -> String {
        format!("almoner-{}.{}", self.slot, self.number)
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    pub(crate) fn die(&self) {
        self.dead.store(true, Ordering::SeqCst);
        self.died.notify_waiters();
    }

    /// Its ledger can never be trusted again: it must end.
    pub(crate) fn fail(&self) {
        self.failed.store(true, Ordering::SeqCst);
    }

    pub(crate) fn failed(&self) -> bool {
        self.failed.load(Ordering::SeqCst)
    }

    async fn ends(&self) {
        let mut died = std::pin::pin!(self.died.notified());
        died.as_mut().enable();
        if !self.is_dead() {
            died.await;
        }
    }

    /// Its clock is wrong by so many seconds.
    pub(crate) fn put_the_clock_ahead(&self, seconds: i64) {
        self.wrong_by.store(seconds, Ordering::SeqCst);
    }

    pub(crate) fn look_at_the_clock(&self, world: &World) {
        if world.chance.is_calm() {
            self.wrong_by.store(0, Ordering::SeqCst);
        } else if world.chance.strikes(world.chance.odds.jump) {
            let wrong = i64::from(world.chance.below(7200)) - 3600;
            // Now and then by days.
            let wrong = if world.chance.below(8) == 0 { wrong * 100 } else { wrong };
            let seconds = if world.chance.coin() { wrong } else { 0 };
            world.note(&format!("{} has a clock that is wrong by {seconds} s", self.name()));
            self.wrong_by.store(seconds, Ordering::SeqCst);
        }
        self.set_clock(world);
    }

    fn set_clock(&self, world: &World) {
        let wrong = SignedDuration::from_secs(self.wrong_by.load(Ordering::SeqCst));
        let now = world.now();
        let before = self.true_at.swap(now.as_microsecond(), Ordering::SeqCst);
        self.clock.advance(SignedDuration::from_micros(now.as_microsecond() - before));
        let shown = now.checked_add(wrong).unwrap();
        self.clock.jump(shown.duration_since(self.clock.now()));
    }
}

pub(crate) struct House {
    pub(crate) life: Arc<Life>,
    pub(crate) hand_offs: HandOffs,
    pub(crate) resolution: Resolution,
}

impl House {
    fn open(world: &Arc<World>, slot: usize, number: u32) -> Self {
        let life = Arc::new(Life {
            slot,
            number,
            clock: Clock::set_to(world.now()),
            wrong_by: AtomicI64::new(0),
            true_at: AtomicI64::new(world.now().as_microsecond()),
            dead: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            died: Notify::new(),
        });
        let (clock, keys) =
            (life.clock.clone(), |first: u8| Keys { current: key(first), next: None });
        let desk = Desk { world: Arc::clone(world), life: Arc::clone(&life) };
        let ledger: Arc<dyn Ledger> = Arc::new(desk);
        let wire = Line { world: Arc::clone(world), life: Arc::clone(&life) };
        let processor = Arc::new(Processor::Signed(Box::new(Signed {
            base: "https://processor.example/".parse().unwrap(),
            merchant: "charity".to_owned(),
            key_id: "key-1".to_owned(),
            signing: keys(1),
            webhook: world.witness().webhook_keys.make(),
            client: Client::over(Box::new(wire), &reach()),
            card_api: world.card_api,
            mandate_api: false,
        })));
        let declines = Declines::new(None);
        let hand_offs = HandOffs {
            ledger: Arc::clone(&ledger),
            processor: Arc::clone(&processor),
            clock: clock.clone(),
            tokens: Arc::new(tokens(keys(33))),
            origin: "https://give.example".to_owned(),
            overdue_after: OVERDUE_AFTER,
            debit: None,
            call_timeout: SignedDuration::from_secs(30),
            breaker: almoner::handoff::Breaker::new(almoner::handoff::BreakerTerms::default()),
            patience: Duration::from_secs(20),
            tasks: TaskTracker::new(),
            unwritten: almoner::handoff::Unwritten::default(),
            told: almoner::handoff::Told::default(),
            declines: declines.clone(),
        };
        let resolution = Resolution {
            ledger,
            processor,
            clock,
            overdue_after: OVERDUE_AFTER,
            doubt_overdue_after: SignedDuration::from_mins(5),
            call_timeout: SignedDuration::from_secs(30),
            nudges: Nudges::default(),
            declines,
            alarms: almoner::resolution::Alarms::new(almoner::resolution::AlarmTerms {
                silent_hand_offs: 20,
                silent_within: SignedDuration::from_hours(24),
                webhooks_refused: 5,
                mode: almoner::payment::Mode::Test,
            }),
        };
        Self { life, hand_offs, resolution }
    }

    /// Does something for somebody outside; `None` where the instance dies over it.
    pub(crate) async fn serve<T>(&self, task: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.life.ends() => None,
            value = task => Some(value),
        }
    }

    /// The chaser's rounds. What is on the list is looked at; an empty round now and then too.
    async fn chase(&self, world: &World) {
        loop {
            let pause = if world.chance.is_calm() { world.until_due() } else { CHASE_EVERY };
            tokio::time::sleep(pause).await;
            self.life.look_at_the_clock(world);
            if world.is_due(self.life.clock.now()) || world.chance.below(64) == 0 {
                // It says by itself what went wrong.
                self.resolution.chase().await.ok();
            }
        }
    }
}

/// The ages of a form's token do not matter here.
fn tokens(keys: Keys) -> Tokens {
    Tokens::new(keys, SignedDuration::ZERO, SignedDuration::from_hours(1))
}

fn key(first: u8) -> Key {
    Key::new(&(first..first + 32).collect::<Vec<u8>>()).unwrap()
}

fn reach() -> Reach {
    Reach {
        roots: None,
        identity: None,
        connect_timeout: Duration::from_secs(5),
        total_timeout: DEADLINE,
        answer_bytes: 65_536,
        at_once: 8,
    }
}

/// Keeps one place manned: starts an instance, and another a while after it died.
pub(crate) async fn keep(world: Arc<World>, slot: usize) {
    for number in 1.. {
        let house = Arc::new(House::open(&world, slot, number));
        world.note(&format!("{} starts", house.life.name()));
        world.move_in(slot, Some(Arc::clone(&house)));
        tokio::select! {
            biased;
            () = house.life.ends() => {}
            () = house.chase(&world) => {}
        }
        world.move_in(slot, None);
        if !world.disk().durable.chain_holds() {
            world.violated("the chain on disk does not hold");
        }
        let pause = if world.chance.is_calm() { 1000..1001 } else { 50..20_000 };
        tokio::time::sleep(world.chance.millis(pause)).await;
    }
}

/// Which secrets an instance knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum WebhookKeys {
    #[default]
    First,
    Both,
    Second,
}

impl WebhookKeys {
    fn make(self) -> Keys {
        let key = |secret: &str| Key::webhook(secret.as_bytes()).unwrap();
        match self {
            Self::First => Keys { current: key(SECRET), next: None },
            Self::Both => Keys { current: key(SECRET), next: Some(key(NEXT_SECRET)) },
            Self::Second => Keys { current: key(NEXT_SECRET), next: None },
        }
    }
}

impl World {
    fn is_due(&self, now: jiff::Timestamp) -> bool {
        self.disk().written.next_due().is_some_and(|due| due <= now)
    }

    /// Until something is due, an hour at most.
    fn until_due(&self) -> Duration {
        let next = self.disk().written.next_due();
        let wait = next.map_or(SignedDuration::from_hours(1), |at| at.duration_since(self.now()));
        let wait = wait.clamp(SignedDuration::from_secs(1), SignedDuration::from_hours(1));
        wait.unsigned_abs()
    }
}
