//! `almoner demo`: gateway and mock processor on loopback, with throw-away certificates, keys and ledger.

use super::{Failure, log, outcomes, print, runtime};
use crate::app::{self, Listeners, Record, Running};
use crate::config::{Document, Level, Settings};
use crate::ledger::Page;
use crate::mock_rsm::{MockRsm, TEST_ACCOUNTS, TEST_CARDS};
use crate::payment::{Dialect, State};
use stage::Stage;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

mod stage;
mod walk;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// How the processor speaks.
    #[arg(long, value_parser = dialect, default_value = "signed")]
    dialect: Dialect,
    /// The gateway's port; the mock and the operations listener take the two after it. Without it,
    /// 8443 or, where that is taken, any that are free.
    #[arg(long)]
    port: Option<u16>,
}

/// Runs until Ctrl-C, then says what was recorded.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let _log = log::start(Level::Warn);
    let [gateway, mock, operations] = listeners(arguments.port)?;
    let ports = (gateway.local_addr()?.port(), mock.local_addr()?.port());
    let stage = Stage::set(arguments.dialect, ports)?;
    let document = Document::given("the demo's own settings", stage.settings());
    let mut read = document.settings()?;
    read.place(stage.folder.path());
    let tls = super::mock_rsm::server_config(&stage.written.server, &stage.written.server_key)?;
    let ended = runtime()?.block_on(async {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let clock = stage.clock.clone();
        let mock = MockRsm::start(stage.mock_settings()?, mock, tls, clock.clone())?;
        let listeners = Listeners { public: gateway, operations };
        let running = app::start(&read, &document, clock, listeners).await?;
        announce(&stage, &running)?;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            Err(error) = walk::go(&stage, &running, &mock) => return Err(error),
        }
        print::line("\nStopping: what was begun is finished first.")?;
        let ended = running.stop().await;
        mock.shutdown().await;
        Ok::<_, Failure>(ended)
    })?;
    summarise(&read, &document)?;
    Ok(if ended == app::Ended::Drained { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

fn dialect(word: &str) -> Result<Dialect, &'static str> {
    Dialect::from_word(word).ok_or("use signed or rsm2000")
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

/// What the announced `curl` line sends.
const EXAMPLE: &str = r#"{"kind":"donate","amount":{"value":2500,"currency":"GBP"},"frequency":"once","method":"card","contact":{"title":"Ms","first_name":"Pat","last_name":"Example","email":"pat@example.org","address":{"line1":"1 High Street","town":"Bedford","postcode":"MK40 1AA","country":"GB"}}}"#;

fn announce(stage: &Stage, running: &Running) -> Result<(), Failure> {
    let origin = format!("https://localhost:{}", stage.gateway);
    let operations = format!("https://localhost:{}", running.operations.port());
    let authority = stage.written.authority.display();
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

fn summarise(settings: &Settings, document: &Document) -> Result<(), Failure> {
    let (entries, verified) = runtime()?.block_on(async {
        let ledger = Record::read(settings, document).await?;
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
