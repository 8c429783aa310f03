//! `almoner prove`: whether anything of what supporters send is left anywhere, asked of this binary itself
//! under the operator's own configuration (security.md, sections 3.4 and 3.5).

use super::{Failure, print, runtime, signing};
use crate::clock::Clock;
use crate::keys::signed::{self, SigningKey};
use crate::mock_rsm::MockRsm;
use anyhow::Context as _;
use audit::Audit;
use indicatif::ProgressBar;
use record::Ledger;
use report::{Report, Verdict};
use sha2::{Digest as _, Sha256};
use stage::Stage;
use std::io::{IsTerminal as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod audit;
mod caller;
#[cfg(feature = "postgres")]
mod database;
pub mod forms;
mod panics;
mod people;
mod places;
mod record;
mod report;
mod roads;
mod service;
mod stage;

/// Send made-up supporters through the service by every road, then search memory, files, logs and
/// answers for what was theirs. As root: a service's memory is closed to all others.
#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 clean, 1 something was found, 2 it proves nothing. docs/prove.md."
)]
pub(super) struct Arguments {
    /// The configuration to prove. Its ledger, its secrets and its processor are left alone.
    #[arg(long, value_name = "FILE", required_unless_present = "verify")]
    config: Option<PathBuf>,
    /// The signed report on standard output, in place of the tables.
    #[arg(long)]
    json: bool,
    /// Where to write the signed report.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The key that signs it, as `almoner keygen report` makes one; one for this run alone without.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Check the signature of a report, and tell it again.
    #[arg(long, value_name = "FILE", requires = "public", conflicts_with_all = ["config", "report", "key"])]
    verify: Option<PathBuf>,
    /// The public key that it must be signed by, as `almoner keygen report` prints it.
    #[arg(long = "pub", value_name = "FILE")]
    public: Option<PathBuf>,
    /// Only over HTTP/1.1 and HTTP/2 with TLS 1.3: quicker.
    #[arg(long)]
    few: bool,
    /// A further file or folder to search at the end, such as a database's. Repeat for several.
    #[arg(long, value_name = "PATH")]
    search: Vec<PathBuf>,
    /// Have strace write every system call of the service to this file, and search it too.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Leave something behind on purpose, to see that it is found.
    #[arg(long, value_name = "WHERE")]
    plant: Option<Plant>,
}

impl Arguments {
    /// Over how many protocols at the most.
    const fn most(&self) -> usize {
        if self.few { 2 } else { usize::MAX }
    }
}

/// Where something is left on purpose.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Plant {
    /// In the environment of the service.
    Environment,
    /// In a temporary file.
    File,
}

/// Proves, or checks a proof. What went wrong on the way proves nothing.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let verdict = match (&arguments.verify, &arguments.public, &arguments.config) {
        (Some(file), Some(public), _) => verified(arguments, file, public),
        (_, _, Some(config)) => proved(arguments, config),
        (_, _, None) => Err(anyhow::anyhow!("name the configuration with --config")),
    };
    let verdict = verdict.unwrap_or_else(|failure| {
        print::complain(&failure);
        Verdict::Void
    });
    match verdict {
        Verdict::Clean => ExitCode::SUCCESS,
        Verdict::Found => ExitCode::from(1),
        Verdict::Void => ExitCode::from(2),
    }
}

fn verified(arguments: &Arguments, file: &Path, public: &Path) -> Result<Verdict, Failure> {
    let report: Report = signing::proved(file, &signing::public(public)?)?;
    if arguments.json {
        print::line(&serde_json::to_string_pretty(&report)?)?;
    } else {
        report.tell()?;
        print::line(&format!(
            "\nsigned as it stands: {} of Almoner {} (SHA-256 {})",
            report.at, report.version, report.binary_sha256
        ))?;
    }
    Ok(report.verdict)
}

fn proved(arguments: &Arguments, config: &Path) -> Result<Verdict, Failure> {
    let key = match &arguments.key {
        Some(file) => signing::key(file)?,
        None => SigningKey::fresh()?,
    };
    let progress = if std::io::stderr().is_terminal() {
        ProgressBar::new_spinner()
    } else {
        ProgressBar::hidden()
    };
    let report = runtime()?.block_on(reported(arguments, config, &progress));
    progress.finish_and_clear();
    let report = report?;
    let signed = signed::sign(&report, &key)?;
    if let Some(file) = &arguments.report {
        let mut written =
            std::fs::File::create(file).with_context(|| file.display().to_string())?;
        written.write_all(signed.as_bytes())?;
        written.sync_all()?;
    }
    if arguments.json {
        print::line(signed.trim_end())?;
    } else {
        report.tell()?;
        print::line(&format!("public key of its signature: {}", key.public()))?;
    }
    Ok(report.verdict)
}

async fn reported(
    arguments: &Arguments,
    config: &Path,
    progress: &ProgressBar,
) -> Result<Report, Failure> {
    let clock = Clock::system();
    let (binary_sha256, config_sha256) =
        (hash_of(Path::new(service::OURSELVES))?, hash_of(config)?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut stage = Stage::set(config, listener.local_addr()?.port())?;
    let derived = stage.write()?;
    let tls = super::mock_rsm::server_config(&stage.written.server, &stage.written.server_key)?;
    let mock = MockRsm::start(stage.mock_settings(), listener, tls, clock.clone())?;
    let (ledger, otherwise) = Ledger::make(&mut stage, &derived).await?;
    let mut report = Report {
        at: clock.now().to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        binary_sha256,
        config_sha256,
        dialect: stage.settings.processor.dialect.0.word().to_owned(),
        ledger: ledger.word().to_owned(),
        changed: stage.changed.iter().map(|what| (*what).to_owned()).collect(),
        lines: Vec::new(),
        sent: Vec::new(),
        left_out: otherwise.into_iter().collect(),
        control: 0,
        searched: Vec::new(),
        found: Vec::new(),
        void: Vec::new(),
        verdict: Verdict::Void,
    };
    let audit = Audit {
        arguments,
        stage: &stage,
        mock: &mock,
        ledger: &ledger,
        config: &derived,
        progress,
    };
    let run = tokio::select! {
        run = audit.run(&mut report) => run,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted: nothing is proved")),
    };
    mock.shutdown().await;
    // Its database goes whatever came of the run, and what came of the run is told first.
    let removed = ledger.remove().await;
    run?;
    removed?;
    report.judge();
    Ok(report)
}

fn hash_of(file: &Path) -> Result<String, Failure> {
    let mut hash = Sha256::new();
    let mut opened = std::fs::File::open(file).with_context(|| file.display().to_string())?;
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = std::io::Read::read(&mut opened, &mut piece)?;
        match piece.get(..read) {
            Some(bytes) if !bytes.is_empty() => hash.update(bytes),
            _ => return Ok(hex::encode(hash.finalize())),
        }
    }
}
