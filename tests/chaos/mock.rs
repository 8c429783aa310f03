//! The mock processor's process, and its control API: the books that count.

use super::stage::{Doors, Ground, Stage, TOKEN, almoner, forget_the_clock};
use super::verdict::Booked;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// It runs until it is dropped.
pub(crate) struct Mock {
    process: Child,
    origin: String,
    client: reqwest::Client,
}

impl Mock {
    pub(crate) async fn start(stage: &Stage, ground: &Ground, doors: Doors) -> Self {
        let port = stage.ports.mock;
        let log = File::create(stage.folder.join("mock.log")).unwrap();
        let process = almoner()
            .arg("mock-rsm")
            .args(["--listen", &format!("127.0.0.1:{port}"), "--merchant", "example"])
            .args(["--origin", &format!("https://localhost:{}", doors.processor)])
            .args(["--certificate", &ground.file("tls/server.pem")])
            .args(["--private-key", &ground.file("tls/server-key.pem")])
            .args(["--signing-key-file", &format!("dev={}", ground.file("signing.key"))])
            .args(["--webhook-secret-file", &ground.file("webhook.key")])
            .args(["--webhook-url", &format!("https://localhost:{}/webhooks/signed", doors.back)])
            .args(["--webhook-ca", &ground.file("tls/authority.pem")])
            .args(["--control-token-file", &ground.file("token")])
            .envs(stage.faked())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mock =
            Self { process, origin: format!("https://localhost:{port}"), client: ground.client() };
        for _ in 0..6000 {
            if mock.payments().await.is_some() {
                return mock;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the mock does not answer: see {}", stage.folder.display());
    }

    /// Something goes wrong the next few times.
    pub(crate) async fn script(&self, fault: &str, times: u32, delay_ms: u64) {
        let order = json!({ "fault": fault, "times": times, "delay_ms": delay_ms });
        let request = self.client.post(format!("{}/control/faults", self.origin));
        let answer =
            request.bearer_auth(TOKEN).body(order.to_string()).send().await.unwrap().status();
        assert_eq!(answer, 200, "{fault}");
    }

    /// Nothing goes wrong any more.
    pub(crate) async fn forgive(&self) {
        let request = self.client.delete(format!("{}/control/faults", self.origin));
        request.bearer_auth(TOKEN).send().await.unwrap();
    }

    /// Stops the process for a while, as a machine does that is far too busy.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &process]).status().unwrap().success());
    }

    /// The books, and the webhooks that were answered 2xx: reference and state.
    pub(crate) async fn books(&self) -> (BTreeMap<String, Booked>, Vec<(String, String)>) {
        let payments = self.payments().await.expect("the mock answers");
        let (mut books, mut acknowledged) = (BTreeMap::new(), Vec::new());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        for payment in &payments {
            let booked = Booked {
                minor: payment["amount"].as_i64().unwrap(),
                charges: payment["charges"].as_u64().unwrap(),
                state: text(&payment["state"]),
            };
            books.insert(text(&payment["reference"]), booked);
            for delivery in payment["deliveries"].as_array().unwrap() {
                if delivery["status"].as_u64().is_some_and(|status| (200..300).contains(&status)) {
                    acknowledged.push((text(&delivery["reference"]), text(&delivery["state"])));
                }
            }
        }
        (books, acknowledged)
    }

    async fn payments(&self) -> Option<Vec<Value>> {
        let request = self.client.get(format!("{}/control/payments", self.origin));
        let answer = request.bearer_auth(TOKEN).send().await.ok()?;
        let body: Value = serde_json::from_slice(&answer.bytes().await.ok()?).ok()?;
        body["payments"].as_array().cloned()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        forget_the_clock(self.process.id());
    }
}
