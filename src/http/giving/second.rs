//! The second page of a payment that is made here: everything is checked and confirmed on it, and
//! sent by us, once.

use super::{
    Again, debit, given, known, mend, not_handed_over, put_off, show, to_return_page, written,
};
use crate::handoff::{Gate, HandedOver, Means, NotHandedOver, Request};
use crate::http::form::Form;
use crate::http::form_path;
use crate::http::language::Here;
use crate::http::page;
use crate::http::page::giving::{Filled, Prompt};
use crate::http::problem::Trouble;
use crate::payment::{Asked, Contact, FieldError, Kind, Method, Reference, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

/// A form that is in order but for what is paid with.
pub(super) struct Step<'a> {
    pub(super) kind: Kind,
    pub(super) form: &'a Form,
    /// Of the form's token.
    pub(super) reference: Option<Reference>,
    pub(super) asked: &'a Asked,
}

/// Whether a field stands on a second page, and not on the form before it.
pub(super) fn holds(field: &str) -> bool {
    super::fields::is_of_card(field) || page::debit::holds(field)
}

/// Shows the page, or goes on from it.
pub(super) async fn go_on(
    site: &Here,
    step: Step<'_>,
    contact: Contact,
    return_url: Option<String>,
) -> Result<Response, Trouble> {
    let Step { kind, form, reference, asked } = step;
    match form.get("step") {
        // Our own page alone, whose token is good for one payment, can confirm.
        "confirm" if reference.is_some() => {}
        "change" => {
            let token = reference.map(|_| form.get("client_token"));
            return Ok(show(site, kind, form, &Again { token, ..Again::default() }));
        }
        _ => return step.show(site, &[]),
    }
    let means = match step.means(site) {
        Ok(means) => Some(means),
        Err(errors) => return step.show(site, &errors),
    };
    let asked = asked.clone();
    let gate = Gate::Form(kind);
    let (back_by, return_url) = site.back(reference, return_url);
    let request =
        Request { reference: back_by, asked, contact, means, return_url, key: None, gate };
    let handed = site.hand_offs.hand_over(request).await;
    let now = matches!(&handed, Ok(HandedOver { repeated: false, .. }));
    let response = match handed {
        // What was refused is concluded: another try is another hand-off.
        Ok(HandedOver { refused, .. }) if !refused.is_empty() => {
            Step { reference: None, ..step }.show(site, &refused)
        }
        // By 303: the bank's page must not get the card (security.md, 0.12).
        Ok(HandedOver { challenge: Some(url), .. }) => {
            Ok(given::remember(site, kind, Redirect::to(url.as_str()).into_response()))
        }
        Ok(HandedOver { entry, .. }) => {
            let response = to_return_page(site, entry.hand_off.reference);
            // Of what was not taken there is nothing to remember.
            let stands = matches!(entry.standing.state, State::InDoubt | State::Accepted);
            Ok(if stands { given::remember(site, kind, response) } else { response })
        }
        // A double click, or the page sent again: its first sending is still under way.
        Err(NotHandedOver::UnderWay(reference)) => {
            Ok(given::remember(site, kind, to_return_page(site, reference)))
        }
        Err(NotHandedOver::Ledger(_) | NotHandedOver::TurnedAway(_)) => {
            step.later(site, Trouble::Unavailable)
        }
        Err(NotHandedOver::Paused(paused)) => step.later(site, Trouble::paused(&paused)),
        Err(NotHandedOver::Unfit(errors)) => step.show(site, &errors),
        Err(why @ NotHandedOver::Conflicting) => not_handed_over(site, kind, form, reference, why),
    };
    if now { response.map(written) } else { response }
}

impl Step<'_> {
    /// The page again, with its own token: however often it is sent, there is one payment.
    fn later(&self, site: &Here, why: Trouble) -> Result<Response, Trouble> {
        let Some(reference) = self.reference else { return Err(why) };
        let (prompt, first) = (Some(Prompt::later(&why)), site.return_path(reference));
        let again = Again { prompt, first: Some(&first), ..Again::default() };
        Ok(put_off(why, self.page(site, &again)?))
    }

    /// The page, or the form before it where a field of that is wrong.
    fn show(&self, site: &Here, errors: &[FieldError]) -> Result<Response, Trouble> {
        let Self { kind, form, reference, .. } = *self;
        if errors.iter().any(|error| !holds(error.field)) {
            return Ok(mend(site, kind, form, reference, errors));
        }
        let mut response = self.page(site, &Again { errors, ..Again::default() })?;
        if !errors.is_empty() {
            let fields: Vec<_> = errors.iter().map(|error| error.field).collect();
            tracing::info!(event = "form_invalid", fields = fields.join(","));
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(response)
    }

    fn page(&self, site: &Here, again: &Again<'_>) -> Result<Response, Trouble> {
        let Self { kind, form, reference, asked } = *self;
        let fresh = || site.tokens.for_form(kind, &site.offer.terms(kind), site.clock.now());
        let filled = Filled {
            look: site.look(),
            path: form_path(kind),
            kind,
            token: reference.map_or_else(fresh, |_| form.get("client_token").to_owned()),
            value: &|name| form.get(name),
            errors: again.errors,
            prompt: again.prompt,
            first: again.first,
            keeps: None,
        };
        let apart = |name: &str| holds(name) || ["client_token", "step"].contains(&name);
        let carried: Vec<_> =
            known(site.look()).iter().copied().filter(|name| !apart(name)).collect();
        match asked.method {
            Method::DirectDebit => debit::show(site, self, &filled, &carried),
            #[cfg(feature = "card-api")]
            Method::Card => Ok(super::card::show(site, self, &filled, &carried)),
            #[cfg(not(feature = "card-api"))]
            Method::Card => Err(Trouble::Internal),
        }
    }

    /// What is paid with, or all that is wrong with it.
    #[cfg_attr(
        not(feature = "card-api"),
        expect(unused_variables, reason = "asked about cards alone")
    )]
    fn means(&self, site: &Here) -> Result<Means, Vec<FieldError>> {
        match self.asked.method {
            Method::DirectDebit => debit::read(self.form),
            #[cfg(feature = "card-api")]
            Method::Card => super::card::read(site, self.form),
            #[cfg(not(feature = "card-api"))]
            Method::Card => Err(Vec::new()),
        }
    }

    /// The name of the plan joined, empty for a donation.
    pub(super) fn plan(&self, site: &Here) -> String {
        let plan =
            site.offer.plans.iter().find(|plan| Some(&plan.code) == self.asked.plan.as_ref());
        plan.map(|plan| site.look().of_plan(&plan.code, "name", &plan.name)).unwrap_or_default()
    }
}
