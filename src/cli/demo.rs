//! `almoner demo`: gateway and mock processor on loopback, with throw-away certificates, keys and ledger.

use super::{Failure, keygen, log, outcomes, print, runtime};
use crate::app::{self, Listeners, Running};
use crate::clock::Clock;
use crate::config::{Document, Level, Settings};
use crate::keys;
use crate::ledger::sqlite::SqliteLedger;
use crate::ledger::{Ledger as _, Page};
use crate::mock_rsm::{MockRsm, MockSettings, Pace, TEST_ACCOUNTS, TEST_CARDS};
use crate::payment::State;
use crate::tls::development::{Authority, DAYS, LOOPBACK};
use base64::Engine as _;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// How the processor speaks.
    #[arg(long, value_parser = ["signed"], default_value = "signed")]
    dialect: String,
    /// The gateway's port; the mock and the operations listener take the two after it. Without it,
    /// 8443 or, where that is taken, any that are free.
    #[arg(long)]
    port: Option<u16>,
}

/// Where everything of one demo is.
struct Stage {
    folder: tempfile::TempDir,
    api_key: String,
    gateway: u16,
    mock: u16,
}

/// Runs until Ctrl-C, then says what was recorded.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    log::start(Level::Warn);
    let [gateway, mock, operations] = listeners(arguments.port)?;
    let stage = Stage {
        folder: tempfile::Builder::new().prefix("almoner-demo-").tempdir()?,
        api_key: format!(
            "alm_{}",
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(keys::random::<32>()?)
        ),
        gateway: gateway.local_addr()?.port(),
        mock: mock.local_addr()?.port(),
    };
    let folder = stage.folder.path();
    let clock = Clock::system();
    let written = Authority::new(&clock, DAYS)?.write(&folder.join("tls"), &LOOPBACK)?;
    let signing = hex::encode(keys::random::<32>()?);
    let webhook = format!(
        "whsec_{}",
        base64::engine::general_purpose::STANDARD.encode(keys::random::<32>()?)
    );
    for (name, secret) in [
        ("install.key", &hex::encode(keys::random::<32>()?)),
        ("signing.key", &signing),
        ("webhook.key", &webhook),
    ] {
        keygen::write_private(&folder.join(name), secret)?;
    }
    let document = Document::given("the demo's own settings", settings(&stage));
    let mut read = document.settings()?;
    read.place(folder);
    let mock_settings =
        mock_settings(&stage, signing, webhook, std::fs::read_to_string(&written.authority)?);
    let tls = super::mock_rsm::server_config(&written.server, &written.server_key)?;
    let ended = runtime()?.block_on(async {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let mock = MockRsm::start(mock_settings, mock, tls, clock.clone())?;
        let running =
            app::start(&read, &document, clock, Listeners { public: gateway, operations }).await?;
        announce(&stage, &running, &written.authority)?;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        print::line("\nStopping: what was begun is finished first.")?;
        let ended = running.stop().await;
        mock.shutdown().await;
        Ok::<_, Failure>(ended)
    })?;
    summarise(&read)?;
    Ok(if ended == app::Ended::Drained { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

fn listeners(port: Option<u16>) -> Result<[TcpListener; 3], Failure> {
    let bind = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let three = |first: u16| {
        Ok::<_, std::io::Error>([
            bind(first)?,
            bind(first.saturating_add(1))?,
            bind(first.saturating_add(2))?,
        ])
    };
    match port {
        Some(port) => three(port).map_err(|error| {
            anyhow::anyhow!(
                "ports {port} to {} are not all free ({}): name another with --port",
                port.saturating_add(2),
                error.kind()
            )
        }),
        None => {
            Ok(three(8443).or_else(|_| Ok::<_, std::io::Error>([bind(0)?, bind(0)?, bind(0)?]))?)
        }
    }
}

fn settings(stage: &Stage) -> String {
    let hash = hex::encode(Sha256::digest(stage.api_key.as_bytes()));
    include_str!("demo.toml")
        .replace("@GATEWAY@", &stage.gateway.to_string())
        .replace("@MOCK@", &stage.mock.to_string())
        .replace("@HASH@", &hash)
}

fn mock_settings(stage: &Stage, signing: String, webhook: String, roots: String) -> MockSettings {
    MockSettings {
        merchant: "harbour-lights".to_owned(),
        signing_keys: vec![("demo".to_owned(), SecretString::from(signing))],
        webhook_url: format!("https://localhost:{}/webhooks/signed", stage.gateway),
        webhook_keys: vec![SecretString::from(webhook)],
        webhook_roots: roots,
        origin: format!("https://localhost:{}", stage.mock),
        control_token: None,
        return_origins: None,
        rsm2000: None,
        pace: Pace::default(),
    }
}

/// What the announced `curl` line sends.
const EXAMPLE: &str = r#"{"kind":"donate","amount":{"value":2500,"currency":"GBP"},"frequency":"once","method":"card","contact":{"title":"Ms","first_name":"Pat","last_name":"Example","email":"pat@example.org","address":{"line1":"1 High Street","town":"Bedford","postcode":"MK40 1AA","country":"GB"}}}"#;

fn announce(stage: &Stage, running: &Running, authority: &Path) -> Result<(), Failure> {
    let origin = format!("https://localhost:{}", stage.gateway);
    let operations = format!("https://localhost:{}", running.operations.port());
    let authority = authority.display();
    let mut text = format!(
        "Almoner demo: everything runs on this machine and is thrown away at the end.\n\n  \
         Donate      {origin}/donate\n  \
         Join        {origin}/join\n  \
         Operations  {operations}/healthz  /readyz  /metrics\n  \
         Ledger      almoner outcomes list --ledger {ledger}\n\n\
         Your browser will warn about the certificate, made for this run alone. Accept it for localhost (for the\n\
         mock processor at https://localhost:{mock} too), or trust the authority in\n  {authority}\n\n\
         Test cards (any future expiry date, any security code):\n",
        ledger = stage.folder.path().join("ledger.db").display(),
        mock = stage.mock,
    );
    for card in TEST_CARDS {
        writeln!(text, "  {}  {}", card.number, card.does)?;
    }
    text.push_str("\nTest accounts for Direct Debit (any sort code):\n");
    for account in TEST_ACCOUNTS {
        writeln!(text, "  {}  {}", account.number, account.does)?;
    }
    writeln!(
        text,
        "\nA hand-off from a program:\n  curl --cacert {authority} {origin}/v1/handoffs \\\n    \
         -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\\n    \
         -H \"Idempotency-Key: demo-$(date +%s%N)\" \\\n    \
         -d '{EXAMPLE}'\n\nCtrl-C ends it and says what was recorded.",
        key = stage.api_key,
    )?;
    print::line(text.trim_end())
}

fn summarise(settings: &Settings) -> Result<(), Failure> {
    let ledger = SqliteLedger::open_to_read(&settings.ledger.file)?;
    let (entries, verified) = runtime()?.block_on(async {
        let page = Page { limit: 1000, ..Page::default() };
        Ok::<_, Failure>((ledger.list(page).await?, ledger.verify().await?))
    })?;
    print::line(&format!(
        "\nRecorded: {} hand-offs, {} events, the chain is whole.",
        verified.hand_offs, verified.events
    ))?;
    for state in State::ALL {
        let count = entries.iter().filter(|entry| entry.standing.state == *state).count();
        if count > 0 {
            print::line(&format!("  {count} {}", state.word()))?;
        }
    }
    if entries.is_empty() { Ok(()) } else { outcomes::list(&entries) }
}
