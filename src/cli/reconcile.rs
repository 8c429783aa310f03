//! `almoner reconcile`: the record of a period against the processor's reports and statements.

use super::mandate::log_level;
use super::{Failure, log, print, runtime};
use crate::app::Record;
use crate::clock::Clock;
use crate::config::Settings;
use crate::payment::{Amount, Development, ProcessorText, Reference};
use crate::processor::Period;
use crate::reconciliation::compare::{Column, Item, Side, Verdict};
use crate::reconciliation::settled::Settled;
use crate::reconciliation::statement::{Disagreement, Stated};
use crate::reconciliation::totals::{Both, Total};
use crate::reconciliation::{Reconciled, Reconciliation};
use anyhow::Context as _;
use jiff::civil::Date;
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

mod settlement;
mod unsettled;

#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 everything matched, 1 something differs or is an orphan, 2 it could not be done."
)]
pub(super) struct Arguments {
    /// The first day, like 2026-11-01.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    from: Date,
    /// The last day.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    to: Date,
    /// A settlement statement as CSV, laid out as [reconcile.statement] says: nobody is asked. Or RSM's statement of one
    /// day's collections, saved as it was answered, instead of asking for statements.
    #[arg(long, value_name = "FILE")]
    statement: Option<PathBuf>,
    /// The service's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// A day as the command line takes it.
pub(super) fn day(text: &str) -> Result<Date, &'static str> {
    text.parse().map_err(|_error| "write the day as YYYY-MM-DD, like 2026-11-01")
}

/// What could not be done has an exit code of its own here, for 1 is a difference.
const NOT_DONE: u8 = 2;

/// Compares, and says what differs.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let found = match reconcile(arguments) {
        Ok(found) => found,
        Err(failure) => {
            print::complain(&failure);
            return Ok(ExitCode::from(NOT_DONE));
        }
    };
    let agrees = match &found {
        Found::Reports(found) if arguments.json => lines(found).map(|()| found.agrees()),
        Found::Reports(found) => tables(found).map(|()| found.agrees()),
        Found::Settled(found) if arguments.json => {
            settlement::lines(found).map(|()| found.agrees())
        }
        Found::Settled(found) => settlement::tables(found).map(|()| found.agrees()),
    };
    Ok(if agrees? { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// What the record was held against.
enum Found {
    Reports(Reconciled),
    Settled(Settled),
}

fn reconcile(arguments: &Arguments) -> Result<Found, Failure> {
    let (settings, document) = Settings::load(&arguments.config)?;
    let _log = log::start(log_level(&settings))?;
    let most = settings.limits.upstream_report_bytes;
    let saved = arguments.statement.as_deref().map(|file| statement(file, most)).transpose()?;
    let (saved, settlement) = match (saved, &arguments.statement) {
        (Some(bytes), Some(file)) if !is_xml(&bytes) => {
            (None, Some(settlement::read(&bytes, file, &settings, &document)?))
        }
        (saved, _) => (saved, None),
    };
    let period = Period { first: arguments.from, last: arguments.to };
    runtime()?.block_on(async {
        let reconciliation = Reconciliation {
            ledger: Record::read(&settings, &document).await?,
            processor: Arc::new(settings.processor(&document)?),
            clock: Clock::system(),
            mode: settings.processor.mode.0,
        };
        if let Some(settlement) = settlement {
            return Ok(Found::Settled(reconciliation.settle(period, settlement).await?));
        }
        // RSM refuses a question that another command asked in the same second (1005).
        reconciliation.clock.next_second().await;
        Ok(Found::Reports(reconciliation.reconcile(period, saved.as_deref()).await?))
    })
}

/// RSM's own statements are XML, and no CSV file begins so.
fn is_xml(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    bytes.trim_ascii_start().starts_with(b"<")
}

/// A saved statement, as long as an answer may be.
fn statement(file: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    let name = || file.display().to_string();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).with_context(name)?;
    opened.take(limit).read_to_end(&mut bytes).with_context(name)?;
    if bytes.len() > most {
        anyhow::bail!("{}: longer than limits.upstream_report_bytes", file.display());
    }
    Ok(bytes)
}

fn tables(found: &Reconciled) -> Result<(), Failure> {
    unsettled::tables(&found.orphans, &found.unsettled)?;
    if !found.has_reports {
        return without_reports(found);
    }
    let differing: Vec<_> = found
        .items
        .iter()
        .filter(|item| item.verdict() != Verdict::Matched)
        .map(|item| {
            [
                item.verdict().word().to_owned(),
                item.kind().word().to_owned(),
                item.reference.map(|it| it.to_string()).unwrap_or_default(),
                theirs(item).unwrap_or_default().to_owned(),
                item.on.map(|day| day.to_string()).unwrap_or_default(),
                item.ours.map(told).unwrap_or_default(),
                item.theirs.map(told).unwrap_or_default(),
                words(&item.columns, Column::word).join(","),
            ]
        })
        .collect();
    if !differing.is_empty() {
        let head =
            ["verdict", "kind", "reference", "processor", "on", "ours", "theirs", "differs in"];
        print::table(head, &differing)?;
        print::line("")?;
    }
    let totals: Vec<_> = found
        .totals
        .0
        .iter()
        .map(|both| {
            let Both { kind, ours, theirs } = both;
            [
                kind.word().to_owned(),
                ours.count.to_string(),
                pounds(ours.minor),
                theirs.count.to_string(),
                pounds(theirs.minor),
            ]
        })
        .collect();
    print::table(["kind", "ours", "sum", "theirs", "sum"], &totals)?;
    for stated in &found.statements {
        print::line(&statement_line(stated))?;
    }
    if found.pending > 0 {
        print::line(&format!("{} collections are not certain yet: not compared", found.pending))?;
    }
    if found.unreadable > 0 {
        print::line(&format!(
            "{} cells of the reports cannot be read: look at them with the processor",
            found.unreadable
        ))?;
    }
    let Total { count, minor } = found.cards;
    print::line(&format!(
        "Cards: {count} accepted here, {}; not compared: the processor has no report of cards",
        pounds(minor)
    ))?;
    let matched = found.items.len().saturating_sub(differing.len());
    let strays = match found.orphans.len() {
        0 => String::new(),
        orphans => format!("; {orphans} orphans"),
    };
    print::line(&if found.agrees() {
        format!("All {matched} match.")
    } else {
        format!("{matched} match, {} do not{strays}.", differing.len())
    })
}

/// A processor without reports: what is said is what our record alone can say.
fn without_reports(found: &Reconciled) -> Result<(), Failure> {
    let Total { count, minor } = found.cards;
    print::line(&format!("Cards: {count} accepted here, {}", pounds(minor)))?;
    print::line("Nothing is compared: the processor has no reports in this dialect.")?;
    print::line(&format!("{} orphans, {} unsettled.", found.orphans.len(), found.unsettled.len()))
}

fn statement_line(stated: &Stated) -> String {
    let Stated { day, collected, paid, disagreements } = stated;
    let says = match collected {
        Some(collected) => format!("{} collected", pounds(*collected)),
        None if disagreements.is_empty() => "not made yet".to_owned(),
        None => "not there".to_owned(),
    };
    let verdict = if disagreements.is_empty() {
        String::new()
    } else {
        format!("; disagrees: {}", words(disagreements, Disagreement::word).join(","))
    };
    format!("Statement of {day}: {says}, {} paid by the report{verdict}", pounds(*paid))
}

fn lines(found: &Reconciled) -> Result<(), Failure> {
    let line = |value: Value| print::line(&value.to_string());
    for item in &found.items {
        line(json!({
            "verdict": item.verdict().word(),
            "kind": item.kind().word(),
            "reference": item.reference.as_ref().map(Reference::to_string),
            "processor_reference": theirs(item),
            "on": item.on.map(|day| day.to_string()),
            "ours": item.ours.map(shown),
            "theirs": item.theirs.map(shown),
            "differs_in": words(&item.columns, Column::word),
        }))?;
    }
    for Stated { day, collected, paid, disagreements } in &found.statements {
        line(json!({
            "statement": day.to_string(),
            "collected": collected,
            "paid": paid,
            "disagrees": words(disagreements, Disagreement::word),
        }))?;
    }
    for Both { kind, ours, theirs } in &found.totals.0 {
        line(json!({ "total": kind.word(), "ours": total(*ours), "theirs": total(*theirs) }))?;
    }
    line(json!({ "cards": total(found.cards), "compared": false }))?;
    unsettled::lines(&found.orphans, &found.unsettled).try_for_each(line)?;
    line(json!({
        "agrees": found.agrees(),
        "compared": found.has_reports,
        "orphans": found.orphans.len(),
        "unsettled": found.unsettled.len(),
        "pending": found.pending,
        "unreadable": found.unreadable,
    }))
}

fn theirs(item: &Item) -> Option<&str> {
    item.processor_reference.as_ref().map(ProcessorText::as_str)
}

fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|it| word(*it)).collect()
}

fn told(Side { kind, amount, state }: Side) -> String {
    let what = state.map_or(kind.word(), Development::word);
    format!("{what} {}", amount.map(Amount::decimal).unwrap_or_default())
}

fn shown(Side { kind, amount, state }: Side) -> Value {
    json!({
        "kind": kind.word(),
        "amount": amount.map(Amount::minor),
        "state": state.map(Development::word),
    })
}

fn total(Total { count, minor }: Total) -> Value {
    json!({ "count": count, "sum": minor })
}

/// Minor units of pounds, in which the processor's account is.
fn pounds(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:02}", minor.div_euclid(100), minor.rem_euclid(100))
}
