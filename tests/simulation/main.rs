//! Every fault at once, by seeds: `cargo test --locked --test simulation` plays 200 of them,
//! `-- --seeds 100000` those of a night, `-- --seed 7` plays one again and shows it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::integer_division,
    clippy::integer_division_remainder_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test says what is wrong by failing"
)]
#![expect(dead_code, reason = "some of the world is for the crash points alone")]

use clap::Parser;
use std::process::ExitCode;

#[path = "world.rs"]
mod world;

/// Plays the gateway's life under faults.
#[derive(Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// This seed alone, shown line by line.
    #[arg(long)]
    seed: Option<u64>,
    /// What `cargo test` says to every test: names, and options of the usual harness.
    #[arg(allow_hyphen_values = true, trailing_var_arg = true)]
    others: Vec<String>,
}

fn main() -> ExitCode {
    let Arguments { seeds, from, seed, others } = Arguments::parse();
    let wanted = |name: &String| name.starts_with('-') || "simulation".contains(name.as_str());
    if others.iter().any(|other| other == "--list") || !others.iter().all(wanted) {
        return ExitCode::SUCCESS;
    }
    if let Some(seed) = seed {
        let run = world::course::play(seed);
        println!("{}", run.lines.join("\n"));
        println!("seed {seed}, trace {}", run.hash);
        return judge(seed, &run);
    }
    let began = std::time::Instant::now();
    for seed in from..from.saturating_add(seeds) {
        let run = world::course::play(seed);
        if !run.violations.is_empty() {
            return judge(seed, &run);
        }
        if seed == from && world::course::play(seed).hash != run.hash {
            eprintln!("seed {seed} is not the same when it is played again");
            return ExitCode::FAILURE;
        }
    }
    println!(
        "simulation: {seeds} seeds from {from} on, all invariants held, {} s",
        began.elapsed().as_secs()
    );
    ExitCode::SUCCESS
}

fn judge(seed: u64, run: &world::course::Run) -> ExitCode {
    for what in &run.violations {
        eprintln!("seed {seed}: {what}");
    }
    if run.violations.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("trace {}; again: cargo test --locked --test simulation -- --seed {seed}", run.hash);
    ExitCode::FAILURE
}
