//! Keys and signed statements as files.

use super::Failure;
use crate::config::read_private;
use crate::keys::signed::{self, PublicKey, SigningKey, Statement};
use anyhow::Context as _;
use std::path::Path;

/// The longest statement that is read: a head of ten thousand chains, or a report of many roads.
const LONGEST: u64 = 4 * 1024 * 1024;

/// A key that signs, from a file that `almoner keygen report` made.
pub(super) fn key(file: &Path) -> Result<SigningKey, Failure> {
    SigningKey::parse(&read_private(file)?).with_context(|| file.display().to_string())
}

/// The public half, from the file beside it.
pub(super) fn public(file: &Path) -> Result<PublicKey, Failure> {
    PublicKey::parse(&text(file)?).with_context(|| file.display().to_string())
}

/// The statement in a file, proved.
pub(super) fn proved<S: Statement>(file: &Path, public: &PublicKey) -> Result<S, Failure> {
    signed::prove(&text(file)?, public).with_context(|| file.display().to_string())
}

/// A file that is short enough to be a statement.
pub(super) fn text(file: &Path) -> Result<String, Failure> {
    use std::io::Read as _;
    let name = || file.display().to_string();
    let mut text = String::new();
    let opened = std::fs::File::open(file).with_context(name)?;
    let read = opened.take(LONGEST.saturating_add(1)).read_to_string(&mut text);
    let read = u64::try_from(read.with_context(name)?)?;
    // What is cut off here could say anything, and nothing would have been proved of it.
    anyhow::ensure!(read <= LONGEST, "{}: longer than any statement is", file.display());
    Ok(text)
}
