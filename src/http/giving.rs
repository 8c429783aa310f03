//! `/donate` and `/join`: the form, and what is done with it.

use super::form::Form;
use super::page::giving::{Filled, Prompt};
use super::problem::Trouble;
use super::{Shared, body, end_connection, form, form_path, page};
use crate::handoff::token::BadToken;
use crate::handoff::{HandedOver, NotHandedOver, Request, Way};
use crate::payment::{Amount, Code, FieldError, Kind, Reference};
use axum::extract::{ConnectInfo, RawQuery, Request as Incoming, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use check::check;
use fields::known;
use second::{Step, holds};
use std::net::SocketAddr;

#[cfg(feature = "card-api")]
mod card;
mod check;
mod debit;
mod fields;
pub(super) mod given;
mod second;

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
    // Until it has been read, a form may hold a card.
    let mut carried = true;
    let result = try_post(site, kind, peer, incoming, &mut carried).await;
    let mut response = result.unwrap_or_else(IntoResponse::into_response);
    site.metrics.hand_off(match response.status() {
        StatusCode::OK | StatusCode::SEE_OTHER => "handed_off",
        StatusCode::SERVICE_UNAVAILABLE => "not_written",
        _ => "refused",
    });
    if site.look.cards_here && carried {
        end_connection(&mut response);
    }
    response
}

async fn try_post(
    site: &Shared,
    kind: Kind,
    peer: SocketAddr,
    incoming: Incoming,
    carried: &mut bool,
) -> Result<Response, Trouble> {
    if kind == Kind::Join && site.offer.plans.is_empty() {
        return Err(Trouble::NotFound);
    }
    let (head, incoming) = incoming.into_parts();
    let headers = &head.headers;
    let bytes = body::read(headers, incoming, site.bounds.body_bytes, &site.bounds).await?;
    body::check_type(headers, body::Type::Form)?;
    let known = known(&site.look);
    form::refuse_query(head.uri.query(), known)?;
    let form = Form::read(&bytes, known, site.bounds.form_fields)?;
    drop(bytes);
    *carried = known.iter().any(|name| fields::is_of_card(name) && !form.get(name).is_empty());
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
        let step = Step { kind, form: &form, reference, asked: &asked };
        return second::go_on(site, step, contact, return_url).await;
    }
    if known.iter().any(|name| holds(name) && !form.get(name).is_empty()) {
        return Err(Trouble::UnknownField);
    }
    let request = Request { reference, asked, contact, means: None, return_url, key: None };
    match site.hand_offs.hand_over(request).await {
        Ok(handed) if handed.entry.standing.state.is_concluded() => {
            Ok(to_return_page(site, handed.entry.hand_off.reference))
        }
        Ok(HandedOver { redirect: Some(redirect), .. }) => {
            Ok(given::remember(site, kind, page::handing(&site.look, &redirect)))
        }
        Ok(HandedOver { redirect: None, .. }) => Err(Trouble::Internal),
        Err(NotHandedOver::UnderWay(reference)) => Ok(to_return_page(site, reference)),
        Err(NotHandedOver::Ledger(_) | NotHandedOver::TurnedAway(_)) => Err(Trouble::Unavailable),
        Err(NotHandedOver::Unfit(errors)) => Ok(mend(site, kind, &form, reference, &errors)),
        Err(NotHandedOver::Conflicting) => Ok(used_before(site, kind, &form)),
    }
}

/// The page that tells what is known: by 303, so that no body is ever sent on (security.md, 0.12).
fn to_return_page(site: &Shared, reference: Reference) -> Response {
    Redirect::to(&site.hand_offs.return_path(reference)).into_response()
}

/// The form again: its token was used for something else.
fn used_before(site: &Shared, kind: Kind, form: &Form) -> Response {
    let again = Again { prompt: Some(Prompt::UsedBefore), ..Again::default() };
    refuse(site, kind, form, &again)
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
