//! `almoner outcomes watch`: the feed on a terminal, or for a program that reads lines.

use super::{Place, money};
use crate::announcement::{Cursor, Item, LARGEST_PAGE, Told};
use crate::cli::{Failure, print};
use crate::ledger::Ledger;
use crate::payment::State;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How often it is looked whether there is something new.
const EVERY: Duration = Duration::from_secs(1);

#[derive(clap::Args)]
pub(super) struct Watch {
    #[command(flatten)]
    place: Place,
    /// Begin behind this cursor, as the feed gives it; without it, with what comes from now on.
    #[arg(long, value_name = "CURSOR", value_parser = cursor, conflicts_with = "all")]
    after: Option<Cursor>,
    /// Begin at the beginning of the record.
    #[arg(long)]
    all: bool,
    /// One JSON object a line, as /v1/outcomes shows it.
    #[arg(long)]
    json: bool,
}

fn cursor(text: &str) -> Result<Cursor, &'static str> {
    Cursor::parse(text)
        .ok_or("a cursor is a number, a hyphen and 16 hexadecimal digits, as the feed gives it")
}

/// Follows the feed until it is interrupted.
pub(super) async fn watch(watch: &Watch) -> Result<ExitCode, Failure> {
    let ledger = watch.place.open().await?;
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        done = follow(&*ledger, watch) => done,
        _ = interrupt.recv() => Ok(ExitCode::SUCCESS),
        _ = terminate.recv() => Ok(ExitCode::SUCCESS),
    }
}

async fn follow(ledger: &dyn Ledger, watch: &Watch) -> Result<ExitCode, Failure> {
    let mut after = match watch.after {
        None if !watch.all => ledger.feed_end().await?,
        given => given,
    };
    loop {
        let Some(items) = ledger.feed(after, LARGEST_PAGE).await? else {
            anyhow::bail!(
                "the cursor is of another record: begin with an earlier one, or with --all"
            );
        };
        for item in &items {
            let json = || serde_json::to_string(&Told::of(item));
            print::line(&if watch.json { json()? } else { told(item) })?;
            after = Some(item.cursor);
        }
        if items.len() < LARGEST_PAGE {
            tokio::time::sleep(EVERY).await;
        }
    }
}

/// For a person.
fn told(item: &Item) -> String {
    let (event, asked) = (&item.event, &item.entry.hand_off.asked);
    let word = |state: Option<State>| state.map_or("-", State::word);
    let evidence = event.evidence.as_ref();
    let attention: Vec<_> = item.entry.standing.attention.iter().map(|flag| flag.word()).collect();
    [
        event.recorded_at.strftime("%Y-%m-%d %H:%M:%S").to_string().as_str(),
        &event.reference.to_string(),
        &format!("{:<10}", word(event.after)),
        evidence.map_or("opened", |evidence| evidence.fact.word()),
        &money(asked.amount),
        asked.kind.word(),
        &attention.join(","),
    ]
    .join("  ")
    .trim_end()
    .to_owned()
}
