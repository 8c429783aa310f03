//! The second page of a Direct Debit that is set up here: the terms, and the account.

use super::second::Step;
use crate::clock::london;
use crate::handoff::{Account, Means};
use crate::http::form::Form;
use crate::http::language::Here;
use crate::http::page;
use crate::http::page::debit::Instructing;
use crate::http::page::giving::Filled;
use crate::http::problem::Trouble;
use crate::payment::{Bank, FieldError};
use axum::response::Response;

/// The page.
pub(super) fn show(
    site: &Here,
    step: &Step<'_>,
    filled: &Filled<'_>,
    carried: &[&'static str],
) -> Result<Response, Trouble> {
    let terms = site.hand_offs.debit.as_ref().ok_or(Trouble::Internal)?;
    let starts = terms.starts(london::date(site.clock.now())).map_err(|why| {
        tracing::error!(event = "no_start", reason = %why);
        Trouble::Unavailable
    })?;
    let (asked, plan) = (step.asked, step.plan(site));
    let about = Instructing { asked, plan: &plan, terms, starts: &starts, carried };
    Ok(page::instructing(&about, filled))
}

/// The account, which its holder alone may have debited.
pub(super) fn read(form: &Form) -> Result<Means, Vec<FieldError>> {
    let holder = (form.get("account_holder") != "true").then_some(FieldError {
        field: "account_holder",
        reason: "required",
        advice: "Confirm that this is your account, or choose another way to pay",
    });
    match (Bank::check(|field| form.get(field)), holder) {
        (Ok(bank), None) => {
            Ok(Means::Account(Account { bank, start: form.get("start_date").to_owned() }))
        }
        (bank, holder) => Err(bank.err().unwrap_or_default().into_iter().chain(holder).collect()),
    }
}
