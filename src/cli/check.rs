//! `almoner check`: everything that can be wrong before the service starts, all of it at once.

use super::{Failure, print, runtime};
use crate::clock::Clock;
use crate::config::{Document, Settings};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod acme;
mod begin;
mod certificates;
mod heartbeat;
mod keys;
mod look;
mod means;
mod next;
mod rsm;
mod subscribers;
mod uses;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The configuration to look at; without it almoner.toml here or /etc/almoner/almoner.toml.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Leave the processor and the subscribers alone.
    #[arg(long)]
    offline: bool,
    /// One JSON object a finding.
    #[arg(long)]
    json: bool,
    /// List every key, secret and certificate instead: what for, where from, how old, until when.
    #[arg(long)]
    keys: bool,
    /// With --keys: what /metrics of the operations listener said, saved, or - for standard input, to
    /// tell when each key was last used.
    #[arg(long, value_name = "FILE", requires = "keys")]
    metrics: Option<PathBuf>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grade {
    /// As it should be.
    Well,
    /// It will work, but look at it.
    Doubtful,
    /// It will not work.
    Wrong,
}

/// One thing that was looked at.
struct Finding {
    grade: Grade,
    subject: &'static str,
    text: String,
    /// The command that puts it right.
    next: Option<String>,
}

impl Finding {
    fn then(self, next: Option<String>) -> Self {
        Self { next, ..self }
    }
}

/// Looks, reports, and says by its exit code whether the service would start and work.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if arguments.keys {
        return list_keys(arguments);
    }
    let file = begin::file(arguments.config.as_deref());
    let findings = match Settings::load(&file) {
        Ok((settings, document)) => examine(&settings, &document, arguments)?,
        Err(error) => begin::findings(&file, arguments.config.as_deref(), &error),
    };
    for finding in &findings {
        report(finding, arguments)?;
    }
    let count = |grade| findings.iter().filter(|finding| finding.grade == grade).count();
    let (bad, doubtful) = (count(Grade::Wrong), count(Grade::Doubtful));
    if !arguments.json {
        print::line(&match (bad, doubtful) {
            (0, 0) => "\nAll is well.".to_owned(),
            (0, _) => format!("\nIt can start; {doubtful} to look at."),
            _ => format!("\n{bad} to put right, {doubtful} to look at."),
        })?;
        print::line(&format!("Next:  {}", next_of(&findings, &file)))?;
    }
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The first command that puts something right; then the one that starts it.
fn next_of(findings: &[Finding], file: &Path) -> String {
    let of = |grade| findings.iter().filter(move |finding| finding.grade == grade);
    let is_wrong = of(Grade::Wrong).next().is_some();
    let known = of(Grade::Wrong).find_map(|finding| finding.next.clone());
    match known {
        Some(next) => next,
        None if is_wrong => next::edit(file, None),
        None => of(Grade::Doubtful)
            .find_map(|finding| finding.next.clone())
            .unwrap_or_else(|| next::serve(file)),
    }
}

fn list_keys(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (settings, document) = Settings::load(&begin::file(arguments.config.as_deref()))?;
    let uses = arguments.metrics.as_deref().map(uses::LastUses::read).transpose()?;
    let all_well = keys::print(&settings, &document, uses.as_ref(), arguments)?;
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn examine(
    settings: &Settings,
    document: &Document,
    arguments: &Arguments,
) -> Result<Vec<Finding>, Failure> {
    let clock = Clock::system();
    let mut findings = vec![well("configuration", "read, every setting is of its kind")];
    findings.extend(look::offer(settings, document));
    findings.extend(look::secrets(settings, document));
    findings.extend(keys::idle_next(settings));
    findings.extend(certificates::certificates(settings, document, &clock));
    findings.extend(keys::ends(settings, &clock));
    findings.extend(runtime()?.block_on(look::ledger(settings, document, arguments)));
    findings.extend(look::placeholders(settings, document));
    let processor = settings.processor(document);
    findings.extend(look::mix_ups(settings, processor.as_ref().err().map(|error| &*error.key)));
    findings.extend(means::languages(settings, document));
    findings.extend(means::cards(settings, document));
    findings.extend(means::members(settings, document));
    findings.push(means::shield(settings));
    findings.push(means::console(settings, document));
    findings.extend(means::debits(settings, document, &clock));
    findings.extend(rsm::look(settings, document));
    findings.extend(subscribers::look(settings, document, arguments)?);
    match processor {
        // What is wrong with a secret was said above.
        Err(error) if error.key.starts_with("secrets.") => {}
        Err(error) => findings.push(wrong("processor", &error.to_string())),
        Ok(_) if arguments.offline => {}
        Ok(processor) => {
            findings.push(runtime()?.block_on(heartbeat::processor(settings, &processor, &clock)));
        }
    }
    Ok(findings)
}

fn report(finding: &Finding, arguments: &Arguments) -> Result<(), Failure> {
    let (word, mark) = match finding.grade {
        Grade::Well => ("well", "ok   "),
        Grade::Doubtful => ("doubtful", "look "),
        Grade::Wrong => ("wrong", "WRONG"),
    };
    if arguments.json {
        return print::line(&serde_json::json!({ "grade": word, "subject": finding.subject, "finding": finding.text, "next": finding.next }).to_string());
    }
    print::line(&format!("{mark}  {:<13}  {}", finding.subject, finding.text))
}

fn well(subject: &'static str, text: &str) -> Finding {
    Finding { grade: Grade::Well, subject, text: text.to_owned(), next: None }
}

fn doubtful(subject: &'static str, text: &str) -> Finding {
    Finding { grade: Grade::Doubtful, subject, text: text.to_owned(), next: None }
}

fn wrong(subject: &'static str, text: &str) -> Finding {
    Finding { grade: Grade::Wrong, subject, text: text.to_owned(), next: None }
}
