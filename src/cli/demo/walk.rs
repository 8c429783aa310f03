//! The demo's walk through RSM as it really speaks: a card, two memberships by Direct Debit, and what
//! becomes of them while RSM's calendar goes on.

use super::stage::{Play, Stage};
use crate::app::{Record, Running};
use crate::cli::{Failure, outcomes, print};
use crate::mock_rsm::{MockRsm, Rsm2000};
use crate::payment::Reference;
use anyhow::Context as _;
use jiff::SignedDuration;
use reqwest::header::LOCATION;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::mpsc;

/// RSM refuses two questions that are the same within one second (1005).
const APART: Duration = Duration::from_millis(1100);
/// How far the Enter key moves RSM's calendar, in working days.
const STEP: u32 = 5;

/// A supporter who only exists for the demo.
struct Walk<'a> {
    stage: &'a Stage,
    running: &'a Running,
    office: Rsm2000,
    browser: reqwest::Client,
}

/// Walks, then lets the calendar go on at each press of the Enter key. Ends by an error alone.
pub(super) async fn go(
    stage: &Stage,
    running: &Running,
    mock: &MockRsm,
) -> Result<std::convert::Infallible, Failure> {
    let office = match (stage.play, mock.rsm2000()) {
        (Play::Rsm2000, Some(office)) => office,
        (Play::Api, _) => return half_hours(stage).await,
        (Play::Pages | Play::Rsm2000, _) => return std::future::pending().await,
    };
    let authority = std::fs::read(&stage.written.authority)?;
    let browser = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&authority)?])
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let walk = Walk { stage, running, office, browser };
    walk.through().await?;
    let mut presses = enter_key();
    print::line("\nEnter lets RSM's calendar go on by five working days; Ctrl-C ends the demo.")?;
    loop {
        if presses.recv().await.is_none() {
            // Nobody is at the keyboard.
            return std::future::pending().await;
        }
        walk.on(STEP).await?;
        print::line(&format!("\nRSM's calendar says {}.\n", walk.office.today()))?;
        walk.show().await?;
    }
}

/// Lets time go by for everybody at each press of the Enter key, so that nobody has to wait until a
/// payment that never arrived is found missing.
async fn half_hours(stage: &Stage) -> Result<std::convert::Infallible, Failure> {
    let mut presses = enter_key();
    while presses.recv().await.is_some() {
        stage.clock.advance(SignedDuration::from_mins(30));
        let now = jiff::tz::TimeZone::UTC.to_datetime(stage.clock.now());
        print::line(&format!("Half an hour has gone by: it is {} UTC.", now.strftime("%H:%M")))?;
    }
    std::future::pending().await
}

impl Walk<'_> {
    async fn through(&self) -> Result<(), Failure> {
        print::line("\nA walk through RSM's own formats:\n")?;
        let gift = self.give().await?;
        print::line(&format!("  a card donation through RSM's page       {gift}"))?;
        for (account, what) in [
            ("00012345", "a membership by Direct Debit             "),
            ("00012352", "another, from an account without money   "),
        ] {
            let reference = self.join(account).await?;
            print::line(&format!("  {what}{reference}"))?;
        }
        self.on(7).await?;
        print::line(&format!("  {}: the banks have taken the mandates", self.office.today()))?;
        self.on(35).await?;
        print::line(&format!("  {}: the first collections are through\n", self.office.today()))?;
        self.show().await
    }

    /// Hands a card donation over and pays on RSM's page.
    async fn give(&self) -> Result<Reference, Failure> {
        let wish = json!({ "kind": "donate", "amount": { "value": 2500, "currency": "GBP" }, "frequency": "once", "method": "card" });
        let (reference, created) = self.create(wish).await?;
        let at = |pointer| created.pointer(pointer).context("the answer is a hand-off");
        let fields: Vec<(String, String)> = at("/hand_off/fields")?
            .as_object()
            .context("the hand-off has fields")?
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
        let url = at("/hand_off/url")?.as_str().context("the hand-off has an address")?;
        let page = self.post(url, &fields).await?;
        let card = [
            ("number", "4242424242424242"),
            ("expiry", "12/49"),
            ("cvc", "123"),
            ("holder", "P Example"),
        ];
        let card = card.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.post(&page, &card).await?;
        Ok(reference)
    }

    async fn join(&self, account: &str) -> Result<Reference, Failure> {
        let wish = json!({
            "kind": "join", "plan": "friend", "method": "direct_debit",
            "bank": { "account_name": "P Example", "sort_code": "12-34-56", "account_number": account }
        });
        Ok(self.create(wish).await?.0)
    }

    /// A hand-off made by the charity's own program.
    async fn create(&self, wish: Value) -> Result<(Reference, Value), Failure> {
        let contact = json!({ "contact": {
            "title": "Ms", "first_name": "Pat", "last_name": "Example", "email": "pat@example.org",
            "address": { "line1": "1 High Street", "town": "Bedford", "postcode": "MK40 1AA", "country": "GB" }
        }});
        let parts = [wish, contact].into_iter().filter_map(|part| part.as_object().cloned());
        let wish: serde_json::Map<String, Value> = parts.flatten().collect();
        let key = uuid::Uuid::new_v4().simple().to_string();
        let answer = self
            .browser
            .post(format!("https://localhost:{}/v1/handoffs", self.stage.gateway))
            .bearer_auth(&self.stage.api_key)
            .header("idempotency-key", key)
            .header("content-type", "application/json")
            .body(Value::from(wish).to_string())
            .send()
            .await?;
        let created: Value = serde_json::from_slice(&answer.bytes().await?)?;
        let reference = created.get("reference").and_then(Value::as_str).and_then(Reference::parse);
        Ok((reference.context("the gateway took the hand-off")?, created))
    }

    /// Posts a form to the mock; where that leads.
    async fn post(&self, url: &str, fields: &[(String, String)]) -> Result<String, Failure> {
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let form = ("content-type", "application/x-www-form-urlencoded");
        let answer = self.browser.post(url).header(form.0, form.1).body(body).send().await?;
        let next = answer.headers().get(LOCATION).and_then(|next| next.to_str().ok());
        let next = next.context("the mock's page leads on")?;
        Ok(format!("https://localhost:{}{next}", self.stage.mock))
    }

    /// Lets RSM's calendar go on, everybody's clock with it, and reads RSM's reports.
    async fn on(&self, working_days: u32) -> Result<(), Failure> {
        let before = self.office.today();
        self.office.advance_working_days(working_days);
        let days = self.office.today().since(before)?.get_days();
        self.stage.clock.advance(SignedDuration::from_hours(i64::from(days).saturating_mul(24)));
        tokio::time::sleep(APART).await;
        self.running.read_reports().await;
        Ok(())
    }

    async fn show(&self) -> Result<(), Failure> {
        let ledger = Record::read_file(&self.stage.folder.path().join("ledger.db"))?;
        let page = crate::ledger::Page { limit: 20, ..crate::ledger::Page::default() };
        outcomes::list(&ledger.list(page).await?)
    }
}

/// Every press of the Enter key, from a thread of its own: reading a terminal cannot be interrupted.
fn enter_key() -> mpsc::UnboundedReceiver<()> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        while std::io::stdin().read_line(&mut line).is_ok_and(|read| read > 0) {
            if sender.send(()).is_err() {
                return;
            }
            line.clear();
        }
    });
    receiver
}
