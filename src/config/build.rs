//! From settings to what the rooms below take; what only shows when settings are put together is
//! found here and told as one line.

use super::{ApiKey, ConfigError, Document, Plan, Settings};
use crate::handoff::{Offer, Tokens, offer};
use crate::keys::Key;
use crate::payment::{Amount, Code, amount};

mod acme;
mod bounds;
mod debit;
mod ledger;
mod processor;
mod rsm2000;
mod secrets;
mod self_service;
mod subscribers;
mod texts;

pub use acme::Shown;
pub use ledger::{Database, Keeping};

impl Settings {
    /// What the charity offers.
    pub fn offer(&self, document: &Document) -> Result<Offer, ConfigError> {
        let currencies = self.taken(document)?;
        let Some(first) = currencies.first() else {
            return Err(
                document.wrong("currencies", "empty: name at least one currency with its limits")
            );
        };
        let currency = first.minimum.currency();
        for (place, text) in self.donate.amounts.iter().enumerate() {
            let fits = Amount::parse(text, currency).is_ok_and(|sum| {
                (first.minimum.minor()..=first.maximum.minor()).contains(&sum.minor())
            });
            if !fits {
                let what =
                    "not an amount within the first currency's limits: write it like \"25.00\"";
                return Err(document.wrong(&format!("donate.amounts[{place}]"), what));
            }
        }
        if self.donate.methods.is_empty() || self.donate.frequencies.is_empty() {
            return Err(
                document.wrong("donate", "methods and frequencies need at least one word each")
            );
        }
        if self.join.methods.is_empty() {
            return Err(document.wrong("join.methods", "empty: name at least one way to pay"));
        }
        let plans = self.join.plans.iter().enumerate();
        let plans: Vec<_> = plans
            .map(|(place, plan)| read_plan(plan, place, currency, document))
            .collect::<Result<_, _>>()?;
        let unique: std::collections::HashSet<_> = plans.iter().map(|plan| &plan.code).collect();
        if unique.len() < plans.len() {
            return Err(document.wrong("join.plans", "two plans have one code: give each its own"));
        }
        let choices =
            |methods: &[super::Checked<_>], frequencies: &[super::Checked<_>]| offer::Choices {
                methods: methods.iter().map(|method| method.0).collect(),
                frequencies: frequencies.iter().map(|frequency| frequency.0).collect(),
            };
        Ok(Offer {
            dialect: self.processor.dialect.0,
            mode: self.processor.mode.0,
            currencies,
            donate: choices(&self.donate.methods, &self.donate.frequencies),
            join: choices(&self.join.methods, &[]),
            plans,
        })
    }

    fn taken(&self, document: &Document) -> Result<Vec<offer::Taken>, ConfigError> {
        let read = |(place, taken): (usize, &super::Currency)| {
            let key = |name: &str| format!("currencies[{place}].{name}");
            let currency = amount::currency(&taken.code).map_err(|_error| {
                document.wrong(
                    &key("code"),
                    "not an ISO 4217 code of money that can be paid: write it like \"GBP\"",
                )
            })?;
            let sum = |name: &str, text: &str| {
                Amount::parse(text, currency).map_err(|_error| {
                    document.wrong(
                        &key(name),
                        "not an amount: write it like \"2.00\", with the currency's decimals",
                    )
                })
            };
            let (minimum, maximum) =
                (sum("minimum", &taken.minimum)?, sum("maximum", &taken.maximum)?);
            if minimum.minor() > maximum.minor() {
                return Err(document.wrong(&key("minimum"), "greater than the maximum: swap them"));
            }
            Ok(offer::Taken { minimum, maximum })
        };
        self.currencies.iter().enumerate().map(read).collect()
    }

    /// Limits that nothing could be served under.
    pub fn check_limits(&self, document: &Document) -> Result<(), ConfigError> {
        self.check_shield(document)?;
        self.check_alarms(document)?;
        self.check_console(document)?;
        self.settlement(document)?;
        self.collector(document)?;
        let limits = &self.limits;
        if self.ledger.retention_months == 0 {
            let what = "too short to settle anything: write 1 or more";
            return Err(document.wrong("ledger.retention_months", what));
        }
        let least = [
            ("connections", limits.connections, 1),
            ("connections_per_address", limits.connections_per_address, 1),
            ("handshakes_at_once", limits.handshakes_at_once, 1),
            ("header_bytes", limits.header_bytes, 8192),
            ("header_count", limits.header_count, 8),
            ("body_bytes", limits.body_bytes, 1024),
            ("webhook_bytes", limits.webhook_bytes, 1024),
            ("form_fields", limits.form_fields, 24),
            ("json_depth", limits.json_depth, 3),
            ("upstream_at_once", limits.upstream_at_once, 1),
            ("calls_at_once", limits.calls_at_once, 1),
            ("ledger_queue", limits.ledger_queue, 1),
            ("ledger_connections", limits.ledger_connections, 2),
            ("webhooks_at_once", limits.webhooks_at_once, 1),
        ];
        match least.into_iter().find(|(_, value, least)| value < least) {
            Some((name, _, least)) => {
                let what = format!("too small to serve anybody: write {least} or more");
                Err(document.wrong(&format!("limits.{name}"), &what))
            }
            None => Ok(()),
        }
    }

    /// What makes and checks tokens.
    pub fn tokens(&self, document: &Document) -> Result<Tokens, ConfigError> {
        let keys = self.keys(document, "install", Key::new)?;
        Ok(Tokens::new(
            keys,
            self.limits.form_token_least_age.signed(),
            self.limits.form_token_greatest_age.signed(),
        ))
    }

    /// SHA-256 of every API key, with its name and scopes.
    pub fn api_keys(&self, document: &Document) -> Result<Vec<(ApiKey, [u8; 32])>, ConfigError> {
        let read = |(place, key): (usize, &ApiKey)| {
            let at = |name: &str| format!("api.keys[{place}].{name}");
            let mut hash = [0; 32];
            hex::decode_to_slice(&key.sha256, &mut hash).map_err(|_error| {
                document.wrong(
                    &at("sha256"),
                    "not 64 hexadecimal digits: copy what `almoner keygen api` prints",
                )
            })?;
            if !is_name(&key.name) {
                let what = "1 to 64 letters, figures, spaces, dots, _ or - are needed here: say whose key it is, the log shows it";
                return Err(document.wrong(&at("name"), what));
            }
            if key.scopes.is_empty()
                || key.scopes.iter().any(|scope| scope != "create" && scope != "read")
            {
                return Err(document.wrong(
                    &at("scopes"),
                    "one or both of \"create\" and \"read\" are needed here",
                ));
            }
            Ok((key.clone(), hash))
        };
        self.api.keys.iter().enumerate().map(read).collect()
    }
}

/// What the log may show of a name (security.md, F-13).
fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ._-".contains(&byte);
    (1..=64).contains(&text.len()) && !text.trim().is_empty() && text.bytes().all(plain)
}

fn read_plan(
    plan: &Plan,
    place: usize,
    currency: iso_currency::Currency,
    document: &Document,
) -> Result<offer::Plan, ConfigError> {
    let wrong =
        |name: &str, what: &str| document.wrong(&format!("join.plans[{place}].{name}"), what);
    Ok(offer::Plan {
        code: Code::parse(&plan.code)
            .ok_or_else(|| wrong("code", "1 to 40 letters, figures, _ or - are needed here"))?,
        name: plan.name.clone(),
        description: plan.description.clone(),
        amount: Amount::parse(&plan.amount, currency).map_err(|_error| {
            wrong("amount", "not an amount of the first currency: write it like \"48.00\"")
        })?,
        frequency: plan.frequency.0,
        gift_aid: plan.gift_aid,
    })
}
