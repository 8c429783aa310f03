//! `almoner outcomes`: what became of hand-offs, read while the service runs.

use super::audit::Deed;
use super::{Failure, print, runtime};
use crate::app::Record;
use crate::config::Settings;
use crate::ledger::{Entry, Event, Ledger, Page};
use crate::payment::{Amount, Happening, Reference, State};
use described::{described, happened};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

mod described;
mod doubts;
mod export;
mod receipt;
mod watch;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Hand-offs, newest first.
    List {
        #[command(flatten)]
        place: Place,
        /// Only those in this state.
        #[arg(long, value_parser = state)]
        state: Option<State>,
        /// Only those that a person must look at.
        #[arg(long)]
        attention: bool,
        /// How many at the most.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// What is in doubt: may have been sent, and nobody has said what became of it. Oldest first.
    Doubts(doubts::List),
    /// Writes down what a person found out about a hand-off, while the service runs.
    Resolve(doubts::Resolve),
    /// Every hand-off as a file for the books, with what they come to; or checks such a file.
    Export(Box<export::Export>),
    /// A signed statement of what became of a hand-off, which is proved without us: `almoner verify`.
    Receipt(receipt::Arguments),
    /// What becomes of hand-offs, as it is recorded: one line for each event, until it is interrupted.
    Watch(watch::Watch),
    /// One hand-off and all that is recorded about it.
    Show {
        /// Its reference.
        #[arg(value_parser = reference)]
        reference: Reference,
        #[command(flatten)]
        place: Place,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
}

impl Arguments {
    /// What is written down of it.
    pub(super) const fn deed(&self) -> Deed {
        match &self.command {
            Command::List { .. } => Deed::of("outcomes_list"),
            Command::Doubts(_) => Deed::of("outcomes_doubts"),
            Command::Resolve(resolve) => Deed::with("outcomes_resolve", resolve.reference),
            Command::Export(_) => Deed::of("outcomes_export"),
            Command::Receipt(receipt) => Deed::with("outcomes_receipt", receipt.reference),
            Command::Watch(_) => Deed::of("outcomes_watch"),
            Command::Show { reference, .. } => Deed::with("outcomes_show", *reference),
        }
    }
}

/// Where the ledger is.
#[derive(clap::Args)]
pub(super) struct Place {
    /// The configuration that names the ledger.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "ledger",
        conflicts_with = "ledger"
    )]
    pub(super) config: Option<PathBuf>,
    /// The ledger's file itself.
    #[arg(long, value_name = "FILE")]
    pub(super) ledger: Option<PathBuf>,
}

impl Place {
    /// Opens it for reading.
    pub(super) async fn open(&self) -> Result<Arc<dyn Ledger>, Failure> {
        match (&self.ledger, &self.config) {
            (Some(file), _) => Ok(Record::read_file(file)?),
            (None, Some(config)) => {
                let (settings, document) = Settings::load(config)?;
                Ok(Record::read(&settings, &document).await?)
            }
            (None, None) => anyhow::bail!("name the ledger with --config or --ledger"),
        }
    }
}

fn state(word: &str) -> Result<State, String> {
    let words = || State::ALL.iter().map(|state| state.word()).collect::<Vec<_>>().join(", ");
    State::from_word(word).ok_or_else(|| format!("use one of {}", words()))
}

/// A reference in its one spelling.
pub(super) fn reference(text: &str) -> Result<Reference, &'static str> {
    Reference::parse(text).ok_or("a reference is 26 capital letters and figures")
}

/// Lists or shows.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Command::List { place, state, attention, limit, json } => {
            let page = Page { before: None, state: *state, attention: *attention, limit: *limit };
            let entries = runtime()?
                .block_on(async { Ok::<_, Failure>(place.open().await?.list(page).await?) })?;
            if *json {
                entries.iter().try_for_each(|entry| print::line(&described(entry).to_string()))?;
            } else {
                list(&entries)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Doubts(list) => runtime()?.block_on(doubts::list(list)),
        Command::Resolve(resolve) => runtime()?.block_on(doubts::resolve(resolve)),
        Command::Export(export) => runtime()?.block_on(export::run(export)),
        Command::Receipt(receipt) => runtime()?.block_on(receipt::run(receipt)),
        Command::Watch(watch) => runtime()?.block_on(watch::watch(watch)),
        Command::Show { reference, place, json } => {
            let (entry, events) = runtime()?.block_on(async {
                let ledger = place.open().await?;
                Ok::<_, Failure>((
                    ledger.find(*reference).await?,
                    ledger.history(*reference).await?,
                ))
            })?;
            if entry.is_none() && events.is_empty() {
                anyhow::bail!("no hand-off of reference {reference}");
            }
            if *json {
                let events: Vec<Value> = events.iter().map(happened).collect();
                print::line(
                    &json!({ "hand_off": entry.as_ref().map(described), "events": events })
                        .to_string(),
                )?;
            } else {
                show(entry.as_ref(), &events)?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// A table of hand-offs.
pub(super) fn list(entries: &[Entry]) -> Result<(), Failure> {
    let row = |entry: &Entry| {
        let asked = &entry.hand_off.asked;
        let attention: Vec<_> = entry.standing.attention.iter().map(|flag| flag.word()).collect();
        [
            entry.hand_off.opened_at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            entry.hand_off.reference.to_string(),
            asked.kind.word().to_owned(),
            asked.method.word().to_owned(),
            money(asked.amount),
            asked.frequency.word().to_owned(),
            entry.standing.state.word().to_owned(),
            entry.standing.developments.last().map(latest).unwrap_or_default(),
            entry
                .standing
                .processor_reference
                .as_ref()
                .map(|text| text.as_str().to_owned())
                .unwrap_or_default(),
            attention.join(","),
        ]
    };
    let rows: Vec<_> = entries.iter().map(row).collect();
    print::table(
        [
            "opened (UTC)",
            "reference",
            "kind",
            "method",
            "amount",
            "frequency",
            "state",
            "since then",
            "processor",
            "attention",
        ],
        &rows,
    )
}

pub(super) fn money(amount: Amount) -> String {
    format!("{} {}", amount.decimal(), amount.currency().code())
}

/// A development in a word, with the bank's reason.
fn latest(happening: &Happening) -> String {
    let code = happening.code.as_ref().map(|code| format!(" ({})", code.as_str()));
    format!("{}{}", happening.what.word(), code.unwrap_or_default())
}

fn show(entry: Option<&Entry>, events: &[Event]) -> Result<(), Failure> {
    match entry {
        Some(entry) => {
            let Value::Object(fields) = described(entry) else { return Ok(()) };
            let told_below = ["currency", "developments"];
            let fields = fields.iter().filter(|(name, value)| {
                let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
                !empty && !told_below.contains(&name.as_str())
            });
            for (name, value) in fields {
                let text = match (name.as_str(), value) {
                    ("amount", _) => money(entry.hand_off.asked.amount),
                    (_, Value::Array(words)) => {
                        words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
                    }
                    (_, value) => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                };
                print::line(&format!("{name:<20} {text}"))?;
            }
        }
        None => print::line("parked: the hand-off of this reference is not known here")?,
    }
    print::line("")?;
    let rows: Vec<_> = events
        .iter()
        .zip(1_u32..)
        .map(|(event, nth)| {
            let evidence = event.evidence.as_ref();
            let word = |state: Option<State>| state.map_or("-", State::word).to_owned();
            [
                nth.to_string(),
                event.sequence.to_string(),
                event.recorded_at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
                evidence.map_or("opened", |evidence| evidence.source.word()).to_owned(),
                evidence.map_or("-", |evidence| evidence.fact.word()).to_owned(),
                word(event.before),
                word(event.after),
                evidence.and_then(|evidence| evidence.amount).map(money).unwrap_or_default(),
                evidence
                    .and_then(|evidence| evidence.code.as_ref())
                    .map(|code| code.as_str().to_owned())
                    .unwrap_or_default(),
            ]
        })
        .collect();
    print::table(
        ["no.", "event", "recorded (UTC)", "source", "fact", "before", "after", "amount", "code"],
        &rows,
    )
}
