//! `almoner mandate cancel`, `amend` and `status`: what supporter care does to a mandate, beside a
//! service that runs or not.

use super::audit::Deed;
use super::outcomes::reference;
use super::{Failure, log, print, runtime};
use crate::app::Record;
use crate::care::{Care, Ended, NotSent, Objection, StartRule, Verdict, WAITS};
use crate::clock::Clock;
use crate::config::{Document, Level, Settings};
use crate::handoff::Entry;
use crate::ledger::{Purpose, Trace};
use crate::payment::{Reference, calendar};
use record::Unusable;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

mod record;

/// What became of a change cannot be told.
const IN_DOUBT: u8 = 5;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Ends a mandate: nothing more is collected.
    Cancel {
        #[command(flatten)]
        which: Which,
        /// Do not ask on a terminal whether it is meant.
        #[arg(long)]
        yes: bool,
    },
    /// Changes a mandate: sends its whole record, read from standard input.
    #[command(after_help = record::SAMPLE)]
    Amend {
        #[command(flatten)]
        which: Which,
    },
    /// Asks the processor what became of every cancellation and amendment that was sent.
    Status {
        #[command(flatten)]
        which: Which,
    },
}

#[derive(clap::Args)]
struct Which {
    /// The reference of the hand-off that set the mandate up.
    #[arg(value_parser = reference)]
    reference: Reference,
    /// The service's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Arguments {
    /// What is written down of it.
    pub(super) const fn deed(&self) -> Deed {
        match &self.command {
            Command::Cancel { which, .. } => Deed::with("mandate_cancel", which.reference),
            Command::Amend { which } => Deed::with("mandate_amend", which.reference),
            Command::Status { which } => Deed::with("mandate_status", which.reference),
        }
    }
}

/// Does it, and says what became of it.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (Command::Cancel { which, .. } | Command::Amend { which } | Command::Status { which }) =
        &arguments.command;
    let runtime = runtime()?;
    let (settings, document) = Settings::load(&which.config)?;
    let _log = log::start(log_level(&settings))?;
    let care = runtime.block_on(care(&settings, &document))?;
    let done = runtime.block_on(async {
        // RSM refuses a question that another command asked in the same second (1005).
        care.clock.next_second().await;
        let entry = match care.mandate(which.reference).await {
            Ok(entry) => entry,
            Err(why) => return not_sent(which, why),
        };
        match &arguments.command {
            Command::Cancel { yes, .. } => {
                if !yes && !meant(&entry)? {
                    print::line("Nothing was sent.")?;
                    return Ok(ExitCode::from(1));
                }
                told(which, Purpose::Cancel, care.cancel(which.reference).await)
            }
            Command::Amend { .. } => match read_record() {
                Ok(amendment) => {
                    let ended = care.amend(which.reference, amendment).await;
                    told(which, Purpose::Amend, ended)
                }
                Err(Unusable::Unread(failure)) => Err(failure),
                Err(Unusable::Wrong(places)) => wrong(&places),
            },
            Command::Status { .. } => match care.status(which.reference).await {
                Ok(found) => all_told(which, &found),
                Err(why) => not_sent(which, why),
            },
        }
    });
    // Closed before the process ends, so that everything is on disk.
    drop(care);
    done
}

async fn care(settings: &Settings, document: &Document) -> Result<Care, Failure> {
    let rule = settings.debit(document)?.map(|terms| StartRule {
        notice_days: u16::from(terms.advance_notice_days).max(calendar::LEAST_NOTICE_DAYS),
        calendar: terms.calendar,
        collection_days: terms.collection_days,
        tables: terms.tables,
    });
    Ok(Care {
        ledger: Record::beside(settings, document).await?,
        processor: Arc::new(settings.processor(document)?),
        clock: Clock::system(),
        rule,
        waits: WAITS.to_vec(),
    })
}

/// On a terminal somebody reads our sentences; elsewhere the log is kept.
pub(super) fn log_level(settings: &Settings) -> Level {
    if io::stderr().is_terminal() { Level::Error } else { settings.log.level.0 }
}

/// Whether whoever sits at the terminal means it; where nobody sits, only `--yes` says so.
fn meant(entry: &Entry) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        anyhow::bail!("nothing was sent: there is no terminal to ask at, say --yes if you mean it");
    }
    let hand_off = &entry.hand_off;
    print::line(&format!(
        "Cancel the Direct Debit {} of {} {}, opened {}? Type yes to go on:",
        hand_off.reference,
        hand_off.asked.amount.display(),
        hand_off.asked.frequency.word(),
        hand_off.opened_at.strftime("%Y-%m-%d")
    ))?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

fn read_record() -> Result<crate::care::Amendment, Unusable> {
    if io::stdin().is_terminal() {
        print::line("The record as JSON, then Ctrl-D:").map_err(Unusable::Unread)?;
    }
    record::read(io::stdin().lock())
}

fn told(
    which: &Which,
    purpose: Purpose,
    ended: Result<Ended, NotSent>,
) -> Result<ExitCode, Failure> {
    match ended {
        Ok(Ended::Sent(verdict)) => told_verdict(which, purpose, &verdict),
        Ok(Ended::MadeBefore(trace)) => {
            print::line(&format!(
                "The mandate is cancelled: the request of {} did it. Nothing more was sent.",
                at(&trace)
            ))?;
            Ok(ExitCode::SUCCESS)
        }
        Ok(Ended::EarlierInDoubt(trace, why)) => {
            print::line(&format!(
                "Nothing was sent: what became of the request of {} is still in doubt ({why}).",
                at(&trace)
            ))?;
            ask_again(which)
        }
        Err(why) => not_sent(which, why),
    }
}

fn told_verdict(which: &Which, purpose: Purpose, verdict: &Verdict) -> Result<ExitCode, Failure> {
    match verdict {
        Verdict::Made => {
            print::line(match purpose {
                Purpose::Cancel => "The mandate is cancelled: nothing more is collected.",
                Purpose::Amend | Purpose::Lodge => "The mandate is amended as the record says.",
            })?;
            Ok(ExitCode::SUCCESS)
        }
        Verdict::Refused(objections) => {
            print::line("The processor refused it; nothing was changed:")?;
            list(objections)?;
            Ok(ExitCode::from(1))
        }
        Verdict::NotSent => {
            print::line(
                "Nothing was done: the processor could not be reached. Try again in a quarter of an hour; \
                 until then this attempt counts as one that may be on its way.",
            )?;
            Ok(ExitCode::from(1))
        }
        Verdict::Undecided(why) => {
            print::line(&format!("It was sent once, and what became of it is in doubt: {why}."))?;
            ask_again(which)
        }
    }
}

fn all_told(which: &Which, found: &[(Trace, Verdict)]) -> Result<ExitCode, Failure> {
    if found.is_empty() {
        print::line("No cancellation and no amendment was ever sent.")?;
    }
    let mut in_doubt = false;
    for (trace, verdict) in found {
        let outcome = match verdict {
            Verdict::Made => "made",
            Verdict::Refused(_) => "refused",
            Verdict::NotSent => "never arrived",
            Verdict::Undecided(why) => {
                in_doubt = true;
                why
            }
        };
        print::line(&format!("{} {:<6} {outcome}", at(trace), trace.purpose.word()))?;
        if let Verdict::Refused(objections) = verdict {
            list(objections)?;
        }
    }
    if in_doubt { ask_again(which) } else { Ok(ExitCode::SUCCESS) }
}

fn list(objections: &[Objection]) -> Result<(), Failure> {
    objections.iter().try_for_each(|Objection { code, field, sentence }| {
        let field = field.map(|field| format!(" ({field})")).unwrap_or_default();
        print::line(&format!("  {code:04} {sentence}{field}"))
    })
}

fn ask_again(which: &Which) -> Result<ExitCode, Failure> {
    print::line(&format!(
        "Do not send it again. Ask once more, in a quarter of an hour at the latest:\n  almoner mandate status {} --config {}",
        which.reference,
        which.config.display()
    ))?;
    Ok(ExitCode::from(IN_DOUBT))
}

fn not_sent(which: &Which, why: NotSent) -> Result<ExitCode, Failure> {
    match why {
        NotSent::Unfit(errors) => wrong(&errors.iter().map(record::placed).collect::<Vec<_>>()),
        why @ NotSent::NotWritten(_) => {
            print::complain(&why.into());
            ask_again(which)
        }
        why @ (NotSent::Unknown
        | NotSent::NoMandate
        | NotSent::OtherDialect
        | NotSent::NotAccepted(_)
        | NotSent::Impossible(_)
        | NotSent::NoStart(_)
        | NotSent::Ledger(_)) => Err(Failure::new(why).context("nothing was sent")),
    }
}

fn wrong(places: &[(String, &'static str)]) -> Result<ExitCode, Failure> {
    print::line("Nothing was sent. In the record:")?;
    places.iter().try_for_each(|(place, advice)| print::line(&format!("  {place}: {advice}")))?;
    Ok(ExitCode::from(1))
}

fn at(trace: &Trace) -> String {
    trace.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
