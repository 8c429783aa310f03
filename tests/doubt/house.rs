//! A ledger, a chaser, and a processor that answers as it is told.

use almoner::clock::Clock;
use almoner::keys::{Key, Keys};
use almoner::ledger::sqlite::{SqliteLedger, SqliteSettings};
use almoner::ledger::{Entry, HandOff, Ledger, Purpose, Trace};
use almoner::payment::{
    Amount, Asked, Dialect, EventId, Evidence, Fact, Frequency, Kind, Method, Mode, Outcome,
    Reference, Source, State,
};
use almoner::processor::Processor;
use almoner::processor::client::{Answer, Client, NoAnswer, Outgoing, Reach, Wire};
use almoner::processor::signed::Signed;
use almoner::resolution::Resolution;
use almoner::resolution::nudge::Nudges;
use async_trait::async_trait;
use iso_currency::Currency;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::Semaphore;

/// How long a call can take, in seconds.
pub(crate) const CALL: i64 = 30;
/// When a doubt is flagged, in seconds.
pub(crate) const OVERDUE: i64 = 300;

/// What the processor says of a reference.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Says {
    /// 404.
    Unknown,
    /// It knows it and has not decided.
    Pending,
    /// This, since that second.
    State(&'static str, i64),
    /// An error of its own.
    Error,
    /// Too busy: to be left alone for four minutes.
    Busy,
    /// Nothing.
    Silence,
}

/// The processor's desk.
#[derive(Debug)]
pub(crate) struct Desk {
    clock: Clock,
    /// By reference; `Unknown` for all others.
    says: Mutex<BTreeMap<Reference, Says>>,
    /// Every question: when, and about what.
    asked: Mutex<Vec<(Timestamp, Reference)>>,
    /// Answers that may leave: held back where a test counts them out.
    pub(crate) may_answer: Semaphore,
}

impl Desk {
    pub(crate) fn says(&self, reference: Reference, what: Says) {
        self.says.lock().unwrap().insert(reference, what);
    }

    /// When it was asked about this one, in seconds after the start.
    pub(crate) fn asked(&self, reference: Reference) -> Vec<i64> {
        let asked = self.asked.lock().unwrap();
        let these = asked.iter().filter(|(_, about)| *about == reference);
        these.map(|(when, _)| when.as_second() - start().as_second()).collect()
    }
}

/// The wire to the desk.
#[derive(Debug)]
struct Line(Arc<Desk>);

#[async_trait]
impl Wire for Line {
    async fn exchange(&self, request: Outgoing, _: usize) -> Result<Answer, NoAnswer> {
        let last = request.url.path_segments().unwrap().next_back().unwrap();
        let reference = Reference::parse(last).unwrap();
        self.0.asked.lock().unwrap().push((self.0.clock.now(), reference));
        let says = self.0.says.lock().unwrap().get(&reference).copied().unwrap_or(Says::Unknown);
        let (status, body) = match says {
            Says::Unknown => (404, br#"{"code":"unknown_reference"}"#.to_vec()),
            Says::Error => (502, Vec::new()),
            Says::Busy => (503, Vec::new()),
            Says::Silence => return Err(NoAnswer::Lost),
            Says::Pending => (200, statement(reference, "pending", 0)),
            Says::State(state, second) => (200, statement(reference, state, second)),
        };
        // Whoever is cut off here has been answered and does not know it.
        self.0.may_answer.acquire().await.unwrap().forget();
        let retry_after = (status == 503).then_some(SignedDuration::from_mins(4));
        Ok(Answer { status, date: None, retry_after, body: body.into() })
    }
}

fn statement(reference: Reference, state: &str, second: i64) -> Vec<u8> {
    let statement = json!({
        "reference": reference.to_string(), "state": state, "amount": 2500, "currency": "GBP",
        "processor_reference": format!("P-{reference}"), "occurred_at": at(second).to_string(),
    });
    statement.to_string().into_bytes()
}

pub(crate) fn start() -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap()
}

pub(crate) fn at(second: i64) -> Timestamp {
    start().checked_add(SignedDuration::from_secs(second)).unwrap()
}

pub(crate) fn asked() -> Asked {
    Asked {
        kind: Kind::Donate,
        method: Method::Card,
        dialect: Dialect::Signed,
        mode: Mode::Test,
        amount: Amount::new(2500, Currency::GBP).unwrap(),
        frequency: Frequency::Once,
        plan: None,
        appeal: None,
        gift_aid: false,
        merchant_reference: None,
    }
}

/// All of it.
pub(crate) struct House {
    pub(crate) folder: TempDir,
    pub(crate) clock: Clock,
    pub(crate) desk: Arc<Desk>,
    pub(crate) resolution: Arc<Resolution>,
}

impl House {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::set_to(start());
        let desk = Arc::new(Desk {
            clock: clock.clone(),
            says: Mutex::default(),
            asked: Mutex::default(),
            may_answer: Semaphore::new(1_000_000),
        });
        let ledger = open(&folder.path().join("ledger.db"));
        let resolution = resolution_of(ledger, &desk, &clock);
        Self { folder, clock, desk, resolution }
    }

    /// As after a crash: another process opens the file.
    pub(crate) fn again(self) -> Self {
        let Self { folder, clock, desk, resolution } = self;
        drop(resolution);
        let ledger = open(&folder.path().join("ledger.db"));
        let resolution = resolution_of(ledger, &desk, &clock);
        Self { folder, clock, desk, resolution }
    }

    pub(crate) fn ledger(&self) -> &Arc<dyn Ledger> {
        &self.resolution.ledger
    }

    /// A call that was sent now and whose answer was lost.
    pub(crate) async fn sent(&self) -> Reference {
        let now = self.clock.now();
        let reference = Reference::at(now);
        let hand_off =
            HandOff { reference, opened_at: now, opened_as: State::InDoubt, asked: asked() };
        let due_at = now.checked_add(SignedDuration::from_secs(CALL + 5)).unwrap();
        self.ledger().open(hand_off, None, due_at).await.unwrap();
        let mut mark = [0; 32];
        mark[..16].copy_from_slice(reference.as_bytes());
        let trace = Trace { mark, purpose: Purpose::Lodge, at: now };
        self.ledger().send(reference, trace).await.unwrap();
        reference
    }

    /// The chaser's rounds, one for each of so many seconds.
    pub(crate) async fn seconds(&self, seconds: i64) {
        for _ in 0..seconds {
            self.clock.advance(SignedDuration::from_secs(1));
            self.resolution.chase().await.unwrap();
        }
    }

    /// The same in longer steps.
    pub(crate) async fn minutes(&self, minutes: i64) {
        for _ in 0..minutes {
            self.clock.advance(SignedDuration::from_mins(1));
            self.resolution.chase().await.unwrap();
        }
    }

    /// A webhook of this second.
    pub(crate) async fn told(&self, reference: Reference, outcome: Outcome, second: i64) {
        let evidence = said(Source::Notice, Fact::Outcome(outcome), second);
        self.ledger().conclude(reference, evidence, self.clock.now()).await.unwrap();
    }

    pub(crate) async fn entry(&self, reference: Reference) -> Entry {
        self.ledger().find(reference).await.unwrap().unwrap()
    }

    /// The state, and the words of the flags.
    pub(crate) async fn stands(&self, reference: Reference) -> (State, Vec<&'static str>) {
        let standing = self.entry(reference).await.standing;
        (standing.state, standing.attention.iter().map(|flag| flag.word()).collect())
    }

    /// The facts that were recorded, and from where.
    pub(crate) async fn record(&self, reference: Reference) -> Vec<(Source, &'static str)> {
        let history = self.ledger().history(reference).await.unwrap();
        let evidence = history.into_iter().filter_map(|event| event.evidence);
        evidence.map(|evidence| (evidence.source, evidence.fact.word())).collect()
    }
}

pub(crate) fn said(source: Source, fact: Fact, second: i64) -> Evidence {
    Evidence {
        id: EventId::of(source, &[fact.word().as_bytes(), &second.to_be_bytes()]),
        source,
        fact,
        amount: Some(asked().amount),
        mode: Some(Mode::Test),
        processor_reference: None,
        code: None,
        occurred_at: at(second),
    }
}

fn open(path: &Path) -> Arc<dyn Ledger> {
    SqliteLedger::open(path, SqliteSettings::default()).unwrap()
}

/// A chaser over this ledger.
pub(crate) fn resolution_of(
    ledger: Arc<dyn Ledger>,
    desk: &Arc<Desk>,
    clock: &Clock,
) -> Arc<Resolution> {
    let keys =
        || Keys { current: Key::new(b"0123456789abcdef0123456789abcdef").unwrap(), next: None };
    let reach = Reach {
        roots: None,
        identity: None,
        connect_timeout: Duration::from_secs(5),
        total_timeout: Duration::from_secs(30),
        answer_bytes: 65_536,
        at_once: 32,
    };
    let signed = Signed {
        base: "https://processor.example".parse().unwrap(),
        merchant: "charity".to_owned(),
        key_id: "k1".to_owned(),
        signing: keys(),
        webhook: keys(),
        card_api: true,
        mandate_api: false,
        client: Client::over(Box::new(Line(Arc::clone(desk))), &reach),
    };
    Arc::new(Resolution {
        ledger,
        processor: Arc::new(Processor::Signed(Box::new(signed))),
        clock: clock.clone(),
        overdue_after: SignedDuration::from_mins(90),
        doubt_overdue_after: SignedDuration::from_secs(OVERDUE),
        call_timeout: SignedDuration::from_secs(CALL),
        nudges: Nudges::default(),
        declines: almoner::shield::Declines::new(None),
        alarms: almoner::resolution::Alarms::new(almoner::resolution::AlarmTerms {
            silent_hand_offs: 20,
            silent_within: SignedDuration::from_hours(24),
            webhooks_refused: 5,
            mode: Mode::Test,
        }),
    })
}
