//! What Almoner adds to a call of the processor: the same payments straight to it and through Almoner,
//! in turn, one after another. `scripts/bench latency` starts both services and this.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints or fails")]
#![expect(clippy::arithmetic_side_effects, reason = "its sums are small")]

use almoner::config::Settings;
use almoner::payment::Reference;
use direct::Direct;
use gateway::Gateway;
use std::time::Duration;

mod direct;
mod gateway;
mod sample;

/// Where the time is taken, in this order in every round.
const SIDES: [&str; 3] = [
    "straight to the processor, a connection for each",
    "through Almoner, from the request to its answer",
    "through Almoner, a connection for each",
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let given: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [settings, key, rounds, calls] = given.as_slice() else {
        println!("scripts/bench latency starts this");
        return;
    };
    let (settings, document) = Settings::load(settings.as_ref()).unwrap();
    let direct = Direct::new(&settings, &document);
    let gateway = Gateway::new(&settings, key);
    let (rounds, calls): (usize, usize) = (rounds.parse().unwrap(), calls.parse().unwrap());
    let mut times = [const { Vec::new() }; 3];
    for round in 0..=rounds {
        for (side, times) in times.iter_mut().enumerate() {
            for _ in 0..calls {
                let took = match side {
                    0 => direct.pay().await,
                    1 => gateway.pay().await.1,
                    _ => gateway.pay().await.0,
                };
                // The first round is for caches and for whoever is awake only from then on.
                if round > 0 {
                    times.push(took);
                }
            }
        }
    }
    let [direct, ..] = &mut times;
    direct.sort_unstable();
    let direct = (at(direct, 50), at(direct, 99));
    for (name, mut times) in SIDES.into_iter().zip(times) {
        times.sort_unstable();
        let (middle, late) = (at(&times, 50), at(&times, 99));
        println!(
            "{name:52}{:>9}{:>9}{:>9}{:>9}",
            milliseconds(middle),
            milliseconds(late),
            milliseconds(middle - direct.0),
            milliseconds(late - direct.1),
        );
    }
}

/// The microseconds within which that many of a hundred were answered.
fn at(sorted: &[Duration], percent: usize) -> i128 {
    let time = sorted.get((sorted.len() - 1) * percent / 100).unwrap();
    i128::try_from(time.as_micros()).unwrap()
}

fn milliseconds(microseconds: i128) -> String {
    let sign = if microseconds < 0 { "-" } else { "" };
    let hundredths = microseconds.abs() / 10;
    format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100)
}

/// A new one, which no payment had.
fn reference() -> Reference {
    Reference::at(almoner::clock::Clock::system().now())
}
