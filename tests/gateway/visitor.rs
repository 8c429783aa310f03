//! What browsers, programs and the processor ask of the house.

use super::answer::{Answer, hidden, hidden_fields};
use super::house::House;
use super::samples::{Fields, encoded, fresh, gift, request, with_changes};
use almoner::payment::Reference;
use serde_json::Value;
use std::time::Duration;

/// May create and read.
pub(crate) const API_KEY: &str = "alm_test-key-for-create-and-read";
/// May read alone.
pub(crate) const READ_KEY: &str = "alm_test-key-for-reading-alone";

pub(crate) const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");
pub(crate) const OWN_PAGE: (&str, &str) = ("sec-fetch-site", "same-origin");

impl House {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.client.get(self.url(path)).send().await.unwrap()).await
    }

    /// Posts these bytes with these headers and no others.
    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let mut request = self.client.post(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.body(body.into()).send().await.unwrap()).await
    }

    /// A form's token, old enough to be used.
    pub(crate) async fn token(&self, path: &str) -> String {
        let page = self.get(path).await;
        self.later(5);
        hidden(&page.body, "client_token")
    }

    /// Fills in the donate form, with some fields changed, added, or left out where empty.
    pub(crate) async fn donate(&self, changes: &[(&str, &str)]) -> Answer {
        let token = self.token("/donate").await;
        self.donate_with(&token, changes).await
    }

    /// The same with a token that is at hand.
    pub(crate) async fn donate_with(&self, token: &str, changes: &[(&str, &str)]) -> Answer {
        self.post_form("/donate", &with_changes(&gift(token), changes)).await
    }

    pub(crate) async fn post_form(&self, path: &str, fields: &[(String, String)]) -> Answer {
        self.post_raw(path, encoded(fields)).await
    }

    /// A form's body as it stands.
    pub(crate) async fn post_raw(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        self.post(path, &[FORM, OWN_PAGE], body).await
    }

    /// `POST /v1/handoffs` with a key of its own.
    pub(crate) async fn create(&self, body: &Value, key: &str) -> Answer {
        self.create_raw(key, body.to_string()).await
    }

    /// The same with a body as it stands.
    pub(crate) async fn create_raw(&self, key: &str, body: impl Into<Vec<u8>>) -> Answer {
        let authorization = format!("Bearer {API_KEY}");
        let headers = [("authorization", authorization.as_str()), ("idempotency-key", key), JSON];
        self.post("/v1/handoffs", &headers, body).await
    }

    /// The API's answer to a request that is made once.
    pub(crate) async fn try_create(&self, body: &Value) -> Answer {
        self.create(body, &fresh()).await
    }

    /// A hand-off made by the API; its reference and the fields to post.
    pub(crate) async fn handed_off(&self) -> (Reference, Fields) {
        let answer = self.try_create(&request()).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        created(&answer)
    }

    /// What the API says of a hand-off.
    pub(crate) async fn outcome(&self, reference: Reference) -> Value {
        let answer = self.read(&reference.to_string(), API_KEY).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    pub(crate) async fn read(&self, reference: &str, key: &str) -> Answer {
        let request = self.client.get(self.url(&format!("/v1/handoffs/{reference}")));
        Answer::of(request.bearer_auth(key).send().await.unwrap()).await
    }

    /// Waits until a hand-off's state is this one; the guard is generous, the usual wait is none.
    pub(crate) async fn becomes(&self, reference: Reference, state: &str) -> Value {
        self.until(reference, |outcome| outcome["state"] == state).await
    }

    /// Waits until the outcome is as it should be.
    pub(crate) async fn until(&self, reference: Reference, fits: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..2400 {
            let outcome = self.outcome(reference).await;
            if fits(&outcome) {
                return outcome;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never as it should be: {}", self.outcome(reference).await);
    }
}

/// The reference and the fields to post of a hand-off made by the API.
pub(crate) fn created(answer: &Answer) -> (Reference, Fields) {
    let answer = answer.json();
    let fields = answer["hand_off"]["fields"].as_object().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let fields = fields.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    (Reference::parse(answer["reference"].as_str().unwrap()).unwrap(), fields)
}

/// The same of a hand-off made by a form.
pub(crate) fn handed(page: &Answer) -> (Reference, Fields) {
    assert_eq!(page.status, 200, "{}", page.body);
    let fields = hidden_fields(&page.body);
    let (_, reference) = fields.iter().find(|(name, _)| name == "reference").unwrap();
    (Reference::parse(reference).unwrap(), fields)
}
