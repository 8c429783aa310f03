//! `almoner outcomes export`: the record as a file for the charity's books, and whether a file is still the one that was
//! exported.

use crate::app::Record;
use crate::cli::keygen::write_private;
use crate::cli::{Failure, print, signing};
use crate::clock::{Clock, london};
use crate::config::Settings;
use crate::export::{Days, Format, NotExported, Reading, Summary};
use crate::keys::signed::{self, SigningKey};
use crate::ledger::{Chained, Ledger};
use crate::payment::Mode;
use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use std::fs::File;
use std::io::{BufReader, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// From how many hand-offs on it takes so long that one wants to see it go on.
const LONG: u64 = 20_000;
/// A file that is not what was exported proves nothing.
const NOT_PROVED: u8 = 2;

/// `almoner outcomes export`.
#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 well, 1 it could not be done, 2 wrong arguments, or a file that is not what was exported. docs/exports.md."
)]
pub(super) struct Export {
    /// The first day, in London, on which hand-offs were opened, like 2026-11-01; from the beginning without.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::cli::reconcile::day)]
    from: Option<Date>,
    /// The last day; to the end without.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::cli::reconcile::day)]
    to: Option<Date>,
    /// csv for spreadsheets, or jsonl: one JSON object a line.
    #[arg(long, value_parser = format, default_value = "csv")]
    format: Format,
    /// The file to write, mode 0600; it must not exist. FILE.summary.json is written beside it. Standard output without.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The key that signs the summary, as `almoner keygen report` makes one.
    #[arg(long, value_name = "FILE", requires = "out")]
    key: Option<PathBuf>,
    /// The service's configuration.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["verify", "ledger"], conflicts_with = "ledger")]
    config: Option<PathBuf>,
    /// The ledger's file itself.
    #[arg(long, value_name = "FILE", requires = "mode")]
    ledger: Option<PathBuf>,
    /// Beside --ledger: live for real money, or test. A configuration says it itself.
    #[arg(long, value_parser = mode, requires = "ledger", conflicts_with = "config")]
    mode: Option<Mode>,
    /// Check a file against its FILE.summary.json instead: bytes, rows and sums.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["config", "ledger", "out", "key", "from", "to", "format"])]
    verify: Option<PathBuf>,
    /// The public key that the summary must be signed by.
    #[arg(long = "pub", value_name = "FILE", requires = "verify")]
    public: Option<PathBuf>,
}

fn format(word: &str) -> Result<Format, &'static str> {
    Format::from_word(word).ok_or("use one of csv, jsonl")
}

fn mode(word: &str) -> Result<Mode, &'static str> {
    Mode::from_word(word).ok_or("use one of live, test")
}

impl Export {
    /// The record, and which of its hand-offs are meant: those of real money, or the others.
    async fn open(&self) -> Result<(Arc<dyn Ledger>, Mode), Failure> {
        match (&self.config, &self.ledger, self.mode) {
            (Some(config), _, _) => {
                let (settings, document) = Settings::load(config)?;
                let ledger = Record::read(&settings, &document).await?;
                Ok((ledger, settings.processor.mode.0))
            }
            (None, Some(file), Some(mode)) => Ok((Record::read_file(file)?, mode)),
            (None, _, _) => anyhow::bail!("name the ledger with --config, or --ledger and --mode"),
        }
    }
}

/// Exports, or checks an export.
pub(super) async fn run(arguments: &Export) -> Result<ExitCode, Failure> {
    if let Some(file) = &arguments.verify {
        return Ok(match verified(file, arguments.public.as_deref()) {
            Ok(told) => {
                print::line(&told)?;
                ExitCode::SUCCESS
            }
            Err(failure) => {
                print::complain(&failure);
                ExitCode::from(NOT_PROVED)
            }
        });
    }
    // Before anything is read: who cannot sign learns it at once.
    let key = arguments.key.as_deref().map(signing::key).transpose()?;
    let days = Days { from: arguments.from, to: arguments.to };
    if days.from.zip(days.to).is_some_and(|(from, to)| from > to) {
        anyhow::bail!("the first day is after the last: turn --from and --to round");
    }
    let (ledger, mode) = arguments.open().await?;
    let mut reading = Reading::begin(ledger, days, mode).await?;
    let mut bar = Bar::new(days);
    let Some(out) = &arguments.out else {
        let told = |part: &[Chained]| bar.tell(part);
        let written = reading.write(arguments.format, std::io::stdout().lock(), told).await;
        let (stdout, _) = written.map_err(plain)?;
        drop(stdout);
        bar.end();
        return Ok(ExitCode::SUCCESS);
    };
    let summary = to_file(&mut reading, (days, mode, arguments.format), out, &mut bar).await?;
    write_private(&beside(out), text(&summary, key.as_ref())?.trim_end())?;
    bar.end();
    let signed = if key.is_some() { "signed" } else { "not signed (--key FILE signs it)" };
    print::line(&format!(
        "wrote {} and {}, {signed}: {} hand-offs, head {}",
        out.display(),
        beside(out).display(),
        summary.rows,
        summary.head
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a file that has its name only when it is whole and on disk.
async fn to_file(
    reading: &mut Reading,
    about: (Days, Mode, Format),
    out: &Path,
    bar: &mut Bar,
) -> Result<Summary, Failure> {
    let name = || format!("{}: name a new file, in a folder that is there", out.display());
    for file in [out, &beside(out)] {
        if file.try_exists().with_context(name)? {
            anyhow::bail!(
                "{}: there already, and is left as it is: name another file",
                file.display()
            );
        }
    }
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Mode 0600; gone if anything fails.
    let unfinished =
        tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).with_context(name)?;
    let told = |part: &[Chained]| bar.tell(part);
    let (unfinished, written) = reading.write(about.2, unfinished, told).await.map_err(plain)?;
    unfinished.as_file().sync_all()?;
    unfinished.persist_noclobber(out).with_context(name)?;
    Ok(Summary::of(&written, about, reading.heads(), Clock::system().now()))
}

/// A reader that has gone away is told from a file that cannot be written by what the system says of it.
fn plain(failed: NotExported) -> Failure {
    if let NotExported::Write(error) = failed { error.into() } else { failed.into() }
}

/// The side file of a file.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.to_owned().into_os_string();
    name.push(".summary.json");
    PathBuf::from(name)
}

fn text(summary: &Summary, key: Option<&SigningKey>) -> Result<String, Failure> {
    Ok(match key {
        Some(key) => signed::sign(summary, key)?,
        None => serde_json::to_string_pretty(&json!({ "export": summary }))?,
    })
}

/// A summary whose signature nobody asked to be looked at.
#[derive(Deserialize)]
struct Unsigned {
    export: Summary,
}

fn verified(file: &Path, public: Option<&Path>) -> Result<String, Failure> {
    let side = beside(file);
    let summary: Summary = if let Some(public) = public {
        signing::proved(&side, &signing::public(public)?)?
    } else {
        let name = || format!("{}: it is no summary, or it is not whole", side.display());
        let unsigned: Unsigned = serde_json::from_str(&signing::text(&side)?).with_context(name)?;
        unsigned.export
    };
    let name = || file.display().to_string();
    let opened = File::open(file).with_context(name)?;
    summary.check(BufReader::new(opened)).with_context(name)?;
    let signed = match public {
        Some(_) => "and the summary is signed by that key",
        None => "but whether its summary is true was not looked at: give --pub",
    };
    Ok(format!(
        "{} is what was exported on {}: {} hand-offs, {signed}.",
        file.display(),
        summary.made_at,
        summary.rows
    ))
}

/// How far a long export is, by the days it has come to. Drawn on a terminal only, and only where it takes long.
struct Bar {
    drawn: ProgressBar,
    from: Option<Timestamp>,
    to: Timestamp,
    rows: u64,
}

impl Bar {
    fn new(days: Days) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let template = "{wide_bar} {percent}%, {msg} hand-offs, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let now = Clock::system().now();
        let end = days.to.and_then(|day| day.tomorrow().ok()).map(|day| london::time(day.into()));
        Self {
            drawn: bar,
            from: days.from.map(|day| london::time(day.into())),
            to: end.map_or(now, |end| end.min(now)),
            rows: 0,
        }
    }

    fn tell(&mut self, part: &[Chained]) {
        let Some((first, last)) = part.first().zip(part.last()) else { return };
        self.rows = self.rows.saturating_add(u64::try_from(part.len()).unwrap_or(0));
        self.drawn.set_message(self.rows.to_string());
        if self.rows >= LONG && self.drawn.is_hidden() && std::io::stderr().is_terminal() {
            self.drawn.set_draw_target(ProgressDrawTarget::stderr());
        }
        let from = *self.from.get_or_insert(first.entry.hand_off.opened_at);
        let seconds = |to: Timestamp| to.duration_since(from).as_secs().max(0).unsigned_abs();
        self.drawn.set_length(seconds(self.to).max(1));
        self.drawn.set_position(seconds(last.entry.hand_off.opened_at));
    }

    fn end(&self) {
        self.drawn.finish_and_clear();
    }
}
