//! `almoner events tail`: the delivery log as it grows, for a person or for a program that reads lines.

use super::{outbox, reference};
use crate::app::Record;
use crate::cli::{Failure, print};
use crate::clock::Clock;
use crate::config::Settings;
use crate::ledger::{LedgerError, Mark, Outbox, Told};
use crate::payment::Reference;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How often it is looked whether there is something new.
const EVERY: Duration = Duration::from_secs(1);
/// How far back it is looked each time: lines stand by the time of whoever wrote them, and an instance may write a
/// little late, or by a clock that is behind. Beyond five minutes none serves.
const BACK: SignedDuration = SignedDuration::from_mins(5);
/// How many lines are read at once.
const PAGE: usize = 500;

#[derive(clap::Args)]
pub(super) struct Tail {
    /// The configuration that names the ledger.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Only what this subscriber is told.
    #[arg(long, value_name = "NAME")]
    subscriber: Option<String>,
    /// Only what is told of this hand-off.
    #[arg(long, value_parser = reference)]
    reference: Option<Reference>,
    /// Begin with the oldest line; without it, with what comes from now on.
    #[arg(long)]
    all: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Follows the log until it is interrupted.
pub(super) async fn tail(tail: &Tail) -> Result<ExitCode, Failure> {
    let (settings, document) = Settings::load(&tail.config)?;
    let outbox = outbox(Record::read(&settings, &document).await?)?;
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        done = follow(&*outbox, tail) => done,
        _ = interrupt.recv() => Ok(ExitCode::SUCCESS),
        _ = terminate.recv() => Ok(ExitCode::SUCCESS),
    }
}

/// A ledger that cannot be read for a while, as a database that is started anew, is asked again: nothing is missed.
async fn follow(outbox: &dyn Outbox, tail: &Tail) -> Result<ExitCode, Failure> {
    let mut log = Log::new((!tail.all).then(|| Clock::system().now()));
    if !tail.all {
        log.next(outbox, |_| Ok(())).await?;
    }
    let mut complained = false;
    loop {
        match log.next(outbox, |told| show(tail, told)).await {
            Ok(()) => complained = false,
            Err(why) if !passes(&why) => return Err(why),
            Err(why) if !complained => {
                print::complain(&why);
                complained = true;
            }
            Err(_) => {}
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Whether it may be over in a moment.
fn passes(why: &Failure) -> bool {
    let why = why.downcast_ref::<LedgerError>();
    why.is_some_and(|why| matches!(why, LedgerError::Busy | LedgerError::Unavailable(_)))
}

/// The log, as far as it was shown.
struct Log {
    /// The lines that were shown, as far back as it is looked.
    shown: BTreeSet<Mark>,
    /// The newest time that is known.
    newest: Option<Timestamp>,
}

impl Log {
    const fn new(newest: Option<Timestamp>) -> Self {
        Self { shown: BTreeSet::new(), newest }
    }

    /// Hands over every line that was not handed over before.
    async fn next(
        &mut self,
        outbox: &dyn Outbox,
        show: impl Fn(&Told) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let back = |at: Timestamp| at.saturating_sub(BACK).unwrap_or(Timestamp::MIN);
        let start = |at| Mark { at: back(at), position: 0, subscriber: String::new() };
        let mut after = self.newest.map(start);
        loop {
            let found = outbox.told(after, PAGE).await?;
            for told in &found {
                if !self.shown.contains(&told.mark) {
                    show(told)?;
                    self.shown.insert(told.mark.clone());
                    self.newest = self.newest.max(Some(told.mark.at));
                }
            }
            if found.len() < PAGE {
                break;
            }
            after = found.into_iter().last().map(|told| told.mark);
        }
        if let Some(oldest) = self.newest.map(start) {
            self.shown = self.shown.split_off(&oldest);
        }
        Ok(())
    }
}

fn show(tail: &Tail, told: &Told) -> Result<(), Failure> {
    let Told { mark, reference, answer } = told;
    let wanted = tail.subscriber.as_ref().is_none_or(|name| *name == mark.subscriber)
        && tail.reference.is_none_or(|wanted| wanted == *reference);
    if !wanted {
        return Ok(());
    }
    let (at, answer) = (mark.at, answer.word());
    print::line(&if tail.json {
        let line = json!({
            "at": at.to_string(), "event": mark.position, "reference": reference.to_string(),
            "subscriber": mark.subscriber, "answer": answer,
        });
        line.to_string()
    } else {
        let at = at.strftime("%Y-%m-%d %H:%M:%S");
        format!("{at}  {}  {reference}  {}  {answer}", mark.position, mark.subscriber)
    })
}
