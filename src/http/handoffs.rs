//! `POST /v1/handoffs` and `GET /v1/handoffs/{reference}`: the charity's own programs.

use super::access::{self, caller, out_of_scope};
use super::problem::Trouble;
use super::{Caller, Shared, body, carried_no_card, json};
use crate::handoff::{Entry, Gate, HandedOver, IdempotencyKey, NotHandedOver, Request, Wish};
use crate::payment::{
    self, Amount, Asked, Contact, FieldError, Frequency, Kind, ProcessorText, Reference, Standing,
    amount,
};
use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, Request as Incoming, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use zeroize::Zeroizing;

mod means;
mod shown;

use means::{holds_card, means};
use shown::{Created, HandOffShown, RefusedShown, Shown};

/// Creates a hand-off, or gives the first answer again.
pub(super) async fn create(
    State(site): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    incoming: Incoming,
) -> Response {
    // Until it has been read, a request may hold a card.
    let mut carried = true;
    let result = try_create(&site, peer, incoming, &mut carried).await;
    site.metrics.hand_off(match &result {
        Ok(_) => "handed_off",
        Err(Trouble::RepeatLater) => "not_written",
        Err(_) => "refused",
    });
    let mut response = result.unwrap_or_else(IntoResponse::into_response);
    if !carried {
        carried_no_card(&mut response);
    }
    response
}

/// One hand-off and what is known of it.
pub(super) async fn show(
    State(site): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    access::reader(&site, peer, &headers)?;
    let reference = path.ok().and_then(|path| Reference::parse(&path)).ok_or(Trouble::NotFound)?;
    let entry = site
        .hand_offs
        .find(reference)
        .await
        .map_err(|_error| Trouble::Unreadable)?
        .ok_or(Trouble::NotFound)?;
    Ok(axum::Json(Shown::of(&entry)).into_response())
}

async fn try_create(
    site: &Shared,
    peer: SocketAddr,
    incoming: Incoming,
    carried: &mut bool,
) -> Result<Response, Trouble> {
    let (head, incoming) = incoming.into_parts();
    let headers = &head.headers;
    // Read before anything is refused: some clients of HTTP/2 lose an answer that comes while they send.
    let bytes = body::read(headers, incoming, site.bounds.body_bytes, &site.bounds).await?;
    let caller = caller(site, peer, headers)?;
    if !caller.creates {
        return Err(out_of_scope(caller, "create"));
    }
    // Nothing is asked for in a query, so nothing in it can win over the body (security.md, B-2).
    if head.uri.query().is_some_and(|query| !query.is_empty()) {
        return Err(Trouble::UnknownField);
    }
    body::check_type(headers, body::Type::Json)?;
    let given = idempotency_key(headers)?;
    let body: json::HandOffBody = json::read(&bytes, site.bounds.json_depth)
        .map_err(|why| if why == Trouble::UnknownField { json::unknown(&bytes) } else { why })?;
    *carried = holds_card(&body);
    let key = given
        .or_else(|| body.client_token.as_deref().filter(|token| is_key(token)).map(str::to_owned));
    let key = key.ok_or(Trouble::NoIdempotencyKey)?;
    let key = idempotency(site, caller, &key, &body);
    // What was sent under this key is told before anything is asked of its repeat.
    let kept = site.hand_offs.kept(key).await.map_err(trouble)?;
    if let Some(entry) = kept.as_ref().filter(|entry| is_call(entry)) {
        return answer(&site.hand_offs.repeat(entry.clone()).map_err(trouble)?);
    }
    let return_url = match &body.return_url {
        None => None,
        Some(text) => Some(site.targets.return_url(text).ok_or(Trouble::BadReturn)?),
    };
    let (asked, contact) = check(site, &body, kept)?;
    let means = means(site, &body, &asked)?;
    let gate = Gate::Program(caller.name.as_str().into());
    let request =
        Request { reference: None, asked, contact, means, return_url, key: Some(key), gate };
    answer(&site.hand_offs.hand_over(request).await.map_err(trouble)?)
}

fn trouble(why: NotHandedOver) -> Trouble {
    match why {
        NotHandedOver::Conflicting => Trouble::KeyReused,
        NotHandedOver::UnderWay(reference) => Trouble::UnderWay(reference),
        NotHandedOver::Ledger(_) | NotHandedOver::TurnedAway(_) => Trouble::RepeatLater,
        NotHandedOver::Paused(paused) => Trouble::paused(&paused),
        NotHandedOver::Unfit(errors) => invalid(errors),
    }
}

/// Whether we sent it ourselves; a form for the browser is made again for each repeat.
fn is_call(entry: &Entry) -> bool {
    entry.hand_off.opened_as == payment::State::InDoubt
}

fn answer(handed: &HandedOver) -> Result<Response, Trouble> {
    // A form is the same answer whatever has come of it since; a call has its result.
    let shown = match handed.redirect {
        Some(_) => Standing::of(handed.entry.hand_off.opened_as),
        None => handed.entry.standing.clone(),
    };
    let form = handed.redirect.as_ref().map(HandOffShown::of);
    let created = Created {
        reference: handed.entry.hand_off.reference.to_string(),
        state: shown.state.word(),
        processor_reference: shown.processor_reference.as_ref().map(ProcessorText::as_str),
        code: shown.code.as_ref().map(ProcessorText::as_str),
        errors: handed.refused.iter().map(RefusedShown::of).collect(),
        hand_off: form.or_else(|| handed.challenge.as_ref().map(HandOffShown::challenge)),
    };
    let text = Zeroizing::new(serde_json::to_vec(&created).map_err(|_error| Trouble::Internal)?);
    let mut response = (StatusCode::CREATED, Body::from(Bytes::from_owner(text))).into_response();
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if handed.repeated {
        answer.insert("idempotent-replay", HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Everything that is wrong, at once, each by its JSON pointer. What was asked for before, and is on
/// record, is not held against what is offered now.
fn check(
    site: &Shared,
    body: &json::HandOffBody,
    kept: Option<Entry>,
) -> Result<(Asked, Contact), Trouble> {
    let contact = Contact::check(|field| body.contact.text(field));
    if let Some(entry) = kept {
        return Ok((entry.hand_off.asked, contact.map_err(invalid)?));
    }
    let mut errors: Vec<FieldError> = Vec::new();
    let kind = Kind::from_word(&body.kind);
    if kind.is_none() {
        errors.push(FieldError { field: "kind", reason: "unknown", advice: "Send donate or join" });
    }
    // The plan says how often; what was sent besides is a word all the same, or a mistake.
    let strange = !body.frequency.is_empty() && Frequency::from_word(&body.frequency).is_none();
    if kind == Some(Kind::Join) && strange {
        let advice = "Leave this out: the plan says how often";
        errors.push(FieldError { field: "frequency", reason: "unknown", advice });
    }
    let amount = body.amount.as_ref().and_then(|given| {
        let currency = amount::currency(&given.currency).map_err(|_unknown| "currency");
        let amount = currency
            .and_then(|currency| Amount::new(given.value, currency).map_err(|_range| "amount"));
        amount
            .map_err(|field| {
                errors.push(FieldError {
                    field,
                    reason: field,
                    advice: "Send a positive whole number of minor units and an ISO 4217 code",
                });
            })
            .ok()
    });
    let amount_is_wrong = body.amount.is_some() && amount.is_none();
    let wish = Wish {
        kind: kind.unwrap_or(Kind::Donate),
        amount,
        method: &body.method,
        frequency: &body.frequency,
        plan: &body.plan,
        appeal: &body.appeal,
        merchant_reference: &body.merchant_reference,
        gift_aid: body.gift_aid,
    };
    let asked = site.offer.check(&wish).map_err(|found| {
        errors.extend(
            found.into_iter().filter(|error| !(amount_is_wrong && error.field == "amount")),
        );
    });
    let contact = contact.map_err(|found| errors.extend(found));
    match (asked, contact, errors.is_empty()) {
        (Ok(asked), Ok(contact), true) => Ok((asked, contact)),
        _ => Err(invalid(errors)),
    }
}

fn invalid(errors: Vec<FieldError>) -> Trouble {
    Trouble::Invalid(errors.into_iter().map(|error| (json::pointer(error.field), error)).collect())
}

/// The key that the caller chose: quoted as RFC 8941 has it, or bare.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Trouble> {
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(value) = given.next() else { return Ok(None) };
    let text =
        value.to_str().ok().filter(|_| given.next().is_none()).ok_or(Trouble::NoIdempotencyKey)?;
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if is_key(bare) { Ok(Some(bare.to_owned())) } else { Err(Trouble::NoIdempotencyKey) }
}

fn is_key(text: &str) -> bool {
    (16..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// The caller's key, and its request as it wrote it: what is kept of it, and where the supporter goes;
/// no contact, bank or card field (security.md, 0.13). A key is the caller's own, by the caller's name.
fn idempotency(
    site: &Shared,
    caller: &Caller,
    key: &str,
    body: &json::HandOffBody,
) -> IdempotencyKey {
    let amount = body.amount.as_ref();
    let value = amount.map(|amount| amount.value.to_string()).unwrap_or_default();
    let request = [
        body.kind.as_str(),
        &value,
        amount.map_or("", |amount| &amount.currency),
        &body.frequency,
        &body.method,
        &body.plan,
        &body.appeal,
        &body.merchant_reference,
        if body.gift_aid { "gift aid" } else { "" },
        &body.start_date,
        body.return_url.as_deref().unwrap_or_default(),
    ];
    site.tokens.idempotency(&[caller.name.as_bytes(), key.as_bytes()], &request.map(str::as_bytes))
}
