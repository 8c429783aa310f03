//! A panic wherever a request makes the service say something, with a message that holds the very data
//! that is in flight: the worst there is. In a process of its own, so that all it says can be read.
//! The panic comes from what listens to the log, so that the service has no door for it.

use super::answer::{Answer, hidden};
use super::house::{House, client};
use super::message::Message;
use super::paying::{DECLINED_CARD, GOOD_CARD, charge, confirmed};
use super::samples::{Fields, encoded, fresh, gift, membership, request, with_changes};
use super::visitor::{API_KEY, FORM, JSON, OWN_PAGE};
use super::{CANARIES, CANARY_CARD, search};
use almoner::mock_rsm::{CallFault, Fault};
use almoner::payment::Reference;
use serde_json::json;
use std::collections::BTreeSet;
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Where the service said something while it was asked.
static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
/// Where it panics next.
static NEXT: Mutex<Option<String>> = Mutex::new(None);

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Panics where it is told to, once.
struct Mine;

impl<S: Subscriber> Layer<S> for Mine {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let about = event.metadata();
        let ours = !["almoner::mock_rsm", "almoner::app::process"]
            .iter()
            .any(|not| about.target().starts_with(not));
        if !ours {
            return;
        }
        let file = about.file().unwrap_or_default();
        let place = format!("{file}:{}", about.line().unwrap_or_default());
        let goes_off = held(&NEXT).take_if(|next| *next == place).is_some();
        held(&SAID).insert(place);
        assert!(!goes_off, "{}", CANARIES.join(" "));
    }
}

/// Somebody who walks every road, over one protocol.
struct Visit<'a> {
    house: &'a House,
    client: &'a reqwest::Client,
    /// How often the answer was that something is wrong with the service.
    broken: usize,
}

impl Visit<'_> {
    /// Whatever happens, there is an answer; and where it is that something is wrong with the service, it
    /// says nothing else.
    async fn send(&mut self, request: reqwest::RequestBuilder) -> (u16, String) {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let kind =
            answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        let text = answer.text().await.unwrap();
        if status == 500 {
            self.broken += 1;
            let kind = kind.unwrap();
            let plain = ["text/html", "text/plain", "application/problem+json"];
            assert!(plain.iter().any(|plain| kind.starts_with(plain)), "{kind}");
            assert!(!text.is_empty());
            let shown = CANARIES.iter().find(|canary| text.contains(*canary));
            assert_eq!(shown, None, "{text}");
        }
        (status, text)
    }

    async fn post(&mut self, path: &str, headers: &[(&str, &str)], body: String) -> (u16, String) {
        let mut request = self.client.post(self.house.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body)).await
    }

    /// A fresh form's token, old enough to be used.
    async fn token(&mut self, path: &str) -> String {
        loop {
            let (status, page) = self.send(self.client.get(self.house.url(path))).await;
            self.house.later(60);
            if status == 200 {
                return hidden(&page, "client_token");
            }
        }
    }

    async fn form(&mut self, path: &str, fields: &Fields) -> Answer {
        let (status, body) = self.post(path, &[FORM, OWN_PAGE], encoded(fields)).await;
        Answer { status, headers: reqwest::header::HeaderMap::new(), body }
    }

    /// Pays by card and sets a Direct Debit up on the pages.
    async fn supporters(&mut self) {
        let fields = gift(&self.token("/donate").await);
        let wrong = with_changes(&fields, &[("email", CANARY_CARD)]);
        self.form("/donate", &wrong).await;
        self.form("/donate", &with_changes(&fields, &[("client_token", "forged")])).await;
        let elsewhere = [FORM, ("sec-fetch-site", "cross-site")];
        self.post("/donate", &elsewhere, encoded(&fields)).await;
        self.form("/donate", &with_changes(&fields, &[("pan", CANARY_CARD)])).await;
        let page = self.form("/donate", &fields).await;
        if page.body.contains("card_number") {
            self.form("/donate", &confirmed(&page, GOOD_CARD)).await;
        }
        let fields = membership(&self.token("/join").await);
        let page = self.form("/join", &fields).await;
        if page.body.contains("account_number") {
            let bank = [
                ("account_name", "Canaryholder"),
                ("sort_code", "20-47-61"),
                ("account_number", "70872490"),
                ("account_holder", "true"),
                ("step", "confirm"),
            ];
            let fields = with_changes(&super::answer::hidden_fields(&page.body), &bank);
            self.form("/join", &fields).await;
        }
    }

    /// Cards that are taken, declined, unknown, and answered with nonsense; orders that are none.
    async fn programs(&mut self) {
        let bearer = format!("Bearer {API_KEY}");
        let mut misplaced = request();
        misplaced["appeal"] = json!(CANARY_CARD);
        let mut unknown = request();
        unknown["pan"] = json!(CANARY_CARD);
        let bodies = [
            (charge(GOOD_CARD), None),
            (charge(DECLINED_CARD), None),
            (charge(CANARY_CARD), None),
            (charge(GOOD_CARD), Some(CallFault::Html)),
            (charge(GOOD_CARD), Some(CallFault::LostReply)),
            (misplaced, None),
            (unknown, None),
        ];
        for (body, fault) in bodies {
            self.house.mock.faults().clear();
            if let Some(fault) = fault {
                self.house.mock.faults().script(Fault::Call(fault), 1);
            }
            let key = fresh();
            let headers = [("authorization", bearer.as_str()), ("idempotency-key", &key), JSON];
            self.post("/v1/handoffs", &headers, body.to_string()).await;
        }
        self.house.mock.faults().clear();
        let stranger = [("authorization", "Bearer Canaryfirst"), JSON];
        self.post("/v1/handoffs", &stranger, request().to_string()).await;
    }

    /// Webhooks that are right, empty, and forged.
    async fn processor(&mut self) {
        let statement = self.house.statement(Reference::at(self.house.clock.now()), "accepted");
        let right = Message::new(self.house, &statement);
        let forged = Message { body: CANARIES.join(" "), ..right.clone() };
        for message in [right, forged] {
            self.post("/webhooks/signed", &message.headers(), message.body.clone()).await;
        }
    }

    async fn every_road(&mut self) {
        self.supporters().await;
        self.programs().await;
        self.processor().await;
    }
}

/// Every road for every place, until it has panicked so often; how often stands on standard output.
#[expect(clippy::print_stdout, reason = "the process that began this one reads it")]
async fn panic_everywhere(most: usize) {
    tracing_subscriber::registry()
        .with(Targets::new().with_target("almoner", LevelFilter::DEBUG))
        .with(Mine)
        .with(tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr))
        .init();
    let house = House::by_api_with(|settings| {
        (settings.limits.forms_per_minute, settings.limits.forms_per_day) = (10_000, 100_000);
        settings.limits.breaker_failures = 1000;
        settings.shield.enabled = false;
    })
    .await;
    let http1 = client(&house.authority).http1_only().build().unwrap();
    let mut visits =
        [&house.client, &http1].map(|client| Visit { house: &house, client, broken: 0 });
    visits[0].every_road().await;
    let places = held(&SAID).clone();
    let mut panics = 0;
    for visit in &mut visits {
        for place in &places {
            if panics >= most {
                break;
            }
            *held(&NEXT) = Some(place.clone());
            visit.every_road().await;
            // What is said once a minute, or only at the start, is no place of a request.
            panics += usize::from(held(&NEXT).take().is_none());
        }
    }
    let answer = house.charge(GOOD_CARD, &fresh()).await;
    assert_eq!((answer.status, &answer.json()["state"]), (201, &"accepted".into()), "it goes on");
    println!("panics: {panics}");
    println!("broken: {}", visits.iter().map(|visit| visit.broken).sum::<usize>());
    house.recorded().await;
    let folder = house.ledger_file().parent().unwrap().to_owned();
    house.stop().await;
    assert_eq!(search(&folder), Vec::<String>::new(), "the ledger");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the test below runs it in a process of its own"]
async fn with_the_services_hook() {
    almoner::app::process::hush_panics();
    panic_everywhere(usize::MAX).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the test below runs it in a process of its own"]
async fn with_the_usual_hook() {
    panic_everywhere(3).await;
}

/// Runs one of them; what was found of what was in flight in all that it said.
fn panicking(test: &str) -> (Output, Vec<String>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args(["--exact", test, "--ignored", "--nocapture"]).output().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("stderr"), &output.stderr).unwrap();
    (output, search(folder.path()))
}

#[test]
fn m_10_a_panic_anywhere_in_a_request_shows_nothing_of_it() {
    let (output, found) = panicking("panics::with_the_services_hook");
    let [said, stderr] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{said}{stderr}");
    assert_eq!(found, Vec::<String>::new());
    let told = |what: &str| -> usize {
        said.lines().find_map(|line| line.strip_prefix(what)).unwrap().parse().unwrap()
    };
    let (panics, broken) = (told("panics: "), told("broken: "));
    assert!(panics >= 24, "{panics} panics");
    assert!(broken >= 12, "{broken} of them were answered as such");
    let lines = stderr.matches("\"event\":\"panic\"").count();
    assert_eq!(lines, panics, "each is one line: {stderr}");

    let (_, found) = panicking("panics::with_the_usual_hook");
    assert_eq!(found.len(), CANARIES.len(), "the control: they were in flight: {found:?}");
}
