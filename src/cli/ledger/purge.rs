//! `almoner ledger purge`: says what would go, and removes it where that is meant.

use crate::app::Record;
use crate::cli::audit::Deed;
use crate::cli::log::Log;
use crate::cli::mandate::log_level;
use crate::cli::outcomes::{Place, reference};
use crate::cli::{Failure, log, print, runtime};
use crate::clock::{Clock, london};
use crate::config::{Level, Settings};
use crate::ledger::Ledger;
use crate::ledger::purge::{self, KEPT_DAYS, Purged};
use crate::payment::Reference;
use jiff::civil::Date;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// How long a service that runs has its turn between two steps.
const PAUSE: Duration = Duration::from_millis(5);
/// What is kept where no configuration says: seven years.
const MONTHS: u32 = 84;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// What ended before this day, like 2020-04-06; without, what is older than `ledger.retention_months`.
    #[arg(long, value_name = "DAY")]
    before: Option<Date>,
    /// This hand-off alone, before its time: if it ended 30 days ago or earlier, and nothing is awaited of it.
    #[arg(long, value_name = "REF", value_parser = reference, conflicts_with = "before")]
    reference: Option<Reference>,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

impl Arguments {
    /// What is written down of it.
    pub(super) const fn deed(&self) -> Deed {
        Deed { command: "ledger_purge", reference: self.reference }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        // The log's last lines are written when it goes.
        let (ledger, months, _log) = open(&arguments.place).await?;
        let now = Clock::system().now();
        let last = purge::last_cut_off(now);
        let before = match (arguments.reference, arguments.before) {
            (Some(_), _) => last,
            (None, Some(day)) => day,
            (None, None) => purge::first_day_kept(now, months),
        };
        if before > london::date(now) {
            anyhow::bail!("{before} is still to come: name a day that is over");
        }
        if before > last {
            anyhow::bail!(
                "{before} is less than {KEPT_DAYS} days ago, and idempotency keys are kept that long, so that no \
                 repeated request is a second payment: name {last} or an earlier day"
            );
        }
        let would = match arguments.reference {
            Some(reference) => purge::erasable(&*ledger, reference, before).await?,
            None => purge::purgeable(&*ledger, before).await?,
        };
        if let Some(reference) = arguments.reference.filter(|_| would.is_nothing()) {
            anyhow::ensure!(ledger.find(reference).await?.is_some(), "no such hand-off is recorded here");
            anyhow::bail!(
                "it stays: an outcome is awaited of it, or something was recorded or sent since {before} \
                 (almoner outcomes show {reference})"
            );
        }
        if would.is_nothing() {
            print::line(&format!("Nothing that is over ended before {before}."))?;
            return Ok(ExitCode::SUCCESS);
        }
        let counts = counts(&would);
        print::line(&format!("{counts} ended before {before}, and nothing is awaited of them."))?;
        if !(arguments.yes || meant()?) {
            print::line("Nothing was removed.")?;
            return Ok(ExitCode::from(1));
        }
        let done = match arguments.reference {
            Some(reference) => purge::erase(&*ledger, reference, before).await?,
            None => purge::purge(&*ledger, before, PAUSE).await?,
        };
        print::line(&format!("Removed for good: {}.", self::counts(&done)))?;
        Ok(ExitCode::SUCCESS)
    })
}

/// The ledger to write in, for how many months it is kept, and the log.
async fn open(place: &Place) -> Result<(Arc<dyn Ledger>, u32, Log), Failure> {
    match (&place.ledger, &place.config) {
        (Some(file), _) => {
            let level = if io::stderr().is_terminal() { Level::Error } else { Level::Info };
            Ok((Record::purge_file(file)?, MONTHS, log::start(level)?))
        }
        (None, Some(config)) => {
            let (settings, document) = Settings::load(config)?;
            settings.check_limits(&document)?;
            let log = log::start(log_level(&settings))?;
            let ledger = Record::purge(&settings, &document).await?;
            Ok((ledger, settings.ledger.retention_months, log))
        }
        (None, None) => anyhow::bail!("name the ledger with --config or --ledger"),
    }
}

fn counts(of: &Purged) -> String {
    let Purged { hand_offs, events, parked, .. } = of;
    let parked = match parked {
        0 => String::new(),
        parked => format!(" and {parked} events of unknown hand-offs"),
    };
    format!("{hand_offs} hand-offs with {events} events{parked}")
}

/// Whether whoever sits at the terminal means it; where nobody sits, only `--yes` says so.
fn meant() -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        anyhow::bail!(
            "nothing was removed: there is no terminal to ask at, say --yes if you mean it"
        );
    }
    print::line("They cannot be brought back. Type yes to remove them:")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
