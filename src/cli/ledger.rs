//! `almoner ledger`: the record itself, proved, purged, copied and moved.

use super::audit::Deed;
use super::outcomes::Place;
use super::{Failure, print, runtime};
use crate::ledger::Verified;
use crate::receipt::against::Stands;
use std::path::PathBuf;
use std::process::ExitCode;

mod backup;
#[cfg(feature = "postgres")]
mod copy;
mod head;
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
        /// A head or a receipt that was kept elsewhere: the record must still have what it names.
        #[arg(long, value_name = "FILE", requires = "key")]
        against: Option<PathBuf>,
        /// The public key that it must be signed by.
        #[arg(long = "pub", visible_alias = "key", value_name = "FILE", requires = "against")]
        key: Option<PathBuf>,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// How the record ends, signed: to be kept elsewhere, and held against it later by `verify --against`.
    Head(head::Arguments),
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
            Command::Head(_) => Deed::of("ledger_head"),
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
        Command::Verify { place, against, key, json } => {
            let (verified, held) = runtime()?.block_on(async {
                let ledger = place.open().await?;
                let verified = ledger.verify().await?;
                let held = match against.as_deref().zip(key.as_deref()) {
                    Some((file, key)) => Some(head::held(&*ledger, file, key).await?),
                    None => None,
                };
                Ok::<_, Failure>((verified, held))
            })?;
            print::line(&match (json, held) {
                (true, held) => line(&verified, held.map(|(stands, _)| stands)),
                (false, None) => sentence(&verified),
                (false, Some((_, held))) => format!("{}\n{held}", sentence(&verified)),
            })?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Head(arguments) => runtime()?.block_on(head::run(arguments)),
        Command::Purge(arguments) => purge::run(arguments),
        Command::Backup(arguments) => backup::backup(arguments),
        Command::Restore(arguments) => backup::restore(arguments),
        #[cfg(feature = "postgres")]
        Command::Copy(arguments) => copy::run(arguments),
    }
}

fn line(verified: &Verified, against: Option<Stands>) -> String {
    let Verified { events, hand_offs, purged, newest, head } = verified;
    let (newest, head) = (newest.map(|at| at.to_string()), hex::encode(head));
    let mut told = serde_json::json!({ "whole": true, "events": events, "hand_offs": hand_offs, "purged": purged, "newest": newest, "head": head });
    if let (Some(Stands { links, purged }), Some(told)) = (against, told.as_object_mut()) {
        let links = serde_json::json!({ "links": links, "purged": purged });
        told.insert("against".to_owned(), links);
    }
    told.to_string()
}

fn sentence(verified: &Verified) -> String {
    let Verified { events, hand_offs, purged, head, .. } = verified;
    let gone = if *purged == 0 { String::new() } else { format!(", {purged} events purged") };
    format!("whole: {events} events of {hand_offs} hand-offs{gone}, head {}", hex::encode(head))
}
