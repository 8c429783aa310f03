//! `almoner verify`: whether a statement is as it was signed, proved with the public key alone: no ledger, no
//! configuration, no network.

use super::{Failure, print, signing};
use crate::export::Summary;
use crate::keys::signed::Statement;
use crate::receipt::{Head, Receipt};
use serde::Serialize;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What is not as it was signed proves nothing.
const NOT_PROVED: u8 = 2;

#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 it is as it was signed by the owner of that key, 2 it is not, or cannot be read. docs/receipts.md."
)]
pub(super) struct Arguments {
    /// A receipt, a head, or the summary of an export.
    file: PathBuf,
    /// The public key that it must be signed by, as `almoner keygen report` wrote it.
    #[arg(long = "pub", visible_alias = "key", value_name = "FILE")]
    key: PathBuf,
    /// What it says, as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Proves, and tells what was proved.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    match proved(&arguments.file, &arguments.key).and_then(|told| arguments.tell(&told)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            print::complain(&failure);
            ExitCode::from(NOT_PROVED)
        }
    }
}

/// The member that holds a statement, and the statement.
fn proved(file: &Path, key: &Path) -> Result<(&'static str, Value), Failure> {
    let public = signing::public(key)?;
    let text = signing::text(file)?;
    let whole: Option<Value> = serde_json::from_str(&text).ok();
    let holds = |name: &str| whole.as_ref().is_some_and(|whole| whole.get(name).is_some());
    if holds(Head::NAME) {
        named(&signing::proved::<Head>(file, &public)?)
    } else if holds(Summary::NAME) {
        named(&signing::proved::<Summary>(file, &public)?)
    } else if holds("report") {
        anyhow::bail!("{}: a report is told by almoner prove --verify", file.display())
    } else {
        named(&signing::proved::<Receipt>(file, &public)?)
    }
}

fn named<S: Statement + Serialize>(statement: &S) -> Result<(&'static str, Value), Failure> {
    Ok((S::NAME, serde_json::to_value(statement)?))
}

impl Arguments {
    fn tell(&self, (name, statement): &(&'static str, Value)) -> Result<(), Failure> {
        if self.json {
            return print::line(&statement.to_string());
        }
        for (field, value) in statement.as_object().into_iter().flatten() {
            let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            if !empty {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                print::line(&format!("{field:<20} {text}"))?;
            }
        }
        print::line(&format!("\nThis {name} is as it was signed by the owner of that key."))
    }
}
