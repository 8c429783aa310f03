//! How a supporter of this configuration can pay.

use super::{Dialect, Fields, Frequency, Method, Person, Settings, owned};
use crate::payment::{Amount, amount};
use serde_json::{Value, json};

/// One way to pay.
#[derive(Clone, Debug)]
pub(in crate::cli::prove) struct Way {
    /// The form.
    pub(in crate::cli::prove) path: &'static str,
    pub(super) method: Method,
    /// Whether card or account come through this service.
    pub(super) by_api: bool,
    /// What is asked for, as a form has it.
    asked: Fields,
    /// The same, as a program has it.
    order: Value,
}

impl Way {
    /// One for each method that is offered: as a gift where it can be given, else as a membership.
    pub(in crate::cli::prove) fn of(settings: &Settings) -> Vec<Self> {
        let methods = [Method::Card, Method::DirectDebit];
        methods.into_iter().filter_map(|method| Self::by(settings, method)).collect()
    }

    fn by(settings: &Settings, method: Method) -> Option<Self> {
        let offers = |methods: &[crate::config::Checked<Method>]| {
            methods.iter().any(|offered| offered.0 == method)
        };
        let by_api = is_by_api(settings, method);
        let word = method.word();
        if offers(&settings.donate.methods) {
            let sum = settings.donate.amounts.first()?;
            let code = &settings.currencies.first()?.code;
            let minor = Amount::parse(sum, amount::currency(code).ok()?).ok()?.minor();
            let often = &settings.donate.frequencies;
            let wanted =
                |often: &Frequency| (*often == Frequency::Once) == (method == Method::Card);
            let often =
                often.iter().map(|often| often.0).find(wanted).or(often.first().map(|o| o.0))?;
            return Some(Self {
                path: "/donate",
                method,
                by_api,
                asked: owned(&[("amount", sum), ("frequency", often.word()), ("method", word)]),
                order: json!({
                    "kind": "donate", "amount": { "value": minor, "currency": code },
                    "frequency": often.word(), "method": word
                }),
            });
        }
        let plan = settings.join.plans.first().filter(|_| offers(&settings.join.methods))?;
        Some(Self {
            path: "/join",
            method,
            by_api,
            asked: owned(&[("plan", &plan.code), ("method", word)]),
            order: json!({ "kind": "join", "plan": plan.code, "method": word }),
        })
    }

    /// The form, filled in by somebody; `carried` is what came with it.
    pub(in crate::cli::prove) fn form(&self, carried: Fields, person: &Person) -> Fields {
        let mut fields = carried;
        fields.extend(self.asked.iter().cloned());
        fields.extend(owned(&[
            ("title", "Ms"),
            ("first_name", &person.first),
            ("last_name", &person.last),
            ("email", &person.email),
            ("phone", &person.phone),
            ("line1", &person.street),
            ("town", "Bedford"),
            ("postcode", "MK40 1AA"),
            ("country", "GB"),
        ]));
        fields
    }

    /// The page that confirms it, with the card or the account.
    pub(super) fn confirmed(&self, carried: Fields, person: &Person) -> Fields {
        let mut fields = carried;
        fields.extend(match self.method {
            Method::Card => owned(&[
                ("card_number", &person.card),
                ("card_expiry", "12/39"),
                ("card_cvc", "737"),
                ("card_holder", &person.holder),
            ]),
            Method::DirectDebit => owned(&[
                ("account_name", &person.holder),
                ("sort_code", &person.sort_code),
                ("account_number", &person.account),
                ("account_holder", "true"),
            ]),
        });
        fields.push(("step".to_owned(), "confirm".to_owned()));
        fields
    }

    /// The same for a program.
    pub(super) fn order(&self, person: &Person) -> Value {
        let mut order = self.order.clone();
        if let Some(members) = order.as_object_mut() {
            members.insert("contact".to_owned(), contact(person));
            if self.by_api {
                let (name, means) = self.means(person);
                members.insert(name.to_owned(), means);
            }
        }
        order
    }

    /// The card or the account, under its name.
    pub(super) fn means(&self, person: &Person) -> (&'static str, Value) {
        match self.method {
            Method::Card => (
                "card",
                json!({
                    "number": person.card, "expiry": "12/39", "cvc": "737", "holder": person.holder
                }),
            ),
            Method::DirectDebit => (
                "bank",
                json!({
                    "account_name": person.holder, "sort_code": person.sort_code,
                    "account_number": person.account
                }),
            ),
        }
    }
}

fn contact(person: &Person) -> Value {
    json!({
        "title": "Ms", "first_name": person.first, "last_name": person.last, "email": person.email,
        "phone": person.phone,
        "address": { "line1": person.street, "town": "Bedford", "postcode": "MK40 1AA", "country": "GB" }
    })
}

fn is_by_api(settings: &Settings, method: Method) -> bool {
    let processor = &settings.processor;
    match (processor.dialect.0, method) {
        (Dialect::Signed, Method::Card) => {
            processor.signed.as_ref().is_some_and(|signed| signed.card_api)
        }
        (Dialect::Signed, Method::DirectDebit) => {
            processor.signed.as_ref().is_some_and(|signed| signed.mandate_api)
        }
        (Dialect::Rsm2000, Method::Card) => false,
        (Dialect::Rsm2000, Method::DirectDebit) => {
            processor.rsm2000.as_ref().is_some_and(|rsm| rsm.debit.is_some())
        }
    }
}
