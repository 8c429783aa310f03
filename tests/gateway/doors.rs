//! The two doors a request may come in by, the donate form and the API, tried with the same thing.

use super::answer::Answer;
use super::house::House;
use super::samples::{encoded, fresh, gift, pointer, request, request_with};
use super::visitor::{API_KEY, FORM, JSON, OWN_PAGE};
use serde_json::Value;

/// A house, and a form's token that every refused attempt may use again.
pub(crate) struct Doors {
    pub(crate) house: House,
    pub(crate) token: String,
}

impl Doors {
    pub(crate) async fn open() -> Self {
        Self::of(House::new().await).await
    }

    pub(crate) async fn of(house: House) -> Self {
        let token = house.token("/donate").await;
        Self { house, token }
    }

    /// The gift by the form, with some fields changed, added, or left out where empty.
    pub(crate) async fn form(&self, changes: &[(&str, &str)]) -> Answer {
        self.house.donate_with(&self.token, changes).await
    }

    /// The gift by the form, with this after it.
    pub(crate) async fn form_and(&self, rest: &str) -> Answer {
        let body = format!("{}&{rest}", encoded(&gift(&self.token)));
        self.house.post_raw("/donate", body).await
    }

    /// The gift by the API, with one value changed, added, or taken away where null.
    pub(crate) async fn api(&self, pointer: &str, value: impl Into<Value>) -> Answer {
        self.house.try_create(&request_with(pointer, value.into())).await
    }

    /// The gift by the API, with this before its first member.
    pub(crate) async fn api_and(&self, first: &str) -> Answer {
        let rest = request().to_string();
        let body = format!("{{{first},{}", rest.strip_prefix('{').unwrap());
        self.house.create_raw(&fresh(), body).await
    }

    /// A contact field by both doors.
    pub(crate) async fn both(&self, field: &str, value: &str) -> [Answer; 2] {
        let fields = gift(&self.token).into_iter().filter(|(name, _)| name != field);
        let fields: Vec<_> = fields.chain([(field.to_owned(), value.to_owned())]).collect();
        let by_form = self.house.post_form("/donate", &fields).await;
        [by_form, self.api(&pointer(field), value).await]
    }

    /// A contact field is refused by both doors, and it alone.
    pub(crate) async fn refuse(&self, field: &str, value: &str, reason: &str) {
        let [by_form, by_api] = self.both(field, value).await;
        assert_eq!((by_form.status, by_api.status), (422, 422), "{field}: {value:?}");
        assert_eq!(by_form.wrong_fields(), [field], "{value:?}");
        assert_eq!(by_api.wrong_fields(), [pointer(field)], "{value:?}");
        assert_eq!(by_api.first_reason(), reason, "{field}: {value:?}");
    }

    /// The bodies of both doors under other headers than they should have.
    pub(crate) async fn under(&self, content: &[(&str, &str)]) -> [Answer; 2] {
        let (authorization, key) = (format!("Bearer {API_KEY}"), fresh());
        let program = [("authorization", authorization.as_str()), ("idempotency-key", &key)];
        let gift = encoded(&gift(&self.token));
        let by_form = self.house.post("/donate", &[&[OWN_PAGE], content].concat(), gift).await;
        let request = request().to_string();
        let headers = [&program, content].concat();
        [by_form, self.house.post("/v1/handoffs", &headers, request).await]
    }

    /// Both bodies, made of the usual ones by `change`, under the usual headers.
    pub(crate) async fn bodies(&self, change: impl Fn(Vec<u8>) -> Vec<u8>) -> [Answer; 2] {
        let by_form = change(encoded(&gift(&self.token)).into_bytes());
        let by_form = self.house.post("/donate", &[FORM, OWN_PAGE], by_form).await;
        let by_api = change(request().to_string().into_bytes());
        [by_form, self.house.create_raw(&fresh(), by_api).await]
    }

    /// Nothing came of anything.
    pub(crate) async fn nothing_is_kept(&self) {
        assert_eq!(self.house.recorded().await, (0, 0));
    }

    /// The same token and a good gift still go through: no attempt has used them up.
    pub(crate) async fn still_open(&self) {
        assert_eq!(self.form(&[]).await.status, 200);
    }
}

/// The statuses and reasons of two refusals.
pub(crate) fn refusals(answers: &[Answer; 2]) -> [(u16, String); 2] {
    [answers[0].refusal(), answers[1].refusal()]
}

/// The same refusal by both doors.
pub(crate) fn twice(status: u16, reason: &str) -> [(u16, String); 2] {
    [(status, reason.to_owned()), (status, reason.to_owned())]
}

/// Where [`JSON`] or a form's type takes a parameter.
pub(crate) fn with_parameter(parameter: &str) -> [String; 2] {
    [FORM.1, JSON.1].map(|kind| format!("{kind}; {parameter}"))
}
