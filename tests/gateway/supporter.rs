//! The supporter at the processor's hosted page.

use super::answer::Answer;
use super::house::House;
use super::samples::{encoded, owned};
use super::visitor::FORM;

/// A hosted page that is open.
pub(crate) struct Hosted<'a> {
    house: &'a House,
    page: String,
}

impl House {
    /// Posts what the hand-off page would post.
    pub(crate) async fn arrive(&self, fields: &[(String, String)]) -> Hosted<'_> {
        let handed = self.post_to_mock("/handoff", encoded(fields)).await;
        assert_eq!(handed.status, 303, "{}", handed.body);
        Hosted { house: self, page: handed.header("location").to_owned() }
    }

    pub(crate) async fn post_to_mock(&self, path: &str, body: String) -> Answer {
        let url = format!("{}{path}", self.mock.origin());
        let request = self.client.post(url).header(FORM.0, FORM.1).body(body);
        Answer::of(request.send().await.unwrap()).await
    }

    /// Where the supporter has come back to.
    pub(crate) async fn back(&self, url: &str) -> Answer {
        assert!(url.starts_with(&self.url("/return/")), "{url}");
        self.get(url.strip_prefix(&self.origin).unwrap()).await
    }
}

impl Hosted<'_> {
    /// Pays with a test card; where the browser is sent.
    pub(crate) async fn pay(&self, number: &str) -> String {
        let holder = "Canaryholder";
        let card = [("number", number), ("expiry", "12/49"), ("cvc", "123"), ("holder", holder)];
        self.send("", &card).await
    }

    /// Pays from a test account; where the browser is sent.
    pub(crate) async fn debit(&self, number: &str) -> String {
        let name = "Canaryholder";
        let account =
            [("account_name", name), ("sort_code", "12-34-56"), ("account_number", number)];
        self.send("", &account).await
    }

    /// Presses the button that gives up.
    pub(crate) async fn cancel(&self) -> String {
        self.send("/cancel", &[]).await
    }

    /// Answers the supporter's bank: `approve` or `refuse`.
    pub(crate) async fn answer_bank(&self, answer: &str) -> String {
        self.send("/challenge", &[("answer", answer)]).await
    }

    /// The address of a part of the page, as the browser is sent there.
    pub(crate) fn part(&self, part: &str) -> String {
        format!("{}{part}", self.page)
    }

    async fn send(&self, part: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.house.post_to_mock(&self.part(part), encoded(&owned(fields))).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.header("location").to_owned()
    }
}
