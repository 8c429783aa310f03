//! `almoner ledger`: the record itself, proved and moved.

use super::outcomes::Place;
use super::{Failure, print, runtime};
use std::process::ExitCode;

#[cfg(feature = "postgres")]
mod copy;

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
    /// Moves the record from a SQLite file into the database of a configuration: resumable, compared row by row.
    #[cfg(feature = "postgres")]
    Copy(copy::Arguments),
}

/// Does what the arguments name.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Command::Verify { place, json } => verify(place, *json),
        #[cfg(feature = "postgres")]
        Command::Copy(arguments) => copy::run(arguments),
    }
}

/// Proves the record, or says where it breaks.
#[expect(clippy::fn_params_excessive_bools, reason = "how it is printed is one flag")]
fn verify(place: &Place, json: bool) -> Result<ExitCode, Failure> {
    let verified =
        runtime()?.block_on(async { Ok::<_, Failure>(place.open().await?.verify().await?) })?;
    let head = hex::encode(verified.head);
    print::line(&if json {
        serde_json::json!({ "whole": true, "events": verified.events, "hand_offs": verified.hand_offs, "head": head }).to_string()
    } else {
        format!(
            "whole: {} events of {} hand-offs, head {head}",
            verified.events, verified.hand_offs
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
