//! `almoner ledger copy`: a record moved from a SQLite file into a database.

use crate::app::Record;
use crate::cli::{Failure, print, runtime};
use crate::config::Settings;
use crate::ledger::copy::{Step, copy};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The file that is copied: sqlite:FILE. No service may have it open.
    #[arg(long, value_name = "sqlite:FILE", value_parser = file)]
    from: PathBuf,
    /// The configuration that names the database: postgres:CONFIG.
    #[arg(long, value_name = "postgres:CONFIG", value_parser = configuration)]
    to: PathBuf,
}

fn file(text: &str) -> Result<PathBuf, &'static str> {
    named(text, "sqlite:").ok_or("write it like sqlite:/var/lib/almoner/ledger.db")
}

fn configuration(text: &str) -> Result<PathBuf, &'static str> {
    let wanted = "write it like postgres:/etc/almoner/almoner.toml: the file whose [ledger] names the database";
    named(text, "postgres:").filter(|_| !text.starts_with("postgres://")).ok_or(wanted)
}

fn named(text: &str, scheme: &str) -> Option<PathBuf> {
    text.strip_prefix(scheme).filter(|rest| !rest.is_empty()).map(PathBuf::from)
}

/// Copies, compares and proves. Cut off, the same command goes on where it was.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (settings, document) = Settings::load(&arguments.to)?;
    let proved = runtime()?.block_on(async {
        let (from, to) = Record::both(&arguments.from, &settings, &document).await?;
        // Drawn on a terminal only.
        let bar = ProgressBar::new(0);
        let style =
            ProgressStyle::with_template("{msg:10} {wide_bar} {human_pos}/{human_len} {eta}");
        bar.set_style(style?);
        let copied = copy(&from, &to, |step| {
            let (done, all, words) = match step {
                Step::Copied(done, all) => (done, all, "copying"),
                Step::Compared(done, all) => (done, all, "comparing"),
            };
            bar.set_length(all.unsigned_abs());
            bar.set_position(done.unsigned_abs());
            bar.set_message(words);
        });
        let copied = copied.await;
        bar.finish_and_clear();
        Ok::<_, Failure>(copied?)
    })?;
    print::line(&format!(
        "copied and compared, row by row: {} events of {} hand-offs; both chains are whole, head {}.\n\
         Let the services use the configuration named, and put the file away: it says now where its record went, and no service takes it any more.",
        proved.events,
        proved.hand_offs,
        hex::encode(proved.head)
    ))?;
    Ok(ExitCode::SUCCESS)
}
