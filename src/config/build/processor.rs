//! The processor, in the dialect that is set, and the secrets it needs.

use super::rsm2000::urls;
use crate::config::{ConfigError, Document, ProcessorSettings, Settings};
use crate::keys::{Key, why_unread};
use crate::payment::Dialect;
use crate::processor::client::{Client, Reach};
use crate::processor::{Processor, signed::Signed};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;
use zeroize::Zeroizing;

impl Settings {
    /// The processor and the client that reaches it.
    pub fn processor(&self, document: &Document) -> Result<Processor, ConfigError> {
        if self.processor.networks_only && self.processor.networks.is_empty() {
            let what = "no webhook would be taken: list processor.networks, or set this to false";
            return Err(document.wrong("processor.networks_only", what));
        }
        match self.processor.dialect.0 {
            Dialect::Signed => self.signed(document).map(Box::new).map(Processor::Signed),
            Dialect::Rsm2000 => self.rsm2000(document).map(Box::new).map(Processor::Rsm2000),
        }
    }

    fn signed(&self, document: &Document) -> Result<Signed, ConfigError> {
        let Some(settings) = &self.processor.signed else {
            return Err(missing(document, "processor.signed"));
        };
        let base = Url::parse(settings.origin.0.as_str())
            .map_err(|_error| document.wrong("processor.signed.origin", "not an https origin"))?;
        Ok(Signed {
            base,
            merchant: named(document, "processor.signed.merchant", &settings.merchant)?,
            key_id: named(document, "processor.signed.key_id", &settings.key_id)?,
            signing: self.keys(document, "processor_signing", Key::new)?,
            webhook: self.keys(document, "processor_webhook", Key::webhook)?,
            client: self.client(document, self.limits.upstream_timeout.timer())?,
            card_api: self.takes_cards(document)?,
            mandate_api: settings.mandate_api,
        })
    }

    /// Whether cards are typed on a page of ours; an error where this binary has no such page.
    pub fn takes_cards(&self, document: &Document) -> Result<bool, ConfigError> {
        let signed = self.processor.signed.as_ref();
        let wanted = self.processor.dialect.0 == Dialect::Signed
            && signed.is_some_and(|signed| signed.card_api);
        if wanted && !cfg!(feature = "card-api") {
            let what = "this almoner was built to take no card numbers: build it with the feature card-api, or set this to false and let the processor's page take cards";
            return Err(document.wrong("processor.signed.card_api", what));
        }
        Ok(wanted)
    }

    pub(super) fn client(
        &self,
        document: &Document,
        timeout: Duration,
    ) -> Result<Client, ConfigError> {
        Client::new(&Reach { total_timeout: timeout, ..self.reach(document)? })
            .map_err(|why| document.wrong("processor", &why.to_string()))
    }

    fn reach(&self, document: &Document) -> Result<Reach, ConfigError> {
        let settings = &self.processor;
        let read = |key: &str, file: &PathBuf| {
            std::fs::read(file).map_err(|error| {
                document.wrong(
                    key,
                    &format!("{} cannot be read ({})", file.display(), why_unread(error.kind())),
                )
            })
        };
        let private = |key: &str, file: &PathBuf| {
            crate::config::read_private(file).map_err(|why| document.wrong(key, &why.to_string()))
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

impl ProcessorSettings {
    /// Every address of the processor that is set for its dialect, by its key.
    #[must_use]
    pub fn addresses(&self) -> Vec<(String, String)> {
        let mut addresses = match (self.dialect.0, &self.signed, &self.rsm2000) {
            (Dialect::Signed, Some(signed), _) => {
                vec![("processor.signed.origin".to_owned(), signed.origin.0.as_str().to_owned())]
            }
            (Dialect::Rsm2000, _, Some(rsm)) => urls(rsm)
                .into_iter()
                .map(|(key, url)| (format!("processor.rsm2000.{key}"), url.to_string()))
                .collect(),
            (Dialect::Signed | Dialect::Rsm2000, _, _) => Vec::new(),
        };
        addresses.extend(self.self_service.as_ref().map(|page| {
            ("processor.self_service.url".to_owned(), page.url.0.0.as_str().to_owned())
        }));
        addresses
    }
}

fn named(document: &Document, key: &str, text: &str) -> Result<String, ConfigError> {
    let plain = !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if plain {
        Ok(text.to_owned())
    } else {
        Err(document.wrong(key, "1 to 64 letters, figures, dots, _ or - are needed here"))
    }
}

pub(super) fn missing(document: &Document, key: &str) -> ConfigError {
    document.wrong(
        key,
        "this section is not there, and processor.dialect needs it: docs/configuration.md shows it",
    )
}
