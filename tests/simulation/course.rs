//! A course of events in a world of its own, from its start to its end.

use super::chance::Chance;
use super::witness::Witness;
use super::{Setting, World, house, spawn, supporter};
use std::sync::Arc;
use std::time::Duration;

/// What a run came to.
pub(crate) struct Run {
    pub(crate) hash: String,
    pub(crate) lines: Vec<String>,
    pub(crate) violations: Vec<String>,
}

/// Runs a course of events in a world whose time is its own.
pub(crate) fn run<F: Future<Output = ()>>(
    chance: Chance,
    setting: Setting,
    course: impl FnOnce(Arc<World>) -> F,
) -> Run {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let world = World::new(chance, setting);
        for slot in 0..setting.instances {
            spawn(house::keep(Arc::clone(&world), slot));
        }
        tokio::task::yield_now().await;
        course(Arc::clone(&world)).await;
        world.check();
        let (hash, lines) = world.story();
        let violations = std::mem::take(&mut world.witness().violations);
        // Houses know the world and the world its houses.
        for slot in 0..setting.instances {
            world.move_in(slot, None);
        }
        Run { hash, lines, violations }
    })
}

/// What a seed makes of the world, to the end: faults, then calm, then the truth.
pub(crate) fn play(seed: u64) -> Run {
    play_with(Chance::of(seed))
}

/// The same with these faults.
pub(crate) fn play_with(chance: Chance) -> Run {
    let instances = if chance.coin() { 1 } else { 2 };
    let setting = Setting { instances, card_api: chance.below(3) > 0, by_chance: true };
    run(chance, setting, |world| async move {
        let supporters = 1 + world.chance.below(5);
        for number in 0..supporters {
            spawn(supporter::live(Arc::clone(&world), number));
        }
        tokio::time::sleep(Duration::from_mins(40)).await;
        world.chance.calm_down();
        world.note("calm");
        tokio::time::sleep(Duration::from_hours(100)).await;
        let untrue = Witness::truth(&world.disk(), &world.bank());
        for what in untrue {
            world.violated(&what);
        }
    })
}
