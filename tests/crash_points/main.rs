//! The simulated world, and in it one fault at a time: deaths exactly at the crash points of
//! security.md, 4.4, by the process and by the power, and the rows of its fault matrix that need the
//! order of things to be told (`docs/testing.md`).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::integer_division,
    clippy::integer_division_remainder_used,
    reason = "a test says what is wrong by failing"
)]
#![expect(dead_code, reason = "some of the world is for the seeds alone")]

mod deaths;
mod orders;
mod pollers;
mod webhooks;

#[path = "../simulation/world.rs"]
mod world;

use almoner::ledger::HandOff;
use almoner::payment::{Flag, Reference, State};
use std::sync::Arc;
use std::time::Duration;
use world::bank::{Fate, Verdict};
use world::chance::{Chance, Odds};
use world::house::House;
use world::post::Notice;
use world::supporter::{self, Attempt, Page, Wish};
use world::witness::Witness;
use world::{Death, Setting, World};

/// Both ways to die.
const DEATHS: [Death; 2] = [Death::Kill, Death::Power];

/// A world in which nothing goes wrong but what the course of the test asks for.
struct Stage {
    world: Arc<World>,
}

/// Cards are typed here and sent by us.
const OURS: Setting = Setting { instances: 1, card_api: true, by_chance: false };
/// Cards are typed on the processor's page.
const THEIRS: Setting = Setting { card_api: false, ..OURS };

/// Runs a course; every invariant must hold at every step of it.
fn course<F: Future<Output = ()>>(setting: Setting, course: impl FnOnce(Stage) -> F) {
    let run = world::course::run(Chance::with(1, Odds::default()), setting, |world| {
        // Webhooks come when the test says so.
        world.hold_webhooks();
        course(Stage { world })
    });
    assert!(run.violations.is_empty(), "{:#?}\n{}", run.violations, run.lines.join("\n"));
}

impl Stage {
    /// The instance that lives, or the next one.
    async fn house(&self) -> Arc<House> {
        loop {
            if let Some(house) = self.world.houses().first() {
                return Arc::clone(house);
            }
            self.pass(1).await;
        }
    }

    async fn pass(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    fn wish(&self) -> Wish {
        Wish::of(&self.world, 1)
    }

    /// Dies at a step, the first time it is come to.
    fn dies_at(&self, point: &'static str, death: Death) {
        self.world.plan_death(point, 1, death);
    }

    async fn asks(&self, wish: &Wish) -> Attempt {
        supporter::attempt(&self.world, &*self.house().await, wish).await
    }

    /// Asks until there is an answer.
    async fn insists(&self, wish: &Wish) -> (Reference, State) {
        for _ in 0..100 {
            match self.asks(wish).await {
                Attempt::Answered(reference, state) => return (reference, state),
                Attempt::Broken | Attempt::NotSent | Attempt::UnderWay => self.pass(10).await,
                Attempt::Page(page) => panic!("{page:?}"),
            }
        }
        panic!("no answer");
    }

    /// The processor's page, reached.
    async fn page(&self, wish: &Wish) -> Page {
        let Attempt::Page(page) = self.asks(wish).await else { panic!("no page") };
        supporter::arrive(&self.world, &page);
        page
    }

    fn decides(&self, page: &Page, verdict: Verdict) -> Notice {
        supporter::verdict_of(&self.world, page, verdict).unwrap()
    }

    fn fate(&self, fate: Fate) {
        self.world.bank().fates.push_back(fate);
    }

    /// Everything that is on disk.
    fn hand_offs(&self) -> Vec<HandOff> {
        self.world.disk().durable.hand_offs.values().cloned().collect()
    }

    fn only(&self) -> Reference {
        let hand_offs = self.hand_offs();
        assert!(hand_offs.len() == 1, "{hand_offs:?}");
        hand_offs[0].reference
    }

    fn state(&self, reference: Reference) -> State {
        self.world.disk().durable.standing(reference).unwrap().state
    }

    fn flags(&self, reference: Reference) -> Vec<Flag> {
        let standing = self.world.disk().durable.standing(reference).unwrap();
        standing.attention.into_iter().collect()
    }

    fn events(&self, reference: Reference) -> usize {
        self.world.disk().durable.evidence(reference).len()
    }

    fn charges(&self, reference: Reference) -> u32 {
        self.world.bank().charges(reference)
    }

    fn sends(&self, reference: Reference) -> u32 {
        self.world.witness().sends_of(reference)
    }

    /// Four days pass, and the record says what the processor did.
    async fn ends(&self) {
        self.world.chance.calm_down();
        self.pass(100 * 3600).await;
        let untrue = Witness::truth(&self.world.disk(), &self.world.bank());
        assert!(untrue.is_empty(), "{untrue:#?}\n{}", self.world.story().1.join("\n"));
    }
}
