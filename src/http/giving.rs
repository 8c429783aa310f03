//! `/donate` and `/join`: the form, and what is done with it.

use super::form::Form;
use super::language::Here;
use super::page::giving::Prompt;
use super::problem::Trouble;
use super::{body, carried_no_card, form, form_path, page};
use crate::handoff::token::BadToken;
use crate::handoff::{Entry, Gate, HandedOver, Request, Way};
use crate::payment::{self, Amount, Code, Kind, Method, Reference};
use again::{Again, later, mend, not_handed_over, paused_for, put_off, refuse, show, used_before};
use axum::Extension;
use axum::body::Body;
use axum::extract::{ConnectInfo, RawQuery, Request as Incoming};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use check::check;
use fields::known;
use second::{Step, holds};
use std::net::SocketAddr;

mod again;
#[cfg(feature = "card-api")]
mod card;
mod check;
mod debit;
mod fields;
pub(super) mod given;
mod second;

/// `GET /`.
pub(super) async fn first_page(Extension(site): Extension<Here>) -> Redirect {
    Redirect::to(&site.look().address(form_path(Kind::Donate)))
}

/// `GET /donate`.
pub(super) async fn form_donate(
    Extension(site): Extension<Here>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    empty_form(&site, Kind::Donate, query.as_deref(), &headers)
}

/// `GET /join`.
pub(super) async fn form_join(
    Extension(site): Extension<Here>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    empty_form(&site, Kind::Join, query.as_deref(), &headers)
}

/// `POST /donate`.
pub(super) async fn post_donate(
    Extension(site): Extension<Here>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    incoming: Incoming,
) -> Response {
    post(&site, Kind::Donate, peer, incoming).await
}

/// `POST /join`.
pub(super) async fn post_join(
    Extension(site): Extension<Here>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    incoming: Incoming,
) -> Response {
    post(&site, Kind::Join, peer, incoming).await
}

/// Says of an answer that a hand-off was written by its request.
#[derive(Clone, Copy)]
struct Written;

fn written(mut response: Response) -> Response {
    response.extensions_mut().insert(Written);
    response
}

/// A fresh form. `?appeal=CODE&amount=2500&plan=CODE` fill it in; what does not fit is left out.
fn empty_form(site: &Here, kind: Kind, query: Option<&str>, headers: &HeaderMap) -> Response {
    if kind == Kind::Join && site.offer.plans.is_empty() {
        return Trouble::NotFound.into_response();
    }
    let mut fields = Vec::new();
    let mut keeps = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let fitting = prefilled(site, kind, &name, &value);
        if !fitting.is_empty() {
            keeps.append_pair(&name, &value);
            fields.extend(fitting);
        }
    }
    let prompt = given::lately(site, headers).map(Prompt::given);
    site.metrics.step("shown");
    let keeps = keeps.finish();
    let again = Again { prompt, keeps: Some(&keeps), ..Again::default() };
    show(site, kind, &Form::prefilled(fields), &again)
}

/// The fields that one pair of a link fills in.
fn prefilled(site: &Here, kind: Kind, name: &str, value: &str) -> Vec<(&'static str, String)> {
    match (name, site.offer.form_currency()) {
        ("appeal", _) if Code::parse(value).is_some() => vec![("appeal", value.to_owned())],
        ("plan", _) if kind == Kind::Join && Code::parse(value).is_some() => {
            vec![("plan", value.to_owned())]
        }
        ("amount", Some(taken))
            if kind == Kind::Donate && value.bytes().all(|b| b.is_ascii_digit()) =>
        {
            let amount = value
                .parse()
                .ok()
                .and_then(|minor| Amount::new(minor, taken.minimum.currency()).ok());
            amount.map(|amount| page::giving::prefill(site.look(), amount)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

async fn post(site: &Here, kind: Kind, peer: SocketAddr, incoming: Incoming) -> Response {
    // Until it has been read, a form may hold a card.
    let mut carried = true;
    let result = try_post(site, kind, peer, incoming, &mut carried).await;
    let mut response = result.unwrap_or_else(IntoResponse::into_response);
    let written = response.extensions_mut().remove::<Written>().is_some();
    site.metrics.hand_off(match response.status() {
        _ if written => "handed_off",
        // Another page of the way, or what was handed over before.
        StatusCode::OK | StatusCode::SEE_OTHER => "shown",
        StatusCode::SERVICE_UNAVAILABLE => "not_written",
        _ => "refused",
    });
    if written {
        site.metrics.step("handed_off");
    } else if response.status() == StatusCode::UNPROCESSABLE_ENTITY {
        site.metrics.step("sent_back");
    }
    if !carried {
        carried_no_card(&mut response);
    }
    response
}

async fn try_post(
    site: &Here,
    kind: Kind,
    peer: SocketAddr,
    incoming: Incoming,
    carried: &mut bool,
) -> Result<Response, Trouble> {
    if kind == Kind::Join && site.offer.plans.is_empty() {
        return Err(Trouble::NotFound);
    }
    let (head, incoming) = incoming.into_parts();
    let form = read(site, &head, incoming, carried).await?;
    if form.get("step") == "language" {
        // The same in other words: nothing is asked of it yet, and its token stays its own.
        let token = Some(form.get("client_token")).filter(|token| !token.is_empty());
        return Ok(show(site, kind, &form, &Again { token, ..Again::default() }));
    }
    if form.get("step").is_empty() {
        site.metrics.step("sent");
    }
    let vouched = vouched(site, kind, &head.headers, &form);
    let token = vouched.as_ref().map_or_else(|why| why.reference(), |reference| *reference);
    // What was handed over under this token is told before anything is asked anew.
    let entry = match token {
        None => None,
        Some(reference) => match site.hand_offs.find(reference).await {
            Ok(entry) => entry,
            Err(_) => return Ok(later(site, kind, &form, reference, Trouble::Unavailable)),
        },
    };
    let checked = check(site, kind, &form);
    if let Some(entry) = &entry {
        match &checked {
            Ok((asked, _)) if *asked != entry.hand_off.asked => {
                return Ok(used_before(site, kind, &form, entry.hand_off.reference));
            }
            // Its page at the processor can be gone to again.
            Ok(_) if is_unpaid(entry) => {}
            Ok(_) | Err(_) => return Ok(to_return_page(site, entry.hand_off.reference)),
        }
    }
    let reference = match (vouched, &entry) {
        (Ok(reference), _) => reference,
        (Err(why), Some(_)) => why.reference(),
        (Err(why), None) => return Ok(refuse(site, kind, &form, why)),
    };
    let return_url = match form.get("return_url") {
        "" => None,
        text => Some(site.targets.return_url(text).ok_or(Trouble::BadReturn)?),
    };
    let (asked, contact) = match checked {
        Ok(fine) => fine,
        Err(errors) => return Ok(mend(site, kind, &form, reference, &errors)),
    };
    if entry.is_none() {
        if let Some(question) = given::ask(site, kind, &head.headers, &form, reference) {
            return Ok(question);
        }
        if asked.method == Method::Card
            && let Err(paused) = site.hand_offs.takes_cards_by(&Gate::Form(kind))
        {
            return paused_for(site, kind, &form, reference, &paused);
        }
        if !site.networks.allow(peer.ip()) {
            let later = |reference| later(site, kind, &form, reference, Trouble::TooOften);
            return reference.map(later).ok_or(Trouble::TooOften);
        }
    }
    if site.hand_offs.way(asked.method) == Way::Api {
        let step = Step { kind, form: &form, reference, asked: &asked };
        return second::go_on(site, step, contact, return_url).await;
    }
    let gate = Gate::Form(kind);
    let request = Request { reference, asked, contact, means: None, return_url, key: None, gate };
    send_there(site, kind, &form, request).await
}

/// The form, from a request for one.
async fn read(
    site: &Here,
    head: &Parts,
    incoming: Body,
    carried: &mut bool,
) -> Result<Form, Trouble> {
    let bytes = body::read(&head.headers, incoming, site.bounds.body_bytes, &site.bounds).await?;
    body::check_type(&head.headers, body::Type::Form)?;
    let known = known(site.look());
    form::refuse_query(head.uri.query(), known)?;
    let form = Form::read(&bytes, known, site.bounds.form_fields)?;
    *carried = known.iter().any(|name| fields::is_of_card(name) && !form.get(name).is_empty());
    Ok(form)
}

/// Hands over to a page of the processor's.
async fn send_there(
    site: &Here,
    kind: Kind,
    form: &Form,
    request: Request,
) -> Result<Response, Trouble> {
    let reference = request.reference;
    let (back_by, return_url) = site.back(reference, request.return_url);
    let request = Request { reference: back_by, return_url, ..request };
    if known(site.look()).iter().any(|name| holds(name) && !form.get(name).is_empty()) {
        return Err(Trouble::UnknownField);
    }
    match site.hand_offs.hand_over(request).await {
        Ok(handed) if handed.entry.standing.state.is_concluded() => {
            Ok(to_return_page(site, handed.entry.hand_off.reference))
        }
        Ok(HandedOver { redirect: Some(redirect), repeated, .. }) => {
            let response = given::remember(site, kind, page::handing(site.look(), &redirect));
            Ok(if repeated { response } else { written(response) })
        }
        Ok(HandedOver { redirect: None, .. }) => Err(Trouble::Internal),
        Err(why) => not_handed_over(site, kind, form, reference, why),
    }
}

/// Whether it waits for the processor's page, where it can still be paid.
fn is_unpaid(entry: &Entry) -> bool {
    let Entry { hand_off, standing, .. } = entry;
    hand_off.opened_as == payment::State::HandedOff
        && !standing.state.is_concluded()
        && !standing.is_disputed()
        && standing.developments.is_empty()
}

/// The page that tells what is known: by 303, so that no body is ever sent on (security.md, 0.12).
fn to_return_page(site: &Here, reference: Reference) -> Response {
    Redirect::to(&site.return_path(reference)).into_response()
}

/// The reference that the form's token stands for; none for the charity's own page, which was
/// recognised by its origin and has no token of ours.
fn vouched(
    site: &Here,
    kind: Kind,
    headers: &HeaderMap,
    form: &Form,
) -> Result<Option<Reference>, BadToken> {
    let token = form.get("client_token");
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    if token.is_empty() && origin.is_some_and(|origin| site.targets.is_form_origin(origin)) {
        return Ok(None);
    }
    let checked = site.tokens.check_form(token, kind, &site.offer.terms(kind), site.clock.now());
    checked.map(Some)
}
