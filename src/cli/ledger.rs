//! `almoner ledger`: the record itself, proved, purged, copied and moved.

use super::audit::Deed;
use super::outcomes::Place;
use super::{Failure, print, runtime};
use crate::ledger::Verified;
use std::process::ExitCode;

mod backup;
#[cfg(feature = "postgres")]
mod copy;
mod purge;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Reads the whole record and proves its hash chain, its rows and every state in it.
    Verify {
        #[command(flatten)]
        place: Place,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Removes what is past its time for good, beside a service that runs or without.
    Purge(purge::Arguments),
    /// Copies the record to a file as it is now, while the service runs, and proves the copy.
    Backup(backup::Backup),
    /// Proves a backup and makes a ledger of it.
    Restore(backup::Restore),
    /// Moves the record from a SQLite file into the database of a configuration: resumable, compared row by row.
    #[cfg(feature = "postgres")]
    Copy(copy::Arguments),
}

impl Arguments {
    /// What is written down of it.
    pub(super) const fn deed(&self) -> Deed {
        match &self.command {
            Command::Verify { .. } => Deed::of("ledger_verify"),
            Command::Purge(purge) => purge.deed(),
            Command::Backup(_) => Deed::of("ledger_backup"),
            Command::Restore(_) => Deed::of("ledger_restore"),
            #[cfg(feature = "postgres")]
            Command::Copy(_) => Deed::of("ledger_copy"),
        }
    }
}

/// Does what the arguments name.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Command::Verify { place, json } => {
            let verified = runtime()?
                .block_on(async { Ok::<_, Failure>(place.open().await?.verify().await?) })?;
            print::line(&if *json { line(&verified) } else { sentence(&verified) })?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Purge(arguments) => purge::run(arguments),
        Command::Backup(arguments) => backup::backup(arguments),
        Command::Restore(arguments) => backup::restore(arguments),
        #[cfg(feature = "postgres")]
        Command::Copy(arguments) => copy::run(arguments),
    }
}

fn line(verified: &Verified) -> String {
    let Verified { events, hand_offs, purged, newest, head } = verified;
    let (newest, head) = (newest.map(|at| at.to_string()), hex::encode(head));
    serde_json::json!({ "whole": true, "events": events, "hand_offs": hand_offs, "purged": purged, "newest": newest, "head": head }).to_string()
}

fn sentence(verified: &Verified) -> String {
    let Verified { events, hand_offs, purged, head, .. } = verified;
    let gone = if *purged == 0 { String::new() } else { format!(", {purged} events purged") };
    format!("whole: {events} events of {hand_offs} hand-offs{gone}, head {}", hex::encode(head))
}
