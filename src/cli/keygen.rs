//! `almoner keygen`: secrets from the operating system's randomness.

use super::{Failure, print};
use crate::keys::{self, Password, password, signed::SigningKey};
use base64::Engine as _;
use sha2::{Digest as _, Sha256};
use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zeroize::Zeroizing;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// What it is for.
    #[arg(value_enum)]
    kind: Kind,
    /// The file to write, mode 0600; it must not exist. Standard output without.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    /// secrets.install: yours alone.
    Install,
    /// `secrets.processor_signing`: shared with the processor.
    Signing,
    /// `secrets.processor_webhook`, shared with the processor, or `subscribers.secret`, shared with that
    /// system of yours: as whsec_ and base64.
    Webhook,
    /// `subscribers.signing_key`, yours alone: signs the events that your systems are told; its public half is printed.
    Events,
    /// A key for one of your programs; the configuration gets its hash alone.
    Api,
    /// Signs receipts, heads, exports, and the reports of `almoner prove`; its public half is printed, and
    /// written to FILE.pub.
    #[value(alias = "receipt")]
    Report,
    /// `secrets.console_password`: the argon2id hash of a password that you type, or that stands on the first
    /// line of standard input. Never give one as an argument.
    ConsolePassword,
}

/// Makes one.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let bytes = Zeroizing::new(keys::random::<32>()?);
    let secret = Zeroizing::new(match arguments.kind {
        Kind::Install | Kind::Signing => hex::encode(bytes.as_slice()),
        Kind::Report => base64::engine::general_purpose::STANDARD.encode(bytes.as_slice()),
        Kind::Webhook => {
            format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(bytes.as_slice()))
        }
        Kind::Events => {
            format!("whsk_{}", base64::engine::general_purpose::STANDARD.encode(bytes.as_slice()))
        }
        Kind::ConsolePassword => Password::hash(&typed()?)?,
        Kind::Api => format!(
            "alm_{}",
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes.as_slice())
        ),
    });
    write(arguments, &secret)?;
    if matches!(arguments.kind, Kind::Report) {
        let public = SigningKey::of(bytes.as_slice())?.public();
        if let Some(file) = &arguments.out {
            // Beside it, for whoever reads reports.
            let mut beside = file.clone().into_os_string();
            beside.push(".pub");
            let beside = PathBuf::from(beside);
            write_private(&beside, &public)?;
            print::line(&format!("wrote {}", beside.display()))?;
        }
        print::line(&format!("public key, for almoner verify and prove --verify: {public}"))?;
    }
    if matches!(arguments.kind, Kind::Events) {
        let public = keys::EventKey::read(secret.as_bytes())?.public();
        print::line(&format!("public key, for whoever verifies: {public}"))?;
    }
    if matches!(arguments.kind, Kind::Api) {
        let hash = hex::encode(Sha256::digest(secret.as_bytes()));
        print::line(&format!(
            "\n[[api.keys]]\nname = \"your-program\" # whose it is: the log shows it\nsha256 = \"{hash}\"\nscopes = [\"create\", \"read\"]"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write(arguments: &Arguments, secret: &str) -> Result<(), Failure> {
    let Some(file) = &arguments.out else { return print::line(secret) };
    write_private(file, secret)?;
    print::line(&format!("wrote {}, mode 0600", file.display()))
}

/// What somebody types twice without seeing it, or what a program says.
fn typed() -> Result<Zeroizing<String>, Failure> {
    let mut line = Zeroizing::new(String::with_capacity(2 * password::MOST_BYTES));
    if std::io::stdin().is_terminal() {
        *line = rpassword::prompt_password("Password of the console, 12 characters or more: ")?;
        let again = Zeroizing::new(rpassword::prompt_password("The same again: ")?);
        anyhow::ensure!(*line == *again, "the two are not the same: nothing was made");
        return Ok(line);
    }
    let most = u64::try_from(line.capacity()).unwrap_or(u64::MAX);
    std::io::stdin().lock().take(most).read_line(&mut line)?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}

/// A new file that only we may read.
pub(super) fn write_private(file: &Path, secret: &str) -> Result<(), Failure> {
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let mut opened = opened.map_err(|error| {
        anyhow::anyhow!(
            "{}: {}: name a new file, in a folder that is there",
            file.display(),
            error.kind()
        )
    })?;
    opened.write_all(secret.as_bytes())?;
    opened.write_all(b"\n")?;
    Ok(opened.sync_all()?)
}
