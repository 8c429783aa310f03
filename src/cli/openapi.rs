//! `almoner openapi`: what the API is, for programs that make programs.

use super::{Failure, print};
use crate::http;
use std::process::ExitCode;

/// Prints what `GET /openapi.json` answers.
pub(super) fn run() -> Result<ExitCode, Failure> {
    print::line(&http::described()?)?;
    Ok(ExitCode::SUCCESS)
}
