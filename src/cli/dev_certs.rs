//! `almoner dev-certs`.

use super::{Failure, print};
use crate::clock::Clock;
use crate::tls::development::{Authority, DAYS, LOOPBACK};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The folder to write to; files that exist are left alone.
    #[arg(long, value_name = "FOLDER", default_value = "dev/tls")]
    out: PathBuf,
    /// A host name or address the server answers to; localhost, 127.0.0.1 and `::1` without.
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
}

/// Makes a throw-away authority, a server certificate and a client certificate.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let names: Vec<&str> = if arguments.names.is_empty() {
        LOOPBACK.to_vec()
    } else {
        arguments.names.iter().map(String::as_str).collect()
    };
    let authority = Authority::new(&Clock::system(), DAYS)?;
    let written = authority.write(&arguments.out, &names)?;
    for (what, file) in [
        ("authority, for ca_file and browsers", &written.authority),
        ("server certificate", &written.server),
        ("server key", &written.server_key),
        ("client certificate", &written.client),
        ("client key", &written.client_key),
    ] {
        print::line(&format!("{what}: {}", file.display()))?;
    }
    print::line(&format!(
        "good for {DAYS} days, for development alone: the authority's own key was not kept"
    ))?;
    Ok(ExitCode::SUCCESS)
}
