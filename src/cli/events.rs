//! `almoner events`: what the charity's systems were told, and having it told again.

use super::audit::Deed;
use super::outcomes::reference;
use super::{Failure, print, runtime};
use crate::app::Record;
use crate::clock::Clock;
use crate::config::Settings;
use crate::ledger::{Again, Deliveries, Ledger, Outbox, Tracked};
use crate::payment::Reference;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

mod tail;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// What was told to whom, newest first, and what is still to be told.
    List(List),
    /// The delivery log as it grows: a line for each time that somebody was told.
    Tail(tail::Tail),
    /// Tells a subscriber again, beside a service that runs, and one that wanted to hear no more as well.
    Resend(Resend),
}

#[derive(clap::Args)]
struct List {
    /// The configuration that names the ledger.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Only what this subscriber is told.
    #[arg(long, value_name = "NAME")]
    subscriber: Option<String>,
    /// Only what is told of this hand-off.
    #[arg(long, value_parser = reference)]
    reference: Option<Reference>,
    /// Only what was not taken.
    #[arg(long)]
    open: bool,
    /// How many at the most.
    #[arg(long, default_value_t = 50)]
    limit: usize,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["reference", "given_up"]))]
struct Resend {
    /// The configuration that names the ledger and the subscriber.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Whom to tell.
    #[arg(long, value_name = "NAME")]
    subscriber: String,
    /// Everything of this hand-off, in order.
    #[arg(long, value_parser = reference)]
    reference: Option<Reference>,
    /// Everything that was given up.
    #[arg(long)]
    given_up: bool,
}

impl Arguments {
    /// What is written down of it.
    pub(super) const fn deed(&self) -> Deed {
        match &self.command {
            Command::List(_) => Deed::of("events_list"),
            Command::Tail(_) => Deed::of("events_tail"),
            Command::Resend(Resend { reference: Some(reference), .. }) => {
                Deed::with("events_resend", *reference)
            }
            Command::Resend(_) => Deed::of("events_resend"),
        }
    }
}

/// Lists, or has told again.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Command::List(list) => runtime()?.block_on(show(list)),
        Command::Tail(tail) => runtime()?.block_on(tail::tail(tail)),
        Command::Resend(resend) => runtime()?.block_on(tell_again(resend)),
    }
}

fn outbox(ledger: Arc<dyn Ledger>) -> Result<Arc<dyn Outbox>, Failure> {
    ledger.outbox().ok_or_else(|| anyhow::anyhow!("this ledger keeps no outbox"))
}

async fn show(arguments: &List) -> Result<ExitCode, Failure> {
    let (settings, document) = Settings::load(&arguments.config)?;
    let outbox = outbox(Record::read(&settings, &document).await?)?;
    let List { subscriber, reference, open, limit, .. } = arguments;
    let which = Deliveries {
        subscriber: subscriber.clone(),
        reference: *reference,
        open: *open,
        limit: *limit,
    };
    let found = outbox.deliveries(which).await?;
    if arguments.json {
        found.iter().try_for_each(|tracked| print::line(&described(tracked).to_string()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let time = |at: Option<Timestamp>| {
        at.map_or_else(String::new, |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
    };
    let row = |tracked: &Tracked| {
        let last = tracked.last;
        [
            tracked.position.to_string(),
            tracked.reference.to_string(),
            tracked.subscriber.clone(),
            state(tracked).to_owned(),
            tracked.tries.to_string(),
            last.map_or("", |(_, answer)| answer.word()).to_owned(),
            time(last.map(|(at, _)| at)),
            time(tracked.due_at),
        ]
    };
    let head = [
        "event",
        "reference",
        "subscriber",
        "state",
        "tries",
        "answer",
        "tried (UTC)",
        "next (UTC)",
    ];
    print::table(head, &found.iter().map(row).collect::<Vec<_>>())?;
    Ok(ExitCode::SUCCESS)
}

const fn state(tracked: &Tracked) -> &'static str {
    match (tracked.due_at, tracked.taken_at) {
        (Some(_), _) => "due",
        (None, Some(_)) => "taken",
        (None, None) => "given_up",
    }
}

fn described(tracked: &Tracked) -> Value {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "event": tracked.position,
        "reference": tracked.reference.to_string(),
        "subscriber": tracked.subscriber,
        "state": state(tracked),
        "tries": tracked.tries,
        "answer": tracked.last.map(|(_, answer)| answer.word()),
        "tried_at": time(tracked.last.map(|(at, _)| at)),
        "due_at": time(tracked.due_at),
        "taken_at": time(tracked.taken_at),
    })
}

async fn tell_again(resend: &Resend) -> Result<ExitCode, Failure> {
    let (settings, document) = Settings::load(&resend.config)?;
    let name = &resend.subscriber;
    if !settings.subscribers.iter().any(|subscriber| subscriber.name == *name) {
        anyhow::bail!("no [[subscribers]] of {} has this name", resend.config.display());
    }
    let outbox = outbox(Record::beside(&settings, &document).await?)?;
    let what = resend.reference.map_or(Again::GivenUp, Again::Of);
    let count = outbox.tell_again(name, what, Clock::system().now()).await?;
    print::line(&format!("{count} to be told again"))?;
    Ok(ExitCode::SUCCESS)
}
