//! `almoner demo`: gateway and mock processor on loopback, with throw-away certificates, keys and ledger.

use super::{Failure, log, outcomes, print, runtime};
use crate::app::{self, Listeners, Record, Running};
use crate::config::{Checked, Document, Level, Origin, Setting as _, Settings};
use crate::ledger::Page;
use crate::mock_rsm::{Books, MockRsm, Payment, TEST_ACCOUNTS, TEST_CARDS};
use crate::payment::{Dialect, State};
use jiff::Timestamp;
use stage::{Play, SETTINGS, Stage};
use std::fmt::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

mod crm;
mod month;
mod stage;
mod walk;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// How the processor speaks.
    #[arg(long, value_parser = dialect, default_value = "signed")]
    dialect: Dialect,
    /// Cards and bank accounts are typed on Almoner's own pages and sent by the processor's API
    /// (`signed`); the mock has buttons that lose a reply, send it late or twice.
    #[arg(long)]
    card_api: bool,
    /// Begins with an empty ledger, without the month of made-up hand-offs that the console shows.
    #[arg(long)]
    empty: bool,
    /// The gateway's port; the mock and the operations listener take the two after it. Without it,
    /// 8443 or, where that is taken, any that are free.
    #[arg(long)]
    port: Option<u16>,
    /// The https origin of a page of your own whose form may post straight here (docs/fitting-in.md).
    #[arg(long = "form-origin", value_name = "ORIGIN", value_parser = origin)]
    form_origins: Vec<Checked<Origin>>,
}

/// Runs until Ctrl-C, then says what was recorded.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let play = play(arguments)?;
    let _log = log::start(Level::Error)?;
    let [gateway, mock, operations] = listeners(arguments.port)?;
    let crm = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = |listener: &TcpListener| listener.local_addr().map(|address| address.port());
    let stage = Stage::set(play, [port(&gateway)?, port(&mock)?, port(&crm)?])?;
    let document = Document::given("the demo's own settings", stage.settings());
    let mut read = document.settings()?;
    read.place(stage.folder.path());
    read.public.form_origins.clone_from(&arguments.form_origins);
    if play == Play::Rsm2000 {
        // Its pages are in sterling alone, which comes first.
        read.currencies.truncate(1);
    }
    let tls = super::mock_rsm::server_config(&stage.written.server, &stage.written.server_key)?;
    let (ended, books, begun) = runtime()?.block_on(async {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let clock = stage.clock.clone();
        crm::open(crm, &tls, stage.crm_secret())?;
        let mock = MockRsm::start(stage.mock_settings()?, mock, tls, clock.clone())?;
        let made_up = if arguments.empty || play == Play::Rsm2000 {
            0
        } else {
            let record = Record::serve(&read, &document, &clock).await?;
            month::write(&record.ledger, clock.now()).await?
        };
        let begun = clock.now();
        let listeners = Listeners { public: gateway, operations };
        let running = app::start(&read, &document, clock, listeners).await?;
        announce(&stage, &running, made_up)?;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            Err(error) = walk::go(&stage, &running, &mock) => return Err(error),
        }
        print::line("\nStopping: what was begun is finished first.")?;
        let (ended, books) = (running.stop().await, mock.books());
        mock.shutdown().await;
        Ok::<_, Failure>((ended, books, begun))
    })?;
    summarise(&read, &document, begun)?;
    if play == Play::Api {
        compare(&books)?;
    }
    Ok(if ended == app::Ended::Drained { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

fn play(arguments: &Arguments) -> Result<Play, Failure> {
    match (arguments.dialect, arguments.card_api) {
        (Dialect::Signed, false) => Ok(Play::Pages),
        (Dialect::Signed, true) => Ok(Play::Api),
        (Dialect::Rsm2000, false) => Ok(Play::Rsm2000),
        (Dialect::Rsm2000, true) => Err(anyhow::anyhow!("--card-api goes with --dialect signed")),
    }
}

fn dialect(word: &str) -> Result<Dialect, &'static str> {
    Dialect::from_word(word).ok_or("use signed or rsm2000")
}

fn origin(text: &str) -> Result<Checked<Origin>, &'static str> {
    Origin::read(text).map(Checked).ok_or(Origin::ADVICE)
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

/// What stands there beside it where cards go by API: after the amount, the first member that closes.
const CARD: &str =
    r#"},"card":{"number":"4242424242424242","expiry":"12/39","cvc":"123","holder":"Pat Example"}"#;

fn buttons(mock: u16) -> String {
    format!(
        "  Buttons     https://localhost:{mock}/buttons\n              \
         lose the next reply, answer it late or twice; and what the processor really took\n"
    )
}

/// What a log would warn of here.
const CARDS_HERE: &str = "\nCards are typed on Almoner's own pages here. A real card would then pass through Almoner, which is the shape of\n\
    PCI DSS SAQ D: docs/configuration.md, card_api. Never type a real one here.\n";

fn announce(stage: &Stage, running: &Running, made_up: usize) -> Result<(), Failure> {
    let by_api = stage.play == Play::Api;
    let origin = format!("https://localhost:{}", stage.gateway);
    let operations = format!("https://localhost:{}", running.operations.port());
    let authority = stage.written.authority.display();
    let mut text = format!(
        "Almoner demo: everything runs on this machine and is thrown away at the end.\n\n  \
         Donate      {origin}/donate\n  \
         Join        {origin}/join\n{members}  \
         Console     {operations}/console  password {password}{month}\n  \
         Operations  {operations}/healthz  /readyz  /metrics\n  \
         Ledger      almoner outcomes list --ledger {ledger}\n              \
         almoner outcomes export --mode test --ledger {ledger}\n  \
         Events      almoner events list --config {settings}\n              \
         which events the charity's own system, played here too, took: none until you give\n{buttons}\n\
         Your browser will warn about the certificate, made for this run alone. Accept it for localhost (for the\n\
         mock processor at https://localhost:{mock} too), or trust the authority in\n  {authority}\n\n\
         Test cards (any future expiry date, any security code):\n",
        ledger = stage.folder.path().join("ledger.db").display(),
        settings = stage.folder.path().join(SETTINGS).display(),
        mock = stage.mock,
        password = stage.password,
        month = match made_up {
            0 => String::new(),
            made_up =>
                format!("\n              filled with a month of {made_up} made-up hand-offs"),
        },
        buttons = if by_api { buttons(stage.mock) } else { String::new() },
        members = match stage.play {
            Play::Pages | Play::Api => format!("  Members     {origin}/manage\n"),
            Play::Rsm2000 => String::new(),
        },
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
        "{cards}\nA hand-off from a program:\n  curl --cacert {authority} {origin}/v1/handoffs \\\n    \
         -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\\n    \
         -H \"Idempotency-Key: demo-$(date +%s%N)\" \\\n    \
         -d '{example}'\n\n{enter}Ctrl-C ends it and says what was recorded.",
        cards = if by_api { CARDS_HERE } else { "" },
        key = stage.api_key,
        example = if by_api { EXAMPLE.replacen('}', CARD, 1) } else { EXAMPLE.to_owned() },
        enter = if by_api {
            "Enter lets half an hour go by for everybody, until what never arrived is found missing.\n"
        } else {
            ""
        },
    )?;
    print::line(text.trim_end())
}

/// What the processor says for its part.
fn compare(books: &Books) -> Result<(), Failure> {
    let payments = books.payments();
    let charges: usize = payments.iter().map(Payment::charges).sum();
    let twice = payments.iter().filter(|payment| payment.charges() > 1).count();
    print::line(&format!(
        "\nThe mock processor's own ledger: {} references, {charges} charges, {twice} charged twice.",
        payments.len()
    ))
}

fn summarise(settings: &Settings, document: &Document, begun: Timestamp) -> Result<(), Failure> {
    let (mut entries, verified) = runtime()?.block_on(async {
        let ledger = Record::read(settings, document).await?;
        let page = Page { limit: 1000, ..Page::default() };
        Ok::<_, Failure>((ledger.list(page).await?, ledger.verify().await?))
    })?;
    // What was made up before it began is no news.
    entries.retain(|entry| entry.hand_off.opened_at >= begun);
    print::line(&format!(
        "\nRecorded: {} hand-offs; the ledger has {} and {} events, the chain is whole.",
        entries.len(),
        verified.hand_offs,
        verified.events
    ))?;
    for state in State::ALL {
        let count = entries.iter().filter(|entry| entry.standing.state == *state).count();
        if count > 0 {
            print::line(&format!("  {count} {}", state.word()))?;
        }
    }
    if entries.is_empty() { Ok(()) } else { outcomes::list(&entries) }
}
