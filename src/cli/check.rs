//! `almoner check`: everything that can be wrong before the service starts, all of it at once.

use super::{Failure, print, runtime};
use crate::clock::Clock;
use crate::config::{Document, Settings};
use std::path::PathBuf;
use std::process::ExitCode;

mod acme;
mod certificates;
mod keys;
mod look;
mod means;
mod rsm;
mod subscribers;
mod uses;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The configuration to look at.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
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
}

/// Looks, reports, and says by its exit code whether the service would start and work.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if arguments.keys {
        return list_keys(arguments);
    }
    let findings = match Settings::load(&arguments.config) {
        Ok((settings, document)) => examine(&settings, &document, arguments)?,
        Err(error) => vec![wrong("configuration", &error.to_string())],
    };
    for finding in &findings {
        report(finding, arguments)?;
    }
    let count = |grade| findings.iter().filter(|finding| finding.grade == grade).count();
    let (bad, doubtful) = (count(Grade::Wrong), count(Grade::Doubtful));
    if !arguments.json {
        print::line(&match (bad, doubtful) {
            (0, 0) => "\nAll is well: start it with almoner serve.".to_owned(),
            (0, _) => format!("\nIt can start; {doubtful} to look at."),
            _ => format!("\n{bad} to put right, {doubtful} to look at."),
        })?;
    }
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn list_keys(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (settings, document) = Settings::load(&arguments.config)?;
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
    findings.extend(look::placeholders(settings));
    findings.extend(look::mix_ups(settings));
    findings.extend(means::languages(settings, document));
    findings.extend(means::cards(settings, document));
    findings.extend(means::members(settings, document));
    findings.push(means::shield(settings));
    findings.push(means::console(settings, document));
    findings.extend(means::debits(settings, document, &clock));
    findings.extend(rsm::look(settings, document));
    findings.extend(subscribers::look(settings, document, arguments)?);
    match settings.processor(document) {
        // What is wrong with a secret was said above.
        Err(error) if error.key.starts_with("secrets.") => {}
        Err(error) => findings.push(wrong("processor", &error.to_string())),
        Ok(_) if arguments.offline => {}
        Ok(processor) => {
            findings.push(runtime()?.block_on(look::processor(&processor, &clock)));
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
        return print::line(&serde_json::json!({ "grade": word, "subject": finding.subject, "finding": finding.text }).to_string());
    }
    print::line(&format!("{mark}  {:<13}  {}", finding.subject, finding.text))
}

fn well(subject: &'static str, text: &str) -> Finding {
    Finding { grade: Grade::Well, subject, text: text.to_owned() }
}

fn doubtful(subject: &'static str, text: &str) -> Finding {
    Finding { grade: Grade::Doubtful, subject, text: text.to_owned() }
}

fn wrong(subject: &'static str, text: &str) -> Finding {
    Finding { grade: Grade::Wrong, subject, text: text.to_owned() }
}
