//! The processor, in the dialect that is set, and the secrets it needs.

use crate::config::secret::{ReadKey, SecretError};
use crate::config::{ConfigError, Document, ProcessorSettings, Rsm2000, SecretSetting, Settings};
use crate::keys::{Key, Keys, Phrases};
use crate::payment::{Dialect, Mode};
use crate::processor::client::{Client, Reach};
use crate::processor::rsm::{Callbacks, CardPage, Debit, DebitPage, Merchant, Rsm};
use crate::processor::{Processor, signed::Signed};
use iso_currency::Currency;
use std::path::PathBuf;
use url::Url;
use zeroize::Zeroizing;

impl Settings {
    /// The processor and the client that reaches it.
    pub fn processor(&self, document: &Document) -> Result<Processor, ConfigError> {
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
            client: self.client(document)?,
        })
    }

    fn rsm2000(&self, document: &Document) -> Result<Rsm, ConfigError> {
        let Some(settings) = &self.processor.rsm2000 else {
            return Err(missing(document, "processor.rsm2000"));
        };
        self.check_hosts(settings, document)?;
        let card = settings
            .card_page
            .as_ref()
            .map(|page| CardPage { url: page.url.0.0.clone(), kind: page.kind.0 });
        let debit = settings.debit_page.as_ref().map(|page| {
            Debit::Page(DebitPage {
                url: page.url.0.0.clone(),
                appeal_code: page.appeal_code.0,
                repeat: page.repeat.0,
            })
        });
        Ok(Rsm {
            merchant: merchant(settings, document)?,
            currency: Currency::GBP,
            charset: settings.charset.0,
            card,
            debit,
            callbacks: Callbacks {
                canonical: settings.canonical.0,
                secrets: self.phrases(document, "rsm2000_callback")?,
            },
        })
    }

    /// RSM's own hosts hold its test system under /demo/: real money and play money are never mixed.
    fn check_hosts(&self, settings: &Rsm2000, document: &Document) -> Result<(), ConfigError> {
        let mode = self.processor.mode.0;
        for (key, url) in settings.urls() {
            let rsm = url
                .host_str()
                .is_some_and(|host| host == "rsmsecure.com" || host.ends_with(".rsmsecure.com"));
            let what = match (rsm, url.path().starts_with("/demo/"), mode) {
                (true, true, Mode::Live) => {
                    "processor.mode is live, but this is RSM's test system: change one of them"
                }
                (true, false, Mode::Test) => {
                    "processor.mode is test, but this is RSM's live system: change one of them"
                }
                (true | false, _, _) => continue,
            };
            return Err(document.wrong(&format!("processor.rsm2000.{key}"), what));
        }
        Ok(())
    }

    fn client(&self, document: &Document) -> Result<Client, ConfigError> {
        Client::new(&self.reach(document)?)
            .map_err(|why| document.wrong("processor", &why.to_string()))
    }

    /// Everything wrong with the secrets, not only the first.
    #[must_use]
    pub fn secrets(&self, document: &Document) -> Vec<ConfigError> {
        let mut errors: Vec<_> = match self.processor.dialect.0 {
            Dialect::Signed => vec![
                self.keys(document, "install", Key::new).err(),
                self.keys(document, "processor_signing", Key::new).err(),
                self.keys(document, "processor_webhook", Key::webhook).err(),
            ],
            Dialect::Rsm2000 => vec![
                self.keys(document, "install", Key::new).err(),
                self.phrases(document, "rsm2000_callback").err(),
            ],
        }
        .into_iter()
        .flatten()
        .collect();
        if errors.is_empty() && self.shares_a_secret() {
            let what = "the same as one of the processor's: make one of its own with `almoner keygen install`";
            errors.push(document.wrong("secrets.install", what));
        }
        errors
    }

    /// Whether our own secret is one that the processor knows too.
    fn shares_a_secret(&self) -> bool {
        let mark = |setting: Option<&SecretSetting>, read: ReadKey| {
            let keys = setting.and_then(|setting| setting.keys(read).ok());
            keys.map(|keys| keys.current.sign(&[b"almoner-same-secret"]))
        };
        let secrets = &self.secrets;
        let ours = mark(Some(&secrets.install), Key::new);
        let theirs = [
            mark(secrets.processor_signing.as_ref(), Key::new),
            mark(secrets.processor_webhook.as_ref(), Key::webhook),
            mark(secrets.rsm2000_callback.as_ref(), Key::new),
            mark(secrets.rsm2000_api.as_ref(), Key::new),
        ];
        ours.is_some() && theirs.contains(&ours)
    }

    /// The keys of a secret that must be named.
    pub(super) fn keys(
        &self,
        document: &Document,
        name: &str,
        read: ReadKey,
    ) -> Result<Keys, ConfigError> {
        self.read(document, name, |setting| setting.keys(read))
    }

    fn phrases(&self, document: &Document, name: &str) -> Result<Phrases, ConfigError> {
        self.read(document, name, SecretSetting::phrases)
    }

    fn read<T>(
        &self,
        document: &Document,
        name: &str,
        read: impl Fn(&SecretSetting) -> Result<T, SecretError>,
    ) -> Result<T, ConfigError> {
        let secrets = &self.secrets;
        let setting = match name {
            "install" => Some(&secrets.install),
            "processor_signing" => secrets.processor_signing.as_ref(),
            "processor_webhook" => secrets.processor_webhook.as_ref(),
            "rsm2000_callback" => secrets.rsm2000_callback.as_ref(),
            _ => secrets.rsm2000_api.as_ref(),
        };
        let key = format!("secrets.{name}");
        match setting {
            Some(setting) => read(setting).map_err(|why| document.wrong(&key, &why.to_string())),
            None => Err(document.wrong(
                &key,
                "not there: this dialect needs it, docs/configuration.md says what it is",
            )),
        }
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
        match (self.dialect.0, &self.signed, &self.rsm2000) {
            (Dialect::Signed, Some(signed), _) => {
                vec![("processor.signed.origin".to_owned(), signed.origin.0.as_str().to_owned())]
            }
            (Dialect::Rsm2000, _, Some(rsm)) => rsm
                .urls()
                .into_iter()
                .map(|(key, url)| (format!("processor.rsm2000.{key}"), url.to_string()))
                .collect(),
            (Dialect::Signed | Dialect::Rsm2000, _, _) => Vec::new(),
        }
    }
}

impl Rsm2000 {
    /// Every address of RSM's, by its key.
    fn urls(&self) -> Vec<(&'static str, &Url)> {
        let card = self.card_page.as_ref().map(|page| ("card_page.url", &page.url.0.0));
        let debit = self.debit_page.as_ref().map(|page| ("debit_page.url", &page.url.0.0));
        card.into_iter().chain(debit).collect()
    }
}

fn merchant(settings: &Rsm2000, document: &Document) -> Result<Merchant, ConfigError> {
    let digits = |text: &str| {
        !text.is_empty() && text.len() <= 16 && text.bytes().all(|b| b.is_ascii_digit())
    };
    if !digits(&settings.vendor_id) {
        return Err(
            document.wrong("processor.rsm2000.vendor_id", "RSM's number of you is figures only")
        );
    }
    let two = settings.campaign.split_once('.').is_some_and(|(a, b)| digits(a) && digits(b));
    if !two {
        return Err(document.wrong(
            "processor.rsm2000.campaign",
            "two numbers joined by a full stop are needed here, like \"3835.8965\"",
        ));
    }
    Ok(Merchant { vendor_id: settings.vendor_id.clone(), campaign: settings.campaign.clone() })
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

fn missing(document: &Document, key: &str) -> ConfigError {
    document.wrong(
        key,
        "this section is not there, and processor.dialect needs it: docs/configuration.md shows it",
    )
}
