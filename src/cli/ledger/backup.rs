//! `almoner ledger backup` and `restore`: the record as one file, proved before it is relied on.

use crate::app::Record;
use crate::cli::outcomes::Place;
use crate::cli::{Failure, print, runtime};
use crate::clock::london;
use crate::config::Settings;
use crate::ledger::Verified;
use crate::ledger::sqlite::{Copied, Copy as LedgerCopy};
use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Kibibytes in one page.
const PAGE: u64 = 4;

#[derive(clap::Args)]
pub(super) struct Backup {
    /// The file to write, which must not be there yet.
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub(super) struct Restore {
    /// A backup.
    file: PathBuf,
    /// The ledger to make of it, which must not be there yet: as ledger.file in the configuration.
    #[arg(long, value_name = "PATH")]
    to: PathBuf,
}

pub(super) fn backup(arguments: &Backup) -> Result<ExitCode, Failure> {
    let from = match (&arguments.place.ledger, &arguments.place.config) {
        (Some(file), _) => file.clone(),
        (None, Some(config)) => {
            let (settings, document) = Settings::load(config)?;
            Record::file(&settings, &document)?
        }
        (None, None) => anyhow::bail!("name the ledger with --config or --ledger"),
    };
    let verified = copied(&from, &arguments.file, As::Backup)?;
    print::line(&format!("{} is whole: {}", arguments.file.display(), standing(&verified)))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restore(arguments: &Restore) -> Result<ExitCode, Failure> {
    let verified = copied(&arguments.file, &arguments.to, As::Ledger)?;
    print::line(&format!("{} is whole: {}", arguments.to.display(), standing(&verified)))?;
    let since = verified
        .newest
        .map_or_else(|| "its first hand-off".to_owned(), |at| london::date(at).to_string());
    print::line(&format!(
        "What was handed over after the backup is not in it. The processor knows: messages about it that\n\
         come from now on are kept as orphans. Start the service, wait until its doubts are asked about, then\n  \
         almoner reconcile --from {since} --to TODAY --config FILE\n\
         and look at each orphan. What was acknowledged before does not come again: compare with the\n\
         processor's own list too. docs/ledgers.md."
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// What a copy is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum As {
    /// To be kept as it is.
    Backup,
    /// To be served from: an older Almoner's is brought to our schema.
    Ledger,
}

/// Copies, proves the copy, and only then gives it its name.
fn copied(from: &Path, to: &Path, what: As) -> Result<Verified, Failure> {
    // Shown on a terminal alone.
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} KiB, {eta} left") {
        bar.set_style(style);
    }
    let copy = LedgerCopy::of(from, to, |Copied { pages, of }| {
        bar.set_length(of.saturating_mul(PAGE));
        bar.set_position(pages.saturating_mul(PAGE));
    })?;
    bar.finish_and_clear();
    let proving = ProgressBar::new_spinner().with_message("proving the copy");
    proving.enable_steady_tick(std::time::Duration::from_millis(200));
    let verified = runtime()?.block_on(async {
        match what {
            As::Backup => copy.verify().await,
            As::Ledger => copy.grow().await,
        }
    });
    proving.finish_and_clear();
    let verified = verified.context("the copy is not whole, and was removed")?;
    copy.finish()?;
    Ok(verified)
}

fn standing(verified: &Verified) -> String {
    let Verified { events, hand_offs, purged, newest, head } = verified;
    let gone = if *purged == 0 { String::new() } else { format!(", {purged} events purged") };
    let newest = newest.map_or_else(
        || "nothing recorded yet".to_owned(),
        |at| format!("the newest of {}", at.strftime("%Y-%m-%d %H:%M:%S UTC")),
    );
    format!("{events} events of {hand_offs} hand-offs{gone}, {newest}, head {}", hex::encode(head))
}
