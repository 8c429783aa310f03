//! `almoner example`: a configuration to begin with.

use super::{Failure, print};
use std::process::ExitCode;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Which one.
    #[arg(value_enum)]
    kind: Kind,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    /// This machine alone, against the mock processor.
    Development,
    /// An RSM account: the least that is needed.
    Rsm2000,
    /// Every setting, with its default and a sentence.
    Production,
}

/// Prints it.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let text = match arguments.kind {
        Kind::Development => include_str!("../../config/development.toml"),
        Kind::Rsm2000 => include_str!("../../config/rsm2000.toml"),
        Kind::Production => include_str!("../../config/production.toml"),
    };
    print::line(text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}
