//! The command line: one file a command.
//!
//! Exit codes: 0 all is well; 1 something was found wrong or could not be done; 2 the arguments are
//! wrong; 3 the ledger failed while serving; 4 requests were cut off at the drain limit; 5 what became
//! of a change to a mandate is in doubt. `reconcile` and `prove` have their own: 1 a difference, 2 it
//! could not be done; `verify`: 2 it is not as it was signed.

use crate::app::process;
use audit::{Deed, Ended};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

mod audit;
mod check;
#[cfg(feature = "mock-rsm")]
mod demo;
mod dev_certs;
mod events;
mod example;
mod keygen;
mod ledger;
pub mod log;
mod mandate;
mod mistyped;
#[cfg(feature = "mock-rsm")]
mod mock_rsm;
mod openapi;
mod outcomes;
mod print;
#[cfg(feature = "mock-rsm")]
pub mod prove;
mod reconcile;
mod serve;
mod signing;
mod verify;

/// Hands a supporter's donation or membership over to the payment processor, and keeps only the outcome.
#[derive(Parser)]
#[command(
    name = "almoner",
    version,
    after_help = "Exit codes: 0 well, 1 something is wrong, 2 wrong arguments, 3 the ledger failed, 4 requests were cut off, 5 in doubt."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The whole journey on this machine: gateway and mock processor, nothing to set up.
    #[cfg(feature = "mock-rsm")]
    Demo(demo::Arguments),
    /// The service.
    ///
    /// It needs a configuration, as `almoner example` prints one; run `almoner check` first, which says what
    /// is still missing.
    Serve(serve::Arguments),
    /// The mock processor alone.
    #[cfg(feature = "mock-rsm")]
    MockRsm(Box<mock_rsm::Arguments>),
    /// Looks at everything before the service starts, and says what to do about each finding.
    Check(check::Arguments),
    /// What became of hand-offs.
    Outcomes(outcomes::Arguments),
    /// Whether anything of what supporters send is left anywhere: asked of this binary, under a configuration.
    #[cfg(feature = "mock-rsm")]
    Prove(Box<prove::Arguments>),
    /// What the charity's systems were told of outcomes, and having it told again.
    Events(events::Arguments),
    /// Changes a mandate for supporter care: cancels or amends it, asks what became of that.
    Mandate(mandate::Arguments),
    /// The record of a period against the processor's reports and statements of it.
    Reconcile(reconcile::Arguments),
    /// The record itself.
    Ledger(ledger::Arguments),
    /// Proves a receipt, a head or the summary of an export by its public key alone.
    Verify(verify::Arguments),
    /// Makes a secret.
    Keygen(keygen::Arguments),
    /// Prints a configuration to begin with.
    Example(example::Arguments),
    /// The description of the API, for programs that make programs.
    Openapi,
    /// Makes certificates for development: a throw-away authority, a server and a client.
    DevCerts(dev_certs::Arguments),
}

impl Command {
    /// What is written down of it: whatever reads or changes the record.
    fn deed(&self) -> Option<Deed> {
        match self {
            Self::Outcomes(arguments) => Some(arguments.deed()),
            Self::Events(arguments) => Some(arguments.deed()),
            Self::Mandate(arguments) => Some(arguments.deed()),
            Self::Ledger(arguments) => Some(arguments.deed()),
            Self::Reconcile(_) => Some(Deed::of("reconcile")),
            #[cfg(feature = "mock-rsm")]
            Self::Demo(_) | Self::MockRsm(_) | Self::Prove(_) => None,
            Self::Serve(_)
            | Self::Check(_)
            | Self::Verify(_)
            | Self::Keygen(_)
            | Self::Example(_)
            | Self::Openapi
            | Self::DevCerts(_) => None,
        }
    }
}

/// Why a command ended without its work done, in one line.
type Failure = anyhow::Error;

/// Runs the command that the arguments name, in a process that is closed to others: most commands read
/// keys, and those that do not lose nothing by it.
#[must_use]
pub fn run() -> ExitCode {
    process::hush_panics();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return mistyped::tell(&error),
    };
    if let Err(exposed) = process::close() {
        print::complain(&exposed.into());
        return ExitCode::from(1);
    }
    let deed = arguments.command.deed();
    let done = match arguments.command {
        #[cfg(feature = "mock-rsm")]
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        #[cfg(feature = "mock-rsm")]
        Command::MockRsm(arguments) => mock_rsm::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Outcomes(arguments) => outcomes::run(&arguments),
        Command::Events(arguments) => events::run(&arguments),
        #[cfg(feature = "mock-rsm")]
        Command::Prove(arguments) => Ok(prove::run(&arguments)),
        Command::Mandate(arguments) => mandate::run(&arguments),
        Command::Reconcile(arguments) => reconcile::run(&arguments),
        Command::Ledger(arguments) => ledger::run(&arguments),
        Command::Verify(arguments) => Ok(verify::run(&arguments)),
        Command::Keygen(arguments) => keygen::run(&arguments),
        Command::Example(arguments) => example::run(&arguments),
        Command::Openapi => openapi::run(),
        Command::DevCerts(arguments) => dev_certs::run(&arguments),
    };
    let code = done.unwrap_or_else(|failure| {
        print::complain(&failure);
        ExitCode::from(1)
    });
    if let Some(deed) = deed {
        deed.tell(if code == ExitCode::SUCCESS { Ended::Well } else { Ended::NotWell });
    }
    code
}

/// A runtime for commands that speak to someone.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
