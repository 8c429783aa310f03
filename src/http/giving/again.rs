//! The form again, with what was typed, and why it comes again.

use super::to_return_page;
use crate::handoff::token::BadToken;
use crate::handoff::{NotHandedOver, Paused};
use crate::http::form::Form;
use crate::http::language::Here;
use crate::http::page::giving::{Filled, Prompt};
use crate::http::problem::Trouble;
use crate::http::{form_path, page};
use crate::payment::{FieldError, Kind, Reference};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

/// What a form is shown with when it is not the first time.
#[derive(Default)]
pub(super) struct Again<'a> {
    /// The token to keep; a fresh one is made without.
    pub(super) token: Option<&'a str>,
    pub(super) errors: &'a [FieldError],
    pub(super) prompt: Option<Prompt>,
    /// The page that tells what became of an earlier press of the button.
    pub(super) first: Option<&'a str>,
    /// The query that a link to it in another language takes along, where nothing was typed yet.
    pub(super) keeps: Option<&'a str>,
}

/// The form, again or for the first time, with a token that it may be sent with.
pub(super) fn show(site: &Here, kind: Kind, form: &Form, again: &Again<'_>) -> Response {
    let fresh = || site.tokens.for_form(kind, &site.offer.terms(kind), site.clock.now());
    // What the supporter can neither see nor mend is told once and not carried on.
    let dropped = |name: &str| {
        let wrong = again.errors.iter().any(|error| error.field == name);
        wrong && ["appeal", "merchant_reference"].contains(&name)
    };
    let filled = Filled {
        look: site.look(),
        path: form_path(kind),
        kind,
        token: again.token.map_or_else(fresh, str::to_owned),
        value: &|name| if dropped(name) { "" } else { form.get(name) },
        errors: again.errors,
        prompt: again.prompt,
        first: again.first,
        keeps: again.keeps,
    };
    page::giving(&site.offer, &filled)
}

/// What is said where nothing was handed over by this press of the button.
pub(super) fn not_handed_over(
    site: &Here,
    kind: Kind,
    form: &Form,
    reference: Option<Reference>,
    why: NotHandedOver,
) -> Result<Response, Trouble> {
    match why {
        NotHandedOver::UnderWay(reference) => Ok(to_return_page(site, reference)),
        NotHandedOver::Ledger(_) | NotHandedOver::TurnedAway(_) => {
            let later = |reference| later(site, kind, form, reference, Trouble::Unavailable);
            reference.map(later).ok_or(Trouble::Unavailable)
        }
        NotHandedOver::Paused(paused) => paused_for(site, kind, form, reference, &paused),
        NotHandedOver::Unfit(errors) => Ok(mend(site, kind, form, reference, &errors)),
        NotHandedOver::Conflicting => {
            let used = |reference| used_before(site, kind, form, reference);
            reference.map(used).ok_or(Trouble::Internal)
        }
    }
}

/// The form again, to be sent when cards are taken again.
pub(super) fn paused_for(
    site: &Here,
    kind: Kind,
    form: &Form,
    reference: Option<Reference>,
    paused: &Paused,
) -> Result<Response, Trouble> {
    let why = Trouble::paused(paused);
    match reference {
        Some(reference) => Ok(later(site, kind, form, reference, why)),
        None => Err(why),
    }
}

/// The form again with a new token: its own was used for something else, and what became of that is
/// a link away.
pub(super) fn used_before(site: &Here, kind: Kind, form: &Form, reference: Reference) -> Response {
    let first = site.return_path(reference);
    let prompt = Some(Prompt::UsedBefore);
    forbid(show(site, kind, form, &Again { prompt, first: Some(&first), ..Again::default() }))
}

/// The form again with its own token, to be sent in a minute: however often that is done, there is one
/// payment. An earlier press of the button may have made it already.
pub(super) fn later(
    site: &Here,
    kind: Kind,
    form: &Form,
    reference: Reference,
    why: Trouble,
) -> Response {
    let first = site.return_path(reference);
    let token = Some(form.get("client_token"));
    let prompt = Some(Prompt::later(&why));
    let again = Again { token, prompt, first: Some(&first), ..Again::default() };
    put_off(why, show(site, kind, form, &again))
}

/// A page that asks for patience, with the status and the time to wait of what is in the way.
pub(super) fn put_off(why: Trouble, mut page: Response) -> Response {
    tracing::info!(event = "put_off", reason = %why);
    let (head, _) = why.into_response().into_parts();
    *page.status_mut() = head.status;
    page.headers_mut().extend(head.headers);
    page
}

/// The form again, with what was typed and what is wrong with it.
pub(super) fn mend(
    site: &Here,
    kind: Kind,
    form: &Form,
    reference: Option<Reference>,
    errors: &[FieldError],
) -> Response {
    let fields: Vec<_> = errors.iter().map(|error| error.field).collect();
    tracing::info!(event = "form_invalid", fields = fields.join(","));
    let token = reference.map(|_| form.get("client_token"));
    let mut response = show(site, kind, form, &Again { token, errors, ..Again::default() });
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

/// The form again, with what was typed, where its token is not good: nothing was ever sent under it.
pub(super) fn refuse(site: &Here, kind: Kind, form: &Form, why: BadToken) -> Response {
    tracing::info!(event = "form_token_refused", reason = %why);
    let (token, prompt) = match why {
        BadToken::TooYoung(_) => (Some(form.get("client_token")), Prompt::TooQuick),
        BadToken::TooOld(_) => (None, Prompt::TooLate),
        BadToken::Changed(_) => (None, Prompt::Changed),
        BadToken::Forged => (None, Prompt::NotOurs),
    };
    forbid(show(site, kind, form, &Again { token, prompt: Some(prompt), ..Again::default() }))
}

fn forbid(mut page: Response) -> Response {
    *page.status_mut() = StatusCode::FORBIDDEN;
    page
}
