//! The second step of a Direct Debit that is set up here: checked, confirmed, and sent.

use super::{Again, FIELDS, given, mend, show};
use crate::clock::london;
use crate::handoff::{Account, HandedOver, NotHandedOver, Request};
use crate::http::form::Form;
use crate::http::page::debit::{Instructing, holds};
use crate::http::page::giving::{Filled, Prompt};
use crate::http::problem::Trouble;
use crate::http::{Shared, form_path, page};
use crate::payment::{Asked, Bank, Contact, FieldError, Kind, Reference, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

/// A form that is in order but for the account.
pub(super) struct Step<'a> {
    pub(super) kind: Kind,
    pub(super) form: &'a Form,
    /// Of the form's token.
    pub(super) reference: Option<Reference>,
    pub(super) asked: &'a Asked,
}

/// Shows the page, or goes on from it.
pub(super) async fn go_on(
    site: &Shared,
    step: Step<'_>,
    contact: Contact,
) -> Result<Response, Trouble> {
    let Step { kind, form, reference, asked } = step;
    match form.get("step") {
        // Our own page alone, whose token is good for one mandate, can confirm.
        "confirm" if reference.is_some() => {}
        "change" => {
            let token = reference.map(|_| form.get("client_token"));
            return Ok(show(site, kind, form, &Again { token, ..Again::default() }));
        }
        _ => return step.show(site, &[]),
    }
    let bank = match read(form) {
        Ok(bank) => bank,
        Err(errors) => return step.show(site, &errors),
    };
    let account = Some(Account { bank, start: form.get("start_date").to_owned() });
    let asked = asked.clone();
    let request = Request { reference, asked, contact, account, return_url: None, key: None };
    match site.hand_offs.hand_over(request).await {
        // What was refused is concluded: another try is another hand-off.
        Ok(HandedOver { refused, .. }) if !refused.is_empty() => {
            Step { reference: None, ..step }.show(site, &refused)
        }
        Ok(HandedOver { entry, .. }) => {
            let path = site.hand_offs.return_path(entry.hand_off.reference);
            let response = Redirect::to(&path).into_response();
            // Of what was not taken there is nothing to remember.
            let stands = matches!(entry.standing.state, State::InDoubt | State::Accepted);
            Ok(if stands { given::remember(site, kind, response) } else { response })
        }
        Err(NotHandedOver::Ledger(_)) => Err(Trouble::Unavailable),
        Err(NotHandedOver::Unfit(errors)) => step.show(site, &errors),
        Err(NotHandedOver::Conflicting) => {
            let prompt = Some(Prompt::UsedBefore);
            Ok(super::refuse(site, kind, form, &Again { prompt, ..Again::default() }))
        }
    }
}

impl Step<'_> {
    /// The page, or the form before it where a field of that is wrong.
    fn show(&self, site: &Shared, errors: &[FieldError]) -> Result<Response, Trouble> {
        let Self { kind, form, reference, asked } = *self;
        if errors.iter().any(|error| !holds(error.field)) {
            return Ok(mend(site, kind, form, reference, errors));
        }
        let terms = site.hand_offs.debit.as_ref().ok_or(Trouble::Internal)?;
        let now = site.clock.now();
        let starts = terms.starts(london::date(now)).map_err(|why| {
            tracing::error!(event = "no_start", reason = %why);
            Trouble::Unavailable
        })?;
        let fresh = || site.tokens.for_form(kind, &site.offer.terms(kind), now);
        let filled = Filled {
            path: form_path(kind),
            kind,
            token: reference.map_or_else(fresh, |_| form.get("client_token").to_owned()),
            value: &|name| form.get(name),
            errors,
            prompt: None,
        };
        let plan = site.offer.plans.iter().find(|plan| Some(&plan.code) == asked.plan.as_ref());
        let carried: Vec<_> = FIELDS
            .into_iter()
            .filter(|name| !holds(name) && !["client_token", "step"].contains(name))
            .collect();
        let about = Instructing {
            asked,
            plan: plan.map_or("", |plan| &plan.name),
            terms,
            starts: &starts,
            carried: &carried,
        };
        let mut response = page::instructing(&site.look, &about, &filled);
        if !errors.is_empty() {
            let fields: Vec<_> = errors.iter().map(|error| error.field).collect();
            tracing::info!(event = "form_invalid", fields = fields.join(","));
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(response)
    }
}

/// The account, which its holder alone may have debited.
fn read(form: &Form) -> Result<Bank, Vec<FieldError>> {
    let holder = (form.get("account_holder") != "true").then_some(FieldError {
        field: "account_holder",
        reason: "required",
        advice: "Confirm that this is your account, or choose another way to pay",
    });
    match (Bank::check(|field| form.get(field)), holder) {
        (Ok(bank), None) => Ok(bank),
        (bank, holder) => Err(bank.err().unwrap_or_default().into_iter().chain(holder).collect()),
    }
}
