//! `almoner ledger head`, and a record held against what was written down of it elsewhere.

use crate::cli::keygen::write_private;
use crate::cli::outcomes::Place;
use crate::cli::{Failure, print, signing};
use crate::clock::Clock;
use crate::keys::signed::{self, Statement};
use crate::ledger::Ledger;
use crate::receipt::against::{self, Stands};
use crate::receipt::{Head, Receipt};
use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The key that signs it, as `almoner keygen report` makes one.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The file to write, mode 0600; it must not exist. Standard output without.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Signs how the record ends.
pub(super) async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let key = signing::key(&arguments.key)?;
    let heads = arguments.place.open().await?.heads().await?;
    if heads.is_empty() {
        anyhow::bail!("nothing is recorded yet: there is no head");
    }
    let text = signed::sign(&Head::of(&heads, Clock::system().now()), &key)?;
    match &arguments.out {
        Some(file) => write_private(file, text.trim_end())?,
        None => print::line(text.trim_end())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether the record still has the links of a head or a receipt, in a sentence.
pub(super) async fn held(
    ledger: &dyn Ledger,
    file: &Path,
    public: &Path,
) -> Result<(Stands, String), Failure> {
    let public = signing::public(public)?;
    let whole: Option<Value> = serde_json::from_str(&signing::text(file)?).ok();
    let is_receipt = whole.is_some_and(|whole| whole.get(Receipt::NAME).is_some());
    let (at, places) = if is_receipt {
        let receipt: Receipt = signing::proved(file, &public)?;
        // It may have been issued long after what it tells of, shortly before that was purged.
        (receipt.changed_at, vec![receipt.event])
    } else {
        let head: Head = signing::proved(file, &public)?;
        (head.at, head.chains)
    };
    let written: Timestamp = at.parse().with_context(|| file.display().to_string())?;
    let times = (written, Clock::system().now());
    let stands =
        against::hold(ledger, &places, times).await.with_context(|| file.display().to_string())?;
    let Stands { links, purged } = stands;
    let told = match (links, purged) {
        (_, 0) => format!("it has what was written down of it on {at}"),
        (0, _) => anyhow::bail!(
            "{}: all that it names was purged since, so that it says nothing: take a newer one",
            file.display()
        ),
        (_, _) => format!(
            "it has what was written down of it on {at}, but for {purged} links that were purged since"
        ),
    };
    Ok((stands, told))
}
