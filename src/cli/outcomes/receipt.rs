//! `almoner outcomes receipt`.

use super::Place;
use crate::cli::keygen::write_private;
use crate::cli::{Failure, print, signing};
use crate::clock::Clock;
use crate::keys::signed;
use crate::payment::Reference;
use crate::receipt::Receipt;
use anyhow::Context as _;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The hand-off's reference.
    #[arg(value_parser = super::reference)]
    pub(super) reference: Reference,
    #[command(flatten)]
    place: Place,
    /// The key that signs it, as `almoner keygen report` makes one.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The file to write, mode 0600; it must not exist. Standard output without.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Reads, signs and writes.
pub(super) async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let key = signing::key(&arguments.key)?;
    let reference = arguments.reference;
    let found = arguments.place.open().await?.chained(reference).await?;
    let told = found.with_context(|| format!("no hand-off of reference {reference}"))?;
    let receipt =
        Receipt::of(&told, Clock::system().now()).with_context(|| reference.to_string())?;
    let text = signed::sign(&receipt, &key)?;
    match &arguments.out {
        Some(file) => write_private(file, text.trim_end())?,
        None => print::line(text.trim_end())?,
    }
    Ok(ExitCode::SUCCESS)
}
