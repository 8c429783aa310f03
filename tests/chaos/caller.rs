//! Careful programs: each payment under a key of its own, asked for again with the same key after
//! every broken connection, and every answer written down.

use super::plan::Plan;
use super::stage::{Doors, Ground};
use super::supporter::{Supporter, account, card};
use super::verdict::{Answer, Call};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// How a payment is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The supporter is sent to the processor's page.
    Hosted,
    /// The gateway sends this card to the processor.
    Card(&'static str),
    /// The gateway sends this account to the processor.
    Account(&'static str),
}

/// What one program did.
pub(crate) struct Done {
    pub(crate) calls: Vec<Call>,
    /// References whose webhook was made wrong on purpose: answered 2xx, and moving nothing.
    pub(crate) spoilt: Vec<String>,
}

/// One program.
pub(crate) struct Caller {
    client: reqwest::Client,
    origin: String,
    api_key: String,
    supporter: Supporter,
    chance: fastrand::Rng,
    name: String,
    /// Whether the gateway is to call the processor itself.
    direct: bool,
}

impl Caller {
    pub(crate) fn new(ground: &Ground, doors: Doors, plan: Plan, name: String, seed: u64) -> Self {
        Self {
            client: ground.client(),
            origin: format!("https://localhost:{}", doors.front),
            api_key: ground.api_key.clone(),
            supporter: Supporter::new(ground.client(), seed.wrapping_add(1)),
            chance: fastrand::Rng::with_seed(seed),
            name,
            direct: plan.direct,
        }
    }

    /// Begins payments until `close`, then sees them all answered, at the latest until `end`.
    pub(crate) async fn run(mut self, most: usize, close: Instant, end: Instant) -> Done {
        let mut done = Done { calls: Vec::new(), spoilt: Vec::new() };
        while done.calls.len() < most && Instant::now() < close {
            let mut call = Call {
                key: format!("{}-{:08}", self.name, done.calls.len()),
                minor: self.chance.i64(200..900_000),
                direct: self.direct,
                ..Call::default()
            };
            let (way, mut spoilt) = self.way();
            let created = self.ask(&mut call, way, end).await;
            if let Some(created) = &created {
                let reference = created["reference"].as_str().unwrap_or_default().to_owned();
                match way {
                    Way::Hosted => spoilt = self.supporter.goes(&created["hand_off"]).await,
                    Way::Card(_) => self.supporter.is_asked(&created["hand_off"]).await,
                    Way::Account(_) => {}
                }
                if spoilt {
                    done.spoilt.push(reference.clone());
                }
                if self.chance.bool() {
                    self.look(&mut call, &reference).await;
                }
            }
            done.calls.push(call);
        }
        done
    }

    fn way(&mut self) -> (Way, bool) {
        if !self.direct {
            (Way::Hosted, false)
        } else if self.chance.u8(0..4) == 0 {
            (Way::Account(account(&mut self.chance)), false)
        } else {
            let (number, spoilt) = card(&mut self.chance);
            (Way::Card(number), spoilt)
        }
    }

    /// The same request until it is answered.
    async fn ask(&mut self, call: &mut Call, way: Way, end: Instant) -> Option<Value> {
        let body = body(call.minor, way).to_string();
        while Instant::now() < end {
            let request = self
                .client
                .post(format!("{}/v1/handoffs", self.origin))
                .bearer_auth(&self.api_key)
                .header("idempotency-key", &call.key)
                .header("content-type", "application/json")
                .body(body.clone());
            let (answer, created) = read(request).await;
            call.answers.push(answer);
            if created.is_some() || call.is_answered() {
                return created;
            }
            tokio::time::sleep(Duration::from_millis(self.chance.u64(20..120))).await;
        }
        None
    }

    /// What is said of it by now.
    async fn look(&self, call: &mut Call, reference: &str) {
        call.answers.extend(look(&self.client, &self.origin, &self.api_key, reference).await);
    }
}

/// `GET /v1/handoffs/{reference}`, where it answers.
pub(crate) async fn look(
    client: &reqwest::Client,
    origin: &str,
    api_key: &str,
    reference: &str,
) -> Option<Answer> {
    let request = client.get(format!("{origin}/v1/handoffs/{reference}")).bearer_auth(api_key);
    let answer = request.send().await.ok()?;
    let found = answer.status() == 200;
    let body: Value = serde_json::from_slice(&answer.bytes().await.ok()?).ok()?;
    let state = body["state"].as_str()?.to_owned();
    found.then(|| Answer::Shown { reference: reference.to_owned(), state })
}

async fn read(request: reqwest::RequestBuilder) -> (Answer, Option<Value>) {
    let Ok(answer) = request.send().await else { return (Answer::Broken, None) };
    let status = answer.status().as_u16();
    // A head whose body breaks off is no answer.
    let Ok(body) = answer.bytes().await else { return (Answer::Broken, None) };
    match (status, serde_json::from_slice::<Value>(&body)) {
        (201, Ok(created)) => {
            let text = |name: &str| created[name].as_str().unwrap_or_default().to_owned();
            let answer = Answer::Created { reference: text("reference"), state: text("state") };
            (answer, Some(created))
        }
        (409 | 429 | 500.., _) => (Answer::Later(status), None),
        (_, problem) => {
            let why = problem.map(|problem| problem.to_string()).unwrap_or_default();
            (Answer::Refused(status, why), None)
        }
    }
}

fn body(minor: i64, way: Way) -> Value {
    let mut body = json!({
        "kind": "donate", "amount": { "value": minor, "currency": "GBP" }, "frequency": "once",
        "method": "card", "appeal": "CHAOS",
        "contact": { "title": "Ms", "first_name": "Pat", "last_name": "Example",
            "email": "pat@example.org",
            "address": { "line1": "1 High Street", "town": "Bedford", "postcode": "MK40 1AA",
                "country": "GB" } } });
    match way {
        Way::Hosted => {}
        Way::Card(number) => {
            // A card that is good for three years more, whenever this is played.
            let year = almoner::clock::Clock::system().now().strftime("%y").to_string();
            let expiry = format!("12/{}", year.parse::<u8>().unwrap() + 3);
            body["card"] = json!({ "number": number, "expiry": expiry, "cvc": "123",
                "holder": "Pat Example" });
        }
        Way::Account(number) => {
            body["method"] = "direct_debit".into();
            body["frequency"] = "monthly".into();
            body["bank"] = json!({ "account_name": "Pat Example", "sort_code": "089999",
                "account_number": number });
        }
    }
    body
}
