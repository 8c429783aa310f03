//! From settings to what the rooms below take; what only shows when settings are put together is
//! found here and told as one line.

use super::{ApiKey, ConfigError, Document, Plan, Settings};
use crate::handoff::{Offer, Tokens, offer};
use crate::keys::{Key, Keys};
use crate::payment::{Amount, Code, Dialect, amount};
use crate::processor::client::{Client, Reach};
use crate::processor::{Processor, signed::Signed};
use std::path::PathBuf;
use zeroize::Zeroizing;

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
        let limits = &self.limits;
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
            ("ledger_queue", limits.ledger_queue, 1),
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
        let keys = self.install_keys(document)?;
        Ok(Tokens::new(
            keys,
            self.limits.form_token_least_age.signed(),
            self.limits.form_token_greatest_age.signed(),
        ))
    }

    /// The processor and the client that reaches it.
    pub fn processor(&self, document: &Document) -> Result<Processor, ConfigError> {
        let settings = &self.processor;
        let named = |key: &str, text: &str| {
            let plain = !text.is_empty()
                && text.len() <= 64
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
            if plain {
                Ok(text.to_owned())
            } else {
                Err(document.wrong(key, "1 to 64 letters, figures, dots, _ or - are needed here"))
            }
        };
        let base = url::Url::parse(settings.origin.0.as_str())
            .map_err(|_error| document.wrong("processor.origin", "not an https origin"))?;
        let client = Client::new(&self.reach(document)?)
            .map_err(|why| document.wrong("processor", &why.to_string()))?;
        let secret = |key: &str, setting: &super::SecretSetting, read| {
            setting
                .keys(read)
                .map_err(|why| document.wrong(&format!("secrets.{key}"), &why.to_string()))
        };
        match settings.dialect.0 {
            Dialect::Signed => Ok(Processor::Signed(Signed {
                base,
                merchant: named("processor.merchant", &settings.merchant)?,
                key_id: named("processor.key_id", &settings.key_id)?,
                signing: secret("processor_signing", &self.secrets.processor_signing, Key::new)?,
                webhook: secret(
                    "processor_webhook",
                    &self.secrets.processor_webhook,
                    Key::webhook,
                )?,
                client,
            })),
        }
    }

    /// Everything wrong with the secrets, not only the first.
    #[must_use]
    pub fn secrets(&self, document: &Document) -> Vec<ConfigError> {
        type Named<'a> = (&'static str, &'a super::SecretSetting, super::secret::ReadKey);
        let read: [Named<'_>; 3] = [
            ("secrets.install", &self.secrets.install, Key::new),
            ("secrets.processor_signing", &self.secrets.processor_signing, Key::new),
            ("secrets.processor_webhook", &self.secrets.processor_webhook, Key::webhook),
        ];
        let wrong =
            |(key, setting, read): (&str, &super::SecretSetting, super::secret::ReadKey)| {
                setting.keys(read).err().map(|why| document.wrong(key, &why.to_string()))
            };
        let mut errors: Vec<_> = read.into_iter().filter_map(wrong).collect();
        if errors.is_empty() && self.shares_a_secret() {
            let what = "the same as one of the processor's: make one of its own with `almoner keygen install`";
            errors.push(document.wrong("secrets.install", what));
        }
        errors
    }

    /// Whether our own secret is one that the processor knows too.
    fn shares_a_secret(&self) -> bool {
        let mark = |setting: &super::SecretSetting, read: super::secret::ReadKey| {
            setting.keys(read).ok().map(|keys| keys.current.sign(&[b"almoner-same-secret"]))
        };
        let ours = mark(&self.secrets.install, Key::new);
        let theirs = [
            mark(&self.secrets.processor_signing, Key::new),
            mark(&self.secrets.processor_webhook, Key::webhook),
        ];
        ours.is_some() && theirs.contains(&ours)
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
            if key.name.trim().is_empty() {
                return Err(
                    document.wrong(&at("name"), "empty: say whose key it is, the log shows it")
                );
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

    fn install_keys(&self, document: &Document) -> Result<Keys, ConfigError> {
        self.secrets
            .install
            .keys(Key::new)
            .map_err(|why| document.wrong("secrets.install", &why.to_string()))
    }

    fn reach(&self, document: &Document) -> Result<Reach, ConfigError> {
        let settings = &self.processor;
        let read = |key: &str, file: &PathBuf| {
            std::fs::read(file).map_err(|error| {
                document
                    .wrong(key, &format!("{} cannot be read ({})", file.display(), error.kind()))
            })
        };
        let private = |key: &str, file: &PathBuf| {
            super::secret::read_private(file).map_err(|why| document.wrong(key, &why.to_string()))
        };
        let identity = match (&settings.client_certificate_file, &settings.client_key_file) {
            (None, None) => None,
            (Some(certificate), Some(key)) => {
                let mut pem = private("processor.client_key_file", key)?;
                pem.push(b'\n');
                pem.extend_from_slice(&read("processor.client_certificate_file", certificate)?);
                Some(Zeroizing::new(pem.to_vec()))
            }
            _ => {
                return Err(document.wrong(
                    "processor.client_certificate_file",
                    "a client certificate and its key go together: name both files or neither",
                ));
            }
        };
        Ok(Reach {
            roots: settings
                .ca_file
                .as_ref()
                .map(|file| read("processor.ca_file", file))
                .transpose()?,
            identity,
            connect_timeout: self.limits.upstream_connect_timeout.timer(),
            total_timeout: self.limits.upstream_timeout.timer(),
            answer_bytes: self.limits.upstream_answer_bytes,
            at_once: self.limits.upstream_at_once,
        })
    }
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
