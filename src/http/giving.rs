//! `/donate` and `/join`: the form, and what is done with it.

use super::form::Form;
use super::page::giving::{Filled, Prompt};
use super::problem::Trouble;
use super::{Shared, body, form, form_path, page};
use crate::handoff::token::BadToken;
use crate::handoff::{HandedOver, NotHandedOver, Request, Way};
use crate::payment::{Amount, Code, FieldError, Kind, Reference};
use axum::extract::{ConnectInfo, RawQuery, Request as Incoming, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use check::check;
use std::net::SocketAddr;

mod check;
mod debit;
pub(super) mod given;

/// The fields a form may hold; a card field is none of them (security.md, P-1). Bank fields stand on
/// the second page of a Direct Debit that is set up here, and nowhere else.
const FIELDS: [&str; 29] = [
    "client_token",
    "again",
    "amount",
    "other_amount",
    "frequency",
    "method",
    "plan",
    "appeal",
    "gift_aid",
    "merchant_reference",
    "return_url",
    "title",
    "first_name",
    "last_name",
    "email",
    "phone",
    "line1",
    "line2",
    "line3",
    "town",
    "county",
    "postcode",
    "country",
    "step",
    "account_name",
    "sort_code",
    "account_number",
    "account_holder",
    "start_date",
];

/// `GET /donate`.
pub(super) async fn form_donate(
    State(site): State<Shared>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    empty_form(&site, Kind::Donate, query.as_deref(), &headers)
}

/// `GET /join`.
pub(super) async fn form_join(
    State(site): State<Shared>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    empty_form(&site, Kind::Join, query.as_deref(), &headers)
}

/// `POST /donate`.
pub(super) async fn post_donate(
    State(site): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    incoming: Incoming,
) -> Response {
    post(&site, Kind::Donate, peer, incoming).await
}

/// `POST /join`.
pub(super) async fn post_join(
    State(site): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    incoming: Incoming,
) -> Response {
    post(&site, Kind::Join, peer, incoming).await
}

/// A fresh form. `?appeal=CODE&amount=2500&plan=CODE` fill it in; what does not fit is left out.
fn empty_form(site: &Shared, kind: Kind, query: Option<&str>, headers: &HeaderMap) -> Response {
    if kind == Kind::Join && site.offer.plans.is_empty() {
        return Trouble::NotFound.into_response();
    }
    let mut fields = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match (name.as_ref(), site.offer.form_currency()) {
            ("appeal", _) if Code::parse(&value).is_some() => {
                fields.push(("appeal", value.into_owned()));
            }
            ("plan", _) if kind == Kind::Join && Code::parse(&value).is_some() => {
                fields.push(("plan", value.into_owned()));
            }
            ("amount", Some(taken))
                if kind == Kind::Donate && value.bytes().all(|b| b.is_ascii_digit()) =>
            {
                let amount = value
                    .parse()
                    .ok()
                    .and_then(|minor| Amount::new(minor, taken.minimum.currency()).ok());
                if let Some(amount) = amount {
                    fields.extend(page::giving::prefill(&site.look, amount));
                }
            }
            _ => {}
        }
    }
    let prompt = given::lately(site, headers).map(Prompt::given);
    show(site, kind, &Form::prefilled(fields), &Again { prompt, ..Again::default() })
}

/// What a form is shown with when it is not the first time.
#[derive(Default)]
struct Again<'a> {
    /// The token to keep; a fresh one is made without.
    token: Option<&'a str>,
    errors: &'a [FieldError],
    prompt: Option<Prompt>,
}

/// The form, again or for the first time, with a token that it may be sent with.
fn show(site: &Shared, kind: Kind, form: &Form, again: &Again<'_>) -> Response {
    let fresh = || site.tokens.for_form(kind, &site.offer.terms(kind), site.clock.now());
    // What the supporter can neither see nor mend is told once and not carried on.
    let dropped = |name: &str| {
        let wrong = again.errors.iter().any(|error| error.field == name);
        wrong && ["appeal", "merchant_reference"].contains(&name)
    };
    let filled = Filled {
        path: form_path(kind),
        kind,
        token: again.token.map_or_else(fresh, str::to_owned),
        value: &|name| if dropped(name) { "" } else { form.get(name) },
        errors: again.errors,
        prompt: again.prompt,
    };
    page::giving(&site.look, &site.offer, &filled)
}

async fn post(site: &Shared, kind: Kind, peer: SocketAddr, incoming: Incoming) -> Response {
    let result = try_post(site, kind, peer, incoming).await;
    let response = result.unwrap_or_else(IntoResponse::into_response);
    site.metrics.hand_off(match response.status() {
        StatusCode::OK | StatusCode::SEE_OTHER => "handed_off",
        StatusCode::SERVICE_UNAVAILABLE => "not_written",
        _ => "refused",
    });
    response
}

async fn try_post(
    site: &Shared,
    kind: Kind,
    peer: SocketAddr,
    incoming: Incoming,
) -> Result<Response, Trouble> {
    if kind == Kind::Join && site.offer.plans.is_empty() {
        return Err(Trouble::NotFound);
    }
    let (head, incoming) = incoming.into_parts();
    let headers = &head.headers;
    let bytes = body::read(headers, incoming, site.bounds.body_bytes, &site.bounds).await?;
    body::check_type(headers, body::Type::Form)?;
    form::refuse_query(head.uri.query(), &FIELDS)?;
    let form = Form::read(&bytes, &FIELDS, site.bounds.form_fields)?;
    drop(bytes);
    let reference = match vouched(site, kind, headers, &form) {
        Ok(reference) => reference,
        Err(again) => return Ok(refuse(site, kind, &form, &again)),
    };
    let return_url = match form.get("return_url") {
        "" => None,
        text => Some(site.targets.return_url(text).ok_or(Trouble::BadReturn)?),
    };
    let (asked, contact) = match check(site, kind, &form) {
        Ok(fine) => fine,
        Err(errors) => return Ok(mend(site, kind, &form, reference, &errors)),
    };
    if let Some(question) = given::ask(site, kind, headers, &form, reference).await? {
        return Ok(question);
    }
    if !site.shield.allow(peer.ip()) {
        return Err(Trouble::TooOften);
    }
    if site.hand_offs.way(asked.method) == Way::Api {
        let step = debit::Step { kind, form: &form, reference, asked: &asked };
        return debit::go_on(site, step, contact).await;
    }
    if FIELDS.iter().any(|name| page::debit::holds(name) && !form.get(name).is_empty()) {
        return Err(Trouble::UnknownField);
    }
    let request = Request { reference, asked, contact, account: None, return_url, key: None };
    match site.hand_offs.hand_over(request).await {
        Ok(handed) if handed.entry.standing.state.is_concluded() => {
            let path = site.hand_offs.return_path(handed.entry.hand_off.reference);
            Ok(Redirect::to(&path).into_response())
        }
        Ok(HandedOver { redirect: Some(redirect), .. }) => {
            Ok(given::remember(site, kind, page::handing(&site.look, &redirect)))
        }
        Ok(HandedOver { redirect: None, .. }) => Err(Trouble::Internal),
        Err(NotHandedOver::Ledger(_)) => Err(Trouble::Unavailable),
        Err(NotHandedOver::Unfit(errors)) => Ok(mend(site, kind, &form, reference, &errors)),
        Err(NotHandedOver::Conflicting) => {
            let again = Again { prompt: Some(Prompt::UsedBefore), ..Again::default() };
            Ok(refuse(site, kind, &form, &again))
        }
    }
}

/// The reference that the form's token stands for; none for the charity's own page, which was
/// recognised by its origin and has no token of ours.
fn vouched<'a>(
    site: &Shared,
    kind: Kind,
    headers: &HeaderMap,
    form: &'a Form,
) -> Result<Option<Reference>, Again<'a>> {
    let token = form.get("client_token");
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    if token.is_empty() && origin.is_some_and(|origin| site.targets.is_form_origin(origin)) {
        return Ok(None);
    }
    let checked = site.tokens.check_form(token, kind, &site.offer.terms(kind), site.clock.now());
    checked.map(Some).map_err(|why| {
        tracing::info!(event = "form_token_refused", reason = %why);
        let (token, prompt) = match why {
            BadToken::TooYoung => (Some(token), Prompt::TooQuick),
            BadToken::TooOld => (None, Prompt::TooLate),
            BadToken::Forged => (None, Prompt::NotOurs),
        };
        Again { token, prompt: Some(prompt), ..Again::default() }
    })
}

/// The form again, with what was typed and what is wrong with it.
fn mend(
    site: &Shared,
    kind: Kind,
    form: &Form,
    reference: Option<Reference>,
    errors: &[FieldError],
) -> Response {
    let fields: Vec<_> = errors.iter().map(|error| error.field).collect();
    tracing::info!(event = "form_invalid", fields = fields.join(","));
    let token = reference.map(|_| form.get("client_token"));
    let mut response = show(site, kind, form, &Again { token, errors, prompt: None });
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

/// The form again, with what was typed: nothing was sent.
fn refuse(site: &Shared, kind: Kind, form: &Form, again: &Again<'_>) -> Response {
    let mut response = show(site, kind, form, again);
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}
