//! `almoner ledger verify`.

use super::outcomes::Place;
use super::{Failure, print, runtime};
use std::process::ExitCode;

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
}

/// Proves the record, or says where it breaks.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let Command::Verify { place, json } = &arguments.command;
    let verified =
        runtime()?.block_on(async { Ok::<_, Failure>(place.open().await?.verify().await?) })?;
    let head = hex::encode(verified.head);
    print::line(&if *json {
        serde_json::json!({ "whole": true, "events": verified.events, "hand_offs": verified.hand_offs, "head": head }).to_string()
    } else {
        format!(
            "whole: {} events of {} hand-offs, head {head}",
            verified.events, verified.hand_offs
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
