//! From a call's body to what is asked for, or to the refusal that the agreement has for it.

use super::{Incoming, named};
use crate::mock_rsm::Mock;
use crate::mock_rsm::form::Form;
use crate::mock_rsm::handoff::{self, Refusal};
use crate::mock_rsm::http::json;
use crate::mock_rsm::instrument::{Script, read_account, read_card};
use crate::mock_rsm::message_signature::only;
use crate::mock_rsm::sessions::Session;
use crate::payment::{Method, Private, Reference};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use std::borrow::Cow;

/// A call that can be carried out.
pub(super) struct Call {
    pub(super) session: Session,
    pub(super) contact: Vec<(&'static str, Private)>,
    pub(super) script: Script,
}

/// Why nothing is done.
pub(super) struct Refused {
    status: u16,
    code: &'static str,
    errors: Vec<(String, &'static str)>,
}

type Text<'a> = Cow<'a, str>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body<'a> {
    #[serde(borrow)]
    merchant: Text<'a>,
    #[serde(borrow)]
    reference: Text<'a>,
    #[serde(borrow)]
    kind: Text<'a>,
    amount: i64,
    #[serde(borrow)]
    currency: Text<'a>,
    #[serde(borrow)]
    frequency: Text<'a>,
    #[serde(borrow)]
    plan: Option<Text<'a>>,
    #[serde(borrow)]
    appeal: Option<Text<'a>>,
    #[serde(default)]
    gift_aid: bool,
    #[serde(borrow)]
    return_url: Text<'a>,
    #[serde(borrow)]
    contact: Contact<'a>,
    #[serde(borrow)]
    card: Option<Card<'a>>,
    #[serde(borrow)]
    bank: Option<Bank<'a>>,
    #[serde(borrow)]
    start_date: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contact<'a> {
    #[serde(borrow)]
    title: Option<Text<'a>>,
    #[serde(borrow)]
    first_name: Option<Text<'a>>,
    #[serde(borrow)]
    last_name: Text<'a>,
    #[serde(borrow)]
    email: Text<'a>,
    #[serde(borrow)]
    phone: Option<Text<'a>>,
    #[serde(borrow)]
    address: Address<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Address<'a> {
    #[serde(borrow)]
    line1: Text<'a>,
    #[serde(borrow)]
    line2: Option<Text<'a>>,
    #[serde(borrow)]
    line3: Option<Text<'a>>,
    #[serde(borrow)]
    town: Text<'a>,
    #[serde(borrow)]
    county: Option<Text<'a>>,
    #[serde(borrow)]
    postcode: Text<'a>,
    #[serde(borrow)]
    country: Text<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Card<'a> {
    #[serde(borrow)]
    number: Text<'a>,
    #[serde(borrow)]
    expiry: Text<'a>,
    #[serde(borrow)]
    cvc: Text<'a>,
    #[serde(borrow)]
    holder: Text<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bank<'a> {
    #[serde(borrow)]
    account_name: Text<'a>,
    #[serde(borrow)]
    sort_code: Text<'a>,
    #[serde(borrow)]
    account_number: Text<'a>,
}

impl Call {
    pub(super) fn read(mock: &Mock, incoming: &Incoming) -> Result<Self, Refused> {
        let Incoming { method, headers, body, .. } = incoming;
        if only(headers, "content-type").ok() != Some("application/json") {
            return Err(Refused::because(415, "content_type"));
        }
        let body: Body<'_> = serde_json::from_slice(body)
            .map_err(|_where_it_broke| Refused::because(400, "malformed"))?;
        if body.merchant != mock.merchant {
            return Err(Refused::because(403, "forbidden"));
        }
        let reference = Reference::parse(&body.reference)
            .filter(|reference| named(headers) == Some(*reference))
            .ok_or_else(|| Refused::because(400, "malformed"))?;
        let form = flat(*method, &body);
        let now = mock.clock.now();
        let asked = handoff::asked(&form).map_err(Refused::of)?;
        let return_url = handoff::return_url(mock, &body.return_url).map_err(Refused::of)?;
        let contact = handoff::contact(&form).map_err(Refused::of)?;
        let script = match (method, &body.card, &body.bank) {
            (Method::Card, Some(card), None) if body.start_date.is_none() => {
                read_card(&card.form(), now).map_err(|errors| ("card", errors))
            }
            (Method::DirectDebit, None, Some(bank)) => {
                read_account(&bank.form()).map_err(|errors| ("bank", errors))
            }
            (Method::Card | Method::DirectDebit, _, _) => {
                return Err(Refused::because(400, "malformed"));
            }
        };
        let script = script.map_err(|(place, errors)| Refused {
            errors: errors.iter().map(|e| (format!("{place}.{}", e.field), e.reason)).collect(),
            ..Refused::because(422, "invalid")
        })?;
        let mut session = Session::new(reference, asked, return_url, now);
        session.by_call = true;
        Ok(Self { session, contact, script })
    }
}

impl Card<'_> {
    fn form(&self) -> Form {
        Form::of([
            ("number", &*self.number),
            ("expiry", &*self.expiry),
            ("cvc", &*self.cvc),
            ("holder", &*self.holder),
        ])
    }
}

impl Bank<'_> {
    fn form(&self) -> Form {
        Form::of([
            ("account_name", &*self.account_name),
            ("sort_code", &*self.sort_code),
            ("account_number", &*self.account_number),
        ])
    }
}

/// The fields under the names that the hosted hand-off has for them.
fn flat(method: Method, body: &Body<'_>) -> Form {
    let Body { contact, .. } = body;
    let address = &contact.address;
    let amount = body.amount.to_string();
    let optional = |text: &'_ Option<Text<'_>>| text.as_deref().unwrap_or_default().to_owned();
    let fields = [
        ("kind", body.kind.to_string()),
        ("method", method.word().to_owned()),
        ("amount", amount),
        ("currency", body.currency.to_string()),
        ("frequency", body.frequency.to_string()),
        ("plan", optional(&body.plan)),
        ("appeal", optional(&body.appeal)),
        ("gift_aid", body.gift_aid.to_string()),
        ("title", optional(&contact.title)),
        ("first_name", optional(&contact.first_name)),
        ("last_name", contact.last_name.to_string()),
        ("email", contact.email.to_string()),
        ("phone", optional(&contact.phone)),
        ("line1", address.line1.to_string()),
        ("line2", optional(&address.line2)),
        ("line3", optional(&address.line3)),
        ("town", address.town.to_string()),
        ("county", optional(&address.county)),
        ("postcode", address.postcode.to_string()),
        ("country", address.country.to_string()),
    ];
    Form::of(fields.iter().map(|(name, value)| (*name, value.as_str())))
}

impl Refused {
    pub(super) const fn because(status: u16, code: &'static str) -> Self {
        Self { status, code, errors: Vec::new() }
    }

    pub(super) const fn signature() -> Self {
        Self::because(401, "signature")
    }

    pub(super) const fn reference_used() -> Self {
        Self::because(409, "reference_used")
    }

    pub(super) const fn not_processed(status: u16) -> Self {
        Self::because(status, "not_processed")
    }

    /// What a hosted hand-off would be refused for.
    fn of(refusal: Refusal) -> Self {
        let (_, status, _) = refusal.told();
        match refusal.field() {
            Some(field) => Self {
                errors: vec![(field.to_owned(), "malformed")],
                ..Self::because(422, "invalid")
            },
            None if status == 403 => Self::because(403, "forbidden"),
            None => Self::because(400, "malformed"),
        }
    }

    /// The answer, with the reference that the caller named.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let mut body = json!({ "code": self.code });
        if let Some(members) = body.as_object_mut() {
            if let Some(reference) = named(headers) {
                members.insert("reference".to_owned(), json!(reference.to_string()));
            }
            if !self.errors.is_empty() {
                let errors = self.errors.iter();
                let errors: Vec<_> = errors
                    .map(|(field, reason)| json!({ "field": field, "reason": reason }))
                    .collect();
                members.insert("errors".to_owned(), json!(errors));
            }
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = json(status, &body);
        if self.code == "not_processed" {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
        }
        response
    }
}
