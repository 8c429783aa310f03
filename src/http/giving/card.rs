//! The second page of a payment by card that is made here: what is paid, and the card.

use super::second::Step;
use crate::clock::london;
use crate::handoff::Means;
use crate::http::form::Form;
use crate::http::language::Here;
use crate::http::page;
use crate::http::page::card::Paying;
use crate::http::page::giving::Filled;
use crate::payment::{Card, FieldError};
use axum::response::Response;

/// The page. Whatever was typed on it before, its fields are empty.
pub(super) fn show(
    site: &Here,
    step: &Step<'_>,
    filled: &Filled<'_>,
    carried: &[&'static str],
) -> Response {
    let challenges = site.hand_offs.challenge_origin().unwrap_or_default();
    let (asked, plan) = (step.asked, step.plan(site));
    let about = Paying { asked, plan: &plan, carried, challenges: &challenges };
    page::paying(&about, filled)
}

/// The card.
pub(super) fn read(site: &Here, form: &Form) -> Result<Means, Vec<FieldError>> {
    let today = london::date(site.clock.now());
    Card::check(|field| form.get(field), today).map(Means::Card)
}
