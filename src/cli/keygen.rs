//! `almoner keygen`: secrets from the operating system's randomness.

use super::{Failure, print};
use crate::keys::{self, signed::SigningKey};
use base64::Engine as _;
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
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
    /// `secrets.processor_webhook`: shared with the processor, as whsec_ and base64.
    Webhook,
    /// `subscribers.signing_key`: signs the events that your systems are told; its public half is printed.
    Events,
    /// A key for one of your programs; the configuration gets its hash alone.
    Api,
    /// Signs receipts, heads, exports, and the reports of `almoner prove`; its public half is printed, and
    /// written to FILE.pub.
    #[value(alias = "receipt")]
    Report,
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
        Kind::Api => format!(
            "alm_{}",
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes.as_slice())
        ),
    });
    match &arguments.out {
        Some(file) => {
            write_private(file, &secret)?;
            print::line(&format!("wrote {}, mode 0600", file.display()))?;
        }
        None => print::line(&secret)?,
    }
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
